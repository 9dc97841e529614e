//! A search over the shelves a reader is cleared for.

use crate::answer::{Answer, Hit};
use crate::collect::{Gathered, Gatherer};
use crate::error::SearchError;
use crate::parse::parse;
use crate::plan::plan;
use crate::query::Query;
use crate::score::Scale;
use crate::shelf::Shelf;

/// Answers a question from the given shelves, as if they were one.
///
/// Which shelves those are is the caller's rule. All of them weigh with the same table, so their hits can be
/// put in one order.
///
/// # Errors
/// A named limit the question goes past, or [`SearchError::Read`].
pub fn search(shelves: &[&Shelf], query: &Query) -> Result<Answer, SearchError> {
    let depth = query.checked_depth()?;
    let parsed = parse(&query.text)?;
    if query.audience.is_empty() {
        return Ok(Answer::default());
    }
    let mut gathered = Gathered::default();
    for shelf in shelves {
        let (searcher, fields) = (shelf.searcher(), shelf.fields());
        let scale = Scale::new(&parsed.wanted, fields, &searcher).map_err(SearchError::Read)?;
        let found = searcher.search(&plan(query, &parsed, fields), &Gatherer { scale, depth });
        gathered.add(found.map_err(SearchError::Read)?);
    }
    gathered.hits.sort_unstable_by(Hit::order);
    let hits = gathered.hits.into_iter().skip(query.offset).take(query.limit).collect();
    Ok(Answer { total: gathered.total, hits, facets: gathered.tally.into_facets() })
}
