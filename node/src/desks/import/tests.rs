//! The shipped map and sample, the limits of a line, and the corpus where it is at hand.

use super::limits::LINE_BYTES_MAX;
use super::lines::Lines;
use super::mapping::{Mapping, MappingError};
use super::plan::item_id;
use super::record::{Record, RecordError, read};
use protocol::correspondence::{ItemKind, Precedence};
use protocol::ids::NodeId;
use protocol::label::Level;
use protocol::limits::PRINTED_LIST_MAX;
use protocol::limits::{BODY_BYTES_MAX, SUBJECT_CHARS_MAX};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

fn shipped() -> Mapping {
    Mapping::parse(include_str!("../../../samples/map.toml")).unwrap()
}

fn record(changes: &[(&str, Value)]) -> Result<Record, RecordError> {
    let mut record = json!({
        "id": "volume/d1", "kind": "telegram", "date": "1961-03-14", "from": "Embassy in Halden",
        "to": null, "classification": null, "precedence": null, "subject": null, "body": "Text."
    });
    for (field, value) in changes {
        record[*field] = value.clone();
    }
    read(record.to_string().as_bytes(), &shipped())
}

#[test]
fn the_sample_is_imported_whole_with_the_shipped_map() {
    let sample = include_str!("../../../samples/telegrams.jsonl");
    let records: Vec<_> = sample.lines().map(|line| read(line.as_bytes(), &shipped()).unwrap()).collect();
    assert_eq!(records.len(), 10);
    let urgent = records.iter().find(|record| record.mark.source == "sample-valise/d3").unwrap();
    assert_eq!((urgent.level.clone(), urgent.precedence), (Level::DR, Precedence::Immediate));
    assert_eq!(urgent.mark.precedence.as_deref(), Some("Niact; Presidential Handling"));
    assert!(urgent.mark.subject_derived && urgent.subject.chars().count() <= 80);
    let printed = records.iter().find(|record| record.mark.source == "sample-valise/d5").unwrap();
    assert_eq!((printed.kind, printed.level.clone()), (ItemKind::Telegram, Level::NP));
    assert!(!printed.mark.subject_derived);
}

#[test]
fn what_was_printed_with_a_record_is_kept_or_the_record_is_refused() {
    let enclosure = json!([{ "label": "A", "title": "Memorandum", "date": null, "body": "Second text." }]);
    let whole = [
        ("number", json!("459")),
        ("handling", json!(["Nodis"])),
        ("info_to", json!(["London", "Paris"])),
        ("enclosures", enclosure),
    ];
    let read = record(&whole).unwrap();
    assert_eq!(read.body, "Text.\n\nEnclosure 1 of 1 · A · Memorandum\n\nSecond text.");
    assert_eq!(read.mark.number.as_deref(), Some("459"));
    assert_eq!((read.mark.handling, read.mark.repeated_to.len()), (vec!["Nodis".to_owned()], 2));
    let places = |count: usize| record(&[("info_to", json!(vec!["Paris"; count]))]);
    assert!(places(PRINTED_LIST_MAX).is_ok());
    let got = PRINTED_LIST_MAX + 1;
    assert_eq!(places(got), Err(RecordError::ListTooLong { field: "info_to", got }));
    let long = json!([{ "body": "x".repeat(BODY_BYTES_MAX) }]);
    assert!(matches!(record(&[("enclosures", long)]), Err(RecordError::BodyTooLong { .. })));
}

#[test]
fn printed_markings_mean_what_the_map_says() {
    let map = shipped();
    assert_eq!(map.level(None), Some(Level::NP));
    assert_eq!(map.level(Some(" unclassified")), Some(Level::NP));
    assert_eq!(map.level(Some("Top Secret")), Some(Level::DR));
    assert_eq!(map.level(Some("Unclassified; Nodis")), Some(Level::DR), "an unknown part is not ignored");
    assert_eq!(map.precedence(None), Some(Precedence::Routine));
    assert_eq!(map.precedence(Some("us urgent; niact")), Some(Precedence::Immediate));
    assert_eq!(map.precedence(Some("Immediate; Soonest")), None);
}

#[test]
fn without_none_and_other_nothing_is_assumed() {
    let map = Mapping::parse("[classification]\nprinted = { Secret = \"DR+SF\" }\n[precedence]\n").unwrap();
    assert_eq!(map.level(None), None);
    assert_eq!(map.level(Some("Confidential")), None);
    assert_eq!(map.level(Some("Secret")).map(|level| level.to_string()).as_deref(), Some("DR+SF"));
    assert_eq!(map.precedence(None), None);
}

