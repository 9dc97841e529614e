//! Reading a file, by whoever may read an item that it belongs to.

use super::disk;
use crate::desks::cleared::{self, Cleared};
use crate::desks::correspondence::{find_item, parse_item};
use crate::desks::problem::Problem;
use crate::desks::records::{BLOBS, BlobRecord, BlobState, Content, level_tag};
use crate::desks::view::AttachmentView;
use crate::desks::{Desks, Session};
use protocol::blob::{Attachment, ChunkKey, Shape};
use protocol::ids::{BlobId, hex};
use protocol::label::Level;
use protocol::refusal::Code;
use std::sync::Arc;
use store::{Chunks, Read};

/// A file that may be read.
pub struct Download {
    name: String,
    media_type: String,
    key: ChunkKey,
    chunks: Arc<Chunks>,
}

impl Download {
    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its media type, as its author's node decided it.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// How it is cut.
    pub fn shape(&self) -> Shape {
        self.chunks.shape()
    }

    /// The bytes of one chunk. It reads the disk: not for threads that answer.
    ///
    /// # Errors
    /// `ATT_DAMAGED` when it is not what was signed, or not there.
    pub fn chunk(&self, index: u32) -> Result<Vec<u8>, Problem> {
        let damaged = || Problem::new(Code::AttachmentDamaged, "the file is damaged on this node's disk");
        let mut chunk = self.chunks.get(index).map_err(|error| disk(&error))?.ok_or_else(damaged)?;
        self.key.open(index, self.shape().is_last(index), &mut chunk).map_err(|_| damaged())?;
        Ok(chunk)
    }
}

impl Content {
    /// Its files.
    pub(in crate::desks) fn attachments(&self) -> &[Attachment] {
        match self {
            Content::Correspondence(signed) => &signed.item.attachments,
            Content::Post(post) => &post.attachments,
        }
    }
}

impl Desks {
    /// A file of an item that the asker may read.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ATT_ARRIVING`, `ATT_DAMAGED`.
    pub fn attachment(
        &self,
        session: &Session,
        item: &str,
        root: &str,
    ) -> Result<Cleared<Download>, Problem> {
        let root: BlobId = root.parse().map_err(|_| Problem::not_found())?;
        let snapshot = self.snapshot()?;
        let record = find_item(&snapshot, session, parse_item(item)?)?;
        let attachments = record.content.attachments();
        let attachment = attachments.iter().find(|one| one.root == root).ok_or_else(Problem::not_found)?;
        let level = record.content.level().map_err(|_| Problem::not_found())?;
        let blob: Option<BlobRecord> = snapshot.get(BLOBS, &(level_tag(&level), root))?;
        let blob = blob.ok_or_else(Problem::not_found)?;
        match blob.state {
            BlobState::Arriving => {
                return Err(Problem::new(Code::AttachmentArriving, "the file is still on its way"));
            }
            BlobState::Damaged => {
                return Err(Problem::new(Code::AttachmentDamaged, "the file is not what was signed"));
            }
            BlobState::Whole => {}
        }
        let shape = Shape::of(blob.size).ok_or_else(Problem::not_found)?;
        let chunks = self.chunks(blob.file, shape).map_err(|error| disk(&error))?;
        let download = Download {
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            key: ChunkKey::new(&attachment.key),
            chunks,
        };
        Ok(cleared::trimmed(&session.subject, download))
    }

    /// How the files of an item stand. The caller has checked that the session may read it.
    pub(in crate::desks) fn attachment_views(
        &self,
        read: &impl Read,
        content: &Content,
    ) -> Result<Vec<AttachmentView>, Problem> {
        let level = content.level().unwrap_or(Level::DR);
        let view = |attachment: &Attachment| {
            let blob: Option<BlobRecord> = read.get(BLOBS, &(level_tag(&level), attachment.root))?;
            let (state, held) = match blob {
                Some(BlobRecord { state: BlobState::Whole, .. }) => ("whole", attachment.size),
                Some(BlobRecord { state: BlobState::Damaged, .. }) => ("damaged", 0),
                Some(blob) => ("arriving", self.held_bytes(blob.file, blob.size)),
                None => ("arriving", 0),
            };
            Ok(AttachmentView {
                id: attachment.root.to_string(),
                name: attachment.name.clone(),
                media_type: attachment.media_type.clone(),
                size: attachment.size,
                sha512: hex(&attachment.sha512.0),
                state: state.to_owned(),
                held,
            })
        };
        content.attachments().iter().map(view).collect()
    }
}
