//! The node: desks that do the work, doors that speak to people and programs, and the wiring of both
//! to the tools (`store`, `mls`, `search`, `net`).

mod clock;
mod config;
pub mod desks;
pub mod doors;
mod keys;
mod limits;
mod media_type;
mod metrics;
mod refusals;
mod run;
