//! Certificates. Keys are made from seeds of one repeated byte.

use super::bytes::refusal;
use super::{Area, Outcome, invalid, valid};
use crate::codec;
use crate::commit::{Ballot, Certificate, CertificateError, Electorate, Keys, Promise, Value, Vote};
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::limits::PAGE_FRAME_BYTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey};

pub(super) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a seed of 32 bytes")
}

pub(super) fn node(seed: u8) -> NodeId {
    NodeId::from_bytes([seed; 32])
}

type Certified = (Value, Certificate, Vec<(NodeId, PublicKey)>);

fn certified(bytes: &[u8]) -> Outcome {
    let read: Certified = codec::decode(bytes, PAGE_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let (value, certificate, listed) = read;
    let voters: Vec<NodeId> = listed.iter().map(|(node, _)| *node).collect();
    let key_of = |node| listed.iter().find(|(voter, _)| *voter == node).map(|(_, key)| *key);
    let voice = Keys { own: &key(1), key_of };
    let checked = certificate.check(&voice, &value, &Electorate::majority(voters));
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
