//! The one writer. Acts wait in a queue; as many as are waiting (up to a bound) share one
//! transaction and one sync. An act is told that it is done only after the commit.
//!
//! An act that fails before it wrote anything costs the others nothing. One that fails after it
//! wrote makes the whole batch start over without it: nothing half-done is ever committed.

use crate::StoreError;
use crate::file::{RECORDS, Store, prepare};
use crate::key::{Key, Table};
use crate::read::{Order, Pairs, Read, get_from, range_from};
use crate::seal::{Slot, Vault};
use minicbor::Encode;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Acts that share one commit. More gain little and make the first wait.
const BATCH_ACTS_MAX: usize = 64;
/// Acts that may wait; beyond it the asker is told to come back.
const QUEUE_ACTS_MAX: usize = 4_096;

/// State in memory that mirrors the store and lives on the writer's thread.
pub trait Companion: Send + 'static {
    /// Writes what was held back during the batch.
    fn flush(&mut self, tx: &Tx<'_>) -> Result<(), StoreError>;
    /// The batch was committed.
    fn committed(&mut self);
    /// The batch was dropped: forget everything that it touched.
    fn reset(&mut self);
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Failed<E> {
    /// The act itself refused or failed.
    #[error(transparent)]
    Act(E),
    /// The store could not commit; nothing of the act is kept.
    #[error("nothing was stored")]
    Store,
    /// Too many acts are waiting.
    #[error("too many acts are waiting")]
    Busy,
    /// The act panicked; nothing of it is kept.
    #[error("the act panicked")]
    Panicked,
}

/// Where a record stands, and its sealed bytes.
pub(crate) fn sealed<K: Key, V: Encode<()>>(
    vault: &Vault,
    table: Table<K, V>,
    key: &K,
    slot: &Slot,
    value: &V,
) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let unreadable = |e: minicbor::encode::Error<std::convert::Infallible>| StoreError::Unreadable {
        table: table.name,
        reason: e.to_string(),
    };
    let plain = minicbor::to_vec(value).map_err(unreadable)?;
    let place = table.place(key);
    let sealed = vault.seal(slot, &place, &plain);
    let sealed = sealed.map_err(|source| StoreError::Damaged { table: table.name, source })?;
    Ok((place, sealed))
}

/// A write transaction as acts see it.
pub struct Tx<'t> {
    table: RefCell<redb::Table<'t, &'static [u8], &'static [u8]>>,
    vault: &'t Vault,
    writes: Cell<u64>,
}

impl Tx<'_> {
    /// Puts a record.
    pub fn put<K: Key, V: Encode<()>>(
        &self,
        table: Table<K, V>,
        key: &K,
        slot: &Slot,
        value: &V,
    ) -> Result<(), StoreError> {
        let (place, sealed) = sealed(self.vault, table, key, slot, value)?;
        self.touch();
        let mut records = self.table.borrow_mut();
        records.insert(place.as_slice(), sealed.as_slice()).map_err(|e| StoreError::redb("write", e))?;
        Ok(())
    }

    /// Notes a write that the companion holds back until the flush, so that an act which fails after
    /// it counts as having written.
    pub fn touch(&self) {
        self.writes.set(self.writes.get() + 1);
    }

    /// Removes a record; whether there was one.
    pub fn remove<K: Key, V>(&self, table: Table<K, V>, key: &K) -> Result<bool, StoreError> {
        self.touch();
        let mut records = self.table.borrow_mut();
        let removed =
            records.remove(table.place(key).as_slice()).map_err(|e| StoreError::redb("remove", e))?;
        Ok(removed.is_some())
    }
}

impl Read for Tx<'_> {
    fn sealed(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get_from(&*self.table.borrow(), place)
    }

    fn sealed_range(&self, low: &[u8], high: &[u8], order: Order, limit: usize) -> Result<Pairs, StoreError> {
        range_from(&*self.table.borrow(), low, high, order, limit)
    }

    fn vault(&self) -> &Vault {
        self.vault
    }
}

enum Ran {
    /// It succeeded, or refused without writing.
    Clean,
    /// It wrote and then failed.
    Dirty,
}

