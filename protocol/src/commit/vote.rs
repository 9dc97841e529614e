//! The two things that a voter signs: a promise and an accept, each for one ballot.

use super::certificate::CertificateError;
use super::{Ballot, Electorate, Instance};
use crate::codec;
use crate::ids::NodeId;
use crate::limits::CERTIFICATE_VOTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey, Signature};
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

const ACCEPT: &str = "commit/accept";
const PROMISE: &str = "commit/promise";

/// Signs as this node and hears the others. The node speaks with [`Keys`]; a model checker that
/// takes millions of steps speaks with something cheaper.
pub trait Voice {
    /// Signs with this node's identity key.
    fn sign(&self, domain: &str, bytes: &[u8]) -> Signature;
    /// Whether `signature` is that of `node`'s identity key.
    fn verifies(&self, node: NodeId, domain: &str, bytes: &[u8], signature: &Signature) -> bool;
}

/// The Ed25519 identity keys of the federation list.
pub struct Keys<'a, F> {
    /// This node's.
    pub own: &'a SecretKey,
    /// The identity key that is listed for a node.
    pub key_of: F,
}

impl<F: Fn(NodeId) -> Option<PublicKey>> Voice for Keys<'_, F> {
    fn sign(&self, domain: &str, bytes: &[u8]) -> Signature {
        self.own.sign(domain, bytes)
    }

    fn verifies(&self, node: NodeId, domain: &str, bytes: &[u8], signature: &Signature) -> bool {
        (self.key_of)(node).is_some_and(|key| key.verifies(domain, bytes, signature))
    }
}

/// How a signature of a node is verified: the half of [`Voice`] that needs no secret.
pub(crate) type Verify<'a> = dyn Fn(NodeId, &str, &[u8], &Signature) -> bool + 'a;

/// One voter's accept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Vote {
    /// Who votes.
    #[n(0)]
    pub voter: NodeId,
    /// Its identity key's signature.
    #[n(2)]
    pub signature: Signature,
}

impl Vote {
    /// Signs an accept of the value with this hash, in this ballot.
    pub fn sign(voice: &dyn Voice, voter: NodeId, at: Instance, ballot: Ballot, value: Digest) -> Vote {
        Vote { voter, signature: voice.sign(ACCEPT, &accept_bytes(at, ballot, value)) }
    }

    /// Whether its voter signed it, for this instance, ballot and value.
    pub fn verifies(&self, voice: &dyn Voice, at: Instance, ballot: Ballot, value: Digest) -> bool {
        voice.verifies(self.voter, ACCEPT, &accept_bytes(at, ballot, value), &self.signature)
    }
}

/// One voter's promise to accept in no lower ballot, with what it had accepted before.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Promise {
    /// Who promises.
    #[n(0)]
    pub voter: NodeId,
    /// The highest earlier ballot in which it accepted, and what.
    #[n(2)]
    pub accepted: Option<(Ballot, Digest)>,
    /// Its identity key's signature.
    #[n(4)]
    pub signature: Signature,
}

impl Promise {
    /// Signs a promise for this ballot that names what was accepted before it.
    pub fn sign(
        voice: &dyn Voice,
        voter: NodeId,
        at: Instance,
        ballot: Ballot,
        accepted: Option<(Ballot, Digest)>,
    ) -> Promise {
        let signature = voice.sign(PROMISE, &promise_bytes(at, ballot, accepted));
        Promise { voter, accepted, signature }
    }

    /// Whether its voter signed it, for this instance and ballot.
    pub fn verifies(&self, voice: &dyn Voice, at: Instance, ballot: Ballot) -> bool {
        let bytes = promise_bytes(at, ballot, self.accepted);
        voice.verifies(self.voter, PROMISE, &bytes, &self.signature)
    }
}

fn accept_bytes(at: Instance, ballot: Ballot, value: Digest) -> Vec<u8> {
    codec::encode(&(at.compartment, at.epoch, ballot, value))
}

fn promise_bytes(at: Instance, ballot: Ballot, accepted: Option<(Ballot, Digest)>) -> Vec<u8> {
    codec::encode(&(at.compartment, at.epoch, ballot, accepted))
}

/// Counts accepts of the value with this hash: a quorum of voters, each once, each signed.
pub(super) fn counted(
    accepts: &[Vote],
    at: Instance,
    ballot: Ballot,
    value: Digest,
    electorate: &Electorate,
    verify: &Verify<'_>,
) -> Result<(), CertificateError> {
    let bytes = accept_bytes(at, ballot, value);
    let votes = accepts.iter().map(|vote| (vote.voter, bytes.clone(), vote.signature));
    count("accepts", ACCEPT, votes, electorate, verify)
}

/// Checks that these promises let `value` be proposed in `ballot`: a quorum of them, each signed for
/// exactly that ballot, and the highest earlier accept among them, if any, is of `value` (COM-009).
pub(crate) fn justified(
    promises: &[Promise],
    at: Instance,
    ballot: Ballot,
    value: Digest,
    electorate: &Electorate,
    verify: &Verify<'_>,
) -> Result<(), CertificateError> {
    let votes = promises
        .iter()
        .map(|promise| (promise.voter, promise_bytes(at, ballot, promise.accepted), promise.signature));
    count("promises", PROMISE, votes, electorate, verify)?;
    let earlier = || promises.iter().filter_map(|promise| promise.accepted);
    let highest = earlier().map(|(before, _)| before).max();
    let free = highest.is_none_or(|highest| {
        highest < ballot && earlier().all(|(before, accepted)| before < highest || accepted == value)
    });
    if free { Ok(()) } else { Err(CertificateError::Unjustified) }
}

/// COM-021: bounded before anything is verified.
fn count(
    what: &'static str,
    domain: &str,
    votes: impl ExactSizeIterator<Item = (NodeId, Vec<u8>, Signature)>,
    electorate: &Electorate,
    verify: &Verify<'_>,
) -> Result<(), CertificateError> {
    if votes.len() > CERTIFICATE_VOTES_MAX {
        return Err(CertificateError::TooMany { got: votes.len(), limit: CERTIFICATE_VOTES_MAX });
    }
    let mut counted = BTreeSet::new();
    for (voter, bytes, signature) in votes {
        if !electorate.has(voter) || !counted.insert(voter) {
            return Err(CertificateError::Voter(voter));
        }
        if !verify(voter, domain, &bytes, &signature) {
            return Err(CertificateError::Signature(voter));
        }
    }
    if counted.len() < electorate.needed {
        return Err(CertificateError::Short { what, expected: electorate.needed, got: counted.len() });
    }
    Ok(())
}
