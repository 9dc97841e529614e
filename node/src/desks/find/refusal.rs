//! What a search that cannot be answered says to its asker.

use super::work::IndexError;
use crate::desks::Problem;
use protocol::refusal::Code;
use search::SearchError;

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        let text = error.to_string();
        match error {
            SearchError::TextTooLong { .. }
            | SearchError::TooManyTerms { .. }
            | SearchError::TooManyPrefixes { .. } => Problem::field("q", Code::FieldTooLong, text),
            SearchError::PageTooDeep { .. } => Problem::field("cursor", Code::FieldInvalid, text),
            SearchError::FilterTooLong { filter, .. } if filter.starts_with("a ") => {
                Problem::field(filter.trim_start_matches("a "), Code::FieldTooLong, text)
            }
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "search.failed");
                Problem::new(Code::Internal, "the index failed; try again, or rebuild it")
            }
        }
    }
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Store(error) => error.into(),
            IndexError::Search(error) => error.into(),
        }
    }
}
