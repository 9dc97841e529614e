//! The rules of the Valise federation: labels, clearance, correspondence, spaces, commits and the
//! wire formats.
//!
//! This crate decides and never acts. It does no I/O, reads no clock and draws no randomness: bytes,
//! instants and random values come in as arguments, decisions and bytes go out. Everything here is
//! deterministic, so that two nodes given the same input reach the same answer.
//!
//! - [`label`], [`decide`]: what a thing is marked, and who may do what with it.
//! - [`federation`]: the signed list of nodes, and what it says of each.
//! - [`correspondence`]: telegrams, notes and letters, and their legal steps.
//! - [`space`]: channels, communities, their compartments and charters.
//! - [`blob`]: attachments: sealed chunks, their hash tree, and what refers to them.
//! - [`commit`]: how one epoch follows another: value, vote, certificate.
//! - [`order`]: how the voters of an epoch agree on the commit that leaves it.
//! - [`resync`]: how a restored node comes back into its compartments.
//! - [`message`], [`sync`], [`wire`]: what travels between two nodes.
//! - [`codec`], [`limits`], [`refusal`]: bytes, bounds and names of refusals.

pub mod blob;
pub mod codec;
pub mod commit;
pub mod correspondence;
pub mod decide;
pub mod federation;
pub mod ids;
pub mod label;
pub mod limits;
pub mod message;
pub mod order;
pub mod refusal;
pub mod resync;
pub mod signature;
pub mod space;
pub mod sync;
pub mod time;
pub mod wire;

#[cfg(test)]
mod vectors_tests;
