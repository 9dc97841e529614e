//! Hellos, envelopes, policies and canonical texts.

use super::blobs::file;
use super::bytes::refusal;
use super::{Area, Outcome, invalid, valid};
use crate::codec;
use crate::correspondence::{
    Correspondence, ImportMark, ItemKind, Party, Person, Precedence, Precedences, canonical_text, check_item,
};
use crate::ids::{AgentId, CompartmentId, GroupId, ItemId, NodeId, SpaceId, hex};
use crate::label::Level;
use crate::limits::{CONTROL_FRAME_BYTES_MAX, PAGE_FRAME_BYTES_MAX};
use crate::message::Envelope;
use crate::signature::Digest;
use crate::space::{CompartmentPolicy, PolicyError, Quorum, SpaceKind};
use crate::time::Timestamp;
use crate::wire::{Hello, PROTOCOL};

const COMPARTMENT: CompartmentId = CompartmentId::from_bytes([5; 16]);

fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

/// `encoded`, a map of less than 23 pairs, with one more pair at its end.
fn extended(encoded: &[u8], pair: &[u8]) -> Vec<u8> {
    let mut bytes = [encoded, pair].concat();
    bytes[0] += 1;
    bytes
}

fn envelope_of(bytes: &[u8]) -> Outcome {
    let read: Envelope = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let Envelope { sender, sequence, epoch, precedence, ciphertext, .. } = read;
    Ok(format!(
        "sender {sender}, sequence {sequence}, epoch {epoch}, precedence {precedence}, {} bytes",
        ciphertext.len()
    ))
}

pub(super) fn envelope() -> Area {
    let plain = codec::encode(&Envelope {
        compartment: COMPARTMENT,
        sender: node(1),
        sequence: 7,
        epoch: 300,
        precedence: 4,
        ciphertext: vec![0xc1; 3],
    });
    let bad = "FED_MALFORMED malformed";
    // By position: after the compartment (19 bytes) the sender's key and its head of two bytes.
    let short_sender = [&plain[..20], &[0x58, 31], &plain[23..]].concat();
    let wide = [&plain[..plain.len() - 6], &[0x19, 0x01, 0x00], &plain[plain.len() - 5..]].concat();
    let text = [&plain[..plain.len() - 4], &[0x63, b'a', b'b', b'c']].concat();
    let cases = vec![
        valid("plain", plain.clone()),
        valid("unknown odd key ignored", extended(&plain, &[0x0b, 0x00])),
        invalid("unknown even key", extended(&plain, &[0x0c, 0x00]), "FED_CRITICAL_KEY critical-key"),
        invalid("sender of 31 bytes", short_sender, bad),
        invalid("precedence over a byte", wide, bad),
        invalid("ciphertext as text", text, bad),
        invalid("trailing byte", [&plain[..], &[0]].concat(), "FED_MALFORMED not-deterministic"),
    ];
    let input = "envelope of wire.cddl; expect: its fields";
    Area { name: "envelope", input, judge: envelope_of, cases }
}

