//! Each limit, at it and one past it.

use super::support::{READER, ask, doc, id, query, shelf};
use crate::limits::{
    AUDIENCE_TOKENS_MAX, FACET_MONTHS_MAX, FACET_VALUES_MAX, FILTER_BYTES_MAX, HITS_MAX, PREFIXES_MAX,
    TERMS_MAX, TEXT_CHARS_MAX,
};
use crate::{Document, Query, SearchError, search};

fn refusal(query: &Query) -> Option<SearchError> {
    let (_dir, shelf) = shelf(&[doc(1, "A", "mot")]);
    search(&[&shelf], query).err()
}

fn words(count: usize, word: &str) -> Query {
    query(&vec![word; count].join(" "))
}

#[test]
fn the_text_is_counted_in_characters() {
    assert!(refusal(&query(&"é".repeat(TEXT_CHARS_MAX))).is_none());
    let past = refusal(&query(&"é".repeat(TEXT_CHARS_MAX + 1)));
    assert!(matches!(past, Some(SearchError::TextTooLong { expected: 1_000, got: 1_001 })), "{past:?}");
}

#[test]
fn words_and_prefixes_are_counted() {
    assert!(refusal(&words(TERMS_MAX, "mot")).is_none());
    let past = refusal(&words(TERMS_MAX + 1, "mot"));
    assert!(matches!(past, Some(SearchError::TooManyTerms { expected: 32, got: 33 })), "{past:?}");
    let quoted = refusal(&query(&format!("-\"{}\"", vec!["mot"; TERMS_MAX + 1].join(" "))));
    assert!(matches!(quoted, Some(SearchError::TooManyTerms { .. })), "{quoted:?}");
    assert!(refusal(&words(PREFIXES_MAX, "mot*")).is_none());
    let past = refusal(&words(PREFIXES_MAX + 1, "mot*"));
    assert!(matches!(past, Some(SearchError::TooManyPrefixes { expected: 4, got: 5 })), "{past:?}");
}

#[test]
fn a_page_does_not_reach_too_deep() {
    let page = |offset, limit| refusal(&Query { offset, limit, ..query("") });
    assert!(page(HITS_MAX - 5, 5).is_none());
    let past = page(HITS_MAX - 5, 6);
    assert!(matches!(past, Some(SearchError::PageTooDeep { expected: 1_000, got: 1_001 })), "{past:?}");
    assert!(matches!(page(usize::MAX, 2), Some(SearchError::PageTooDeep { .. })));
}

#[test]
fn the_audience_is_counted() {
    let (_dir, shelf) = shelf(&[doc(1, "A", "mot")]);
    let mut audience: Vec<_> = (1..AUDIENCE_TOKENS_MAX).map(|n| format!("g:{n}")).collect();
    audience.push(READER.to_owned());
    let mut question = Query { audience, ..query("mot") };
    assert_eq!(ask(&shelf, &question).total, 1);
    question.audience.push("g:past".to_owned());
    let past = refusal(&question);
    assert!(matches!(past, Some(SearchError::AudienceTooLarge { expected: 4_096, got: 4_097 })), "{past:?}");
}

#[test]
fn filters_and_tokens_are_measured() {
    let fits = "x".repeat(FILTER_BYTES_MAX);
    let past = "x".repeat(FILTER_BYTES_MAX + 1);
    assert!(refusal(&Query { tag: Some(fits.clone()), audience: vec![fits], ..query("") }).is_none());
    let tag = refusal(&Query { tag: Some(past.clone()), ..query("") });
    assert!(
        matches!(tag, Some(SearchError::FilterTooLong { filter: "a tag", expected: 512, got: 513 })),
        "{tag:?}"
    );
    let token = refusal(&Query { audience: vec![past], ..query("") });
    assert!(
        matches!(token, Some(SearchError::FilterTooLong { filter: "an audience token", .. })),
        "{token:?}"
    );
}

#[test]
fn facets_give_a_bounded_number_of_values() {
    let many = FACET_MONTHS_MAX + 2;
    let docs: Vec<_> = (0..many)
        .map(|n| Document {
            id: protocol::ids::ItemId::from_bytes((n as u128).to_be_bytes()),
            tags: vec![format!("tag{n:04}"), "common".to_owned()],
            month: format!("{:04}-01", 1_800 + n),
            ..doc(1, "A", "mot")
        })
        .collect();
    let (_dir, shelf) = shelf(&docs);
    let answer = ask(&shelf, &query(""));
    assert_eq!(answer.total, many as u64);
    assert_eq!(answer.facets.tag.len(), FACET_VALUES_MAX);
    assert_eq!(answer.facets.tag[0], ("common".to_owned(), many as u64));
    assert_eq!(answer.facets.tag[1], ("tag0000".to_owned(), 1));
    assert_eq!(answer.facets.month.len(), FACET_MONTHS_MAX);
    assert_eq!(answer.facets.month[0], ("1802-01".to_owned(), 1), "the oldest are left out");
    assert_ne!(answer.hits[0].id, id(1));
}
