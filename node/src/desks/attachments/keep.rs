//! Files on disk that nothing speaks of any more: of dropped drafts, and of a start that was cut off
//! between a file and its record.

use super::Desks;
use crate::desks::error::ActError;
use crate::desks::records::{BLOBS, BlobRecord, UPLOADS, Upload};
use protocol::ids::ItemId;
use std::collections::BTreeSet;
use store::{Chunks, Read};

impl Desks {
    /// Removes files in the background. What fails is removed at the next start.
    pub(in crate::desks) fn remove_files(&self, files: Vec<ItemId>) {
        let (desks, dir) = (self.clone(), self.attachments_dir());
        tokio::task::spawn_blocking(move || {
            for file in files {
                desks.forget_file(file);
                if let Err(error) = Chunks::remove(&dir, file) {
                    tracing::warn!(error = &error as &dyn std::error::Error, "attachment.not_removed");
                }
            }
        });
    }

    /// Removes what no record names. At the start, before anybody writes.
    pub(in crate::desks) fn sweep_files(&self) -> Result<(), ActError> {
        let Ok(listing) = std::fs::read_dir(self.attachments_dir()) else { return Ok(()) };
        let snapshot = self.inner.store.snapshot()?;
        let blobs: Vec<(super::Place, BlobRecord)> = snapshot.all(BLOBS)?;
        let uploads: Vec<((ItemId, ItemId), Upload)> = snapshot.all(UPLOADS)?;
        let named = blobs.into_iter().map(|(_, blob)| blob.file);
        let named: BTreeSet<ItemId> =
            named.chain(uploads.into_iter().map(|(_, upload)| upload.file)).collect();
        let present = listing.filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.split('.').next()?.parse::<ItemId>().ok()
        });
        let left: BTreeSet<ItemId> = present.filter(|file| !named.contains(file)).collect();
        if !left.is_empty() {
            self.remove_files(left.into_iter().collect());
        }
        Ok(())
    }
}
