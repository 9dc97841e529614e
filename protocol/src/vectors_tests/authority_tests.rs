//! What the authority signs: federation lists, suspensions and invitations. Keys are made from seeds of
//! one repeated byte.

use super::bytes::refusal;
use super::signed::{key, node};
use super::{Area, Case, Outcome, invalid, valid};
use crate::codec;
use crate::federation::{
    AuthorityKeys, CaKey, Entry, FederationList, FormerKeys, Kind, ListError, Scope, SignedList, Status,
    sign_list,
};
use crate::ids::SpaceId;
use crate::label::Level;
use crate::limits::PAGE_FRAME_BYTES_MAX;
use crate::signature::{Digest, SecretKey};
use crate::time::Timestamp;
use coset::{CoseSign, CoseSignBuilder, CoseSignatureBuilder, HeaderBuilder, TaggedCborSerializable, iana};
use minicbor::bytes::ByteVec;

type Offered = (AuthorityKeys, Option<ByteVec>, ByteVec, Timestamp);

pub(super) fn list_refusal(error: &ListError) -> String {
    let kind = match error {
        ListError::Codec(error) => return refusal(error),
        ListError::Envelope => "envelope",
        ListError::Signatures { .. } => "signatures",
        ListError::Authority { .. } => "authority",
        ListError::Rollback { .. } => "rollback",
        ListError::Split { .. } => "split",
        ListError::Chain { .. } => "chain",
        ListError::Entry { rule, .. } | ListError::Suspension(rule) | ListError::Invitation(rule) => rule,
        ListError::SuspensionSignature => "signature",
    };
    format!("{} {kind}", error.code())
}

