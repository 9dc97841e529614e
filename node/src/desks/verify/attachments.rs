//! Files of items: every sealed chunk against its leaf, and the leaves against the root that was signed.

use super::VerifyReport;
use crate::desks::Desks;
use crate::desks::records::{BLOBS, BlobRecord, BlobState};
use protocol::blob::{Shape, Tree};
use protocol::ids::BlobId;
use store::{Read, Snapshot, StoreError};

/// Reads every file that is here as a whole.
pub(super) fn compare(desks: &Desks, read: &Snapshot, report: &mut VerifyReport) -> Result<(), StoreError> {
    let all: Vec<((u8, BlobId), BlobRecord)> = read.all(BLOBS)?;
    for ((_, root), record) in all {
        if record.state != BlobState::Whole {
            continue;
        }
        report.attachments += 1;
        if let Err((field, reason)) = sound(desks, root, &record) {
            report.broken(format!("attachment {root}"), field, reason);
        }
    }
    Ok(())
}

fn sound(desks: &Desks, root: BlobId, record: &BlobRecord) -> Result<(), (&'static str, String)> {
    let shape = Shape::of(record.size).ok_or_else(|| ("size", format!("{} bytes", record.size)))?;
    let failed = |error: std::io::Error| ("file", error.to_string());
    let chunks = desks.chunks(record.file, shape).map_err(failed)?;
    for index in 0..shape.chunks() {
        if chunks.get(index).map_err(failed)?.is_none() {
            return Err(("chunk", format!("chunk {index} is not there, or not what it was")));
        }
    }
    let tree = chunks.all_leaves().and_then(Tree::of);
    if tree.is_some_and(|tree| tree.root() == root) {
        return Ok(());
    }
    Err(("root", "the chunks are not those that were signed".to_owned()))
}
