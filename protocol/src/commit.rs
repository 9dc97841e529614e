//! Commits: how one epoch of a compartment follows another.
//!
//! A commit travels as a [`Value`] with its [`Certificate`]: a quorum of signed accepts in one
//! ballot, with the signed promises that justify it. Members merge only what is certified. Voters
//! are those named in the group context of the epoch that the commit leaves, so that a change of
//! voters is itself just a decided value.

use crate::codec;
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::limits::CERTIFICATE_VOTES_MAX;
use crate::signature::{Digest, PublicKey, SecretKey, Signature};
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

const ACCEPT: &str = "commit/accept";
const PROMISE: &str = "commit/promise";

/// What is decided for one (compartment, epoch).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Value {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The epoch that the commit leaves.
    #[n(2)]
    pub epoch: u64,
    /// Confirmed transcript hash of that epoch (RFC 9420 §8.2).
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub parent: Vec<u8>,
    /// The node whose commit it is.
    #[n(6)]
    pub author: NodeId,
    /// The intent that it carries out; a loser rebuilds from it.
    #[n(8)]
    pub intent: ItemId,
    /// The MLS PublicMessage.
    #[n(10)]
    #[cbor(with = "minicbor::bytes")]
    pub commit: Vec<u8>,
    /// Confirmed transcript hash of the next epoch.
    #[n(12)]
    #[cbor(with = "minicbor::bytes")]
    pub next: Vec<u8>,
    /// SHA-256 of the Welcome, if there is one.
    #[n(14)]
    pub welcome: Option<Digest>,
}

impl Value {
    /// What votes are about: the value with its blob replaced by the blob's hash.
    pub fn hash(&self) -> Digest {
        let brief = Value { commit: Digest::plain(&self.commit).0.to_vec(), ..self.clone() };
        Digest::of("commit/value", &[&codec::encode(&brief)])
    }
}

/// A ballot. Unique: a proposer persists its round before it uses it, and a restored node takes a
/// new incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Ballot {
    /// Rises with each attempt.
    #[n(0)]
    pub round: u32,
    /// Who proposes.
    #[n(2)]
    pub node: NodeId,
    /// Which life of the proposer.
    #[n(4)]
    pub incarnation: u32,
}

/// One voter's accept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Vote {
    /// Who votes.
    #[n(0)]
    pub voter: NodeId,
    /// Its identity key's signature.
    #[n(2)]
    pub signature: Signature,
}

/// One voter's promise, with what it had accepted before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// Proof that a value was decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Certificate {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The epoch that was left.
    #[n(2)]
    pub epoch: u64,
    /// The ballot in which it was decided.
    #[n(4)]
    pub ballot: Ballot,
    /// Hash of the value.
    #[n(6)]
    pub value: Digest,
    /// Accepts in that ballot.
    #[n(8)]
    pub accepts: Vec<Vote>,
    /// Promises for that ballot.
    #[n(10)]
    pub promises: Vec<Promise>,
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It is about something else.
    #[error("the certificate is for another {0}")]
    Mismatch(&'static str),
    /// More votes than voters can be.
    #[error("{got} votes, at most {limit}")]
    TooMany {
        /// Votes or promises given.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// A voter that is none, or votes twice.
    #[error("node {0} is not a voter, or counted twice")]
    Voter(NodeId),
    /// A signature that does not verify.
    #[error("the signature of node {0} does not verify")]
    Signature(NodeId),
    /// Too few.
    #[error("{got} {what}, expected {expected}")]
    Short {
        /// Accepts or promises.
        what: &'static str,
        /// The quorum.
        expected: usize,
        /// Given.
        got: usize,
    },
    /// The promises demand another value.
    #[error("the promises name another value accepted earlier")]
    Unjustified,
}

fn accept_bytes(certificate: &Certificate) -> Vec<u8> {
    let Certificate { compartment, epoch, ballot, value, .. } = certificate;
    codec::encode(&(compartment, epoch, ballot, value))
}

fn promise_bytes(
    compartment: CompartmentId,
    epoch: u64,
    ballot: Ballot,
    accepted: Option<(Ballot, Digest)>,
) -> Vec<u8> {
    codec::encode(&(compartment, epoch, ballot, accepted))
}

impl Certificate {
    /// A certificate of a compartment whose only voter is this node: it promises to itself and
    /// accepts, exactly as it would among several.
    pub fn alone(value: &Value, node: NodeId, incarnation: u32, key: &SecretKey) -> Certificate {
        let ballot = Ballot { round: 1, node, incarnation };
        let promise = promise_bytes(value.compartment, value.epoch, ballot, None);
        let mut certificate = Certificate {
            compartment: value.compartment,
            epoch: value.epoch,
            ballot,
            value: value.hash(),
            accepts: Vec::new(),
            promises: vec![Promise { voter: node, accepted: None, signature: key.sign(PROMISE, &promise) }],
        };
        let signature = key.sign(ACCEPT, &accept_bytes(&certificate));
        certificate.accepts.push(Vote { voter: node, signature });
        certificate
    }

    /// Checks that this certificate decides `value` among `voters`, `needed` of whom are a quorum.
    /// `key_of` gives the identity key that was listed for a voter.
    pub fn check(
        &self,
        value: &Value,
        voters: &[NodeId],
        needed: usize,
        key_of: impl Fn(NodeId) -> Option<PublicKey>,
    ) -> Result<(), CertificateError> {
        if (self.compartment, self.epoch) != (value.compartment, value.epoch) {
            return Err(CertificateError::Mismatch("compartment or epoch"));
        }
        if self.value != value.hash() {
            return Err(CertificateError::Mismatch("value"));
        }
        for votes in [self.accepts.len(), self.promises.len()] {
            if votes > CERTIFICATE_VOTES_MAX {
                return Err(CertificateError::TooMany { got: votes, limit: CERTIFICATE_VOTES_MAX });
            }
        }
        let accept = accept_bytes(self);
        let accepts = self.accepts.iter().map(|vote| (vote.voter, accept.clone(), vote.signature));
        count("accepts", ACCEPT, accepts, voters, needed, &key_of)?;
        let promises = self.promises.iter().map(|promise| {
            let bytes = promise_bytes(self.compartment, self.epoch, self.ballot, promise.accepted);
            (promise.voter, bytes, promise.signature)
        });
        count("promises", PROMISE, promises, voters, needed, &key_of)?;
        let earlier = self.promises.iter().filter_map(|promise| promise.accepted);
        match earlier.max_by_key(|(ballot, _)| *ballot) {
            Some((_, accepted)) if accepted != self.value => Err(CertificateError::Unjustified),
            _ => Ok(()),
        }
    }
}

fn count(
    what: &'static str,
    domain: &str,
    votes: impl Iterator<Item = (NodeId, Vec<u8>, Signature)>,
    voters: &[NodeId],
    needed: usize,
    key_of: &impl Fn(NodeId) -> Option<PublicKey>,
) -> Result<(), CertificateError> {
    let mut counted = BTreeSet::new();
    for (voter, bytes, signature) in votes {
        if !voters.contains(&voter) || !counted.insert(voter) {
            return Err(CertificateError::Voter(voter));
        }
        let key = key_of(voter).ok_or(CertificateError::Voter(voter))?;
        if !key.verifies(domain, &bytes, &signature) {
            return Err(CertificateError::Signature(voter));
        }
    }
    if counted.len() < needed {
        return Err(CertificateError::Short { what, expected: needed, got: counted.len() });
    }
    Ok(())
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
