//! `testnet sim`: many nodes in virtual time, from one seed, with faults.
//!
//! The nodes run the protocol's own code: `protocol::order`, `protocol::sync` and the wire formats, and up
//! to twenty of them the node's MLS tool over the node's store, on a disk that forgets what was not synced.
//! The order in which things happen depends on the seed alone. Invariants, each a sentence, are checked at
//! each commit of each node, and at the end that the federation comes to rest. What drives the protocol
//! (`mind`) is written after the node's desks, and is not the desks themselves. Model: TigerBeetle's VOPR.

mod calm;
mod chance;
mod disk;
mod faults;
mod ground;
mod keys;
mod liar;
mod mind;
mod net;
mod node;
mod oracle;
mod people;
mod plan;
mod report;
mod room;
mod run;
mod story;
mod world;

pub use faults::Faults;
pub use oracle::Broken;
pub use plan::{Bug, Plan};
pub use report::{Report, report};
pub use run::{Verdict, run, run_all};
pub use world::Tally;

#[cfg(test)]
mod tests;