#[test]
fn a_wrong_map_is_refused_with_its_line() {
    let refused = |text: &str| Mapping::parse(text).unwrap_err().to_string();
    assert!(refused("[classification]\nnone = \"NP\"\nelse = \"DR\"\n[precedence]\n").contains("line 3"));
    assert!(
        refused("[classification]\nnone = \"SECRET\"\n[precedence]\n").contains("unknown classification")
    );
    assert!(refused("[classification]\n[precedence]\nnone = \"urgent\"\n").contains("unknown precedence"));
    let twice = "[classification]\nprinted = { A = \"NP\", a = \"DR\" }\n[precedence]\n";
    assert!(matches!(Mapping::parse(twice), Err(MappingError::Twice { .. })));
}

#[test]
fn each_fault_of_a_record_has_its_reason() {
    assert!(matches!(record(&[("id", json!(" "))]), Err(RecordError::IdMissing)));
    assert!(matches!(record(&[("kind", json!("postcard"))]), Err(RecordError::KindUnknown { .. })));
    assert!(matches!(record(&[("date", json!("1961-02-30"))]), Err(RecordError::DateInvalid { .. })));
    assert!(matches!(record(&[("body", json!(" \n"))]), Err(RecordError::BodyEmpty)));
    assert!(matches!(record(&[("body", json!(7))]), Err(RecordError::NotARecord { .. })));
    assert!(matches!(
        record(&[("precedence", json!("Soonest"))]),
        Err(RecordError::PrecedenceNotCovered { .. })
    ));
    assert!(matches!(
        record(&[("from", json!("x".repeat(201)))]),
        Err(RecordError::PrintedTooLong { field: "from", got: 201 })
    ));
    assert_eq!(read(b"{\"id\": \"\xff\"}", &shipped()), Err(RecordError::NotUtf8 { at: 8 }));
    assert!(matches!(read(b"not json", &shipped()), Err(RecordError::NotARecord { .. })));
}

#[test]
fn text_and_subject_at_the_limit_and_one_past() {
    assert!(record(&[("body", json!("b".repeat(BODY_BYTES_MAX)))]).is_ok());
    assert!(matches!(
        record(&[("body", json!("b".repeat(BODY_BYTES_MAX + 1)))]),
        Err(RecordError::BodyTooLong { .. })
    ));
    assert!(record(&[("subject", json!("é".repeat(SUBJECT_CHARS_MAX)))]).is_ok());
    assert!(matches!(
        record(&[("subject", json!("é".repeat(SUBJECT_CHARS_MAX + 1)))]),
        Err(RecordError::SubjectTooLong { .. })
    ));
}

#[test]
fn a_date_without_a_zone_is_utc() {
    let at = |date: &str| record(&[("date", json!(date))]).map(|record| record.at.to_string()).unwrap();
    assert_eq!(at("1918-02-18"), "1918-02-18T00:00:00.000Z");
    assert_eq!(at("1918-02-18T17:00:00"), "1918-02-18T17:00:00.000Z");
    assert_eq!(at("1952-01-25T08:59:00Z"), "1952-01-25T08:59:00.000Z");
    assert_eq!(at("1952-01-25T08:59:00+01:00"), "1952-01-25T07:59:00.000Z");
}

#[test]
fn lines_at_the_limit_and_one_past_are_told_apart() {
    let exact = "x".repeat(LINE_BYTES_MAX);
    let text = format!("{exact}\n{exact}x\n\n short \r\n{exact}");
    let mut lines = Lines::new(text.as_bytes());
    let mut lengths = Vec::new();
    while let Some(line) = lines.next().unwrap() {
        lengths.push(line.map(<[u8]>::len));
    }
    let whole = Ok(LINE_BYTES_MAX);
    assert_eq!(lengths, [whole, Err(RecordError::LineTooLong), Ok(0), Ok(5), Ok(LINE_BYTES_MAX)]);
}

#[test]
fn an_item_keeps_its_id_from_run_to_run() {
    let node = NodeId::from_bytes([1; 32]);
    assert_eq!(item_id(node, "volume/d1"), item_id(node, "volume/d1"));
    assert_ne!(item_id(node, "volume/d1"), item_id(node, "volume/d2"));
    assert_ne!(item_id(node, "volume/d1"), item_id(NodeId::from_bytes([2; 32]), "volume/d1"));
}

/// The corpus lies beside the repository where it is developed; elsewhere there is nothing to check.
#[test]
fn the_shipped_map_covers_the_corpus() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/telegrams");
    let map = shipped();
    let mut malformed: BTreeMap<String, u64> = BTreeMap::new();
    for name in ["telegrams.jsonl", "notes.jsonl", "letters.jsonl"] {
        let Ok(file) = File::open(folder.join(name)) else { continue };
        let mut lines = Lines::new(file);
        while let Some(line) = lines.next().unwrap() {
            if let Err(error) = line.and_then(|line| read(line, &map)) {
                *malformed.entry(error.to_string()).or_default() += 1;
            }
        }
    }
    assert_eq!(malformed, BTreeMap::new());
}
