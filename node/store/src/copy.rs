//! Copying a snapshot into a store of its own, some tables left out.

use crate::StoreError;
use crate::file::{RECORDS, create, prepare};
use crate::key::{Key, Table};
use crate::read::{Order, Read, Snapshot, guarded};
use crate::seal::Slot;
use minicbor::Encode;
use redb::Database;
use std::path::Path;

/// Records of one transaction of the copy: some megabytes.
const PAGE_RECORDS: usize = 5_000;

impl Snapshot {
    /// Writes a new store at `path` with all records but those of the tables `without`, and one more, in
    /// place of what stands under its key. Every record is opened on the way: a copy is of sound records.
    /// How many it holds.
    ///
    /// # Errors
    /// When there is a file already, the disk fails, or a record is damaged.
    pub fn copy_to<K: Key, V: Encode<()>>(
        &self,
        path: &Path,
        without: &[u8],
        (table, key, slot, value): (Table<K, V>, &K, &Slot, &V),
    ) -> Result<u64, StoreError> {
        if path.exists() {
            let source = std::io::ErrorKind::AlreadyExists.into();
            return Err(StoreError::Io { step: "copy", source });
        }
        create(path)?;
        let database = Database::open(path).map_err(|e| StoreError::redb("open the copy", e))?;
        let (sealed_place, sealed) = crate::writer::sealed(self.vault(), table, key, slot, value)?;
        let (mut from, mut copied) = (Vec::new(), 0);
        loop {
            let page = self.sealed_range(&from, &[u8::MAX], Order::Ascending, PAGE_RECORDS)?;
            let Some((last, _)) = page.last() else { break };
            from = [last.as_slice(), &[0]].concat();
            let kept = page.iter().filter(|(place, _)| {
                place.first().is_some_and(|tag| !without.contains(tag)) && *place != sealed_place
            });
            let kept: Vec<_> = kept.collect();
            for (place, sealed) in &kept {
                let opened = self.vault().open(place, sealed);
                opened.map_err(|source| StoreError::Damaged { table: "of the store", source })?;
            }
            copied += kept.len() as u64;
            write(&database, kept.iter().map(|(place, sealed)| (place.as_slice(), sealed.as_slice())))?;
        }
        write(&database, [(sealed_place.as_slice(), sealed.as_slice())])?;
        Ok(copied + 1)
    }
}

fn write<'a>(
    database: &Database,
    records: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
) -> Result<(), StoreError> {
    guarded(|| {
        let mut transaction = database.begin_write().map_err(|e| StoreError::redb("copy", e))?;
        prepare(&mut transaction)?;
        {
            let mut table = transaction.open_table(RECORDS).map_err(|e| StoreError::redb("copy", e))?;
            for (place, sealed) in records {
                table.insert(place, sealed).map_err(|e| StoreError::redb("copy", e))?;
            }
        }
        transaction.commit().map_err(|e| StoreError::redb("copy", e))
    })
}
