//! Communities and invitations. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::ids::NodeId;
use protocol::space::Charter;
use protocol::time::Timestamp;

/// Where a community stands on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum CommunityState {
    /// Founded here, waits for its manager.
    #[n(0)]
    AwaitingManager,
    /// Founded here, or joined.
    #[n(1)]
    Open,
    /// Accepted an invitation, waits for the Welcome.
    #[n(2)]
    Joining,
    /// No longer a member.
    #[n(3)]
    Left,
}

/// A community.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct CommunityRecord {
    #[n(0)]
    pub(crate) charter: Charter,
    #[n(2)]
    pub(crate) state: CommunityState,
    /// Nodes to invite once the manager accepts.
    #[n(4)]
    pub(crate) pending: Vec<NodeId>,
    /// The member that invited this node; none where it was founded.
    #[n(6)]
    pub(crate) invited_by: Option<NodeId>,
}

/// A node invited into a community founded here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Invited {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(2)]
    pub(crate) state: InvitedState,
    #[n(4)]
    pub(crate) refused: Option<String>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum InvitedState {
    #[n(0)]
    Asked,
    #[n(1)]
    Member,
    #[n(2)]
    Refused,
    #[n(3)]
    Removed,
    /// It accepted; the commit that adds it is not decided yet.
    #[n(4)]
    Adding,
}
