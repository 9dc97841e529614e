//! A query that is only ever moved by whole steps.
//!
//! tantivy 0.27 moves the parts of a boolean query with `seek_danger`, which may leave a part between two
//! documents. An exclusion (`Exclude`) asks a phrase that way for documents before the one it stands on,
//! which the phrase asserts never happens, and in a build without assertions answers from a state it calls
//! invalid. Behind this wrapper a phrase sees `advance` and `seek` alone, and what it is asked for never lies
//! behind it.

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, Term};

#[derive(Debug)]
pub(crate) struct Settled(pub(crate) Box<dyn Query>);

impl Clone for Settled {
    fn clone(&self) -> Self {
        Self(self.0.box_clone())
    }
}

impl Query for Settled {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(SettledWeight(self.0.weight(scoring)?)))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.query_terms(visitor);
    }
}

struct SettledWeight(Box<dyn Weight>);

impl Weight for SettledWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(SettledScorer(self.0.scorer(segment, boost)?)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(segment, doc)
    }
}

struct SettledScorer(Box<dyn Scorer>);

/// `seek_danger` is left to its default, which looks at `doc` and moves with `seek`.
impl DocSet for SettledScorer {
    fn advance(&mut self) -> DocId {
        self.0.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.0.seek(target)
    }

    fn doc(&self) -> DocId {
        self.0.doc()
    }

    fn size_hint(&self) -> u32 {
        self.0.size_hint()
    }

    fn cost(&self) -> u64 {
        self.0.cost()
    }
}

impl Scorer for SettledScorer {
    fn score(&mut self) -> Score {
        self.0.score()
    }
}
