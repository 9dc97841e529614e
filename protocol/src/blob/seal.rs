//! Sealing: AES-256-GCM per chunk, after the STREAM construction (Hoang, Reyhanitabar, Rogaway,
//! Vizár, 2015): the nonce holds the chunk's number and whether it is the last, so that chunks can be
//! neither moved, nor dropped, nor cut off at the end.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Bytes that sealing adds to a chunk.
pub const TAG_BYTES: usize = 16;
/// Authenticated beside each chunk, so that the key is of no use for anything else.
const DOMAIN: &[u8] = b"valise/blob/1";

/// A chunk that does not open: another key, another place, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("chunk {index} does not open")]
pub struct OpenError {
    /// Which chunk.
    pub index: u32,
}

/// The key of one file. It must be fresh: two files under one key would share nonces.
pub struct ChunkKey(LessSafeKey);

impl ChunkKey {
    /// From 32 random bytes, made for this file alone (BLB-002).
    pub fn new(key: &[u8; 32]) -> Self {
        match UnboundKey::new(&AES_256_GCM, key) {
            Ok(key) => Self(LessSafeKey::new(key)),
            Err(_) => unreachable!("AES-256 takes any 32 bytes"),
        }
    }

    /// Seals a chunk in place; it grows by [`TAG_BYTES`]. Each chunk of a key is sealed once.
    pub fn seal(&self, index: u32, last: bool, chunk: &mut Vec<u8>) {
        let sealed = self.0.seal_in_place_append_tag(nonce(index, last), Aad::from(DOMAIN), chunk);
        // AES-GCM refuses 64 GiB and more; a chunk is at most 256 KiB.
        assert!(sealed.is_ok(), "a chunk is short enough to seal");
    }

    /// Opens a sealed chunk in place; it shrinks by [`TAG_BYTES`] (BLB-003).
    pub fn open(&self, index: u32, last: bool, chunk: &mut Vec<u8>) -> Result<(), OpenError> {
        let opened = self.0.open_in_place(nonce(index, last), Aad::from(DOMAIN), chunk);
        let length = opened.map_err(|_| OpenError { index })?.len();
        chunk.truncate(length);
        Ok(())
    }
}

/// BLB-003: seven zero bytes, the chunk's number as 4 bytes big-endian, 1 for the last chunk and 0
/// for any other.
fn nonce(index: u32, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[7..11].copy_from_slice(&index.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}
