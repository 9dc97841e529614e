//! One level's index: what is written to it, and when that becomes durable and searchable.
//!
//! Decides nothing about levels: a shelf does not know its own, and is never asked to hide a part of itself
//! from a reader not cleared for it.

use crate::document::Document;
use crate::error::SearchError;
use crate::limits::{DELETED_SHARE_MAX, MERGE_THREADS, WRITER_HEAP_BYTES};
use crate::load::{Loaded, load_or_recreate, payload};
use crate::schema::Fields;
use protocol::ids::ItemId;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{Directory, Index, IndexReader, IndexWriter, Searcher, TantivyError, Term};

/// The index of one level. Readers never wait; writers wait for each other.
///
/// After an error from [`put`](Self::put), [`remove`](Self::remove) or [`commit`](Self::commit) everything
/// since the last commit is forgotten: replay the ledger from [`cursor`](Self::cursor). Replaying what is
/// already there is harmless, since items are replaced by id.
pub struct Shelf {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    writing: Mutex<Writing>,
    cursor: AtomicU64,
}

#[derive(Default)]
struct Writing {
    /// `None` while idle: it holds a thread and an arena of [`WRITER_HEAP_BYTES`].
    writer: Option<IndexWriter>,
    /// Changes were made since the last commit.
    pending: bool,
}

impl Shelf {
    /// Opens the index in a directory, which is made if need be and belongs to the index whole. What is
    /// damaged or of another version is deleted, with a warning, and begun again empty at position 0. Checks
    /// the sum of every file.
    ///
    /// # Errors
    /// [`SearchError::Directory`] and [`SearchError::Open`], for what an operator or another attempt can
    /// cure.
    pub fn open(dir: &Path) -> Result<Self, SearchError> {
        let Loaded { index, reader, fields, cursor } = load_or_recreate(dir)?;
        Ok(Self { index, reader, fields, writing: Mutex::default(), cursor: AtomicU64::new(cursor) })
    }

    /// The ledger position committed last.
    pub fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::Acquire)
    }

    /// Adds a document, or replaces the one with its id. Found only after [`commit`](Self::commit).
    ///
    /// Returns before the words are indexed. Up to ten thousand documents may wait in memory, whatever their
    /// size: whoever replays a long ledger commits every few hundred.
    pub fn put(&self, doc: &Document) -> Result<(), SearchError> {
        self.change(|writer| {
            writer.delete_term(self.id_term(doc.id));
            writer.add_document(doc.to_index(&self.fields)).map_err(SearchError::Write)?;
            Ok(())
        })
    }

    /// Removes a document if it is there. Gone only after [`commit`](Self::commit).
    pub fn remove(&self, id: ItemId) -> Result<(), SearchError> {
        self.change(|writer| {
            writer.delete_term(self.id_term(id));
            Ok(())
        })
    }

    /// Makes all changes and the ledger position they reach durable, then searchable. Does nothing when
    /// nothing was changed and the position is the one committed.
    pub fn commit(&self, cursor: u64) -> Result<(), SearchError> {
        let mut writing = self.writing()?;
        if writing.pending || cursor != self.cursor() {
            self.with_writer(&mut writing, |writer| commit_at(writer, cursor).map_err(SearchError::Commit))?;
            writing.pending = false;
            self.cursor.store(cursor, Ordering::Release);
        }
        // Also when nothing changed: an earlier reload may have failed.
        self.reader.reload().map_err(SearchError::Read)
    }

    /// Gives back the writer's memory and threads, once a merge under way has ended. Does nothing while
    /// changes wait for a commit, which would lose them; the next change opens the writer again.
    pub fn release_memory(&self) {
        if let Ok(mut writing) = self.writing()
            && !writing.pending
        {
            close(writing.writer.take());
        }
    }

    /// How many documents can be found.
    pub fn len(&self) -> u64 {
        self.searcher().num_docs()
    }

    /// Whether no document can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    fn id_term(&self, id: ItemId) -> Term {
        Term::from_field_bytes(self.fields.id, id.as_bytes())
    }

    fn change(
        &self,
        act: impl FnOnce(&mut IndexWriter) -> Result<(), SearchError>,
    ) -> Result<(), SearchError> {
        let mut writing = self.writing()?;
        self.with_writer(&mut writing, act)?;
        writing.pending = true;
        Ok(())
    }

    /// Runs an act on the writer. If it fails the writer is dropped, and with it everything uncommitted: half
    /// a change must not be committed by the next act.
    fn with_writer(
        &self,
        writing: &mut Writing,
        act: impl FnOnce(&mut IndexWriter) -> Result<(), SearchError>,
    ) -> Result<(), SearchError> {
        let outcome = match &mut writing.writer {
            Some(writer) => act(writer),
            empty => act(empty.insert(open_writer(&self.index).map_err(SearchError::OpenWriter)?)),
        };
        if outcome.is_err() {
            *writing = Writing::default();
        }
        outcome
    }

    fn writing(&self) -> Result<MutexGuard<'_, Writing>, SearchError> {
        self.writing.lock().map_err(|poisoned| {
            *poisoned.into_inner() = Writing::default();
            self.writing.clear_poison();
            SearchError::WriterLost
        })
    }
}

/// A merge under way goes on after its writer is dropped, and would write into a directory that the next
/// [`Shelf::open`] may be emptying.
impl Drop for Shelf {
    fn drop(&mut self) {
        if let Ok(mut writing) = self.writing() {
            close(writing.writer.take());
        }
    }
}

/// Ends a writer and waits for its merges. What was not committed is forgotten.
fn close(writer: Option<IndexWriter>) {
    if let Some(Err(error)) = writer.map(IndexWriter::wait_merging_threads) {
        tracing::warn!(index.error = %error, "search index writer did not end cleanly");
    }
}

fn open_writer(index: &Index) -> Result<IndexWriter, TantivyError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(WRITER_HEAP_BYTES)
        .num_merge_threads(MERGE_THREADS)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    let mut merging = LogMergePolicy::default();
    merging.set_del_docs_ratio_before_merge(DELETED_SHARE_MAX);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

fn commit_at(writer: &mut IndexWriter, cursor: u64) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload(cursor));
    prepared.commit()?;
    // tantivy renames the new list of segments into place last, and leaves the directory unsynced.
    writer.index().directory().sync_directory()?;
    Ok(())
}
