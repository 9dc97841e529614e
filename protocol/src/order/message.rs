//! What voters, and those who hand them a commit, say to each other. Schema:
//! `federation-spec/commits.cddl`.

use crate::codec::{self, CodecError};
use crate::commit::{Ballot, Certificate, Instance, Promise, Value, Vote};
use crate::ids::CompartmentId;
use crate::limits::ORDER_FRAME_BYTES_MAX;
use crate::signature::Digest;
use minicbor::{Decode, Encode};

/// A message about one epoch of one compartment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Message {
    /// The compartment.
    #[n(0)]
    pub compartment: CompartmentId,
    /// The epoch that is to be left.
    #[n(2)]
    pub epoch: u64,
    /// What is said.
    #[n(4)]
    pub body: Body,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub enum Body {
    /// To every voter: promise to accept in no lower ballot, and tell what you accepted.
    #[n(0)]
    Prepare {
        /// The asker's ballot.
        #[n(0)]
        ballot: Ballot,
        /// The asker's confirmed transcript hash.
        #[cbor(n(2), with = "minicbor::bytes")]
        parent: Vec<u8>,
    },
    /// I promise.
    #[n(1)]
    Promised {
        /// The ballot asked for.
        #[n(0)]
        ballot: Ballot,
        /// The signed promise.
        #[n(2)]
        promise: Promise,
        /// The value that the promise names, so that it can be proposed again.
        #[n(4)]
        value: Option<Box<Value>>,
    },
    /// To every voter: accept this value.
    #[n(2)]
    Accept {
        /// The asker's ballot.
        #[n(0)]
        ballot: Ballot,
        /// The commit.
        #[n(2)]
        value: Box<Value>,
        /// A quorum's promises for this ballot, which allow the value.
        #[n(4)]
        promises: Vec<Promise>,
    },
    /// I accept.
    #[n(3)]
    Accepted {
        /// The ballot.
        #[n(0)]
        ballot: Ballot,
        /// Hash of the value.
        #[n(2)]
        value: Digest,
        /// The signed accept.
        #[n(4)]
        vote: Vote,
    },
    /// This is decided.
    #[n(4)]
    Decided {
        /// The commit.
        #[n(0)]
        value: Box<Value>,
        /// The proof.
        #[n(2)]
        certificate: Box<Certificate>,
    },
    /// To one voter, from a member that does not vote: propose this for me.
    #[n(5)]
    Submit {
        /// The commit.
        #[n(0)]
        value: Box<Value>,
        /// It removes a revoked node.
        #[n(2)]
        urgent: bool,
    },
    /// No.
    #[n(6)]
    Nack {
        /// The ballot refused; none in answer to a submission.
        #[n(0)]
        ballot: Option<Ballot>,
        /// Why.
        #[n(2)]
        reason: Reason,
    },
}

/// Why a voter says no. That the epoch is decided already is said with [`Body::Decided`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub enum Reason {
    /// The voter has not reached the epoch.
    #[n(0)]
    Behind {
        /// Where it is.
        #[n(0)]
        epoch: u64,
    },
    /// The voter is in the epoch with another transcript hash.
    #[n(1)]
    ParentMismatch,
    /// The one asked or the one asking is no voter of the epoch.
    #[n(2)]
    NotVoter,
    /// It has promised a higher ballot.
    #[n(3)]
    Outbid {
        /// That ballot.
        #[n(0)]
        promised: Ballot,
    },
    /// Its dry run refused the commit.
    #[n(4)]
    Policy {
        /// The stable code ([`crate::refusal::Code`]).
        #[n(0)]
        code: String,
    },
    /// It was restored and does not vote.
    #[n(5)]
    Recovery,
}

impl Body {
    /// The commit in it.
    fn value(&self) -> Option<&Value> {
        match self {
            Body::Accept { value, .. } | Body::Decided { value, .. } | Body::Submit { value, .. } => {
                Some(value)
            }
            Body::Promised { value, .. } => value.as_deref(),
            Body::Prepare { .. } | Body::Accepted { .. } | Body::Nack { .. } => None,
        }
    }
}

impl Message {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads the wire form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let message: Self = codec::decode(bytes, ORDER_FRAME_BYTES_MAX)?;
        let at = Instance { compartment: message.compartment, epoch: message.epoch };
        // COM-023: otherwise one of the two would say nothing.
        if message.body.value().is_some_and(|value| value.instance() != at) {
            let reason = "a commit of another compartment or epoch than the message".to_owned();
            return Err(CodecError::Malformed { offset: 0, reason });
        }
        Ok(message)
    }
}
