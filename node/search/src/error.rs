//! What can go wrong. The first group blames the question, the second the index.

use std::path::PathBuf;
use tantivy::TantivyError;

/// A refused question or a failed index operation.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The text is longer than [`crate::limits::TEXT_CHARS_MAX`].
    #[error("expected a text of at most {expected} characters, got {got}")]
    TextTooLong { expected: usize, got: usize },
    /// The text has more words than [`crate::limits::TERMS_MAX`].
    #[error("expected at most {expected} words, got {got}")]
    TooManyTerms { expected: usize, got: usize },
    /// The text has more prefixes than [`crate::limits::PREFIXES_MAX`].
    #[error("expected at most {expected} words ending in *, got {got}")]
    TooManyPrefixes { expected: usize, got: usize },
    /// `offset + limit` goes past [`crate::limits::HITS_MAX`].
    #[error("expected offset and limit to reach at most hit {expected}, got {got}")]
    PageTooDeep { expected: usize, got: usize },
    /// More audience tokens than [`crate::limits::AUDIENCE_TOKENS_MAX`].
    #[error("expected at most {expected} audience tokens, got {got}")]
    AudienceTooLarge { expected: usize, got: usize },
    /// A filter value or audience token longer than [`crate::limits::FILTER_BYTES_MAX`].
    #[error("expected {filter} of at most {expected} bytes, got {got}")]
    FilterTooLong { filter: &'static str, expected: usize, got: usize },

    /// The directory of an index could not be read, emptied or made.
    #[error("the index directory {dir} could not be prepared")]
    Directory {
        dir: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The index could not be opened for a reason that throwing it away would not cure.
    #[error("the index could not be opened")]
    Open(#[source] TantivyError),
    /// Another writer holds the index, or its threads could not be started.
    #[error("the index could not be opened for writing")]
    OpenWriter(#[source] TantivyError),
    /// A change was not taken. Everything since the last commit is forgotten: start again from
    /// [`crate::Shelf::cursor`].
    #[error("the change was not taken by the index")]
    Write(#[source] TantivyError),
    /// The commit failed. Everything since the last commit is forgotten: start again from
    /// [`crate::Shelf::cursor`].
    #[error("the index could not be committed")]
    Commit(#[source] TantivyError),
    /// A writer broke off in the middle of a change. Everything since the last commit is forgotten: start
    /// again from [`crate::Shelf::cursor`].
    #[error("an earlier change broke off")]
    WriterLost,
    /// The index failed while it was searched or reloaded.
    #[error("the index could not be read")]
    Read(#[source] TantivyError),
}
