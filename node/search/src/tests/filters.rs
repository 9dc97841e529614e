//! Filters, facets, pages and the merging of shelves.

use super::support::{READER, ask, doc, numbers, query, shelf};
use crate::{Document, Query, search};

fn varied() -> Vec<Document> {
    let one = doc(1, "Visite", "ministre");
    let two = Document {
        kind: "note".to_owned(),
        precedence: "flash".to_owned(),
        classification: "restricted".to_owned(),
        tags: vec!["trade".to_owned(), "health".to_owned(), "trade".to_owned()],
        communities: vec!["fishing".to_owned()],
        groups: vec!["rome@it".to_owned(), "paris@fr".to_owned()],
        month: "2026-09".to_owned(),
        ..doc(2, "Visite", "ministre")
    };
    let three = Document { kind: "note".to_owned(), tags: Vec::new(), ..doc(3, "Visite", "ministre") };
    vec![one, two, three]
}

#[test]
fn each_filter_restricts_hits_total_and_facets() {
    let (_dir, shelf) = shelf(&varied());
    let some = |value: &str| Some(value.to_owned());
    let base = query("visite");
    let cases = [
        (Query { kind: some("note"), ..base.clone() }, vec![3, 2]),
        (Query { tag: some("trade"), ..base.clone() }, vec![2]),
        (Query { tag: some("Trade"), ..base.clone() }, vec![]),
        (Query { classification: some("open"), ..base.clone() }, vec![3, 1]),
        (Query { group: some("rome@it"), ..base.clone() }, vec![2]),
        (Query { community: some("fishing"), ..base.clone() }, vec![2]),
        (Query { precedence: some("flash"), ..base.clone() }, vec![2]),
        (Query { since_s: Some(1_700_000_002), ..base.clone() }, vec![3, 2]),
        (Query { until_s: Some(1_700_000_002), ..base.clone() }, vec![1]),
        (Query { since_s: Some(1_700_000_002), until_s: Some(1_700_000_003), ..base.clone() }, vec![2]),
        (Query { since_s: Some(i64::MAX), until_s: Some(i64::MIN), ..base.clone() }, vec![]),
        (Query { kind: some("note"), tag: some("health"), ..base.clone() }, vec![2]),
    ];
    for (query, expected) in cases {
        let answer = ask(&shelf, &query);
        assert_eq!(numbers(&answer), expected, "{query:?}");
        assert_eq!(answer.total, expected.len() as u64);
        let counted: u64 = answer.facets.kind.iter().map(|(_, count)| count).sum();
        assert_eq!(counted, answer.total);
    }
}

#[test]
fn facets_are_exact_and_ordered() {
    let (_dir, shelf) = shelf(&varied());
    let facets = ask(&shelf, &query("")).facets;
    let counts = |values: &[(&str, u64)]| -> Vec<(String, u64)> {
        values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    assert_eq!(facets.kind, counts(&[("note", 2), ("telegram", 1)]));
    assert_eq!(facets.tag, counts(&[("health", 2), ("trade", 1)]), "a tag given twice counts once");
    assert_eq!(facets.classification, counts(&[("open", 2), ("restricted", 1)]));
    assert_eq!(facets.community, counts(&[("fishing", 1)]));
    assert_eq!(facets.month, counts(&[("2026-09", 1), ("2026-10", 2)]));
}

#[test]
fn two_shelves_answer_as_one() {
    let all: Vec<_> = (1..=12).map(|n| doc(n, "Accord", &"pêche ".repeat(usize::from(n % 4) + 1))).collect();
    let (odd, even): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|doc| doc.date_s % 2 == 1);
    let (_one, whole) = shelf(&all);
    let (_two, odd) = shelf(&odd);
    let (_three, even) = shelf(&even);
    for text in ["pêche", "accord peche", "", "\"pêche pêche\""] {
        for (offset, limit) in [(0, 20), (0, 3), (3, 4), (10, 5), (0, 0), (50, 5)] {
            let page = Query { offset, limit, ..query(text) };
            let expected = ask(&whole, &page);
            assert_eq!(search(&[&odd, &even], &page).unwrap(), expected, "{page:?}");
            assert_eq!(search(&[&even, &odd], &page).unwrap(), expected, "{page:?}");
        }
    }
}

#[test]
fn pages_do_not_overlap_and_no_shelf_finds_nothing() {
    let docs: Vec<_> = (1..=9).map(|n| Document { date_s: 7, ..doc(n, "Accord", "pêche") }).collect();
    let (_dir, shelf) = shelf(&docs);
    let page = |offset| numbers(&ask(&shelf, &Query { offset, limit: 3, ..query("pêche") }));
    assert_eq!(
        [page(0), page(3), page(6), page(9)].concat(),
        (1..=9).collect::<Vec<_>>(),
        "equal hits go by id"
    );
    assert_eq!(search(&[], &query("")).unwrap(), crate::Answer::default());
}

#[test]
fn a_reader_needs_one_of_the_audience_tokens() {
    let shared = Document { audience: vec!["g:other".to_owned(), READER.to_owned()], ..doc(1, "A", "mot") };
    let closed = Document { audience: vec!["g:other".to_owned()], ..doc(2, "B", "mot") };
    let nobody = Document { audience: Vec::new(), ..doc(3, "C", "mot") };
    let (_dir, shelf) = shelf(&[shared, closed, nobody]);
    let with = |tokens: &[&str]| {
        let audience = tokens.iter().map(|token| (*token).to_owned()).collect();
        numbers(&ask(&shelf, &Query { audience, ..query("mot") }))
    };
    assert_eq!(with(&[READER]), [1]);
    assert_eq!(with(&["g:other"]), [2, 1]);
    assert_eq!(with(&["g:other", READER, "g:none"]), [2, 1]);
    assert_eq!(with(&["g:none"]), [0; 0]);
    assert_eq!(with(&["g:*"]), [0; 0]);
    assert_eq!(with(&[]), [0; 0]);
}
