//! Law 7 from outside: a reader cannot tell a shelf with documents of another audience from one without them.

use super::support::{doc, empty, query};
use crate::{Document, Query, Shelf, search};

const TEXTS: [&str; 12] = [
    "",
    "évacuation",
    "evacuation abidjan ressortissants",
    "ressortissants evacuation abidjan liste avion",
    "\"évacuation des ressortissants\"",
    "évac*",
    "avion -liste",
    "-avion",
    "le des avion",
    "the embassy of evacuation",
    "secret",
    "sec* avion",
];

/// What the reader sees, as text so that every digit of a score counts.
fn seen(shelf: &Shelf) -> Vec<String> {
    let mut seen = Vec::new();
    for text in TEXTS {
        for (offset, limit) in [(0, 10), (4, 3), (0, 0)] {
            let question = Query { offset, limit, ..query(text) };
            seen.push(format!("{text}: {:?}", search(&[shelf], &question).unwrap()));
        }
        let filtered = Query { tag: Some("health".to_owned()), since_s: Some(1_700_000_010), ..query(text) };
        seen.push(format!("{text}: {:?}", search(&[shelf], &filtered).unwrap()));
    }
    seen
}

fn open_documents() -> Vec<Document> {
    let phrases = [
        "évacuation des ressortissants par avion, liste jointe, Abidjan",
        "l’avion est parti d'Abidjan avec la liste",
        "secrétariat général : évacuation, évacuations et évacués du pays",
        "the embassy of the republic lists evacuation planes",
        "ressortissants ressortissants avion",
    ];
    (0..60u8)
        .map(|n| {
            let at = usize::from(n);
            let body = format!("{} {}", phrases[at % 5], phrases[(at / 5) % 5].repeat(at % 4));
            let tags = vec![["health", "trade", "visa"][at % 3].to_owned()];
            Document { tags, ..doc(n, phrases[(at / 3) % 5], &body) }
        })
        .collect()
}

fn other_documents() -> Vec<Document> {
    (0..40u8)
        .map(|n| Document {
            audience: vec!["g:other".to_owned()],
            kind: "secret-kind".to_owned(),
            classification: "secret".to_owned(),
            communities: vec!["cabal".to_owned()],
            tags: vec!["health".to_owned(), "conspiracy".to_owned()],
            month: "2026-11".to_owned(),
            ..doc(100 + n, "secret évacuation", &"sectaire évacuation avion abidjan évacuateur ".repeat(9))
        })
        .collect()
}

#[test]
fn another_audience_leaves_no_trace_before_or_after_deletion() {
    let (_one, without) = empty();
    let (_two, with) = empty();
    // Two commits, so that the open documents are spread over segments in both worlds.
    for (round, docs) in open_documents().chunks(30).enumerate() {
        for doc in docs {
            without.put(doc).unwrap();
            with.put(doc).unwrap();
        }
        other_documents().iter().skip(round * 20).take(20).for_each(|doc| with.put(doc).unwrap());
        without.commit(round as u64 + 1).unwrap();
        with.commit(round as u64 + 1).unwrap();
    }
    let expected = seen(&without);
    assert!(expected.iter().any(|answer| answer.contains("total: 60")), "{}", expected[0]);
    assert_eq!(with.len(), 100);
    assert_eq!(seen(&with), expected);
    for doc in other_documents() {
        with.remove(doc.id).unwrap();
    }
    with.commit(3).unwrap();
    assert_eq!(with.len(), 60);
    assert_eq!(seen(&with), expected);
}

#[test]
fn the_layout_of_segments_does_not_show() {
    let (_one, together) = empty();
    let (_two, apart) = empty();
    for (at, doc) in open_documents().iter().enumerate() {
        together.put(doc).unwrap();
        apart.put(doc).unwrap();
        if at % 9 == 0 {
            apart.commit(at as u64).unwrap();
        }
    }
    together.commit(1_000).unwrap();
    apart.commit(1_000).unwrap();
    assert_eq!(seen(&apart), seen(&together));
}

#[test]
fn another_audience_is_in_no_hit_total_or_facet() {
    let (_dir, shelf) = empty();
    for doc in open_documents().iter().chain(&other_documents()) {
        shelf.put(doc).unwrap();
    }
    shelf.commit(1).unwrap();
    let answer = search(&[&shelf], &query("évacuation")).unwrap();
    assert!(answer.hits.iter().all(|hit| hit.id.as_bytes()[0] < 100));
    let shown = format!("{answer:?}");
    for hidden in ["secret", "cabal", "conspiracy", "2026-11"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let other = Query { audience: vec!["g:other".to_owned()], ..query("évacuation") };
    assert_eq!(search(&[&shelf], &other).unwrap().total, 40);
}
