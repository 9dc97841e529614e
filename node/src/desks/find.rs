//! Finding: one index a level, fed from the ledger, and the searches over those that a session is
//! cleared for.
//!
//! Decides which shelves and which audience tokens belong to an asker, so that the search tool trims
//! inside its query (law 7), and when what was filed becomes durable in the index. Does not decide
//! what matches or how hits are ordered (the tool does), nor whether a hit may be shown (the policy
//! decision does).

mod answer;
mod document;
mod indexer;
mod question;
mod refusal;
mod reindex;
mod shelves;
mod tokens;
mod work;

pub(super) use shelves::Shelves;
