//! Plain values at the boundary of the MLS tool.

use protocol::ids::{CompartmentId, NodeId};
use protocol::signature::PublicKey;
use protocol::space::CompartmentPolicy;

/// One member: its node and its MLS signature key.
pub type Leaf = (NodeId, PublicKey);

/// A compartment as its group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The current epoch.
    pub epoch: u64,
    /// Confirmed transcript hash (RFC 9420 §8.2); empty at epoch 0.
    pub transcript: Vec<u8>,
    /// RFC 9420 §8.7: equal secrets give equal authenticators.
    pub authenticator: Vec<u8>,
    /// What the group context says the compartment is.
    pub policy: CompartmentPolicy,
    /// The members.
    pub members: Vec<Leaf>,
}

/// A change of membership.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Key packages of nodes to add.
    pub add: Vec<Vec<u8>>,
    /// Nodes to remove.
    pub remove: Vec<NodeId>,
    /// The policy to set, if it changes.
    pub policy: Option<CompartmentPolicy>,
}

/// A commit built and pending, not merged: nothing has happened until it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The epoch that it leaves.
    pub epoch: u64,
    /// Transcript hash of that epoch.
    pub parent: Vec<u8>,
    /// The MLS PublicMessage.
    pub commit: Vec<u8>,
    /// Transcript hash of the next epoch.
    pub next: Vec<u8>,
    /// For the nodes added.
    pub welcome: Option<Vec<u8>>,
}

/// What a certified commit would change, for the caller's check before the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The policy of the epoch that is left.
    pub before: CompartmentPolicy,
    /// The policy of the next.
    pub after: CompartmentPolicy,
    /// The members of the next epoch.
    pub members: Vec<Leaf>,
    /// Transcript hash of the next epoch.
    pub next: Vec<u8>,
    /// This node is removed by it.
    pub self_removed: bool,
    /// The committer.
    pub author: NodeId,
    /// For an external commit, by which the author comes back without keys: its authenticated data. It
    /// removes the author's old leaf and no other.
    pub external: Option<Vec<u8>>,
}

/// A group just joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The group's id.
    pub compartment: CompartmentId,
    /// Its state.
    pub state: State,
}

/// An opened message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The member that MLS authenticated as the sender.
    pub sender: NodeId,
    /// The epoch it was sealed in.
    pub epoch: u64,
    /// Authenticated data.
    pub authenticated: Vec<u8>,
    /// The content.
    pub plaintext: Vec<u8>,
}
