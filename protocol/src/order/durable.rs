//! What a voter and proposer must remember across a crash. Losing it breaks agreement.

use crate::codec::{self, CodecError};
use crate::commit::{Ballot, Value};
use crate::limits::ORDER_FRAME_BYTES_MAX;
use minicbor::{Decode, Encode};

/// One row per compartment, stored with the MLS state of the same epoch in one transaction (COM-001)
/// and never restored from a backup (COM-007).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Durable {
    /// The present epoch.
    #[n(0)]
    pub epoch: u64,
    /// Its confirmed transcript hash.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub parent: Vec<u8>,
    /// The highest ballot promised in this epoch.
    #[n(4)]
    pub promised: Option<Ballot>,
    /// The last accept in this epoch, with the value's bytes, so that its author may die.
    #[n(6)]
    pub accepted: Option<(Ballot, Value)>,
    /// The highest round that this node used in this epoch.
    #[n(8)]
    pub round_used: u64,
    /// Which life of the node this is.
    #[n(10)]
    pub incarnation: u32,
    /// Restored, and not yet approved by an operator of another ministry.
    #[n(12)]
    pub recovery: bool,
}

impl Durable {
    /// A voter that has neither promised nor accepted in this epoch: on founding and on joining.
    pub fn new(epoch: u64, parent: Vec<u8>, incarnation: u32) -> Self {
        Durable { epoch, parent, promised: None, accepted: None, round_used: 0, incarnation, recovery: false }
    }

    /// For the store.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// From the store.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes, ORDER_FRAME_BYTES_MAX)
    }
}
