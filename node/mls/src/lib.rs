//! MLS (RFC 9420) for compartments: one group each, its state inside the caller's store transaction.
//!
//! It decides how groups are made and which MLS options are used. It does not decide who may join,
//! what is certified, or what a message means: callers pass checks in and get plain values out.
//!
//! Groups are kept in memory on the writer's thread and written once per batch. Handshakes are
//! PublicMessages; standalone proposals are refused; lifetimes in key packages are inert, because
//! validity is the federation list's.

mod compartment;
mod group;
mod header;
mod identity;
mod inspect;
mod profile;
mod provider;
mod resync;
mod review;
mod state;
mod storage;

/// Tag of the table that holds all MLS state.
pub const TABLE_TAG: u8 = 0xE0;

pub use compartment::{Change, Joined, Leaf, Opened, Prepared, State, Transition};
pub use group::Groups;
pub use header::{Header, header};
pub use identity::Identity;
pub use resync::GroupInfo;

use protocol::ids::{CompartmentId, NodeId};

/// Why an MLS operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum MlsError {
    /// This node is not in the group, or no longer.
    #[error("this node is not a member of compartment {0}")]
    NotMember(CompartmentId),
    /// The bytes are not an MLS message of the expected kind.
    #[error("not a valid MLS {expected}")]
    Malformed {
        /// What was expected.
        expected: &'static str,
    },
    /// The peer's message breaks MLS or our profile of it.
    #[error("the peer broke MLS at {step}: {reason}")]
    Peer {
        /// What was being processed.
        step: &'static str,
        /// openmls's description.
        reason: String,
    },
    /// The message is of an epoch that was not reached yet.
    #[error("a message of a later epoch, this node is at {held}")]
    EpochAhead {
        /// The group's epoch here.
        held: u64,
    },
    /// The ratchet has no key for it: opened before, too old, or of a forgotten epoch.
    #[error("the message cannot be opened: {reason}")]
    Undecryptable {
        /// openmls's description.
        reason: String,
    },
    /// The node to be removed is not a member.
    #[error("node {0} is not a member")]
    NoSuchMember(NodeId),
    /// A caller's check refused what the peer proposed.
    #[error("refused before merging: {0}")]
    Refused(String),
    /// openmls failed in a way that is neither the peer's fault nor the store's.
    #[error("MLS failed at {step}: {reason}")]
    Library {
        /// What was being done.
        step: &'static str,
        /// openmls's description.
        reason: String,
    },
    /// The store failed underneath.
    #[error("the store failed under MLS")]
    Store(#[from] store::StoreError),
}

impl MlsError {
    fn library(step: &'static str) -> impl FnOnce(String) -> MlsError {
        move |reason| MlsError::Library { step, reason }
    }
}

#[cfg(test)]
mod tests;
