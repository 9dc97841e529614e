//! Files of a draft: announced, taken in chunk by chunk in any order, dropped; at release they become
//! part of the item.

use super::finish::{Flaw, read_through};
use super::{blocking, disk};
use crate::clock;
use crate::desks::correspondence::{find_draft, parse_item};
use crate::desks::error::ActError;
use crate::desks::problem::Problem;
use crate::desks::records::{BLOBS, BlobRecord, BlobState, DraftRecord, UPLOADS, Upload, Whole, level_tag};
use crate::desks::view::AttachmentView;
use crate::desks::{Desks, Session};
use crate::media_type::media_type;
use protocol::blob::{Attachment, ChunkKey, Shape, TAG_BYTES, is_attachment_name};
use protocol::correspondence::Step;
use protocol::ids::{ItemId, hex};
use protocol::label::Level;
use protocol::limits::{ATTACHMENTS_MAX, BLOB_BYTES_MAX};
use protocol::refusal::Code;
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use store::{Chunks, Order, Read, Slot, Tx};

impl Desks {
    /// Announces a file of a draft. Its chunks follow.
    pub async fn begin_attachment(
        &self,
        session: &Session,
        draft: &str,
        name: String,
        size: u64,
    ) -> Result<AttachmentView, Problem> {
        let draft = parse_item(draft)?;
        if !is_attachment_name(&name) {
            return Err(Problem::field("name", Code::FieldInvalid, "expected the name of a file, no path"));
        }
        if Shape::of(size).is_none() {
            let message = format!("{size} bytes, at most {BLOB_BYTES_MAX}");
            return Err(Problem::field("size", Code::AttachmentTooLarge, message));
        }
        let mut key = [0; 32];
        let random = SystemRandom::new().fill(&mut key);
        random.map_err(|_| Problem::new(Code::Internal, "no randomness"))?;
        let id = ItemId::from_bytes(clock::fresh_id());
        let upload = Upload { file: id, name, size, key, begun: self.now(), whole: None };
        let (session, kept) = (session.clone(), upload.clone());
        self.act(move |tx, _| {
            let record = editable(tx, &session, draft)?;
            if uploads_of(tx, draft)?.len() >= ATTACHMENTS_MAX {
                let message = format!("at most {ATTACHMENTS_MAX} attachments");
                return Err(Problem::field("attachments", Code::AttachmentsTooMany, message).into());
            }
            Ok(tx.put(UPLOADS, &(draft, id), &slot(&record), &kept)?)
        })
        .await?;
        Ok(self.upload_view(id, &upload))
    }

    /// Takes a chunk in: number `index`, [`protocol::blob::PLAIN_CHUNK_BYTES`] long unless it is the
    /// last. One that is here already changes nothing. With the last one missing the file is whole.
    pub async fn put_chunk(
        &self,
        session: &Session,
        draft: &str,
        id: &str,
        index: u32,
        mut bytes: Vec<u8>,
    ) -> Result<AttachmentView, Problem> {
        let (draft, id) = (parse_item(draft)?, parse_item(id)?);
        let snapshot = self.snapshot()?;
        editable(&snapshot, session, draft)?;
        let upload: Upload = snapshot.get(UPLOADS, &(draft, id))?.ok_or_else(Problem::not_found)?;
        let shape = Shape::of(upload.size).ok_or_else(Problem::not_found)?;
        let expected = shape.chunk_bytes(index).map(|sealed| sealed - TAG_BYTES);
        if expected != Some(bytes.len()) {
            let message = match expected {
                Some(expected) => format!("chunk {index} has {expected} bytes, and not {}", bytes.len()),
                None => format!("there are {} chunks", shape.chunks()),
            };
            return Err(Problem::field("chunk", Code::FieldInvalid, message));
        }
        let desks = self.clone();
        let kept = blocking(move || {
            let chunks = desks.chunks(upload.file, shape)?;
            // Nothing is sealed twice under one nonce.
            if !chunks.has(index) {
                ChunkKey::new(&upload.key).seal(index, shape.is_last(index), &mut bytes);
                chunks.put(index, &bytes)?;
            }
            Ok((upload, chunks))
        });
        let (upload, chunks) = kept.await?.map_err(|error| disk(&error))?;
        if upload.whole.is_some() || !chunks.is_whole() {
            return Ok(self.upload_view(id, &upload));
        }
        let upload = self.finish_upload(session, (draft, id), upload, chunks).await?;
        Ok(self.upload_view(id, &upload))
    }

