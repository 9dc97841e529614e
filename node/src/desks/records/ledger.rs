//! The ledger. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::ids::{AgentId, ItemId};
use protocol::label::Level;
use protocol::signature::Digest;
use protocol::time::Timestamp;

/// Where the ledger ends.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct LedgerHead {
    #[n(0)]
    pub(crate) position: u64,
    #[n(2)]
    pub(crate) hash: Digest,
}

/// What kind of act a ledger entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum LedgerAct {
    #[n(0)]
    Released,
    #[n(1)]
    Received,
    #[n(2)]
    Imported,
    #[n(3)]
    Posted,
    #[n(4)]
    Shared,
    #[n(5)]
    Delivered,
    #[n(6)]
    Displayed,
    #[n(7)]
    Acknowledged,
    #[n(8)]
    Refused,
    #[n(9)]
    Joined,
    #[n(10)]
    Left,
    #[n(11)]
    Decided,
    #[n(12)]
    ListAccepted,
    #[n(13)]
    AccountChanged,
    #[n(14)]
    CommunityChanged,
    #[n(15)]
    KeysLost,
    #[n(16)]
    Returned,
    #[n(17)]
    ReturnDecided,
    #[n(18)]
    AttachmentArrived,
}

/// One entry. Its hash covers all of it, the hash of its predecessor included.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct LedgerEntry {
    #[n(0)]
    pub(crate) position: u64,
    #[n(2)]
    pub(crate) previous: Digest,
    #[n(4)]
    pub(crate) at: Timestamp,
    #[n(6)]
    pub(crate) act: LedgerAct,
    /// The item, community or account that it is about.
    #[n(8)]
    pub(crate) subject: Option<ItemId>,
    /// The level of the item, if it is about one.
    #[n(10)]
    pub(crate) level: Option<Level>,
    /// The agent who acted here.
    #[n(12)]
    pub(crate) agent: Option<AgentId>,
    /// Hash of what was accepted.
    #[n(14)]
    pub(crate) content: Option<Digest>,
    /// A refusal's code, a node's id, or another short detail.
    #[n(16)]
    pub(crate) detail: Option<String>,
}
