//! The reference to a file: it travels inside the sealed message and holds the key.

use super::Shape;
use crate::ids::{BlobId, hex};
use crate::limits::{
    ATTACHMENT_NAME_BYTES_MAX, ATTACHMENT_NAME_CHARS_MAX, ATTACHMENTS_MAX, BLOB_BYTES_MAX,
    MEDIA_TYPE_CHARS_MAX,
};
use crate::refusal::Code;
use minicbor::{Decode, Encode};
use std::fmt;

/// A SHA-512 digest, by which a file is known outside the federation and in an archive.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Sha512(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 64]);

impl fmt::Debug for Sha512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha512({}…)", hex(&self.0[..8]))
    }
}

/// A file that belongs to an item.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Attachment {
    /// Root of the hash tree over the sealed chunks: the address.
    #[n(0)]
    pub root: BlobId,
    /// Bytes of the file.
    #[n(2)]
    pub size: u64,
    /// AES-256 key of the chunks, made for this file alone.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// SHA-512 of the file.
    #[n(6)]
    pub sha512: Sha512,
    /// The file's name: one component, no path.
    #[n(8)]
    pub name: String,
    /// Its media type, as the author's node decided it from the bytes and the name.
    #[n(10)]
    pub media_type: String,
}

/// A log or a failed test must not show the key.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("root", &self.root)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentFlaw {
    /// Too many of them.
    #[error("{got} attachments, at most {ATTACHMENTS_MAX}")]
    Count {
        /// How many.
        got: usize,
    },
    /// Past the limit of a file.
    #[error("{got} bytes, at most {BLOB_BYTES_MAX}")]
    Size {
        /// How many bytes.
        got: u64,
    },
    /// Not the name of a file.
    #[error("not a name for a file")]
    Name,
    /// Not a media type.
    #[error("not a media type")]
    MediaType,
    /// One root twice in an item.
    #[error("the same attachment twice")]
    Twice,
}

impl AttachmentFlaw {
    /// The stable code.
    pub const fn code(self) -> Code {
        match self {
            AttachmentFlaw::Count { .. } => Code::AttachmentsTooMany,
            AttachmentFlaw::Size { .. } => Code::AttachmentTooLarge,
            AttachmentFlaw::Name | AttachmentFlaw::MediaType => Code::FieldInvalid,
            AttachmentFlaw::Twice => Code::IdConflict,
        }
    }
}

impl Attachment {
    /// The shape of its chunks; `None` when it is too large.
    pub const fn shape(&self) -> Option<Shape> {
        Shape::of(self.size)
    }

    /// Checks the references of one item (BLB-010, BLB-011).
    pub fn check_all(attachments: &[Attachment]) -> Result<(), AttachmentFlaw> {
        if attachments.len() > ATTACHMENTS_MAX {
            return Err(AttachmentFlaw::Count { got: attachments.len() });
        }
        for (at, attachment) in attachments.iter().enumerate() {
            attachment.check()?;
            if attachments[..at].iter().any(|before| before.root == attachment.root) {
                return Err(AttachmentFlaw::Twice);
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), AttachmentFlaw> {
        if self.shape().is_none() {
            return Err(AttachmentFlaw::Size { got: self.size });
        }
        if !is_attachment_name(&self.name) {
            return Err(AttachmentFlaw::Name);
        }
        if !is_media_type(&self.media_type) {
            return Err(AttachmentFlaw::MediaType);
        }
        Ok(())
    }
}

/// Whether a text can be the name of an attachment: one component of a path, nothing that a terminal,
/// a file system or a reader would take for something else (BLB-011).
pub fn is_attachment_name(name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || matches!(c, '/' | '\\') || turns_text(c);
    !name.trim().is_empty()
        && name.trim() == name
        && !matches!(name, "." | "..")
        && name.chars().count() <= ATTACHMENT_NAME_CHARS_MAX
        && name.len() <= ATTACHMENT_NAME_BYTES_MAX
        && !name.contains(forbidden)
}

/// Characters that change the direction of what follows, or break a line: `cod.exe` would read
/// `exe.doc`.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `type/subtype` of RFC 6838 §4.2 without parameters, in lower case.
fn is_media_type(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+".contains(c);
    let part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(legal);
    text.chars().count() <= MEDIA_TYPE_CHARS_MAX
        && text.split_once('/').is_some_and(|(kind, sub)| part(kind) && part(sub))
}
