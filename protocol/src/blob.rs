//! Attachments: a file sealed once under a fresh key, in chunks, and addressed by the root of the hash
//! tree over its sealed chunks.
//!
//! Decides how chunks are cut, sealed and proved, and what a reference to them must look like. Who may
//! fetch a chunk is the node's to decide; it needs no key to keep, verify or serve one.
//!
//! - [`shape`](Shape): how many chunks a file has and how long each is.
//! - [`ChunkKey`]: sealing and opening of one chunk.
//! - [`Tree`], [`Proof`]: the root, and the way from a chunk to it.
//! - [`Attachment`]: what travels, sealed, in the message that refers to the file.

mod attachment;
mod seal;
mod shape;
mod tree;

pub use attachment::{Attachment, AttachmentFlaw, Sha512, is_attachment_name};
pub use seal::{ChunkKey, OpenError, TAG_BYTES};
pub use shape::{PLAIN_CHUNK_BYTES, Shape};
pub use tree::{Proof, Tree, leaf};

#[cfg(test)]
#[path = "blob/tests.rs"]
mod tests;
