//! The federation list: which nodes exist, with which keys, up to which level, until when.
//!
//! A deterministic-CBOR document signed by a threshold of the authority's keys (COSE_Sign, RFC 9052
//! §4). Versions rise strictly and name their predecessor's hash, so that a rollback or a split view
//! shows.

mod list;
mod sign;

pub use list::{AuthorityKeys, Entry, FederationList, Kind, ListError, Status, Trusted};
pub use sign::{SignedList, sign_list};

#[cfg(test)]
#[path = "federation/tests.rs"]
mod tests;
