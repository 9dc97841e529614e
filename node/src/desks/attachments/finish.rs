//! Reading a file through: every chunk opened, the whole hashed.

use protocol::blob::{ChunkKey, Sha512};
use ring::digest::{Context, SHA512};
use std::io;
use store::Chunks;

/// First bytes of a file, by which its type is told.
const HEAD_BYTES: usize = 8 * 1024;

/// Why a file is not what it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A chunk is not there, or not any more.
    Missing,
    /// A chunk does not open.
    Damaged,
}

/// The file's SHA-512 and its first bytes. Slow: some seconds for 2 GiB.
pub(super) fn read_through(chunks: &Chunks, key: &[u8; 32]) -> io::Result<Result<(Sha512, Vec<u8>), Flaw>> {
    let (key, shape) = (ChunkKey::new(key), chunks.shape());
    let mut digest = Context::new(&SHA512);
    let mut head = Vec::new();
    for index in 0..shape.chunks() {
        let Some(mut chunk) = chunks.get(index)? else { return Ok(Err(Flaw::Missing)) };
        if key.open(index, shape.is_last(index), &mut chunk).is_err() {
            return Ok(Err(Flaw::Damaged));
        }
        digest.update(&chunk);
        if index == 0 {
            head.extend(chunk.iter().take(HEAD_BYTES));
        }
    }
    let mut sha512 = Sha512([0; 64]);
    sha512.0.copy_from_slice(digest.finish().as_ref());
    Ok(Ok((sha512, head)))
}
