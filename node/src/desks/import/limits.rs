//! Every limit of an import, with its reason.

/// One record. The longest of the corpus has 50,000 bytes, enclosures included; beyond this a line
/// is not a record but another kind of file.
pub(super) const LINE_BYTES_MAX: usize = 1024 * 1024;
/// A map: a few dozen printed values.
pub(super) const MAP_BYTES_MAX: u64 = 64 * 1024;
/// Records filed by one act. They share a sync, and other acts wait no longer than for these.
pub(super) const BATCH_RECORDS: usize = 50;
/// Lines of one batch, malformed ones included: progress shows and memory stays bounded.
pub(super) const BATCH_LINES: usize = 500;
/// Batches read ahead of the store.
pub(super) const BATCHES_AHEAD: usize = 2;
/// Malformed records named one by one; the rest is counted.
pub(super) const MALFORMED_LISTED_MAX: usize = 10_000;
/// Characters of a subject taken from the text.
pub(super) const DERIVED_SUBJECT_CHARS: usize = 80;
/// Characters of an input shown in a reason.
pub(super) const SHOWN_CHARS: usize = 80;
