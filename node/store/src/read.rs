//! Reading: the same calls on a snapshot and inside a write transaction.

use crate::key::{Key, Table};
use crate::seal::Vault;
use crate::{SealError, StoreError};
use minicbor::Decode;
use redb::ReadOnlyTable;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Which end of a range comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Lowest key first.
    Ascending,
    /// Highest key first.
    Descending,
}

/// Sealed bytes by place.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// What a snapshot and a transaction can both do.
pub trait Read {
    /// Sealed bytes under a place.
    fn sealed(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Up to `limit` sealed records from `low` (inclusive) to `high` (exclusive).
    fn sealed_range(&self, low: &[u8], high: &[u8], order: Order, limit: usize) -> Result<Pairs, StoreError>;
    /// The keys to open them with.
    fn vault(&self) -> &Vault;

    /// The record under `key`.
    fn get<K: Key, V: for<'b> Decode<'b, ()>>(
        &self,
        table: Table<K, V>,
        key: &K,
    ) -> Result<Option<V>, StoreError> {
        let place = table.place(key);
        match self.sealed(&place)? {
            Some(sealed) => open(self.vault(), table.name, &place, &sealed).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is a record under `key`.
    fn has<K: Key, V>(&self, table: Table<K, V>, key: &K) -> Result<bool, StoreError> {
        Ok(self.sealed(&table.place(key))?.is_some())
    }

    /// Up to `limit` records whose key begins with `prefix` and, after it, is in `from..to` (raw
    /// bytes; empty `to` means to the end of the prefix).
    fn list<P: Key, K: Key, V: for<'b> Decode<'b, ()>>(
        &self,
        table: Table<K, V>,
        prefix: &P,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, StoreError> {
        let low = prefix_place(table.tag, prefix);
        let high = successor(&low);
        self.between(table, &low, &high, order, limit)
    }

    /// Up to `limit` records from `low` (inclusive) to `high` (exclusive).
    fn range<K: Key, V: for<'b> Decode<'b, ()>>(
        &self,
        table: Table<K, V>,
        low: &K,
        high: &K,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, StoreError> {
        self.between(table, &table.place(low), &table.place(high), order, limit)
    }

    /// Every record of a table.
    fn all<K: Key, V: for<'b> Decode<'b, ()>>(&self, table: Table<K, V>) -> Result<Vec<(K, V)>, StoreError> {
        self.list(table, &(), Order::Ascending, usize::MAX)
    }

    /// Records between two places.
    fn between<K: Key, V: for<'b> Decode<'b, ()>>(
        &self,
        table: Table<K, V>,
        low: &[u8],
        high: &[u8],
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, StoreError> {
        let pairs = self.sealed_range(low, high, order, limit)?;
        let read = |(place, sealed): (Vec<u8>, Vec<u8>)| {
            let unreadable =
                || StoreError::Unreadable { table: table.name, reason: "its key has another shape".into() };
            let key = place.get(1..).and_then(|mut rest| K::read(&mut rest)).ok_or_else(unreadable)?;
            let value = open(self.vault(), table.name, &place, &sealed)?;
            Ok((key, value))
        };
        pairs.into_iter().map(read).collect()
    }
}

fn prefix_place<P: Key>(tag: u8, prefix: &P) -> Vec<u8> {
    let mut place = vec![tag];
    prefix.write(&mut place);
    place
}

/// The first place after all that begin with `prefix`.
pub(crate) fn successor(prefix: &[u8]) -> Vec<u8> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            break;
        }
    }
    next
}

fn open<V: for<'b> Decode<'b, ()>>(
    vault: &Vault,
    table: &'static str,
    place: &[u8],
    sealed: &[u8],
) -> Result<V, StoreError> {
    let plain = vault.open(place, sealed).map_err(|source| StoreError::Damaged { table, source })?;
    minicbor::decode(&plain).map_err(|error| StoreError::Unreadable { table, reason: error.to_string() })
}

/// Runs a read of redb; a page damaged on disk can make redb panic, which must not take the node
/// down.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(StoreError::Panicked))
}

pub(crate) fn get_from(
    table: &impl redb::ReadableTable<&'static [u8], &'static [u8]>,
    place: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    guarded(|| {
        let found = table.get(place).map_err(|e| StoreError::redb("read", e))?;
        Ok(found.map(|guard| guard.value().to_vec()))
    })
}

type Guard<'a> = redb::AccessGuard<'a, &'static [u8]>;

pub(crate) fn range_from(
    table: &impl redb::ReadableTable<&'static [u8], &'static [u8]>,
    low: &[u8],
    high: &[u8],
    order: Order,
    limit: usize,
) -> Result<Pairs, StoreError> {
    if low >= high {
        return Ok(Vec::new());
    }
    guarded(|| {
        let range = table.range::<&[u8]>(low..high).map_err(|e| StoreError::redb("scan", e))?;
        let pair = |found: Result<(Guard<'_>, Guard<'_>), redb::StorageError>| {
            let (key, value) = found.map_err(|e| StoreError::redb("scan", e))?;
            Ok((key.value().to_vec(), value.value().to_vec()))
        };
        match order {
            Order::Ascending => range.take(limit).map(pair).collect(),
            Order::Descending => range.rev().take(limit).map(pair).collect(),
        }
    })
}

/// The store as of one commit.
pub struct Snapshot {
    pub(crate) table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    // redb refuses reads once the database is dropped.
    pub(crate) _database: Arc<redb::Database>,
    pub(crate) vault: Arc<Vault>,
}

impl Read for Snapshot {
    fn sealed(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        get_from(&self.table, place)
    }

    fn sealed_range(&self, low: &[u8], high: &[u8], order: Order, limit: usize) -> Result<Pairs, StoreError> {
        range_from(&self.table, low, high, order, limit)
    }

    fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Snapshot {
    /// Opens every record and calls `each` with its table tag and whether it opened: the scrub.
    pub fn scrub(&self, each: &mut dyn FnMut(u8, Result<(), SealError>)) -> Result<u64, StoreError> {
        let mut from = Vec::new();
        let mut seen = 0;
        loop {
            let page = self.sealed_range(&from, &[u8::MAX], Order::Ascending, 1_000)?;
            let Some((last, _)) = page.last() else { return Ok(seen) };
            from = [last.as_slice(), &[0]].concat();
            for (place, sealed) in &page {
                let opened = self.vault.open(place, sealed).map(|_| ());
                each(place.first().copied().unwrap_or_default(), opened);
                seen += 1;
            }
        }
    }
}