    async fn finish_upload(
        &self,
        session: &Session,
        place: (ItemId, ItemId),
        upload: Upload,
        chunks: Arc<Chunks>,
    ) -> Result<Upload, Problem> {
        let (desks, file, key, name) = (self.clone(), upload.file, upload.key, upload.name.clone());
        let whole = blocking(move || {
            chunks.sync()?;
            let read = read_through(&chunks, &key)?;
            let tree = desks.tree(file, &chunks);
            Ok(read.and_then(|(sha512, head)| {
                let root = tree.ok_or(Flaw::Missing)?.root();
                Ok(Whole { root, sha512, media_type: media_type(&name, &head) })
            }))
        });
        let whole = whole.await?.map_err(|error| disk(&error))?;
        let whole = whole.map_err(|_| {
            Problem::new(Code::AttachmentIncomplete, "a chunk was lost on the node's disk; send it again")
        })?;
        let upload = Upload { whole: Some(whole), ..upload };
        let (session, kept) = (session.clone(), upload.clone());
        self.act(move |tx, _| {
            // Dropped meanwhile, or released by somebody else, it is not there any more.
            let record = editable(tx, &session, place.0)?;
            if !tx.has(UPLOADS, &place)? {
                return Err(Problem::not_found().into());
            }
            Ok(tx.put(UPLOADS, &place, &slot(&record), &kept)?)
        })
        .await?;
        Ok(upload)
    }

    /// Drops a file of a draft.
    pub async fn drop_attachment(&self, session: &Session, draft: &str, id: &str) -> Result<(), Problem> {
        let (draft, id, session) = (parse_item(draft)?, parse_item(id)?, session.clone());
        let file = self
            .act(move |tx, _| {
                editable(tx, &session, draft)?;
                let upload: Upload = tx.get(UPLOADS, &(draft, id))?.ok_or_else(Problem::not_found)?;
                tx.remove(UPLOADS, &(draft, id))?;
                Ok(upload.file)
            })
            .await?;
        self.remove_files(vec![file]);
        Ok(())
    }

    /// How the files of a draft stand.
    pub(in crate::desks) fn upload_views(&self, uploads: &[(ItemId, Upload)]) -> Vec<AttachmentView> {
        uploads.iter().map(|(id, upload)| self.upload_view(*id, upload)).collect()
    }

    fn upload_view(&self, id: ItemId, upload: &Upload) -> AttachmentView {
        let whole = upload.whole.as_ref();
        let held = match whole {
            Some(_) => upload.size,
            None => self.held_bytes(upload.file, upload.size),
        };
        AttachmentView {
            id: id.to_string(),
            name: upload.name.clone(),
            media_type: whole.map(|whole| whole.media_type.clone()).unwrap_or_default(),
            size: upload.size,
            sha512: whole.map(|whole| hex(&whole.sha512.0)).unwrap_or_default(),
            state: if whole.is_some() { "whole" } else { "uploading" }.to_owned(),
            held,
        }
    }

    /// Bytes of a file that are here.
    pub(super) fn held_bytes(&self, file: ItemId, size: u64) -> u64 {
        let shape = Shape::of(size);
        let chunks = shape.and_then(|shape| self.chunks(file, shape).ok());
        chunks.map_or(0, |chunks| chunks.held_bytes())
    }
}

/// The files of a draft, in the order in which they were announced.
pub(in crate::desks) fn uploads_of(
    read: &impl Read,
    draft: ItemId,
) -> Result<Vec<(ItemId, Upload)>, ActError> {
    let rows: Vec<((ItemId, ItemId), Upload)> =
        read.list(UPLOADS, &draft, Order::Ascending, ATTACHMENTS_MAX)?;
    let mut uploads: Vec<(ItemId, Upload)> = rows.into_iter().map(|((_, id), upload)| (id, upload)).collect();
    uploads.sort_by_key(|(id, upload)| (upload.begun, *id));
    Ok(uploads)
}

/// What is to become of a draft's files with its release: they are the item's, at its level.
pub(in crate::desks) fn take_uploads(
    tx: &Tx<'_>,
    draft: ItemId,
    level: &Level,
) -> Result<Vec<Attachment>, ActError> {
    let mut attachments = Vec::new();
    for (id, upload) in uploads_of(tx, draft)? {
        let Upload { file, name, size, key, whole, .. } = upload;
        let Some(Whole { root, sha512, media_type }) = whole else {
            let message = format!("{name} is not here as a whole yet");
            return Err(Problem::field("attachments", Code::AttachmentIncomplete, message).into());
        };
        let record = BlobRecord { file, size, state: BlobState::Whole };
        tx.put(BLOBS, &(level_tag(level), root), &Slot::Level(level.clone()), &record)?;
        tx.remove(UPLOADS, &(draft, id))?;
        attachments.push(Attachment { root, size, key, sha512, name, media_type });
    }
    Ok(attachments)
}

/// Forgets the files of a draft that is dropped; names of what is to be removed from disk.
pub(in crate::desks) fn drop_uploads(tx: &Tx<'_>, draft: ItemId) -> Result<Vec<ItemId>, ActError> {
    let mut files = Vec::new();
    for (id, upload) in uploads_of(tx, draft)? {
        tx.remove(UPLOADS, &(draft, id))?;
        files.push(upload.file);
    }
    Ok(files)
}

/// A draft of the session's whose content may still change.
fn editable(read: &impl Read, session: &Session, id: ItemId) -> Result<DraftRecord, ActError> {
    let draft = find_draft(read, session, id)?;
    draft.state.after(Step::Edit, draft.visas_due as usize).map_err(Problem::from)?;
    Ok(draft)
}

fn slot(draft: &DraftRecord) -> Slot {
    Slot::Level(draft.content.label.level().unwrap_or(Level::DR))
}
