//! How much a document that matches weighs: BM25 with the fixed statistics.
//!
//! Weights are read per document and added in the order of the text and of the fields. tantivy's own scorers
//! are not asked to add: they order their parts by how frequent each is in the index, and since floating
//! point addition is not associative, the last digits of a score would tell something about documents the
//! reader may not see.

use crate::parse::Clause;
use crate::plan::phrase_query;
use crate::schema::Fields;
use crate::statistics::FixedStatistics;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{Bm25Weight, EnableScoring, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, Term};

const SUBJECT_BOOST: Score = 3.0;
const BODY_BOOST: Score = 1.0;
const NAMES_BOOST: Score = 1.5;

/// What one wanted clause weighs in one field: the heaviest of its forms.
struct InField(Vec<Gauge>);

enum Gauge {
    Word { term: Term, weight: Bm25Weight },
    Phrase { weight: Box<dyn Weight>, boost: Score },
}

/// The weights of a text, for one shelf.
pub(crate) struct Scale(Vec<InField>);

impl Scale {
    /// A prefix has no weight: it holds for every hit alike, and what it was expanded to must not show.
    pub(crate) fn new(wanted: &[Clause], fields: &Fields, searcher: &Searcher) -> tantivy::Result<Self> {
        let statistics = FixedStatistics { fields: *fields };
        let boosts =
            [(fields.subject, SUBJECT_BOOST), (fields.body, BODY_BOOST), (fields.names, NAMES_BOOST)];
        let mut parts = Vec::new();
        for clause in wanted {
            for (field, boost) in boosts {
                let gauges = match clause {
                    Clause::Word(forms) => words(forms, field, boost, &statistics)?,
                    Clause::Phrase(forms) => vec![phrase(forms, field, boost, &statistics, searcher)?],
                    Clause::Prefix(_) => continue,
                };
                parts.push(InField(gauges));
            }
        }
        Ok(Self(parts))
    }

    /// The same weights, ready to be read from one segment.
    pub(crate) fn on(&self, segment: &SegmentReader) -> tantivy::Result<SegmentScale> {
        let fields = self.0.iter().map(|field| {
            field
                .0
                .iter()
                .filter_map(|gauge| gauge.on(segment).transpose())
                .collect::<tantivy::Result<Vec<_>>>()
        });
        Ok(SegmentScale(fields.collect::<tantivy::Result<_>>()?))
    }
}

fn words(
    forms: &[String],
    field: Field,
    boost: Score,
    statistics: &FixedStatistics,
) -> tantivy::Result<Vec<Gauge>> {
    let gauge = |form: &String| {
        let term = Term::from_field_text(field, form);
        let weight = Bm25Weight::for_terms(statistics, std::slice::from_ref(&term))?.boost_by(boost);
        Ok(Gauge::Word { term, weight })
    };
    forms.iter().map(gauge).collect()
}

fn phrase(
    forms: &[String],
    field: Field,
    boost: Score,
    statistics: &FixedStatistics,
    searcher: &Searcher,
) -> tantivy::Result<Gauge> {
    let scoring = EnableScoring::enabled_from_statistics_provider(statistics, searcher);
    Ok(Gauge::Phrase { weight: phrase_query(field, forms).weight(scoring)?, boost })
}

impl Gauge {
    /// `None` when the segment does not have the word.
    fn on(&self, segment: &SegmentReader) -> tantivy::Result<Option<SegmentGauge>> {
        match self {
            Self::Phrase { weight, boost } => Ok(Some(SegmentGauge::Phrase(weight.scorer(segment, *boost)?))),
            Self::Word { term, weight } => {
                let postings = segment
                    .inverted_index(term.field())?
                    .read_postings(term, IndexRecordOption::WithFreqs)?;
                let Some(postings) = postings else { return Ok(None) };
                let lengths = segment.get_fieldnorms_reader(term.field())?;
                let (postings, weight) = (Box::new(postings), weight.clone());
                Ok(Some(SegmentGauge::Word { postings, lengths, weight }))
            }
        }
    }
}

/// The weights of a text in one segment. Documents must be asked for in rising order.
pub(crate) struct SegmentScale(Vec<Vec<SegmentGauge>>);

impl SegmentScale {
    pub(crate) fn score(&mut self, doc: DocId) -> Score {
        let mut sum = 0.0;
        for forms in &mut self.0 {
            sum += forms.iter_mut().map(|gauge| gauge.score(doc)).fold(0.0, Score::max);
        }
        sum
    }
}

enum SegmentGauge {
    Word { postings: Box<SegmentPostings>, lengths: FieldNormReader, weight: Bm25Weight },
    Phrase(Box<dyn Scorer>),
}

impl SegmentGauge {
    fn score(&mut self, doc: DocId) -> Score {
        match self {
            Self::Word { postings, lengths, weight } => {
                if reaches(postings.as_mut(), doc) {
                    return weight.score(lengths.fieldnorm_id(doc), postings.term_freq());
                }
            }
            Self::Phrase(scorer) => {
                if reaches(scorer.as_mut(), doc) {
                    return scorer.score();
                }
            }
        }
        0.0
    }
}

/// Moves forward to a document; false when it is not among those listed.
fn reaches(listed: &mut (impl DocSet + ?Sized), doc: DocId) -> bool {
    if listed.doc() < doc {
        listed.seek(doc);
    }
    listed.doc() == doc
}
