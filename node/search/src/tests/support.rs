//! Documents and questions for the other tests.

use crate::{Answer, Document, Query, Shelf, search};
use protocol::ids::ItemId;
use tempfile::TempDir;

/// A token every test reader holds unless said otherwise.
pub(super) const READER: &str = "g:reader";

pub(super) fn id(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

/// A telegram open to the test reader; later numbers are newer.
pub(super) fn doc(number: u8, subject: &str, body: &str) -> Document {
    Document {
        id: id(number),
        kind: "telegram".to_owned(),
        precedence: "routine".to_owned(),
        classification: "open".to_owned(),
        tags: vec!["health".to_owned()],
        communities: Vec::new(),
        groups: vec!["paris@fr".to_owned()],
        audience: vec![READER.to_owned()],
        date_s: 1_700_000_000 + i64::from(number),
        month: "2026-10".to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        names: "Ambassade à Abidjan".to_owned(),
    }
}

pub(super) fn empty() -> (TempDir, Shelf) {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    (dir, shelf)
}

pub(super) fn shelf(docs: &[Document]) -> (TempDir, Shelf) {
    let (dir, shelf) = empty();
    docs.iter().for_each(|doc| shelf.put(doc).unwrap());
    shelf.commit(docs.len() as u64).unwrap();
    (dir, shelf)
}

pub(super) fn query(text: &str) -> Query {
    Query { text: text.to_owned(), audience: vec![READER.to_owned()], limit: 20, ..Query::default() }
}

pub(super) fn ask(shelf: &Shelf, query: &Query) -> Answer {
    search(&[shelf], query).unwrap()
}

/// The first byte of each hit's id, in order.
pub(super) fn numbers(answer: &Answer) -> Vec<u8> {
    answer.hits.iter().map(|hit| hit.id.as_bytes()[0]).collect()
}

pub(super) fn found(shelf: &Shelf, text: &str) -> Vec<u8> {
    numbers(&ask(shelf, &query(text)))
}
