//! The proof that a value was decided: it convinces anybody who knows the epoch's voters.

use super::vote::{Keys, Promise, Verify, Voice, Vote, counted, justified};
use super::{Ballot, Electorate, Instance, Value};
use crate::ids::{CompartmentId, NodeId};
use crate::signature::{Digest, SecretKey};
use minicbor::{Decode, Encode};

/// Proof that a value was decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
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
    /// A signature that does not verify under a listed key.
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

impl Certificate {
    /// A certificate of a compartment whose only voter is this node: it promises to itself and
    /// accepts, exactly as it would among several.
    pub fn alone(value: &Value, node: NodeId, incarnation: u32, key: &SecretKey) -> Certificate {
        let ballot = Ballot { round: 1, node, incarnation };
        let voice = Keys { own: key, key_of: |_| None };
        let promise = Promise::sign(&voice, node, value.instance(), ballot, None);
        let vote = Vote::sign(&voice, node, value.instance(), ballot, value.hash());
        Certificate::assemble(value, ballot, vec![vote], vec![promise])
    }

    /// Puts a quorum's accepts together with the promises that justify them. Whether they are a
    /// quorum is for the reader to check.
    pub fn assemble(value: &Value, ballot: Ballot, accepts: Vec<Vote>, promises: Vec<Promise>) -> Self {
        let Instance { compartment, epoch } = value.instance();
        Certificate { compartment, epoch, ballot, value: value.hash(), accepts, promises }
    }

    /// Checks that this certificate decides `value` among the electorate, whose keys `voice` knows.
    pub fn check(
        &self,
        voice: &dyn Voice,
        value: &Value,
        electorate: &Electorate,
    ) -> Result<(), CertificateError> {
        self.verify(value, electorate, &|node, domain, bytes, signature| {
            voice.verifies(node, domain, bytes, signature)
        })
    }

    /// COM-014: a quorum's accepts in one ballot, and promises that justify it.
    fn verify(
        &self,
        value: &Value,
        electorate: &Electorate,
        verify: &Verify<'_>,
    ) -> Result<(), CertificateError> {
        if (self.compartment, self.epoch) != (value.compartment, value.epoch) {
            return Err(CertificateError::Mismatch("compartment or epoch"));
        }
        if self.value != value.hash() {
            return Err(CertificateError::Mismatch("value"));
        }
        let at = value.instance();
        counted(&self.accepts, at, self.ballot, self.value, electorate, verify)?;
        justified(&self.promises, at, self.ballot, self.value, electorate, verify)
    }
}
