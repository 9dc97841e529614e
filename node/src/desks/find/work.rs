//! Feeding the shelves from the ledger, a page at a time. Blocks: runs off the async threads.
//!
//! Each shelf commits its own cursor, and an entry goes to a shelf only when it lies beyond that
//! cursor; so a shelf that was thrown away replays alone, and replaying is harmless.

use super::document::document;
use crate::desks::Desks;
use crate::desks::records::{ITEMS, LEDGER, LedgerAct, LedgerEntry};
use protocol::ids::ItemId;
use protocol::label::Level;
use search::SearchError;
use std::collections::BTreeSet;
use store::{Order, Read, Snapshot, StoreError};

/// Ledger entries read at once.
const PAGE_ENTRIES: usize = 500;
/// Documents after which a long replay commits: they wait in memory, whatever their size.
const DOCUMENTS_UNCOMMITTED_MAX: u64 = 500;
/// Entries by which the cursor of a shelf without changes may lag: a commit of nothing still syncs,
/// and this many entries are read again in milliseconds.
const CURSOR_LAG_MAX: u64 = 5_000;

/// Why the shelves could not be fed.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexError {
    /// The store could not be read.
    #[error("the ledger could not be read")]
    Store(#[from] StoreError),
    /// An index refused or failed.
    #[error("an index could not be written")]
    Search(#[from] SearchError),
}

/// When a shelf without changes gets the new cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cursors {
    /// When it lags far.
    Lagging,
    /// At once.
    All,
}

/// How far the ledger was read, and what waits for a commit.
#[derive(Debug)]
pub(super) struct Work {
    /// Every entry after this one has been seen.
    since: u64,
    /// The last entry seen.
    position: u64,
    changed: BTreeSet<Level>,
    uncommitted: u64,
    indexed: u64,
}

impl Work {
    /// Starts after a ledger position.
    pub(super) fn after(position: u64) -> Self {
        Self { since: position, position, changed: BTreeSet::new(), uncommitted: 0, indexed: 0 }
    }

    /// The last ledger entry seen.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Documents committed so far.
    pub(super) fn indexed(&self) -> u64 {
        self.indexed
    }

    /// Reads everything that is new and commits it.
    pub(super) fn catch_up(&mut self, desks: &Desks, cursors: Cursors) -> Result<(), IndexError> {
        while self.step(desks)? {}
        self.commit(desks, cursors)
    }

    /// Reads one page; whether there was one.
    pub(super) fn step(&mut self, desks: &Desks) -> Result<bool, IndexError> {
        let snapshot = desks.inner.store.snapshot()?;
        let from = self.position + 1;
        let page = snapshot.range(LEDGER, &from, &u64::MAX, Order::Ascending, PAGE_ENTRIES)?;
        for (position, entry) in &page {
            if let Some((item, level)) = filed(entry)
                && !self.take(desks, &snapshot, *position, item, level)?
            {
                (self.since, self.position) = (0, 0);
                return Ok(true);
            }
            self.position = *position;
        }
        if self.uncommitted >= DOCUMENTS_UNCOMMITTED_MAX {
            self.commit(desks, Cursors::Lagging)?;
        }
        Ok(!page.is_empty())
    }

    /// Puts an item on its shelf. `false` when the shelf was only now begun and has missed what lies
    /// before this work: the ledger must be read again from its start.
    fn take(
        &mut self,
        desks: &Desks,
        snapshot: &Snapshot,
        position: u64,
        item: ItemId,
        level: &Level,
    ) -> Result<bool, IndexError> {
        let shelves = &desks.inner.shelves;
        let shelf = match shelves.get(level) {
            Some(shelf) => shelf,
            None => {
                let shelf = shelves.begin(level)?;
                if shelf.cursor() < self.since {
                    return Ok(false);
                }
                shelf
            }
        };
        if shelf.cursor() >= position {
            return Ok(true);
        }
        match snapshot.get(ITEMS, &item) {
            Ok(Some(record)) => {
                shelf.put(&document(&record, level))?;
                self.changed.insert(level.clone());
                self.uncommitted += 1;
            }
            Ok(None) => tracing::error!(item.id = %item, "index.item_missing"),
            // One damaged record must not keep all others from being found.
            Err(error @ (StoreError::Damaged { .. } | StoreError::Unreadable { .. })) => {
                tracing::error!(item.id = %item, error = &error as &dyn std::error::Error, "index.item_unreadable");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    /// Makes what was put durable and searchable, with the position reached.
    pub(super) fn commit(&mut self, desks: &Desks, cursors: Cursors) -> Result<(), IndexError> {
        for (level, shelf) in desks.inner.shelves.all_by_level() {
            let lag = self.position.saturating_sub(shelf.cursor());
            let due = self.changed.contains(&level) || cursors == Cursors::All || lag >= CURSOR_LAG_MAX;
            // A shelf further on than this work replays nothing here.
            if lag > 0 && due {
                shelf.commit(self.position)?;
                self.changed.remove(&level);
            }
        }
        desks.metrics().indexed.inc_by(self.uncommitted);
        self.indexed += self.uncommitted;
        self.uncommitted = 0;
        Ok(())
    }
}

/// The item that an entry filed, or filed again for more readers.
fn filed(entry: &LedgerEntry) -> Option<(ItemId, &Level)> {
    let files = matches!(
        entry.act,
        LedgerAct::Released
            | LedgerAct::Received
            | LedgerAct::Imported
            | LedgerAct::Posted
            | LedgerAct::Shared
    );
    if files { Some((entry.subject?, entry.level.as_ref()?)) } else { None }
}
