//! Compartments, sealed messages and commits. Shapes are the file format.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::commit::{Certificate, Value};
use protocol::ids::{ItemId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::message::{Envelope, Payload};
use protocol::signature::Digest;
use protocol::space::{CompartmentPolicy, SpaceKind};
use protocol::sync::{Links, Ranges};
use protocol::time::Timestamp;

/// A compartment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct CompartmentRecord {
    #[n(0)]
    pub(crate) space: SpaceId,
    #[n(2)]
    pub(crate) kind: SpaceKind,
    #[n(4)]
    pub(crate) level: Level,
    #[n(6)]
    pub(crate) epoch: u64,
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) transcript: Vec<u8>,
    #[n(10)]
    pub(crate) policy: CompartmentPolicy,
    #[n(12)]
    pub(crate) members: Vec<NodeId>,
    /// Nodes removed, who may still fetch the commit that says so.
    #[n(14)]
    pub(crate) former: Vec<NodeId>,
    /// This node is a member.
    #[n(16)]
    pub(crate) active: bool,
    /// Its keys were lost: it waits to be let back in, since then.
    #[n(18)]
    pub(crate) recovering: Option<Timestamp>,
    /// The first epoch that this node has had keys for.
    #[n(20)]
    #[cbor(default)]
    pub(crate) since: u64,
}

impl CompartmentRecord {
    /// Whether this node is a member that holds the keys.
    pub(crate) fn stands(&self) -> bool {
        self.active && self.recovering.is_none()
    }
}

/// What this node has sealed into a compartment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Sending {
    /// Sequence of the last message sealed.
    #[n(0)]
    pub(crate) last: u64,
    /// Commitment to its plaintext.
    #[n(2)]
    pub(crate) previous: Digest,
    /// Sealed and not acknowledged (channels).
    #[n(4)]
    pub(crate) unacknowledged: u64,
    /// The sequence before the first message of this node's life.
    #[n(6)]
    #[cbor(default)]
    pub(crate) base: u64,
}

impl Sending {
    /// What this node has sealed in its present life.
    pub(crate) fn ranges(&self) -> Ranges {
        Ranges::between(self.base.saturating_add(1), self.last)
    }
}

/// A sealed message as kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Sealed {
    #[n(0)]
    pub(crate) envelope: Envelope,
    /// The correspondence inside, on the sender's side.
    #[n(2)]
    pub(crate) item: Option<ItemId>,
    /// Any other content, on the sender's side: own messages cannot be opened again.
    #[n(4)]
    pub(crate) payload: Option<Payload>,
    /// The correspondence's number for this peer.
    #[n(6)]
    pub(crate) number: Option<u64>,
}

/// What was received of a sender.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Held {
    #[n(0)]
    pub(crate) ranges: Ranges,
    /// The ends of the ranges, to check the chain by. A record of the build before has none: what it holds
    /// fits whatever comes. Index 2 was its commitment to the last message.
    #[n(4)]
    #[cbor(default)]
    pub(crate) links: Links,
}

/// A payload that waits to be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Waiting {
    #[n(0)]
    pub(crate) payload: Payload,
    #[n(2)]
    pub(crate) precedence: u8,
}

/// A decided commit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct DecidedCommit {
    #[n(0)]
    pub(crate) value: Value,
    #[n(2)]
    pub(crate) certificate: Certificate,
}

impl From<(Value, Certificate)> for DecidedCommit {
    fn from((value, certificate): (Value, Certificate)) -> Self {
        Self { value, certificate }
    }
}

/// A commit that this node has built and proposed; its MLS half is pending in the group.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Proposed {
    #[n(0)]
    pub(crate) value: Value,
    /// For the node added; leaves only after the decision.
    #[n(2)]
    pub(crate) welcome: Option<ByteVec>,
    #[n(4)]
    pub(crate) goal: Goal,
}

/// What a change of membership is to bring about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Goal {
    /// The node is a member.
    #[n(0)]
    Add(#[n(0)] NodeId, #[n(1)] ByteVec),
    /// The node is none.
    #[n(1)]
    Remove(#[n(0)] NodeId),
    /// The voters are the ministries among the members.
    #[n(2)]
    Voters,
    /// This node is back, with new keys.
    #[n(3)]
    Return,
}

/// A change of membership that this node wants. A commit that loses is built anew from it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Intent {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(2)]
    pub(crate) goal: Goal,
}

/// Two certified commits of one epoch, and the voters who lied.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Evidence {
    #[n(0)]
    pub(crate) ours: DecidedCommit,
    #[n(2)]
    pub(crate) theirs: DecidedCommit,
    #[n(4)]
    pub(crate) guilty: Vec<NodeId>,
}

/// A message that opened and was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Quarantined {
    #[n(0)]
    pub(crate) code: String,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) plaintext: Vec<u8>,
}
