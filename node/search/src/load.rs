//! Opening an index, and whether to believe it.
//!
//! The index is derived from the ledger, so it is never repaired: whatever cannot be shown to be whole is
//! deleted and begun again at position 0. Only what another attempt or an operator can cure (no permission,
//! no memory, another process) is an error.

use crate::error::SearchError;
use crate::schema::{self, Fields, VERSION};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError};
use tantivy::schema::Schema;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError};

/// An index ready for reading. No writer is made: its memory is only wanted when something is written.
pub(crate) struct Loaded {
    pub(crate) index: Index,
    pub(crate) reader: IndexReader,
    pub(crate) fields: Fields,
    pub(crate) cursor: u64,
}

/// Why an index is not believed.
#[derive(Debug, thiserror::Error)]
enum Doubt {
    #[error("its files cannot be read")]
    Unreadable(#[source] TantivyError),
    #[error("{files} files do not match their sums")]
    Sums { files: usize },
    #[error("it has another schema")]
    Schema,
    #[error("its commit says {payload:?}, which is not of version {VERSION}")]
    Payload { payload: String },
    #[error("reading it broke off")]
    Panicked,
}

/// Opens the index of a directory, which it makes if need be and owns whole.
pub(crate) fn load_or_recreate(dir: &Path) -> Result<Loaded, SearchError> {
    let fault = |source| SearchError::Directory { dir: dir.to_owned(), source };
    std::fs::create_dir_all(dir).map_err(fault)?;
    if std::fs::read_dir(dir).map_err(fault)?.next().is_none() {
        return create(dir);
    }
    // tantivy asserts on some damage instead of returning an error.
    let doubt = match catch_unwind(AssertUnwindSafe(|| load(dir))) {
        Ok(Ok(loaded)) => return Ok(loaded),
        Ok(Err(Doubt::Unreadable(error))) if is_curable(&error) => return Err(SearchError::Open(error)),
        Ok(Err(doubt)) => doubt,
        Err(_) => Doubt::Panicked,
    };
    tracing::warn!(
        index.dir = %dir.display(),
        index.doubt = %doubt,
        "search index deleted, to be rebuilt from the ledger"
    );
    std::fs::remove_dir_all(dir).map_err(fault)?;
    std::fs::create_dir_all(dir).map_err(fault)?;
    create(dir)
}

fn create(dir: &Path) -> Result<Loaded, SearchError> {
    let (schema, fields) = schema::build();
    // Nothing is stored, so a thread that compresses what is stored would only cost memory.
    let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
    let index =
        Index::builder().schema(schema).settings(settings).create_in_dir(dir).map_err(SearchError::Open)?;
    let reader = reader(&index).map_err(SearchError::Open)?;
    Ok(Loaded { index, reader, fields, cursor: 0 })
}

fn load(dir: &Path) -> Result<Loaded, Doubt> {
    let (schema, fields): (Schema, Fields) = schema::build();
    let index = Index::open_in_dir(dir).map_err(Doubt::Unreadable)?;
    if index.schema() != schema {
        return Err(Doubt::Schema);
    }
    // Before the reader maps the files, so that the pages read here are given back.
    let damaged = index.validate_checksum().map_err(Doubt::Unreadable)?;
    if !damaged.is_empty() {
        return Err(Doubt::Sums { files: damaged.len() });
    }
    let payload = index.load_metas().map_err(Doubt::Unreadable)?.payload;
    let cursor = match payload {
        None if index.searchable_segment_ids().map_err(Doubt::Unreadable)?.is_empty() => 0,
        payload => read_payload(payload.unwrap_or_default())?,
    };
    let reader = reader(&index).map_err(Doubt::Unreadable)?;
    Ok(Loaded { index, reader, fields, cursor })
}

/// Reloaded by hand after each commit: the other policy reloads some time later, from a thread of its own.
fn reader(index: &Index) -> tantivy::Result<IndexReader> {
    schema::register_analyzers(index);
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()
}

/// What a commit carries: the version, the position and its complement. The file it stands in has no sum, and
/// a wrong position would leave documents out for good.
pub(crate) fn payload(cursor: u64) -> String {
    format!("{VERSION}:{cursor:016x}:{:016x}", !cursor)
}

fn read_payload(payload: String) -> Result<u64, Doubt> {
    let mut parts = payload.split(':');
    let version = parts.next().and_then(|version| version.parse().ok());
    let mut number = || parts.next().and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match (version, number(), number()) {
        (Some(VERSION), Some(cursor), Some(complement)) if complement == !cursor => Ok(cursor),
        _ => Err(Doubt::Payload { payload }),
    }
}

/// Whether the index may be whole although it could not be opened now.
fn is_curable(error: &TantivyError) -> bool {
    match error {
        TantivyError::LockFailure(..) | TantivyError::SystemError(_) | TantivyError::ErrorInThread(_) => true,
        TantivyError::IoError(error)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: error, .. })
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error: error, .. }) => {
            is_curable_io(error)
        }
        _ => false,
    }
}

fn is_curable_io(error: &io::Error) -> bool {
    /// Too many open files, in the system and in the process; they have no `ErrorKind`.
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::OutOfMemory
            | io::ErrorKind::StorageFull
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::Interrupted
            | io::ErrorKind::TimedOut
    ) || error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code))
}