trait Work<C>: Send {
    fn run(&mut self, tx: &Tx<'_>, companion: &mut C) -> Ran;
    fn conclude(self: Box<Self>, committed: bool);
}

struct Act<F, D, T, E> {
    act: F,
    result: Option<Result<T, Failed<E>>>,
    done: D,
}

impl<C, F, D, T, E> Work<C> for Act<F, D, T, E>
where
    F: Fn(&Tx<'_>, &mut C) -> Result<T, E> + Send,
    D: FnOnce(Result<T, Failed<E>>) + Send,
    T: Send,
    E: Send,
{
    fn run(&mut self, tx: &Tx<'_>, companion: &mut C) -> Ran {
        let before = tx.writes.get();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.act)(tx, companion)));
        let result = outcome.map_or(Err(Failed::Panicked), |result| result.map_err(Failed::Act));
        // A panic may have left the companion anywhere.
        let panicked = matches!(result, Err(Failed::Panicked));
        let dirty = result.is_err() && (panicked || tx.writes.get() != before);
        self.result = Some(result);
        if dirty { Ran::Dirty } else { Ran::Clean }
    }

    fn conclude(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(_)) if !committed => Err(Failed::Store),
            Some(result) => result,
            None => Err(Failed::Store),
        };
        (self.done)(result);
    }
}

type Boxed<C> = Box<dyn Work<C>>;

/// The way to the writer's thread.
pub struct Writer<C> {
    queue: SyncSender<Boxed<C>>,
}

impl<C> Clone for Writer<C> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<C: Companion> Writer<C> {
    /// Starts the writer's thread. It ends when the last `Writer` is dropped.
    pub fn start(store: Store, companion: C) -> Result<(Self, JoinHandle<()>), StoreError> {
        let (queue, acts) = sync_channel(QUEUE_ACTS_MAX);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(&store, companion, &acts))
            .map_err(|source| StoreError::Io { step: "start the writer", source })?;
        Ok((Self { queue }, thread))
    }

    /// Queues an act. `act` may run more than once, each time on a clean state. `done` is called on
    /// the writer's thread, after the commit.
    pub fn submit<T, E>(
        &self,
        act: impl Fn(&Tx<'_>, &mut C) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, Failed<E>>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: Send + 'static,
    {
        let work: Boxed<C> = Box::new(Act { act, result: None, done });
        match self.queue.try_send(work) {
            Ok(()) => {}
            // Concluding what never ran answers `Failed::Store`: nothing was stored.
            Err(TrySendError::Full(work) | TrySendError::Disconnected(work)) => work.conclude(false),
        }
    }
}

fn run<C: Companion>(store: &Store, mut companion: C, acts: &Receiver<Boxed<C>>) {
    while let Ok(first) = acts.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH_ACTS_MAX {
            let Ok(next) = acts.try_recv() else { break };
            batch.push(next);
        }
        execute(store, &mut companion, batch);
    }
}

/// Runs a batch until it commits, leaving out what fails on the way.
fn execute<C: Companion>(store: &Store, companion: &mut C, mut batch: Vec<Boxed<C>>) {
    loop {
        match attempt(store, companion, &mut batch) {
            Ok(Attempt::Committed) => {
                companion.committed();
                return batch.into_iter().for_each(|work| work.conclude(true));
            }
            Ok(Attempt::Dirty(at)) => {
                companion.reset();
                batch.remove(at).conclude(false);
                if batch.is_empty() {
                    return;
                }
            }
            Err(error) => {
                companion.reset();
                tracing::error!(error = &error as &dyn std::error::Error, "store.commit_failed");
                if let Err(error) = store.reopen() {
                    tracing::error!(error = &error as &dyn std::error::Error, "store.reopen_failed");
                }
                return batch.into_iter().for_each(|work| work.conclude(false));
            }
        }
    }
}

enum Attempt {
    Committed,
    /// The act at this index wrote and then failed.
    Dirty(usize),
}

fn attempt<C: Companion>(
    store: &Store,
    companion: &mut C,
    batch: &mut [Boxed<C>],
) -> Result<Attempt, StoreError> {
    let database = match store.database() {
        Ok(database) => database,
        Err(_) => {
            store.reopen()?;
            store.database()?
        }
    };
    let mut transaction = database.begin_write().map_err(|e| StoreError::redb("begin", e))?;
    prepare(&mut transaction)?;
    {
        let table = transaction.open_table(RECORDS).map_err(|e| StoreError::redb("open table", e))?;
        let tx = Tx { table: RefCell::new(table), vault: store.vault(), writes: Cell::new(0) };
        for (index, work) in batch.iter_mut().enumerate() {
            if let Ran::Dirty = work.run(&tx, companion) {
                drop(tx);
                transaction.abort().map_err(|e| StoreError::redb("abort", e))?;
                return Ok(Attempt::Dirty(index));
            }
        }
        companion.flush(&tx)?;
        if tx.writes.get() == 0 {
            // Everybody refused or only looked: no sync is owed.
            drop(tx);
            transaction.abort().map_err(|e| StoreError::redb("abort", e))?;
            return Ok(Attempt::Committed);
        }
    }
    transaction.commit().map_err(|e| StoreError::redb("commit", e))?;
    Ok(Attempt::Committed)
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
