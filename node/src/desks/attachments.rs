//! Attachments: taken in chunk by chunk, kept sealed beside the store, served to members of a
//! compartment that refers to them, fetched from any of those, and read by whoever may read the item.

mod draft;
mod fetch;
mod finish;
mod keep;
mod pull;
mod read;
mod refer;
mod serve;

pub(in crate::desks) use draft::{drop_uploads, take_uploads, uploads_of};
pub use read::Download;
pub(in crate::desks) use refer::refer;

use super::Desks;
use super::problem::Problem;
use protocol::blob::{Shape, Tree};
use protocol::ids::{BlobId, ItemId};
use protocol::refusal::Code;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::Chunks;

/// The folder of chunks, in the node's.
pub(in crate::desks) const FOLDER: &str = "attachments";
/// Files open at once beyond those in use, and trees kept for serving them: 512 KiB each at most.
const OPEN_MAX: usize = 16;

/// A level's tag and a root: what a file is known by (BLB-013).
pub(in crate::desks) type Place = (u8, BlobId);

/// Files in use.
#[derive(Default)]
pub(in crate::desks) struct Attachments {
    open: Mutex<Open>,
    // Files that somebody is fetching.
    claimed: Mutex<BTreeSet<Place>>,
    // Rises when a file is wanted.
    wants: AtomicU64,
}

#[derive(Default)]
struct Open {
    files: BTreeMap<ItemId, Arc<Chunks>>,
    trees: BTreeMap<ItemId, Arc<Tree>>,
    // Oldest first.
    order: VecDeque<ItemId>,
}

impl Attachments {
    fn wants(&self) -> u64 {
        self.wants.load(Ordering::Acquire)
    }

    fn claim(&self, place: Place) -> bool {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(place)
    }

    fn release(&self, place: &Place) {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
    }
}

impl Desks {
    pub(in crate::desks) fn attachments_dir(&self) -> PathBuf {
        self.inner.settings.dir.join(FOLDER)
    }

    /// The chunks of a file. Everybody who uses it at one time has the same: what is there is known
    /// in one place.
    pub(in crate::desks) fn chunks(&self, file: ItemId, shape: Shape) -> io::Result<Arc<Chunks>> {
        let mut open = self.inner.attachments.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chunks) = open.files.get(&file) {
            return Ok(Arc::clone(chunks));
        }
        let dir = self.attachments_dir();
        crate::keys::private_folder(&dir).map_err(io::Error::other)?;
        let chunks = Arc::new(Chunks::open(&dir, file, shape)?);
        open.files.insert(file, Arc::clone(&chunks));
        open.order.push_back(file);
        // Whoever is at work on one keeps it alive; here it is only remembered.
        let idle = open
            .order
            .iter()
            .position(|file| open.files.get(file).is_none_or(|chunks| Arc::strong_count(chunks) == 1));
        if let Some(at) = idle.filter(|_| open.order.len() > OPEN_MAX)
            && let Some(file) = open.order.remove(at)
        {
            open.files.remove(&file);
            open.trees.remove(&file);
        }
        Ok(chunks)
    }

    /// The tree over a file that is whole; `None` when it is not.
    fn tree(&self, file: ItemId, chunks: &Chunks) -> Option<Arc<Tree>> {
        let known = |open: &Open| open.trees.get(&file).map(Arc::clone);
        let lock = || self.inner.attachments.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = known(&lock()) {
            return Some(tree);
        }
        let tree = Arc::new(Tree::of(chunks.all_leaves()?)?);
        let mut open = lock();
        if open.files.contains_key(&file) {
            open.trees.insert(file, Arc::clone(&tree));
        }
        Some(tree)
    }

    fn forget_file(&self, file: ItemId) {
        let mut open = self.inner.attachments.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.files.remove(&file);
        open.trees.remove(&file);
        open.order.retain(|other| *other != file);
    }

    /// Something is wanted: everybody in reach may have it.
    pub(in crate::desks) fn want_attachments(&self) {
        self.inner.attachments.wants.fetch_add(1, Ordering::AcqRel);
        self.inner.peers.fetch_all();
    }
}

/// Work on files, away from the threads that answer.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Problem::new(Code::Internal, "an internal error; nothing was stored"))
}

/// What a failed file operation is for whoever asked.
pub(in crate::desks) fn disk(error: &io::Error) -> Problem {
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return Problem::new(Code::StoreFull, "the node's disk is full; nothing was accepted");
    }
    tracing::error!(error = error as &dyn std::error::Error, "attachment.disk_failed");
    Problem::new(Code::StoreUnavailable, "the node cannot store at this moment; nothing was accepted")
}
