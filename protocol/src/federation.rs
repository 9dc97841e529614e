//! The federation list: which nodes exist, with which keys, up to which level, until when.
//!
//! A deterministic-CBOR document signed by a threshold of the authority's keys (COSE_Sign, RFC 9052
//! §4). Versions rise strictly and name their predecessor's hash, so that a rollback or a split view
//! shows. One key alone may suspend a node between two lists; it can never admit.

mod entry;
mod error;
mod invitation;
mod list;
mod sign;
mod suspension;
mod trusted;

pub use entry::{CaKey, Entry, FormerKeys, Kind, Scope, Status};
pub use error::ListError;
pub use invitation::{Invited, sign_invitation};
pub use list::{AuthorityKeys, FederationList};
pub use sign::{SignedList, sign_list};
pub use suspension::{SignedSuspension, Suspended, Suspension};
pub use trusted::Trusted;

#[cfg(test)]
#[path = "federation/tests.rs"]
mod tests;
