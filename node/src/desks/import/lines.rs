//! Reading the file line by line, with bounded memory, ahead of the store.

use super::limits::{BATCH_LINES, BATCH_RECORDS, LINE_BYTES_MAX};
use super::plan::{Plan, Ready};
use super::record::{RecordError, read};
use crate::desks::Desks;
use std::io::{BufRead, BufReader, Read};
use tokio::sync::mpsc::Sender;

/// Some lines of the file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Ready>,
    /// Line and reason.
    pub(super) malformed: Vec<(u64, String)>,
    /// Of the file, up to the end of this batch.
    pub(super) bytes_read: u64,
}

/// A file of records.
pub(super) struct Lines<R> {
    file: BufReader<R>,
    line: Vec<u8>,
    number: u64,
    bytes_read: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file: BufReader::new(file), line: Vec::new(), number: 0, bytes_read: 0 }
    }

    /// Reads to the end, or until nobody takes the batches. Blocks.
    pub(super) fn read(mut self, desks: &Desks, plan: &Plan, batches: &Sender<Batch>) -> std::io::Result<()> {
        let mut batch = Batch::default();
        let mut lines = 0;
        while let Some(whole) = self.next()? {
            lines += 1;
            let prepared = match whole {
                Ok([]) => continue,
                Ok(line) => read(line, &plan.mapping).and_then(|record| desks.prepare_import(plan, record)),
                Err(error) => Err(error),
            };
            match prepared {
                Ok(ready) => batch.items.push(ready),
                Err(error) => batch.malformed.push((self.number, error.to_string())),
            }
            if batch.items.len() >= BATCH_RECORDS || lines >= BATCH_LINES {
                batch.bytes_read = self.bytes_read;
                lines = 0;
                if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return Ok(());
                }
            }
        }
        batch.bytes_read = self.bytes_read;
        // Whoever waited for it has gone, and has been told why.
        let _ = batches.blocking_send(batch);
        Ok(())
    }

    /// The next line without its end, blanks around it cut; `None` at the end of the file. A line
    /// over the limit is passed over without being held.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Result<&[u8], RecordError>>> {
        self.line.clear();
        let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
        // One more for the line's end: without it, the line is too long or the last of the file.
        let read = self.file.by_ref().take(limit + 1).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = self.line.last() == Some(&b'\n');
        let skipped = if ended || read <= LINE_BYTES_MAX { 0 } else { self.file.skip_until(b'\n')? };
        self.bytes_read = self.bytes_read.saturating_add(u64::try_from(read + skipped).unwrap_or(u64::MAX));
        if !ended && read > LINE_BYTES_MAX {
            return Ok(Some(Err(RecordError::LineTooLong)));
        }
        Ok(Some(Ok(self.line.trim_ascii())))
    }
}
