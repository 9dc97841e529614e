//! How a file is cut into chunks. All of it follows from the file's size, so that no reference can
//! contradict itself.

use super::TAG_BYTES;
use crate::limits::{BLOB_BYTES_MAX, BLOB_CHUNK_BYTES};

/// Bytes of the file in a chunk that is not the last.
pub const PLAIN_CHUNK_BYTES: usize = BLOB_CHUNK_BYTES - TAG_BYTES;

/// The chunks of a file of a given size (BLB-001).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    size: u64,
}

impl Shape {
    /// The shape of a file of `size` bytes; `None` past [`BLOB_BYTES_MAX`].
    pub const fn of(size: u64) -> Option<Self> {
        if size <= BLOB_BYTES_MAX { Some(Self { size }) } else { None }
    }

    /// Bytes of the file.
    pub const fn size(self) -> u64 {
        self.size
    }

    /// How many chunks, at least one: an empty file has one of no bytes, so that its end is sealed too.
    pub const fn chunks(self) -> u32 {
        let full = self.size.div_ceil(PLAIN_CHUNK_BYTES as u64);
        // Bounded by the limit on the size: 8,193.
        if full == 0 { 1 } else { full as u32 }
    }

    /// Whether `index` is the last chunk.
    pub const fn is_last(self, index: u32) -> bool {
        index + 1 == self.chunks()
    }

    /// Bytes of the sealed chunk `index`; `None` when there is no such chunk.
    pub const fn chunk_bytes(self, index: u32) -> Option<usize> {
        if index >= self.chunks() {
            return None;
        }
        if !self.is_last(index) {
            return Some(BLOB_CHUNK_BYTES);
        }
        let before = index as u64 * PLAIN_CHUNK_BYTES as u64;
        Some((self.size - before) as usize + TAG_BYTES)
    }

    /// Where the sealed chunk `index` begins, counted in sealed bytes.
    pub const fn offset(self, index: u32) -> u64 {
        index as u64 * BLOB_CHUNK_BYTES as u64
    }

    /// Bytes of all sealed chunks.
    pub const fn sealed_bytes(self) -> u64 {
        self.size + self.chunks() as u64 * TAG_BYTES as u64
    }
}