/// Only reads it: what a hello is compared with (WIR-008, WIR-009) is the node's.
fn hello_of(bytes: &[u8]) -> Outcome {
    let read: Hello = codec::decode(bytes, CONTROL_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let Hello { protocol, node, incarnation, list_version, list_hash, now, suspensions } = read;
    let suspended = suspensions.map_or_else(String::new, |digest| format!(", suspensions {digest}"));
    Ok(format!(
        "protocol {protocol}, node {node}, incarnation {incarnation}, list {list_version} {list_hash}, now {now}{suspended}"
    ))
}

pub(super) fn hello() -> Area {
    let plain = Hello {
        protocol: PROTOCOL,
        node: node(1),
        incarnation: 0,
        list_version: 3,
        list_hash: Digest([9; 32]),
        now: Timestamp(1_700_000_000_000),
        suspensions: None,
    };
    let bytes = codec::encode(&plain);
    let suspensions = Some(Digest([8; 32]));
    let suspending = codec::encode(&Hello { suspensions, ..plain.clone() });
    // Before 1970 is a negative number.
    let early = codec::encode(&Hello { now: Timestamp(-1), ..plain });
    let without_node = [&[0xa5, 0x00, 0x01][..], &bytes[38..]].concat();
    let cases = vec![
        valid("plain", bytes.clone()),
        valid("before 1970", early),
        valid("with suspensions", suspending),
        valid("grease: unknown odd key ignored", extended(&bytes, &[0x18, 0x3f, 0x81, 0x00])),
        invalid("unknown even key", extended(&bytes, &[0x0c, 0x80]), "FED_CRITICAL_KEY critical-key"),
        invalid("without node", without_node, "FED_MALFORMED malformed"),
        invalid("list hash cut", bytes[..bytes.len() - 20].to_vec(), "FED_MALFORMED malformed"),
    ];
    Area { name: "hello", input: "hello of wire.cddl; expect: its fields", judge: hello_of, cases }
}

fn policy_of(bytes: &[u8]) -> Outcome {
    let policy = CompartmentPolicy::from_bytes(bytes).map_err(|error| match error {
        PolicyError::Codec(error) => refusal(&error),
        PolicyError::Rule(rule) => rule.to_owned(),
    })?;
    Ok(format!("{}, {} voters, {} decide", policy.level, policy.voters.len(), policy.votes_needed()))
}

pub(super) fn policy() -> Area {
    let community = CompartmentPolicy {
        format: 1,
        space: SpaceId::from_bytes([6; 16]),
        kind: SpaceKind::Community,
        level: Level::DR,
        voters: (1..=4).map(node).collect(),
        quorum: Quorum::Majority,
        charter: Some(Digest([9; 32])),
        sibling: Some(COMPARTMENT),
        predecessor: None,
    };
    let with = |change: fn(&mut CompartmentPolicy)| {
        let mut policy = community.clone();
        change(&mut policy);
        policy.to_bytes()
    };
    let bytes = community.to_bytes();
    let voters = "voters must be sorted, each once, at least one";
    let cases = vec![
        valid("four voters, three decide", bytes.clone()),
        valid("three voters, two decide", with(|p| p.voters.truncate(3))),
        valid("one voter", with(|p| p.voters.truncate(1))),
        valid("NP without sibling", with(|p| (p.level, p.sibling) = (Level::NP, None))),
        valid("with predecessor", with(|p| p.predecessor = p.sibling)),
        valid("unknown odd key ignored", extended(&bytes, &[0x11, 0x00])),
        invalid("unknown even key", extended(&bytes, &[0x12, 0x00]), "FED_CRITICAL_KEY critical-key"),
        invalid("another format", with(|p| p.format = 2), "unknown format"),
        invalid("no voters", with(|p| p.voters.clear()), voters),
        invalid("voter twice", with(|p| p.voters[1] = p.voters[0]), voters),
        invalid("voters unsorted", with(|p| p.voters.swap(0, 1)), voters),
        invalid("NP names a sibling", with(|p| p.level = Level::NP), "an NP compartment names no sibling"),
        valid("16 KiB", filled(&bytes, 16 * 1024)),
        invalid("16 KiB and a byte", filled(&bytes, 16 * 1024 + 1), "FED_FRAME_TOO_LARGE too-large"),
    ];
    let input = "compartment-policy of wire.cddl; expect: level, voters, votes that decide";
    Area { name: "policy", input, judge: policy_of, cases }
}

fn filled(encoded: &[u8], length: usize) -> Vec<u8> {
    let rest = length - encoded.len() - 4;
    let head = u16::try_from(rest).expect("a short length").to_be_bytes();
    extended(encoded, &[&[0x11, 0x59][..], &head, &vec![0; rest]].concat())
}

fn text_of(bytes: &[u8]) -> Outcome {
    let item: Correspondence = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    check_item(&item).map_err(|error| format!("{} {}", error.code, error.field))?;
    Ok(canonical_text(&item))
}

pub(super) fn item() -> Correspondence {
    let party = |seed: u8, address: &str, name: &str| Party {
        group: GroupId::from_bytes([seed; 16]),
        node: node(seed),
        address: address.to_owned(),
        name: name.to_owned(),
    };
    let person = || Person { agent: AgentId::from_bytes([4; 16]), name: "A. Martin".to_owned() };
    Correspondence {
        id: ItemId::from_bytes([7; 16]),
        kind: ItemKind::Telegram,
        serial: 42,
        from: party(1, "cdc@mae", "Centre de crise"),
        action: vec![party(2, "chancellerie@conakry", "Chancellerie")],
        info: vec![],
        precedence: Precedences { action: Precedence::Flash, info: Precedence::Routine },
        label: Level::DR.label(),
        subject: "Évacuation".to_owned(),
        tags: vec!["sécurité".to_owned()],
        body: "Premier paragraphe.\n\nClassification: NP".to_owned(),
        references: vec![ItemId::from_bytes([8; 16])],
        author: person(),
        releaser: Some(person()),
        // 2026-11-23T14:30:05Z
        released_at: Timestamp(1_795_444_205_000),
        import: None,
        attachments: vec![],
    }
}

pub(super) fn canonical() -> Area {
    let bytes = codec::encode(&item());
    let with = |change: fn(&mut Correspondence)| {
        let mut item = item();
        change(&mut item);
        codec::encode(&item)
    };
    let unknown = Correspondence { releaser: None, body: String::new(), ..item() };
    let files = vec![file(1, "plan.pdf"), file(2, "Évacuation – liste.pdf")];
    let with_files = Correspondence { attachments: files, ..item() };
    let cases = vec![
        valid("telegram", bytes.clone()),
        valid("a body like a header", with(|i| i.body = "Subject: x\n\ny".to_owned())),
        invalid(
            "line break in the subject",
            with(|i| i.subject = "a\nFrom: b".to_owned()),
            "FIELD_INVALID subject",
        ),
        invalid("tab in a tag", with(|i| i.tags[0].push('\t')), "FIELD_INVALID tags"),
        invalid("space in an address", with(|i| i.from.address.push(' ')), "FIELD_INVALID address"),
        valid("import with nothing printed", with(|i| i.import = Some(printed(None)))),
        invalid(
            "import with a marking that reads like none",
            with(|i| i.import = Some(printed(Some("none printed")))),
            "FIELD_INVALID import",
        ),
        invalid("unknown policy", with(|i| i.label.policy = "UK".to_owned()), "LBL_UNKNOWN label"),
        valid("100 action addressees", with(|i| i.action = vec![i.from.clone(); 100])),
        invalid(
            "101 action addressees",
            with(|i| i.action = vec![i.from.clone(); 101]),
            "FIELD_TOO_LONG action",
        ),
        invalid("9 tags", with(|i| i.tags = vec!["t".to_owned(); 9]), "FIELD_TOO_LONG tags"),
        invalid("51 references", with(|i| i.references = vec![i.id; 51]), "FIELD_TOO_LONG references"),
        invalid(
            "year 10000",
            with(|i| i.released_at = Timestamp(253_402_300_800_000)),
            "FIELD_INVALID released_at",
        ),
        valid("no releaser, no body", codec::encode(&unknown)),
        valid("unknown odd key ignored", extended(&bytes, &[0x18, 0x1f, 0x00])),
        valid("with files", codec::encode(&with_files)),
        // Without files the key is left out.
        invalid("no file, said", extended(&bytes, &[0x18, 0x20, 0x80]), "FED_CRITICAL_KEY critical-key"),
        invalid("unknown even key", extended(&bytes, &[0x18, 0x22, 0x00]), "FED_CRITICAL_KEY critical-key"),
        invalid("unknown kind", changed_kind(&bytes), "FED_MALFORMED malformed"),
    ];
    let input = "correspondence of wire.cddl; expect: its canonical text (WIR-024, WIR-031)";
    Area { name: "canonical", input, judge: text_of, cases }
}

fn printed(classification: Option<&str>) -> ImportMark {
    ImportMark {
        source: "1961-0423".to_owned(),
        classification: classification.map(str::to_owned),
        precedence: None,
        date: "1961-04-23".to_owned(),
        subject_derived: true,
        parties: vec!["Conakry".to_owned(), "Paris".to_owned()],
        number: None,
        handling: vec![],
        repeated_to: vec![],
    }
}

/// The kind stands after the map's head, the id's key and its 17 bytes, and its own key.
fn changed_kind(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = encoded.to_vec();
    assert_eq!(bytes[19..21], [0x02, 0x00]);
    bytes[20] = 3;
    bytes
}

#[test]
fn a_hello_and_a_canonical_text_are_as_written_by_hand() {
    let (one, nine) = ("01".repeat(32), "09".repeat(32));
    let expected = format!("a60001025820{one}04000603085820{nine}0a1b0000018bcfe56800");
    assert_eq!(hex(&hello().cases[0].input), expected);
    let text = canonical_text(&item());
    assert!(text.starts_with(
        "Valise-Correspondence: 1\nId: 07070707070707070707070707070707\nKind: telegram\nSerial: 000042\n\
         Date-Time-Group: 231430Z NOV 26\nReleased-At: 2026-11-23T14:30:05.000Z\nPolicy: FR\n"
    ));
    assert!(text.ends_with("\n\nPremier paragraphe.\n\nClassification: NP"));
}
