//! Exact counts over everything that matched, cut to a bounded number of values at the very end.

use crate::answer::Facets;
use crate::limits::{FACET_MONTHS_MAX, FACET_VALUES_MAX};
use std::collections::BTreeMap;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

/// The counted columns, in the order of [`Tally`].
const COLUMNS: [&str; 5] = ["kind", "tag", "classification", "community", "month"];

/// Counts by value, over segments and shelves.
#[derive(Debug, Default)]
pub(crate) struct Tally([BTreeMap<String, u64>; COLUMNS.len()]);

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            for (value, count) in theirs {
                *mine.entry(value).or_default() += count;
            }
        }
    }

    pub(crate) fn into_facets(self) -> Facets {
        let [kind, tag, classification, community, month] = self.0;
        Facets {
            kind: most_frequent(kind),
            tag: most_frequent(tag),
            classification: most_frequent(classification),
            community: most_frequent(community),
            month: newest(month),
        }
    }
}

fn most_frequent(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut values: Vec<_> = counts.into_iter().collect();
    // Stable: values with the same count stay in the order of their names.
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values.truncate(FACET_VALUES_MAX);
    values
}

fn newest(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let older = counts.len().saturating_sub(FACET_MONTHS_MAX);
    counts.into_iter().skip(older).collect()
}

/// Counts in one segment, by the number of each value in its column.
pub(crate) struct SegmentTally([Option<Counted>; COLUMNS.len()]);

struct Counted {
    column: StrColumn,
    counts: Vec<u64>,
}

impl SegmentTally {
    pub(crate) fn on(segment: &SegmentReader) -> tantivy::Result<Self> {
        let mut counted = [const { None }; COLUMNS.len()];
        for (slot, name) in counted.iter_mut().zip(COLUMNS) {
            *slot = segment
                .fast_fields()
                .str(name)?
                .map(|column| Counted { counts: vec![0; column.num_terms()], column });
        }
        Ok(Self(counted))
    }

    pub(crate) fn count(&mut self, doc: DocId) {
        for Counted { column, counts } in self.0.iter_mut().flatten() {
            for number in column.term_ords(doc) {
                if let Some(count) = counts.get_mut(number as usize) {
                    *count += 1;
                }
            }
        }
    }

    /// Values nobody counted are left out: that they exist must not show.
    pub(crate) fn into_tally(self) -> tantivy::Result<Tally> {
        let mut tally = Tally::default();
        for (slot, counted) in tally.0.iter_mut().zip(self.0) {
            let Some(Counted { column, counts }) = counted else { continue };
            for (number, count) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
                let mut value = String::new();
                column.ord_to_str(number, &mut value)?;
                slot.insert(value, count);
            }
        }
        Ok(tally)
    }
}
