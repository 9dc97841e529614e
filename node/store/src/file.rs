//! The file: created aside and renamed, opened, snapshotted, reopened after a failure.

use crate::StoreError;
use crate::medium::{Medium, Mounted};
use crate::read::Snapshot;
use crate::seal::Vault;
use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

pub(crate) const RECORDS: TableDefinition<'static, &'static [u8], &'static [u8]> =
    TableDefinition::new("records");
const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
/// Version of the file's layout.
const FORMAT: u64 = 1;
/// redb's page cache. An idle node must stay below 80 MiB in all.
const CACHE_BYTES: usize = 24 * 1024 * 1024;

/// Where the bytes are.
#[derive(Clone)]
enum Place {
    File(PathBuf),
    Medium(Arc<dyn Medium>),
}

impl Place {
    fn open(&self) -> Result<Database, StoreError> {
        match self {
            Place::File(path) => open(path),
            Place::Medium(medium) => mount(medium),
        }
    }
}

/// A store file.
#[derive(Clone)]
pub struct Store {
    place: Place,
    // None after a failed commit, until it could be opened again.
    database: Arc<RwLock<Option<Arc<Database>>>>,
    vault: Arc<Vault>,
}

impl Store {
    /// Opens the store at `path`, creating it first where there is none.
    pub fn open(path: &Path, vault: Vault) -> Result<Self, StoreError> {
        if !path.exists() {
            create(path)?;
        }
        Self::at(Place::File(path.to_owned()), vault)
    }

    /// Opens the store on a medium that is not a file, creating it where the medium is empty.
    pub fn open_on(medium: Arc<dyn Medium>, vault: Vault) -> Result<Self, StoreError> {
        Self::at(Place::Medium(medium), vault)
    }

    fn at(place: Place, vault: Vault) -> Result<Self, StoreError> {
        let database = Arc::new(RwLock::new(Some(Arc::new(place.open()?))));
        Ok(Self { place, database, vault: Arc::new(vault) })
    }

    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    pub(crate) fn database(&self) -> Result<Arc<Database>, StoreError> {
        let guard = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        guard.clone().ok_or(StoreError::Closed)
    }

    /// Whether the file is open.
    pub fn is_open(&self) -> bool {
        self.database().is_ok()
    }

    /// Closes the file and opens it anew. The descriptor that saw the failure is never written
    /// again: after a failed sync the kernel may have dropped what it did not write.
    pub(crate) fn reopen(&self) -> Result<(), StoreError> {
        let mut guard = self.database.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(old) = guard.take() {
            // Readers still in flight keep the old handle, and its lock on the file, a little
            // longer; the caller tries again with the next batch.
            drop(old);
        }
        *guard = Some(Arc::new(self.place.open()?));
        Ok(())
    }

    /// The store as of now.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let database = self.database()?;
        let transaction = database.begin_read().map_err(|e| StoreError::redb("begin read", e))?;
        let table = transaction.open_table(RECORDS).map_err(|e| StoreError::redb("open table", e))?;
        Ok(Snapshot { table, _database: database, vault: Arc::clone(&self.vault) })
    }
}

/// Creates under a temporary name, so that a crash in the middle leaves nothing that looks like a
/// store (redb refuses a half-created file for ever).
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let io = |step| move |source| StoreError::Io { step, source };
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::Io { step: "remove a leftover", source: error });
        }
        _ => {}
    }
    let database = Database::create(&fresh).map_err(|e| StoreError::redb("create", e))?;
    found(&database)?;
    drop(database);
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(io("sync"))?;
    std::fs::rename(&fresh, path).map_err(io("rename"))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("sync the folder"))
}

/// The tables of a new store.
fn found(database: &Database) -> Result<(), StoreError> {
    let mut transaction = database.begin_write().map_err(|e| StoreError::redb("create", e))?;
    prepare(&mut transaction)?;
    {
        transaction.open_table(RECORDS).map_err(|e| StoreError::redb("create", e))?;
        let mut meta = transaction.open_table(META).map_err(|e| StoreError::redb("create", e))?;
        meta.insert("format", FORMAT).map_err(|e| StoreError::redb("create", e))?;
    }
    transaction.commit().map_err(|e| StoreError::redb("create", e))
}

fn open(path: &Path) -> Result<Database, StoreError> {
    let database = builder().open(path).map_err(|e| StoreError::redb("open", e))?;
    check_format(&database)?;
    Ok(database)
}

fn mount(medium: &Arc<dyn Medium>) -> Result<Database, StoreError> {
    let empty = medium.length().map_err(|source| StoreError::Io { step: "mount", source })? == 0;
    let backend = Mounted(Arc::clone(medium));
    let database = builder().create_with_backend(backend).map_err(|e| StoreError::redb("mount", e))?;
    if empty {
        found(&database)?;
    }
    check_format(&database)?;
    Ok(database)
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn check_format(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_read().map_err(|e| StoreError::redb("open", e))?;
    let meta = transaction.open_table(META).map_err(|e| StoreError::redb("open", e))?;
    let got = meta.get("format").map_err(|e| StoreError::redb("open", e))?.map_or(0, |v| v.value());
    if got != FORMAT {
        return Err(StoreError::Format { expected: FORMAT, got });
    }
    Ok(())
}

/// Two-phase commit with quick repair on every commit: a crash during recovery cannot roll back
/// what was acknowledged, and reopening takes milliseconds whatever the size.
pub(crate) fn prepare(transaction: &mut redb::WriteTransaction) -> Result<(), StoreError> {
    transaction.set_durability(Durability::Immediate).map_err(|e| StoreError::redb("set durability", e))?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(())
}
