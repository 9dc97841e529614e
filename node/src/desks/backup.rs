//! A backup beside the running node: a store without MLS state and without this node's votes, and the
//! files that records name. What starts from it is another life of the node (`life.rs`).

use super::Desks;
use super::problem::Problem;
use super::records::{BLOBS, BlobRecord, BlobState, LIFE, Life, ORDERS, PROPOSED, UPLOADS, Upload};
use protocol::ids::ItemId;
use protocol::refusal::Code;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::Path;
use store::{Read, Slot};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackupReport {
    /// Records of the store.
    pub(crate) records: u64,
    /// Files of drafts and items, those that have arrived.
    pub(crate) files: u64,
    /// Bytes on disk.
    pub(crate) bytes: u64,
}

impl Desks {
    /// Writes a backup into the folder `to`, which must not exist. Slow: it reads everything.
    ///
    /// # Errors
    /// `FIELD_INVALID` for the folder, `STORE_FULL`, `STORE_UNAVAILABLE`. What was written of it is removed.
    pub(crate) fn back_up(&self, to: &Path) -> Result<BackupReport, Problem> {
        if !to.is_absolute() || to.exists() {
            let message = format!("{} must be a new folder with its whole path", to.display());
            return Err(Problem::field("to", Code::FieldInvalid, message));
        }
        let fresh = to.with_extension("part");
        if fresh.exists() {
            let message =
                format!("{} is there: another backup is under way, or was cut off", fresh.display());
            return Err(Problem::field("to", Code::FieldInvalid, message));
        }
        let written = self.write_backup(&fresh);
        let written = written.and_then(|report| {
            let named = std::fs::rename(&fresh, to).and_then(|()| sync(to.parent().unwrap_or(to)));
            named.map(|()| report).map_err(|error| super::attachments::disk(&error))
        });
        if written.is_err() {
            // Nothing of a backup that failed; what is wrong is said below.
            drop(std::fs::remove_dir_all(&fresh));
        }
        written
    }

    fn write_backup(&self, to: &Path) -> Result<BackupReport, Problem> {
        let failed = |error: io::Error| super::attachments::disk(&error);
        let folder = to.join(super::attachments::FOLDER);
        crate::keys::private_folder(to).map_err(|error| failed(io::Error::other(error)))?;
        crate::keys::private_folder(&folder).map_err(|error| failed(io::Error::other(error)))?;
        let snapshot = self.snapshot()?;
        let life: Life = snapshot.get(LIFE, &())?.unwrap_or_default();
        // Keys that a copy has used, or votes that it has cast, would be used and cast again.
        let without = [mls::TABLE_TAG, ORDERS.tag(), PROPOSED.tag()];
        let store = to.join("node.store");
        let life = Life { restored: true, ..life };
        let records = snapshot.copy_to(&store, &without, (LIFE, &(), &Slot::System, &life))?;
        let mut report = BackupReport { records, files: 0, bytes: length(&store).map_err(failed)? };
        // The records first: what is filed after them is not named, and its file not missed.
        for file in whole_files(&snapshot)? {
            for name in [file.to_string(), format!("{file}.leaves")] {
                let (source, target) = (self.attachments_dir().join(&name), folder.join(&name));
                report.bytes += copy(&source, &target).map_err(failed)?;
            }
            report.files += 1;
        }
        sync(&folder).and_then(|()| sync(to)).map_err(failed)?;
        Ok(report)
    }
}

/// Files that are here as a whole. Those on their way are fetched again by whoever starts from the backup.
fn whole_files(read: &impl Read) -> Result<Vec<ItemId>, Problem> {
    let blobs: Vec<(super::attachments::Place, BlobRecord)> = read.all(BLOBS)?;
    let uploads: Vec<((ItemId, ItemId), Upload)> = read.all(UPLOADS)?;
    let blobs =
        blobs.into_iter().filter(|(_, blob)| blob.state == BlobState::Whole).map(|(_, blob)| blob.file);
    let uploads = uploads.into_iter().filter(|(_, upload)| upload.whole.is_some());
    Ok(blobs.chain(uploads.map(|(_, upload)| upload.file)).collect())
}

fn copy(source: &Path, target: &Path) -> io::Result<u64> {
    let bytes = std::fs::copy(source, target)?;
    File::open(target)?.sync_all()?;
    Ok(bytes)
}

fn length(path: &Path) -> io::Result<u64> {
    Ok(path.metadata()?.len())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
