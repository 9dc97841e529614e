//! What is signed: certificates and federation lists. Keys are made from seeds of one repeated byte.

use super::bytes::refusal;
use super::{Area, Outcome, invalid, valid};
use crate::codec;
use crate::commit::{Ballot, Certificate, CertificateError, Keys, Promise, Value, Vote};
use crate::federation::{
    AuthorityKeys, Entry, FederationList, Kind, ListError, SignedList, Status, sign_list,
};
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::label::Level;
use crate::limits::PAGE_FRAME_BYTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey};
use crate::time::Timestamp;
use minicbor::bytes::ByteVec;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a seed of 32 bytes")
}

fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

type Certified = (Value, Certificate, Vec<(NodeId, PublicKey)>);

fn certified(bytes: &[u8]) -> Outcome {
    let read: Certified = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let (value, certificate, listed) = read;
    let voters: Vec<NodeId> = listed.iter().map(|(node, _)| *node).collect();
    let key_of = |node| listed.iter().find(|(voter, _)| *voter == node).map(|(_, key)| *key);
    let checked = certificate.check(&value, &voters, voters.len() / 2 + 1, key_of);
    checked.map_err(|error| match error {
        CertificateError::Mismatch(what) => format!("mismatch: {what}"),
        CertificateError::TooMany { .. } => "too many".to_owned(),
        CertificateError::Voter(_) => "voter".to_owned(),
        CertificateError::Signature(_) => "signature".to_owned(),
        CertificateError::Short { what, .. } => format!("short: {what}"),
        CertificateError::Unjustified => "unjustified".to_owned(),
    })?;
    Ok(format!("value {}", value.hash()))
}

fn value() -> Value {
    Value {
        compartment: CompartmentId::from_bytes([5; 16]),
        epoch: 3,
        parent: vec![1; 32],
        author: node(1),
        intent: ItemId::from_bytes([6; 16]),
        commit: vec![9; 100],
        next: vec![2; 32],
        welcome: None,
        voters: vec![node(1), node(2), node(3)],
    }
}

fn ballot(round: u64) -> Ballot {
    Ballot { round, node: node(1), incarnation: 0 }
}

fn accept(seed: u8) -> Vote {
    let own = key(seed);
    let voice = Keys { own: &own, key_of: |_| None };
    Vote::sign(&voice, node(seed), value().instance(), ballot(2), value().hash())
}

fn promise(seed: u8, accepted: Option<(Ballot, Digest)>) -> Promise {
    let own = key(seed);
    let voice = Keys { own: &own, key_of: |_| None };
    Promise::sign(&voice, node(seed), value().instance(), ballot(2), accepted)
}

/// Of three voters, nodes 1 to 3; two decide.
fn proof(change: impl FnOnce(&mut Value, &mut Certificate)) -> Vec<u8> {
    let accepts = vec![accept(1), accept(2)];
    let promises = vec![promise(1, None), promise(2, None)];
    let (mut value, mut certificate) =
        (value(), Certificate::assemble(&value(), ballot(2), accepts, promises));
    change(&mut value, &mut certificate);
    let listed: Vec<_> = (1..=3).map(|seed| (node(seed), key(seed).public())).collect();
    codec::encode(&(value, certificate, listed))
}

pub(super) fn certificate() -> Area {
    let other = Digest::plain(b"another");
    let cases = vec![
        valid("two of three", proof(|_, _| ())),
        valid("three of three", proof(|_, c| c.accepts.push(accept(3)))),
        valid("names the same value", proof(|v, c| c.promises[1] = promise(2, Some((ballot(1), v.hash()))))),
        invalid("another value", proof(|v, _| v.commit[0] = 8), "mismatch: value"),
        invalid("another epoch", proof(|v, _| v.epoch = 4), "mismatch: compartment or epoch"),
        invalid("short of accepts", proof(|_, c| c.accepts.truncate(1)), "short: accepts"),
        invalid("short of promises", proof(|_, c| c.promises.truncate(1)), "short: promises"),
        invalid("a voter accepts twice", proof(|_, c| c.accepts[1] = c.accepts[0].clone()), "voter"),
        invalid("a voter promises twice", proof(|_, c| c.promises[1] = c.promises[0].clone()), "voter"),
        invalid("no voter", proof(|_, c| c.accepts[1] = accept(4)), "voter"),
        invalid("wrong signature", proof(|_, c| c.accepts[1].signature.0[0] ^= 1), "signature"),
        invalid(
            "another's signature",
            proof(|_, c| c.accepts[1].signature = accept(3).signature),
            "signature",
        ),
        invalid("another ballot", proof(|_, c| c.ballot = ballot(3)), "signature"),
        invalid("another incarnation", proof(|_, c| c.ballot.incarnation = 1), "signature"),
        invalid(
            "names another value",
            proof(|_, c| c.promises[1] = promise(2, Some((ballot(1), other)))),
            "unjustified",
        ),
        invalid(
            "names an accept in its own ballot",
            proof(|v, c| c.promises[1] = promise(2, Some((ballot(2), v.hash())))),
            "unjustified",
        ),
        invalid("200 and one accepts", proof(|_, c| c.accepts = vec![accept(1); 201]), "too many"),
    ];
    let input =
        "[value, certificate, [* [voter, identity key]]], more than half decide; expect: the value's digest";
    Area { name: "certificate", input, judge: certified, cases }
}

