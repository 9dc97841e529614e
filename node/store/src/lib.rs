//! The store: sealed records in one redb file, one writer, one sync for many acts.
//!
//! It decides how bytes are kept, and when an act is durable. It does not know what the records
//! mean. Every record is sealed (AES-256-GCM) under a key per level, bound to the key it stands
//! under, so that a page that redb returns wrongly is noticed at the read (redb does not check page
//! sums when it reads).
//!
//! Commits are two-phase with quick repair. After a failed commit the file is closed and opened
//! again, never written on in place.

mod chunks;
mod copy;
mod file;
mod key;
mod medium;
mod read;
mod seal;
mod writer;

pub use chunks::Chunks;
pub use file::Store;
pub use key::{Key, Table};
pub use medium::Medium;
pub use read::{Order, Pairs, Read, Snapshot};
pub use seal::{SealError, Slot, Vault};
pub use writer::{Companion, Failed, Tx, Writer};

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// redb failed: disk full, I/O error, damaged file.
    #[error("the store failed at {step}")]
    Redb {
        /// What was being done.
        step: &'static str,
        /// redb's error.
        #[source]
        source: Box<redb::Error>,
    },
    /// A file operation around the store failed.
    #[error("the store's file at {step}")]
    Io {
        /// What was being done.
        step: &'static str,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A record does not open under its key: damaged, or another master key.
    #[error("a record of table {table} is damaged")]
    Damaged {
        /// The table's name.
        table: &'static str,
        /// What failed.
        #[source]
        source: SealError,
    },
    /// A record opened and is not what its table holds.
    #[error("a record of table {table} cannot be read: {reason}")]
    Unreadable {
        /// The table's name.
        table: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// redb panicked while reading a damaged page.
    #[error("the store panicked while reading")]
    Panicked,
    /// The file is closed after a failed commit and could not be opened again yet.
    #[error("the store is closed after a failure")]
    Closed,
    /// The file is of another format version.
    #[error("the store has format {got}, expected {expected}")]
    Format {
        /// What this build writes.
        expected: u64,
        /// What the file says.
        got: u64,
    },
}

impl StoreError {
    fn redb(step: &'static str, source: impl Into<redb::Error>) -> Self {
        StoreError::Redb { step, source: Box::new(source.into()) }
    }
}
