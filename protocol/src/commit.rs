//! Commits: how one epoch of a compartment follows another.
//!
//! A commit travels as a [`Value`] with its [`Certificate`]: a quorum of signed accepts in one
//! ballot, with the signed promises that justify it. Members merge only what is certified. Voters
//! are those named in the group context of the epoch that the commit leaves, so that a change of
//! voters is itself just a decided value. How a quorum comes about is in [`crate::order`].

use crate::codec;
use crate::ids::{CompartmentId, ItemId, NodeId};
use crate::signature::Digest;
use crate::space::CompartmentPolicy;
use minicbor::{Decode, Encode};

mod certificate;
mod chain;
mod guilt;
mod vote;

pub use certificate::{Certificate, CertificateError};
pub use chain::{ChainError, Head};
pub use guilt::{Guilt, guilt};
pub(crate) use vote::justified;
pub use vote::{Keys, Promise, Voice, Vote};

/// What is decided for one (compartment, epoch).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
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
    /// Who votes in the next epoch, sorted: what the commit's policy says, told here so that whoever
    /// does not hold the group (a witness, a restored node) can follow the decisions.
    #[n(16)]
    pub voters: Vec<NodeId>,
}

impl Value {
    /// What votes are about: the value with its blob replaced by the blob's hash.
    pub fn hash(&self) -> Digest {
        let brief = Value { commit: Digest::plain(&self.commit).0.to_vec(), ..self.clone() };
        Digest::of("commit/value", &[&codec::encode(&brief)])
    }

    /// What it is a candidate for.
    pub fn instance(&self) -> Instance {
        Instance { compartment: self.compartment, epoch: self.epoch }
    }
}

/// One decision to take: which commit leaves this epoch of this compartment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The compartment.
    pub compartment: CompartmentId,
    /// The epoch that is left.
    pub epoch: u64,
}

/// Who votes in one epoch, and how many of them decide; from that epoch's group context.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Electorate {
    /// The voters, each once.
    pub voters: Vec<NodeId>,
    /// How many of them are a quorum; any two quorums must share a voter.
    pub needed: usize,
}

impl Electorate {
    /// A majority of these voters decides.
    pub fn majority(voters: Vec<NodeId>) -> Self {
        let needed = voters.len() / 2 + 1;
        Self { voters, needed }
    }

    /// Whether this node votes.
    pub fn has(&self, node: NodeId) -> bool {
        self.voters.contains(&node)
    }

    /// Whether so many refusals leave no quorum among the others.
    pub(crate) fn hopeless(&self, refusals: usize) -> bool {
        self.voters.len().saturating_sub(refusals) < self.needed
    }
}

impl From<&CompartmentPolicy> for Electorate {
    fn from(policy: &CompartmentPolicy) -> Self {
        Self { voters: policy.voters.clone(), needed: policy.votes_needed() }
    }
}

/// A ballot. Unique: a proposer persists its round before it uses it, and a restored node takes a
/// new incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Ballot {
    /// Rises with each attempt.
    #[n(0)]
    pub round: u64,
    /// Who proposes.
    #[n(2)]
    pub node: NodeId,
    /// Which life of the proposer.
    #[n(4)]
    pub incarnation: u32,
}

#[cfg(test)]
#[path = "commit_tests.rs"]
mod tests;
