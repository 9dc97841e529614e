//! Sealed chunks of attachments: a file of chunks and beside it a file of their leaves, which says what
//! is there.
//!
//! It decides how chunks lie on the disk and notices damaged ones; it holds no key and opens nothing. A
//! leaf is written after its chunk, and a chunk is compared with its leaf whenever it is read, so that
//! what a crash has torn counts as not there.

use protocol::blob::{Shape, TAG_BYTES, leaf};
use protocol::ids::ItemId;
use protocol::signature::Digest;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const LEAF_BYTES: usize = 32;
/// What stands in place of a leaf whose chunk is not there. No chunk is known to have it.
const ABSENT: Digest = Digest([0; LEAF_BYTES]);

/// The chunks of one file.
#[derive(Debug)]
pub struct Chunks {
    data: File,
    leaves: File,
    shape: Shape,
    known: Mutex<Vec<Digest>>,
}

fn paths(dir: &Path, name: ItemId) -> (PathBuf, PathBuf) {
    (dir.join(name.to_string()), dir.join(format!("{name}.leaves")))
}

impl Chunks {
    /// Opens the file `name` in `dir`, made when it is not there.
    ///
    /// # Errors
    /// The system's, a full disk included.
    pub fn open(dir: &Path, name: ItemId, shape: Shape) -> io::Result<Self> {
        let (data, leaves) = paths(dir, name);
        let open = |path: &Path| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
        };
        let (data, leaves) = (open(&data)?, open(&leaves)?);
        let count = shape.chunks() as usize;
        // As long as it is to be: what was never written reads as zeros.
        leaves.set_len((count * LEAF_BYTES) as u64)?;
        let mut bytes = vec![0; count * LEAF_BYTES];
        leaves.read_exact_at(&mut bytes, 0)?;
        let known = bytes.chunks_exact(LEAF_BYTES).map(|leaf| {
            let mut digest = ABSENT;
            digest.0.copy_from_slice(leaf);
            digest
        });
        let known = Mutex::new(known.collect());
        Ok(Self { data, leaves, shape, known })
    }

    /// Removes the file `name`, if it is there.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(dir: &Path, name: ItemId) -> io::Result<()> {
        let (data, leaves) = paths(dir, name);
        for path in [leaves, data] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// How the file is cut.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Keeps a sealed chunk.
    ///
    /// # Errors
    /// The system's; a chunk that the shape does not have is `InvalidInput`.
    pub fn put(&self, index: u32, chunk: &[u8]) -> io::Result<()> {
        if self.shape.chunk_bytes(index) != Some(chunk.len()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.data.write_all_at(chunk, self.shape.offset(index))?;
        self.note(index, leaf(chunk))
    }

    /// A sealed chunk; `None` when it is not there, which a damaged one is not from then on.
    ///
    /// # Errors
    /// The system's.
    pub fn get(&self, index: u32) -> io::Result<Option<Vec<u8>>> {
        let known = self.known().get(index as usize).copied().filter(|known| *known != ABSENT);
        let (Some(known), Some(bytes)) = (known, self.shape.chunk_bytes(index)) else { return Ok(None) };
        let mut chunk = vec![0; bytes];
        match self.data.read_exact_at(&mut chunk, self.shape.offset(index)) {
            Ok(()) if leaf(&chunk) == known => return Ok(Some(chunk)),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        self.note(index, ABSENT)?;
        Ok(None)
    }

    /// Whether a chunk is there.
    pub fn has(&self, index: u32) -> bool {
        self.known().get(index as usize).is_some_and(|known| *known != ABSENT)
    }

    /// Numbers of the chunks that are not there.
    pub fn missing(&self) -> Vec<u32> {
        let known = self.known();
        (0..self.shape.chunks())
            .zip(known.iter())
            .filter(|(_, known)| **known == ABSENT)
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether all of them are there.
    pub fn is_whole(&self) -> bool {
        self.known().iter().all(|known| *known != ABSENT)
    }

    /// Bytes of the file whose chunks are there.
    pub fn held_bytes(&self) -> u64 {
        let known = self.known();
        let there = (0..self.shape.chunks()).zip(known.iter()).filter(|(_, known)| **known != ABSENT);
        let plain = |(index, _)| self.shape.chunk_bytes(index).map_or(0, |sealed| sealed - TAG_BYTES) as u64;
        there.map(plain).sum()
    }

    /// The leaves of all chunks; `None` while one is missing.
    pub fn all_leaves(&self) -> Option<Vec<Digest>> {
        let known = self.known();
        known.iter().all(|known| *known != ABSENT).then(|| known.clone())
    }

    /// Makes what is there durable.
    ///
    /// # Errors
    /// The system's.
    pub fn sync(&self) -> io::Result<()> {
        self.data.sync_data()?;
        self.leaves.sync_data()
    }

    fn note(&self, index: u32, leaf: Digest) -> io::Result<()> {
        let mut known = self.known();
        self.leaves.write_all_at(&leaf.0, index as u64 * LEAF_BYTES as u64)?;
        if let Some(place) = known.get_mut(index as usize) {
            *place = leaf;
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Vec<Digest>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::blob::PLAIN_CHUNK_BYTES;

    const NAME: ItemId = ItemId::from_bytes([7; 16]);

    fn chunk(shape: Shape, index: u32, with: u8) -> Vec<u8> {
        vec![with; shape.chunk_bytes(index).expect("a chunk")]
    }

    #[test]
    fn what_was_kept_is_there_after_it_is_opened_again_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let shape = Shape::of(2 * PLAIN_CHUNK_BYTES as u64 + 5).unwrap();
        let chunks = Chunks::open(dir.path(), NAME, shape).unwrap();
        chunks.put(2, &chunk(shape, 2, 3)).unwrap();
        chunks.put(0, &chunk(shape, 0, 1)).unwrap();
        assert_eq!((chunks.missing(), chunks.all_leaves()), (vec![1], None));
        assert_eq!(chunks.held_bytes(), PLAIN_CHUNK_BYTES as u64 + 5);
        for (index, wrong) in [(2, vec![0; TAG_BYTES + 6]), (3, vec![0; TAG_BYTES])] {
            assert_eq!(chunks.put(index, &wrong).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        chunks.sync().unwrap();
        drop(chunks);
        let chunks = Chunks::open(dir.path(), NAME, shape).unwrap();
        assert_eq!(chunks.get(2).unwrap(), Some(chunk(shape, 2, 3)));
        assert_eq!(chunks.get(1).unwrap(), None);
        chunks.put(1, &chunk(shape, 1, 2)).unwrap();
        assert_eq!(chunks.all_leaves().map(|leaves| leaves.len()), Some(3));
        Chunks::remove(dir.path(), NAME).unwrap();
        Chunks::remove(dir.path(), NAME).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_torn_or_flipped_chunk_counts_as_missing() {
        let dir = tempfile::tempdir().unwrap();
        let shape = Shape::of(PLAIN_CHUNK_BYTES as u64 + 5).unwrap();
        let chunks = Chunks::open(dir.path(), NAME, shape).unwrap();
        (0..2).for_each(|index| chunks.put(index, &chunk(shape, index, 1)).unwrap());
        let data = OpenOptions::new().write(true).open(paths(dir.path(), NAME).0).unwrap();
        data.write_all_at(&[9], 100).unwrap();
        assert_eq!(chunks.get(0).unwrap(), None);
        data.set_len(shape.offset(1) + 3).unwrap();
        assert_eq!(chunks.get(1).unwrap(), None);
        assert_eq!(chunks.missing(), [0, 1]);
        drop(chunks);
        assert_eq!(Chunks::open(dir.path(), NAME, shape).unwrap().missing(), [0, 1]);
    }
}
