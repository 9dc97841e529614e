//! The node's lives, and those of others that ask to come back. Shapes are the file format.

use minicbor::{Decode, Encode};
use protocol::ids::AgentId;
use protocol::time::Timestamp;

/// Which life of the node this is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Life {
    /// Rises whenever keys were lost.
    #[n(0)]
    pub(crate) incarnation: u32,
    /// How often the node was started; the same number stands outside the store.
    #[n(2)]
    pub(crate) boots: u64,
    /// The store comes from a backup and was not started since.
    #[n(4)]
    pub(crate) restored: bool,
}

/// Another node that lost its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct ReturnAsked {
    /// Which life of it asks.
    #[n(0)]
    pub(crate) incarnation: u32,
    /// When it first asked.
    #[n(2)]
    pub(crate) at: Timestamp,
    /// What was decided here.
    #[n(4)]
    pub(crate) state: ReturnState,
}

/// What an operator decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) enum ReturnState {
    /// Nothing yet.
    #[n(0)]
    Asked,
    /// It may come back.
    #[n(1)]
    Approved(#[n(0)] Timestamp, #[n(1)] AgentId),
    /// It may not.
    #[n(2)]
    Refused(#[n(0)] Timestamp, #[n(1)] AgentId),
}
