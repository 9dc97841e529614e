//! A reader's question, and the limits it must keep.

use crate::error::SearchError;
use crate::limits::{AUDIENCE_TOKENS_MAX, FILTER_BYTES_MAX, HITS_MAX};

/// What to look for. Everything given must hold; what is `None` or empty does not restrict, save `audience`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, all of which must occur; `"a phrase"`; `-word` must not occur; `word*` is a prefix. Empty
    /// browses.
    pub text: String,
    /// The document's kind.
    pub kind: Option<String>,
    /// One of its tags.
    pub tag: Option<String>,
    /// Its classification.
    pub classification: Option<String>,
    /// An address among its sender and addressees.
    pub group: Option<String>,
    /// Its community.
    pub community: Option<String>,
    /// Its precedence.
    pub precedence: Option<String>,
    /// Earliest date, unix seconds.
    pub since_s: Option<i64>,
    /// First date no longer wanted, unix seconds.
    pub until_s: Option<i64>,
    /// Tokens the reader holds. A document is found only if it carries one of them; no token finds nothing.
    pub audience: Vec<String>,
    /// Hits to skip.
    pub offset: usize,
    /// Hits to give; with 0 only the total and the facets are worked out.
    pub limit: usize,
}

impl Query {
    /// How many hits each shelf must keep for this page, once the limits are known to hold.
    pub(crate) fn checked_depth(&self) -> Result<usize, SearchError> {
        let depth = self.offset.saturating_add(self.limit);
        if depth > HITS_MAX {
            return Err(SearchError::PageTooDeep { expected: HITS_MAX, got: depth });
        }
        let tokens = self.audience.len();
        if tokens > AUDIENCE_TOKENS_MAX {
            return Err(SearchError::AudienceTooLarge { expected: AUDIENCE_TOKENS_MAX, got: tokens });
        }
        let filters = [
            ("a kind", &self.kind),
            ("a tag", &self.tag),
            ("a classification", &self.classification),
            ("a group", &self.group),
            ("a community", &self.community),
            ("a precedence", &self.precedence),
        ];
        for (filter, value) in filters {
            value.as_deref().map_or(Ok(()), |value| fits(filter, value))?;
        }
        self.audience.iter().try_for_each(|token| fits("an audience token", token))?;
        // Nothing is kept for a page without hits, however deep it starts.
        Ok(if self.limit == 0 { 0 } else { depth })
    }
}

fn fits(filter: &'static str, value: &str) -> Result<(), SearchError> {
    if value.len() > FILTER_BYTES_MAX {
        return Err(SearchError::FilterTooLong { filter, expected: FILTER_BYTES_MAX, got: value.len() });
    }
    Ok(())
}
