//! One pass over what matched: the total, the best hits and the counts.

use crate::answer::Hit;
use crate::document::id_of;
use crate::facets::{SegmentTally, Tally};
use crate::schema::{DATE_S, ID_HIGH, ID_LOW};
use crate::score::{Scale, SegmentScale};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// What was found, on one segment or on a whole shelf.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) total: u64,
    /// At least the best hits asked for, in no order.
    pub(crate) hits: Vec<Hit>,
    pub(crate) tally: Tally,
}

impl Gathered {
    pub(crate) fn add(&mut self, other: Self) {
        self.total += other.total;
        self.hits.extend(other.hits);
        self.tally.add(other.tally);
    }
}

/// Gathers from a shelf, keeping `depth` hits a segment.
pub(crate) struct Gatherer {
    pub(crate) scale: Scale,
    pub(crate) depth: usize,
}

impl Collector for Gatherer {
    type Fruit = Gathered;
    type Child = SegmentGatherer;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentGatherer> {
        let columns = segment.fast_fields();
        Ok(SegmentGatherer {
            scale: self.scale.on(segment)?,
            tally: SegmentTally::on(segment)?,
            date_s: columns.i64(DATE_S)?,
            id_high: columns.u64(ID_HIGH)?,
            id_low: columns.u64(ID_LOW)?,
            best: BinaryHeap::with_capacity(self.depth),
            depth: self.depth,
            total: 0,
        })
    }

    /// Scores are worked out by the scale, never by the query: the order in which a query adds depends on the
    /// index.
    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Gathered>>) -> tantivy::Result<Gathered> {
        let mut gathered = Gathered::default();
        for segment in segments {
            gathered.add(segment?);
        }
        Ok(gathered)
    }
}

pub(crate) struct SegmentGatherer {
    scale: SegmentScale,
    tally: SegmentTally,
    date_s: Column<i64>,
    id_high: Column<u64>,
    id_low: Column<u64>,
    /// The worst of the best on top.
    best: BinaryHeap<Ranked>,
    depth: usize,
    total: u64,
}

impl SegmentGatherer {
    fn hit(&mut self, doc: DocId) -> Hit {
        let half = |column: &Column<u64>| column.first(doc).unwrap_or_default();
        Hit {
            id: id_of(half(&self.id_high), half(&self.id_low)),
            score: self.scale.score(doc),
            date_s: self.date_s.first(doc).unwrap_or_default(),
        }
    }
}

impl SegmentCollector for SegmentGatherer {
    type Fruit = tantivy::Result<Gathered>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.total += 1;
        self.tally.count(doc);
        if self.depth == 0 {
            return;
        }
        let found = Ranked(self.hit(doc));
        if self.best.len() < self.depth {
            self.best.push(found);
        } else if let Some(mut worst) = self.best.peek_mut()
            && found < *worst
        {
            *worst = found;
        }
    }

    fn harvest(self) -> Self::Fruit {
        let hits = self.best.into_iter().map(|Ranked(hit)| hit).collect();
        Ok(Gathered { total: self.total, hits, tally: self.tally.into_tally()? })
    }
}

/// A hit in the order of an answer, the best being the least.
struct Ranked(Hit);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order(&other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}
