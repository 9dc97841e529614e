//! Importing printed correspondence: one JSON record a line, filed in the name of a group and
//! carried to its addressees like any other item, but never as an agent's release.
//!
//! Decides which records are malformed and why, that none is filed twice, and that each is filed
//! whole or not at all. Does not decide what printed markings mean: the map of the one who imports
//! does. Enclosures, editors' notes and printed serial numbers of a record are not taken.

mod filed;
mod limits;
mod lines;
mod mapping;
mod plan;
mod record;
mod subject;
#[cfg(test)]
mod tests;

pub use mapping::Mapping;

use super::{Desks, Problem};
use limits::{BATCHES_AHEAD, MALFORMED_LISTED_MAX};
use lines::{Batch, Lines};
use protocol::correspondence::Address;
use protocol::refusal::Code;
use std::fs::File;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// What to import, in whose name, for whom.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// Records, one a line.
    pub file: PathBuf,
    /// The sending group, of this node.
    pub from: Address,
    /// All of them action addressees.
    pub to: Vec<Address>,
    /// What printed markings mean here; see [`Mapping`].
    pub map: PathBuf,
}

/// What became of the records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Filed by this run.
    pub imported: u64,
    /// Filed before, by their source's id.
    pub skipped_duplicates: u64,
    /// Not filed.
    pub malformed_count: u64,
    /// The first of those by line, each with the reason.
    pub malformed: Vec<(u64, String)>,
}

impl ImportReport {
    fn refuse(&mut self, line: u64, reason: String) {
        self.malformed_count += 1;
        if self.malformed.len() < MALFORMED_LISTED_MAX {
            self.malformed.push((line, reason));
        }
    }
}

impl Desks {
    /// Imports a file. `progress` is told how many bytes were read, and of how many. What is counted
    /// as imported is durable; after an error, a second run goes on where this one stopped.
    ///
    /// # Errors
    /// Fields `map`, `from` and `to` before anything is written; `file` also when reading it fails
    /// on the way; what a filing refuses.
    pub async fn import(
        &self,
        request: ImportRequest,
        progress: impl Fn(u64, u64),
    ) -> Result<ImportReport, Problem> {
        let mapping = Mapping::read(&request.map)
            .map_err(|error| Problem::field("map", Code::FieldInvalid, error.to_string()))?;
        let plan = self.import_plan(&request, mapping)?;
        let (file, total) = open(&request.file)?;
        let (batches, mut ready) = mpsc::channel::<Batch>(BATCHES_AHEAD);
        let desks = self.clone();
        let reading = spawn_blocking(move || Lines::new(file).read(&desks, &plan, &batches));
        let mut report = ImportReport::default();
        while let Some(batch) = ready.recv().await {
            for (line, reason) in batch.malformed {
                report.refuse(line, reason);
            }
            let filed = self.file_imports(batch.items).await?;
            report.imported += filed.imported;
            report.skipped_duplicates += filed.duplicates;
            progress(batch.bytes_read, total);
        }
        let ended = reading.await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "import.broke_off");
            Problem::new(Code::Internal, "the import broke off; run it again to go on")
        })?;
        ended.map_err(|error| unreadable(&request.file, &error))?;
        Ok(report)
    }
}

fn open(path: &Path) -> Result<(File, u64), Problem> {
    let opened = File::open(path).and_then(|file| {
        let total = file.metadata()?.len();
        Ok((file, total))
    });
    opened.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::field("file", Code::FieldInvalid, format!("{} cannot be read: {error}", path.display()))
}
