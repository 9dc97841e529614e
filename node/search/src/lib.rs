//! The search tool: one index a level, derived from the ledger, thrown away on doubt.
//!
//! Decides: which words of a text count as the same, how a reader's text is understood, which documents
//! match, in which order they come, what is counted beside them, and where an excerpt is cut.
//!
//! Does not decide who may see what: the caller hands over the [`Shelf`]s of the levels the reader is cleared
//! for and the audience tokens the reader holds. Does not keep bodies (the store does), nor the size of a
//! document (what the ledger accepted is indexed whole).
//!
//! Two invariants carry the weight:
//!
//! - **Filter inside the query.** Audience and filters are clauses of the one query that feeds hits, total
//!   and facets. There is no second pass over a page of results.
//! - **Nothing unseen weighs.** Matching is purely boolean. Weights come from a fixed table (the
//!   `statistics` module), are read per document and added in the order of the reader's text, so that no score, order or
//!   count changes when a document outside the reader's audience is added, or removed without its segment
//!   being merged yet.

mod analysis;
mod answer;
mod collect;
mod document;
mod error;
mod facets;
mod find;
pub mod limits;
mod load;
mod parse;
mod plan;
mod query;
mod schema;
mod score;
mod settled;
mod shelf;
mod snippet;
mod statistics;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Facets, Hit};
pub use document::Document;
pub use error::SearchError;
pub use find::search;
pub use query::Query;
pub use shelf::Shelf;
pub use snippet::snippet;