type Offered = (AuthorityKeys, Option<ByteVec>, ByteVec, Timestamp);

fn list_refusal(error: &ListError) -> String {
    let kind = match error {
        ListError::Codec(error) => return refusal(error),
        ListError::Envelope => "envelope",
        ListError::Signatures { .. } => "signatures",
        ListError::Authority { .. } => "authority",
        ListError::Rollback { .. } => "rollback",
        ListError::Split { .. } => "split",
        ListError::Chain { .. } => "chain",
        ListError::Entry { rule, .. } => rule,
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
    }
}

fn document(version: u64, previous: Option<Digest>) -> FederationList {
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

fn signed(list: &FederationList, seeds: &[u8]) -> SignedList {
    let keys: Vec<SecretKey> = seeds.iter().copied().map(key).collect();
    sign_list(list, &keys).expect("a sound list")
}

fn offer(threshold: u32, held: Option<&SignedList>, offered: &SignedList, now: i64) -> Vec<u8> {
    let authority = AuthorityKeys { threshold, keys: (50..53).map(|seed| key(seed).public()).collect() };
    let held = held.map(|list| ByteVec::from(list.0.clone()));
    codec::encode(&(authority, held, ByteVec::from(offered.0.clone()), Timestamp(now)))
}

pub(super) fn list() -> Area {
    let first = signed(&document(1, None), &[50, 51]);
    let second = signed(&document(2, Some(first.hash())), &[50, 51]);
    let unchained = signed(&document(2, None), &[50, 51]);
    let later = FederationList { expires: Timestamp(6_000), ..document(2, Some(first.hash())) };
    let other = signed(&later, &[50, 51]);
    let fifth = signed(&document(5, None), &[50, 51]);
    let mut revoked = document(1, None);
    revoked.entries[1].status = Status::Revoked;
    let mut broken = first.clone();
    let last = broken.0.len() - 1;
    broken.0[last] ^= 1;
    let untagged = SignedList(first.0[2..].to_vec());
    let trailing = SignedList([&first.0[..], &[0]].concat());
    let signatures = "FED_LIST_SIGNATURE signatures";
    let envelope = "FED_MALFORMED envelope";
    let cases = vec![
        valid("two of two", offer(2, None, &first, 1_000)),
        valid("before the accreditations", offer(2, None, &first, 999)),
        valid("last instant of the list", offer(2, None, &first, 4_999)),
        valid("list expired", offer(2, None, &first, 5_000)),
        valid("accreditations expired", offer(2, None, &first, 10_000)),
        valid("a revoked embassy", offer(2, None, &signed(&revoked, &[50, 51]), 1_000)),
        valid("the next version", offer(2, Some(&first), &second, 1_000)),
        valid("versions left out", offer(2, Some(&first), &fifth, 1_000)),
        invalid("one of two", offer(2, None, &signed(&document(1, None), &[50]), 1_000), signatures),
        invalid("one key twice", offer(2, None, &signed(&document(1, None), &[50, 50]), 1_000), signatures),
        invalid("a foreign key", offer(2, None, &signed(&document(1, None), &[50, 60]), 1_000), signatures),
        invalid("wrong signature", offer(2, None, &broken, 1_000), signatures),
        invalid("threshold zero", offer(0, None, &first, 1_000), "FED_LIST_SIGNATURE authority"),
        invalid("threshold over keys", offer(4, None, &first, 1_000), "FED_LIST_SIGNATURE authority"),
        invalid("rollback", offer(2, Some(&second), &first, 1_000), "FED_LIST_ROLLBACK rollback"),
        invalid("the same again", offer(2, Some(&first), &first, 1_000), "FED_LIST_ROLLBACK rollback"),
        invalid("split", offer(2, Some(&second), &other, 1_000), "FED_LIST_SPLIT split"),
        invalid("does not follow", offer(2, Some(&first), &unchained, 1_000), "FED_LIST_ROLLBACK chain"),
        invalid("without tag", offer(2, None, &untagged, 1_000), envelope),
        invalid("trailing byte", offer(2, None, &trailing, 1_000), envelope),
    ];
    let input = "[{0: threshold, 2: [* public-key]}, signed list held / null, signed list offered, now]; expect: version, hash, ceilings in force";
    Area { name: "list", input, judge: listed, cases }
}
