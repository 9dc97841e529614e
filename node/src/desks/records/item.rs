//! Items, drafts, deliveries and teleprinter lines. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::correspondence::{DraftContent, State};
use protocol::ids::{AgentId, GroupId, ItemId, NodeId, SpaceId};
use protocol::message::{Post, SignedItem};
use protocol::time::Timestamp;

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Content {
    #[n(0)]
    Correspondence(#[n(0)] Box<SignedItem>),
    #[n(1)]
    Post(#[n(0)] Box<Post>),
}

/// A filed item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct ItemRecord {
    #[n(0)]
    pub(crate) content: Content,
    /// The node it came from.
    #[n(2)]
    pub(crate) origin: NodeId,
    #[n(4)]
    pub(crate) received_at: Timestamp,
    /// Groups of this node that sent or received it.
    #[n(6)]
    pub(crate) groups: Vec<GroupId>,
    /// Communities it stands in.
    #[n(8)]
    pub(crate) communities: Vec<SharedIn>,
}

/// That an item stands in a community, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct SharedIn {
    #[n(0)]
    pub(crate) community: SpaceId,
    #[n(2)]
    pub(crate) by: String,
    #[n(4)]
    pub(crate) node: NodeId,
    #[n(6)]
    pub(crate) at: Timestamp,
}

/// Where an addressee stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Delivery {
    #[n(0)]
    pub(crate) delivered: Option<Timestamp>,
    #[n(2)]
    pub(crate) displayed: Option<Timestamp>,
    #[n(4)]
    pub(crate) acknowledged: Option<Timestamp>,
    #[n(6)]
    pub(crate) by: Option<String>,
    /// The receiving node refused it, by this code.
    #[n(8)]
    pub(crate) refused: Option<String>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct DraftRecord {
    #[n(0)]
    pub(crate) content: DraftContent,
    #[n(2)]
    pub(crate) state: State,
    #[n(4)]
    pub(crate) author: AgentId,
    #[n(6)]
    pub(crate) author_name: String,
    #[n(8)]
    pub(crate) group: GroupId,
    #[n(10)]
    pub(crate) saved_at: Timestamp,
    /// How many visas its circuit asks for.
    #[n(12)]
    pub(crate) visas_due: u32,
}

/// Why an item fell on a teleprinter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum FeedRole {
    #[n(0)]
    Action,
    #[n(1)]
    Info,
    #[n(2)]
    Sent,
    #[n(3)]
    Community,
}

/// One line of a scope's teleprinter.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct FeedRow {
    #[n(0)]
    pub(crate) item: ItemId,
    #[n(2)]
    pub(crate) role: FeedRole,
}