fn listed(bytes: &[u8]) -> Outcome {
    let read: Offered = codec::decode(bytes, 2 * PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let (authority, held, offered, now) = read;
    let verified =
        |bytes: ByteVec| SignedList(bytes.into()).verify(&authority).map_err(|error| list_refusal(&error));
    let newer = verified(offered)?;
    if let Some(held) = held {
        verified(held)?.accepts(&newer).map_err(|error| list_refusal(&error))?;
    }
    let of = |entry: &Entry| {
        let ceiling = newer.active(entry.node, now).map(|entry| entry.ceiling.to_string());
        format!("{} {}", entry.name, ceiling.unwrap_or_else(|| "-".to_owned()))
    };
    let entries: Vec<String> = newer.list().entries.iter().map(of).collect();
    Ok(format!("version {}, {}; {}", newer.list().version, newer.hash(), entries.join(", ")))
}

fn entry(seed: u8, name: &str, kind: Kind, ceiling: Level) -> Entry {
    Entry {
        node: node(seed),
        name: name.to_owned(),
        organisation: format!("Organisation {name}"),
        kind,
        ceiling,
        identity: key(seed).public(),
        mls: key(seed + 100).public(),
        addresses: vec!["/ip4/127.0.0.1/udp/4001/quic-v1".to_owned()],
        not_before: Timestamp(1_000),
        not_after: Timestamp(10_000),
        sponsor: (kind == Kind::Guest).then_some(node(1)),
        status: Status::Active,
        ca: None,
        former: Vec::new(),
        keys_from: None,
        scope: None,
        incarnation_min: 0,
        settled: None,
    }
}

pub(super) fn document(version: u64, previous: Option<Digest>) -> FederationList {
    FederationList {
        format: 1,
        version,
        previous,
        issued: Timestamp(0),
        expires: Timestamp(5_000),
        entries: vec![
            entry(1, "mae", Kind::Ministry, Level::DR),
            entry(2, "conakry", Kind::Embassy, Level::DR),
            entry(3, "ong", Kind::Guest, Level::NP),
        ],
    }
}

pub(super) fn signed(list: &FederationList, seeds: &[u8]) -> SignedList {
    let keys: Vec<SecretKey> = seeds.iter().copied().map(key).collect();
    sign_list(list, &keys).expect("a sound list")
}

fn offer(threshold: u32, held: Option<&SignedList>, offered: &SignedList, now: i64) -> Vec<u8> {
    let authority = AuthorityKeys { threshold, keys: (50..53).map(|seed| key(seed).public()).collect() };
    let held = held.map(|list| ByteVec::from(list.0.clone()));
    codec::encode(&(authority, held, ByteVec::from(offered.0.clone()), Timestamp(now)))
}

/// A list with one thing changed, by whoever does not care for the rules: the code would not sign it.
fn unruly(change: impl FnOnce(&mut FederationList)) -> SignedList {
    let mut list = document(1, None);
    change(&mut list);
    envelope(codec::encode(&list), &[50, 51], |_| ())
}

/// An envelope built by hand.
fn envelope(payload: Vec<u8>, seeds: &[u8], change: impl FnOnce(&mut CoseSign)) -> SignedList {
    let mut signers: Vec<SecretKey> = seeds.iter().copied().map(key).collect();
    signers.sort_by_key(SecretKey::public);
    let mut builder = CoseSignBuilder::new().payload(payload);
    for signer in &signers {
        let signature = CoseSignatureBuilder::new()
            .protected(HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build())
            .unprotected(HeaderBuilder::new().key_id(signer.public().0.to_vec()).build())
            .build();
        let aad = b"valise/federation-list/1";
        builder = builder.add_created_signature(signature, aad, |bytes| signer.sign_raw(bytes).0.to_vec());
    }
    let mut cose = builder.build();
    change(&mut cose);
    SignedList(cose.to_tagged_vec().expect("an envelope"))
}

/// A node that has changed its keys once, with everything an entry can hold.
fn rotated(entry: &mut Entry) {
    entry.former = vec![FormerKeys {
        identity: entry.identity,
        mls: entry.mls,
        ca: entry.ca,
        from: Timestamp(1_000),
        until: Timestamp(2_000),
    }];
    (entry.identity, entry.mls) = (key(30).public(), key(130).public());
    let mut point = [7; 65];
    point[0] = 4;
    (entry.ca, entry.keys_from) = (Some(CaKey(point)), Some(Timestamp(2_000)));
    (entry.incarnation_min, entry.settled) = (1, Some(Timestamp(1_500)));
}

fn sound_lists() -> Vec<Case> {
    let first = signed(&document(1, None), &[50, 51]);
    let hash = first.hash().expect("a list");
    let second = signed(&document(2, Some(hash)), &[50, 51]);
    let fifth = signed(&document(5, Some(Digest::plain(b"the fourth"))), &[50, 51]);
    let with = |change: fn(&mut FederationList)| {
        let mut list = document(1, None);
        change(&mut list);
        signed(&list, &[50, 51])
    };
    let two_suspended = with(|list| list.entries[1].status = Status::Suspended);
    let scoped = with(|list| {
        list.entries[2].scope = Some(Scope { communities: vec![SpaceId::from_bytes([4; 16])] });
    });
    let witness = with(|list| {
        (list.entries[1].kind, list.entries[1].ceiling) = (Kind::Witness, Level::NP);
    });
    vec![
        valid("two of two", offer(2, None, &first, 1_000)),
        valid("three of two", offer(2, None, &signed(&document(1, None), &[50, 51, 52]), 1_000)),
        valid("before the accreditations", offer(2, None, &first, 999)),
        valid("last instant of the list", offer(2, None, &first, 4_999)),
        valid("list expired", offer(2, None, &first, 5_000)),
        valid("accreditations expired", offer(2, None, &first, 10_000)),
        valid("a revoked embassy", offer(2, None, &with(|l| l.entries[1].status = Status::Revoked), 1_000)),
        valid("a suspended embassy", offer(2, None, &two_suspended, 1_000)),
        valid(
            "a guest whose sponsor is revoked",
            offer(2, None, &with(|l| l.entries[0].status = Status::Revoked), 1_000),
        ),
        valid("a guest with a scope", offer(2, None, &scoped, 1_000)),
        valid("a witness", offer(2, None, &witness, 5_000)),
        valid("changed keys", offer(2, None, &with(|l| rotated(&mut l.entries[0])), 1_000)),
        valid("the next version", offer(2, Some(&first), &second, 1_000)),
        valid("versions left out", offer(2, Some(&first), &fifth, 1_000)),
    ]
}

fn broken_envelopes() -> Vec<Case> {
    let first = signed(&document(1, None), &[50, 51]);
    let payload = codec::encode(&document(1, None));
    let mut broken = first.clone();
    let last = broken.0.len() - 1;
    broken.0[last] ^= 1;
    let untagged = SignedList(first.0[2..].to_vec());
    let trailing = SignedList([&first.0[..], &[0]].concat());
    let swapped = envelope(payload.clone(), &[50, 51], |cose| cose.signatures.reverse());
    let twice = envelope(payload.clone(), &[50, 51], |cose| cose.signatures[1] = cose.signatures[0].clone());
    let noted = envelope(payload.clone(), &[50, 51], |cose| {
        cose.unprotected = HeaderBuilder::new().iv(vec![1]).build();
    });
    let annotated = envelope(payload, &[50, 51], |cose| cose.signatures[0].unprotected.iv = vec![1]);
    let signatures = "FED_LIST_SIGNATURE signatures";
    let envelope = "FED_MALFORMED envelope";
    vec![
        invalid("one of two", offer(2, None, &signed(&document(1, None), &[50]), 1_000), signatures),
        invalid("one key twice", offer(2, None, &twice, 1_000), envelope),
        invalid("signatures in another order", offer(2, None, &swapped, 1_000), envelope),
        invalid("a foreign key", offer(2, None, &signed(&document(1, None), &[50, 60]), 1_000), signatures),
        invalid(
            "a foreign key beside enough others",
            offer(2, None, &signed(&document(1, None), &[50, 51, 60]), 1_000),
            signatures,
        ),
        invalid("wrong signature", offer(2, None, &broken, 1_000), signatures),
        invalid("an unprotected header", offer(2, None, &noted, 1_000), envelope),
        invalid("an unprotected header of a signature", offer(2, None, &annotated, 1_000), signatures),
        invalid("threshold zero", offer(0, None, &first, 1_000), "FED_LIST_SIGNATURE authority"),
        invalid("threshold over keys", offer(4, None, &first, 1_000), "FED_LIST_SIGNATURE authority"),
        invalid("without tag", offer(2, None, &untagged, 1_000), envelope),
        invalid("trailing byte", offer(2, None, &trailing, 1_000), envelope),
    ]
}

fn broken_chains() -> Vec<Case> {
    let first = signed(&document(1, None), &[50, 51]);
    let hash = first.hash().expect("a list");
    let second = signed(&document(2, Some(hash)), &[50, 51]);
    let later = FederationList { expires: Timestamp(6_000), ..document(2, Some(hash)) };
    let other = signed(&later, &[50, 51]);
    let unchained = signed(&document(2, Some(Digest::plain(b"another"))), &[50, 51]);
    vec![
        invalid("rollback", offer(2, Some(&second), &first, 1_000), "FED_LIST_ROLLBACK rollback"),
        invalid("the same again", offer(2, Some(&first), &first, 1_000), "FED_LIST_ROLLBACK rollback"),
        invalid(
            "the same, signed by others",
            offer(2, Some(&first), &signed(&document(1, None), &[51, 52]), 1_000),
            "FED_LIST_ROLLBACK rollback",
        ),
        invalid("split", offer(2, Some(&second), &other, 1_000), "FED_LIST_SPLIT split"),
        invalid("does not follow", offer(2, Some(&first), &unchained, 1_000), "FED_LIST_ROLLBACK chain"),
    ]
}

fn broken_rules() -> Vec<Case> {
    let case = |name, rule, change: fn(&mut FederationList)| {
        invalid(name, offer(2, None, &unruly(change), 1_000), rule)
    };
    vec![
        case("version zero", "FED_MALFORMED versions start at 1", |l| l.version = 0),
        case(
            "version one with a predecessor",
            "FED_MALFORMED all but version 1 name their predecessor",
            |l| {
                l.previous = Some(Digest::plain(b"before the first"));
            },
        ),
        case("version two without", "FED_MALFORMED all but version 1 name their predecessor", |l| {
            l.version = 2
        }),
        case("expires when issued", "FED_MALFORMED expires before it was issued", |l| l.expires = l.issued),
        case("another format", "FED_MALFORMED unknown format", |l| l.format = 2),
        case("not sorted", "FED_MALFORMED entries must be sorted by id, each once", |l| l.entries.reverse()),
        case("a name twice", "FED_MALFORMED name used twice", |l| l.entries[1].name = "mae".to_owned()),
        case("a key twice", "FED_MALFORMED key used twice", |l| l.entries[1].mls = l.entries[0].identity),
        case("a guest without sponsor", "FED_MALFORMED a guest, and nobody else, has a sponsor", |l| {
            l.entries[2].sponsor = None;
        }),
        case("an embassy with a sponsor", "FED_MALFORMED a guest, and nobody else, has a sponsor", |l| {
            l.entries[1].sponsor = Some(node(1));
        }),
        case("an embassy as sponsor", "FED_MALFORMED the sponsor is no ministry of the list", |l| {
            l.entries[2].sponsor = Some(node(2));
        }),
        case("a guest for too long", "FED_MALFORMED a guest is accredited for 90 days at most", |l| {
            l.entries[2].not_after = l.entries[2].not_before.plus_seconds(90 * 86_400 + 3_601);
        }),
        case("an embassy with a scope", "FED_MALFORMED only a guest has a scope", |l| {
            l.entries[1].scope = Some(Scope { communities: Vec::new() });
        }),
        case("a witness at DR", "FED_MALFORMED a witness holds nothing above NP", |l| {
            l.entries[1].kind = Kind::Witness;
        }),
        case("a compressed point", "FED_MALFORMED the certification key is no uncompressed point", |l| {
            l.entries[0].ca = Some(CaKey([2; 65]));
        }),
        case(
            "former keys with a hole at the end",
            "FED_MALFORMED former keys must follow each other up to the present ones",
            |l| {
                rotated(&mut l.entries[0]);
                l.entries[0].keys_from = None;
            },
        ),
    ]
}

pub(super) fn list() -> Area {
    let mut cases = sound_lists();
    cases.extend(broken_envelopes());
    cases.extend(broken_chains());
    cases.extend(broken_rules());
    let input = "[{0: threshold, 2: [* public-key]}, signed list held / null, signed list offered, now]; expect: version, hash, ceilings in force";
    Area { name: "list", input, judge: listed, cases }
}
