//! What a search gives back, and the order of hits.

use protocol::ids::ItemId;
use std::cmp::Ordering;

/// A page of hits, with exact counts over everything that matched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Documents that matched, on all pages.
    pub total: u64,
    /// The page asked for.
    pub hits: Vec<Hit>,
    /// Counts over everything that matched.
    pub facets: Facets,
}

/// One document found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The item; its text is in the store.
    pub id: ItemId,
    /// Weight of the words found, 0 when browsing.
    pub score: f32,
    /// Unix seconds, UTC.
    pub date_s: i64,
}

impl Hit {
    /// Best first: by score, then newest, then by id so that no two hits are equal.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then_with(|| other.date_s.cmp(&self.date_s))
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// How many documents carry each value: most frequent first, then by name; months by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    pub kind: Vec<(String, u64)>,
    pub tag: Vec<(String, u64)>,
    pub classification: Vec<(String, u64)>,
    pub community: Vec<(String, u64)>,
    pub month: Vec<(String, u64)>,
}
