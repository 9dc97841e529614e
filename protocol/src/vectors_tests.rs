//! The vectors of `federation-spec/vectors`: the code gives exactly what the committed files say. With
//! `VALISE_WRITE_VECTORS` set they are written anew, from the cases in the files beside this one. Each
//! case says by hand whether it is refused and why; what an accepted one gives is written by the code.

use crate::ids::{hex, unhex};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

#[path = "vectors_tests/authority_tests.rs"]
mod authority;
#[path = "vectors_tests/blobs_tests.rs"]
mod blobs;
#[path = "vectors_tests/bytes_tests.rs"]
mod bytes;
#[path = "vectors_tests/frames_tests.rs"]
mod frames;
#[path = "vectors_tests/messages_tests.rs"]
mod messages;
#[path = "vectors_tests/signed_tests.rs"]
mod signed;
#[path = "vectors_tests/statements_tests.rs"]
mod statements;
#[path = "vectors_tests/sync_tests.rs"]
mod sync;

/// What the code makes of an input: a text, or the refusal.
type Outcome = Result<String, String>;

/// One vector: its name, its input, and by hand why it is refused, if it is.
struct Case {
    name: &'static str,
    input: Vec<u8>,
    refused: Option<&'static str>,
}

fn valid(name: &'static str, input: Vec<u8>) -> Case {
    Case { name, input, refused: None }
}

fn invalid(name: &'static str, input: Vec<u8>, why: &'static str) -> Case {
    Case { name, input, refused: Some(why) }
}

/// One file: what its inputs are, what judges them, and its cases.
struct Area {
    name: &'static str,
    input: &'static str,
    judge: fn(&[u8]) -> Outcome,
    cases: Vec<Case>,
}

fn areas() -> Vec<Area> {
    let mut areas = vec![
        bytes::codec(),
        bytes::label(),
        bytes::level_itself(),
        bytes::ranges(),
        sync::holdings(),
        messages::envelope(),
        sync::authenticated(),
        messages::hello(),
        messages::policy(),
        signed::certificate(),
        authority::list(),
        statements::suspension(),
        statements::invitation(),
        messages::canonical(),
        blobs::shape(),
        blobs::tree(),
        blobs::seal(),
        blobs::attachment(),
        blobs::request(),
    ];
    areas.extend(frames::areas());
    areas
}

fn written(area: &Area) -> Json {
    let entry = |case: &Case| match (area.judge)(&case.input) {
        Ok(text) => json!({"name": case.name, "input": hex(&case.input), "expect": text}),
        Err(why) => json!({"name": case.name, "input": hex(&case.input), "expect_error": why}),
    };
    let vectors: Vec<Json> = area.cases.iter().map(entry).collect();
    json!({"input": area.input, "vectors": vectors})
}

fn path(area: &Area) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../federation-spec/vectors");
    folder.join(format!("{}-v1.json", area.name))
}

#[test]
fn every_case_is_judged_as_its_author_says() {
    for area in areas() {
        for case in &area.cases {
            let judged = (area.judge)(&case.input);
            let why = judged.as_ref().err().map(String::as_str);
            assert_eq!(why, case.refused, "{} {}: {judged:?}", area.name, case.name);
        }
    }
}

#[test]
fn the_committed_vectors_are_what_the_code_gives() {
    for area in areas() {
        let path = path(&area);
        if std::env::var_os("VALISE_WRITE_VECTORS").is_some() {
            let text = serde_json::to_string_pretty(&written(&area)).expect("JSON in memory");
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of vectors");
            std::fs::write(&path, text + "\n").expect("the file of vectors");
        }
        let text = std::fs::read_to_string(&path).expect("the file of vectors");
        let file: Json = serde_json::from_str(&text).expect("JSON");
        for vector in file["vectors"].as_array().expect("vectors") {
            let input = vector["input"].as_str().and_then(unhex).expect("hexadecimal input");
            let given = (area.judge)(&input);
            let said = (vector["expect"].as_str(), vector["expect_error"].as_str());
            let got = (given.as_deref().ok(), given.as_ref().err().map(String::as_str));
            assert_eq!(got, said, "{} {}", area.name, vector["name"]);
        }
        assert_eq!(file, written(&area), "{}: other cases than those in the code", area.name);
    }
}

const SPECIFICATION: &str = include_str!("../../federation-spec/wire.md");
const SOURCES: [&str; 16] = [
    include_str!("codec.rs"),
    include_str!("signature.rs"),
    include_str!("federation/sign.rs"),
    include_str!("federation/list.rs"),
    include_str!("federation/entry.rs"),
    include_str!("federation/trusted.rs"),
    include_str!("federation/suspension.rs"),
    include_str!("federation/invitation.rs"),
    include_str!("space.rs"),
    include_str!("message.rs"),
    include_str!("correspondence/canonical.rs"),
    include_str!("correspondence/check.rs"),
    include_str!("label.rs"),
    include_str!("sync.rs"),
    include_str!("refusal.rs"),
    include_str!("wire.rs"),
];

const ATTACHMENTS: &str = include_str!("../../federation-spec/blobs.md");
const ATTACHMENT_SOURCES: [&str; 5] = [
    include_str!("blob/shape.rs"),
    include_str!("blob/seal.rs"),
    include_str!("blob/tree.rs"),
    include_str!("blob/attachment.rs"),
    include_str!("correspondence/canonical.rs"),
];

#[test]
fn wire_rules_and_code_name_each_other() {
    let [in_code, in_protocol] = named("WIR-", SPECIFICATION, &SOURCES);
    assert_eq!(in_code, in_protocol);
    let [in_code, in_protocol] = named("BLB-", ATTACHMENTS, &ATTACHMENT_SOURCES);
    assert_eq!(in_code, in_protocol);
}

/// Rules with this prefix that the sources cite, and those that the page says are enforced there.
fn named(prefix: &str, page: &'static str, sources: &[&'static str]) -> [BTreeSet<&'static str>; 2] {
    let cited = |text: &'static str| -> Vec<&'static str> {
        text.match_indices(prefix).filter_map(|(at, _)| text.get(at..at + 7)).collect()
    };
    let rules = page.split("\n- **").skip(1).filter(|rule| rule.contains("`protocol/"));
    [sources.iter().copied().flat_map(cited).collect(), rules.filter_map(|rule| rule.get(..7)).collect()]
}
