//! Which documents match: one boolean query a shelf, with the audience and every filter inside it.
//!
//! Decides nothing about order. The query is run without scoring; see `score`.

use crate::parse::{Clause, Parsed};
use crate::query::Query;
use crate::schema::Fields;
use crate::settled::Settled;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, Query as IndexQuery, RangeQuery, TermQuery,
    TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

type Part = (Occur, Box<dyn IndexQuery>);

/// Puts the question into the terms of the index. The audience comes first and is never left out: with no
/// token it matches nothing.
pub(crate) fn plan(query: &Query, parsed: &Parsed, fields: &Fields) -> BooleanQuery {
    let audience = query.audience.iter().map(|token| Term::from_field_text(fields.audience, token));
    let mut parts: Vec<Part> = vec![(Occur::Must, Box::new(TermSetQuery::new(audience)))];
    let filters = [
        (fields.kind, &query.kind),
        (fields.tag, &query.tag),
        (fields.classification, &query.classification),
        (fields.group, &query.group),
        (fields.community, &query.community),
        (fields.precedence, &query.precedence),
    ];
    for (field, value) in filters {
        parts.extend(value.iter().map(|value| (Occur::Must, term(field, value))));
    }
    parts.extend(dates(query, fields).map(|dates| (Occur::Must, dates)));
    parts.extend(parsed.wanted.iter().map(|clause| (Occur::Must, clause_query(clause, fields))));
    parts.extend(parsed.unwanted.iter().map(|clause| (Occur::MustNot, clause_query(clause, fields))));
    BooleanQuery::new(parts)
}

fn dates(query: &Query, fields: &Fields) -> Option<Box<dyn IndexQuery>> {
    if query.since_s.is_none() && query.until_s.is_none() {
        return None;
    }
    let at = |date_s| Term::from_field_i64(fields.date_s, date_s);
    let since = query.since_s.map_or(Bound::Unbounded, |since_s| Bound::Included(at(since_s)));
    let until = query.until_s.map_or(Bound::Unbounded, |until_s| Bound::Excluded(at(until_s)));
    Some(Box::new(RangeQuery::new(since, until)))
}

fn clause_query(clause: &Clause, fields: &Fields) -> Box<dyn IndexQuery> {
    let searched = [fields.subject, fields.body, fields.names];
    match clause {
        Clause::Word(forms) => any(searched
            .into_iter()
            .flat_map(|field| forms.iter().map(move |form| term(field, form)))
            .collect()),
        Clause::Phrase(forms) => any(searched.into_iter().map(|field| phrase(field, forms)).collect()),
        Clause::Prefix(prefix) => {
            // No word has a character after U+10FFFF, so this is every word that begins with the prefix.
            let end = format!("{prefix}{}", char::MAX);
            Box::new(InvertedIndexRangeQuery::new(
                Bound::Included(Term::from_field_text(fields.surface, prefix)),
                Bound::Excluded(Term::from_field_text(fields.surface, &end)),
            ))
        }
    }
}

fn any(queries: Vec<Box<dyn IndexQuery>>) -> Box<dyn IndexQuery> {
    Box::new(BooleanQuery::union(queries))
}

fn term(field: Field, value: &str) -> Box<dyn IndexQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

fn phrase(field: Field, forms: &[String]) -> Box<dyn IndexQuery> {
    Box::new(Settled(Box::new(phrase_query(field, forms))))
}

/// A phrase in one field. A phrase clause always has at least two words, as tantivy requires.
pub(crate) fn phrase_query(field: Field, forms: &[String]) -> PhraseQuery {
    PhraseQuery::new(forms.iter().map(|form| Term::from_field_text(field, form)).collect())
}
