//! The open indexes, one a level. A level that this node never filed anything at has no folder: a
//! guest's disk does not even tell that higher levels exist.

use protocol::label::{Category, Classification, Level};
use search::{SearchError, Shelf};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Whether the indexer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not started, or ended.
    Resting,
    /// Feeding the shelves.
    Running,
    /// Asked to commit everything and end.
    Stopping,
}

/// Every index of the node.
pub(in crate::desks) struct Shelves {
    dir: PathBuf,
    open: RwLock<BTreeMap<Level, Arc<Shelf>>>,
    pub(super) phase: watch::Sender<Phase>,
}

impl Shelves {
    /// Opens those that exist in the folder of the indexes: one folder a level, `NP`, `DR+SF`.
    pub(in crate::desks) fn open(dir: &Path) -> Result<Self, SearchError> {
        let mut open = BTreeMap::new();
        let top = Level::new(Classification::Dr, vec![Category::SpecialFrance]);
        for level in top.below() {
            let place = dir.join(level.to_string());
            if place.is_dir() {
                open.insert(level, Arc::new(Shelf::open(&place)?));
            }
        }
        Ok(Self { dir: dir.to_owned(), open: RwLock::new(open), phase: watch::Sender::new(Phase::Resting) })
    }

    /// The shelf of a level, if anything was ever filed there.
    pub(super) fn get(&self, level: &Level) -> Option<Arc<Shelf>> {
        self.all_by_level().remove(level)
    }

    /// Makes the shelf of a level, which must not be open yet.
    pub(super) fn begin(&self, level: &Level) -> Result<Arc<Shelf>, SearchError> {
        let shelf = Arc::new(Shelf::open(&self.dir.join(level.to_string()))?);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(level.clone(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The shelves of the levels that a clearance dominates.
    pub(super) fn cleared(&self, clearance: &Level) -> Vec<Arc<Shelf>> {
        let open = self.all_by_level().into_iter();
        open.filter(|(level, _)| clearance.dominates(level)).map(|(_, shelf)| shelf).collect()
    }

    /// Every open shelf.
    pub(super) fn all_by_level(&self) -> BTreeMap<Level, Arc<Shelf>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The ledger position that every open shelf has reached.
    pub(super) fn cursor(&self) -> u64 {
        self.all_by_level().values().map(|shelf| shelf.cursor()).min().unwrap_or(0)
    }

    /// Throws all of them away. Nobody may be searching or indexing.
    pub(super) fn clear(&self) -> Result<(), SearchError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.clear();
        match std::fs::remove_dir_all(&self.dir) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(SearchError::Directory { dir: self.dir.clone(), source })
            }
            _ => Ok(()),
        }
    }
}
