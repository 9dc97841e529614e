//! Encodings, labels and ranges.

use super::{Area, Outcome, invalid, valid};
use crate::codec::{self, CodecError};
use crate::ids::hex;
use crate::label::{Label, LabelError, Level};
use crate::limits::{CBOR_DEPTH_MAX, CONTROL_FRAME_BYTES_MAX, RANGES_MAX};
use crate::sync::Ranges;

pub(super) fn refusal(error: &CodecError) -> String {
    let kind = match error {
        CodecError::TooLarge { .. } => "too-large",
        CodecError::Malformed { .. } => "malformed",
        CodecError::NotDeterministic { .. } => "not-deterministic",
        CodecError::CriticalKey { .. } => "critical-key",
        CodecError::NullKey { .. } => "null-key",
        CodecError::TooDeep { .. } => "too-deep",
    };
    format!("{} {kind}", error.code())
}

/// So few that a vector at the limit stays short; the limit is the reader's to give.
const DECODED_BYTES_MAX: usize = 1024;

/// A label is the smallest structure with text, an array and three keys; accepted, it is given back
/// without what was ignored.
fn decoded(bytes: &[u8]) -> Outcome {
    let label: Label = codec::decode(bytes, DECODED_BYTES_MAX).map_err(|error| refusal(&error))?;
    Ok(hex(&codec::encode(&label)))
}

/// `FR`, `NP`, no category, by hand: a map of `pairs` pairs of which three are given.
fn head(pairs: u8) -> Vec<u8> {
    vec![0xa0 + pairs, 0x00, 0x62, b'F', b'R', 0x02, 0x62, b'N', b'P', 0x04, 0x80]
}

fn with(pairs: u8, rest: &[u8]) -> Vec<u8> {
    [head(pairs).as_slice(), rest].concat()
}

fn nested(arrays: usize) -> Vec<u8> {
    with(4, &[&[0x05][..], &vec![0x81; arrays], &[0x00]].concat())
}

/// A label with an unknown byte string that fills it up to `length` bytes.
fn filled(length: usize) -> Vec<u8> {
    let rest = u16::try_from(length - 15).expect("a short length");
    with(4, &[&[0x05, 0x59][..], &rest.to_be_bytes(), &vec![0; length - 15]].concat())
}

pub(super) fn codec() -> Area {
    let (not, bad) = ("FED_MALFORMED not-deterministic", "FED_MALFORMED malformed");
    let cases = vec![
        valid("plain", head(3)),
        valid("unknown odd key ignored", with(4, &[0x05, 0xf5])),
        invalid("unknown even key", with(4, &[0x06, 0xf5]), "FED_CRITICAL_KEY critical-key"),
        invalid("odd key out of order", [&[0xa4, 0x05, 0xf5][..], &head(3)[1..]].concat(), not),
        invalid("key twice", with(4, &[0x04, 0x80]), not),
        invalid("odd key with a long head", with(4, &[0x18, 0x05, 0xf5]), not),
        invalid("text with a long head", [&[0xa3, 0, 0x78, 2], &head(3)[3..]].concat(), not),
        invalid("map with a long head", [&[0xb8, 3], &head(3)[1..]].concat(), not),
        invalid("map of indefinite length", [&[0xbf], &head(3)[1..], &[0xff]].concat(), not),
        invalid("array of indefinite length", [&head(3)[..10], &[0x9f, 0xff]].concat(), not),
        invalid("trailing byte", with(3, &[0x00]), not),
        invalid("cut", head(3)[..10].to_vec(), bad),
        invalid("empty", vec![], bad),
        invalid("missing key", head(3)[..9].iter().copied().enumerate().map(two_pairs).collect(), bad),
        invalid("number for text", [&[0xa3, 0x00, 0x01], &head(3)[5..]].concat(), bad),
        invalid("null under an even key", with(4, &[0x06, 0xf6]), "FED_MALFORMED null-key"),
        valid("ignored map", with(4, &[0x05, 0xa2, 0x00, 0x00, 0x61, b'a', 0x00])),
        invalid("ignored map unsorted", with(4, &[0x05, 0xa2, 0x61, b'a', 0x00, 0x00, 0x00]), not),
        invalid("ignored map with a key twice", with(4, &[0x05, 0xa2, 0x00, 0x00, 0x00, 0x00]), not),
        invalid("ignored number with a long head", with(4, &[0x05, 0x18, 0x05]), not),
        invalid("ignored text with a long head", with(4, &[0x05, 0x81, 0x78, 1, b'a']), not),
        invalid("ignored text not UTF-8", with(4, &[0x05, 0x61, 0xff]), bad),
        invalid("ignored 1.0 in four bytes", with(4, &[0x05, 0xfa, 0x3f, 0x80, 0, 0]), not),
        valid("ignored 1.0 in two bytes", with(4, &[0x05, 0xf9, 0x3c, 0])),
        valid("16 levels", nested(CBOR_DEPTH_MAX - 1)),
        invalid("17 levels", nested(CBOR_DEPTH_MAX), "FED_MALFORMED too-deep"),
        valid("1024 bytes", filled(DECODED_BYTES_MAX)),
        invalid("1025 bytes", filled(DECODED_BYTES_MAX + 1), "FED_FRAME_TOO_LARGE too-large"),
    ];
    let input = "label of wire.cddl, at most 1024 bytes; expect: its encoding without what was ignored";
    Area { name: "codec", input, judge: decoded, cases }
}

fn two_pairs((at, byte): (usize, u8)) -> u8 {
    if at == 0 { 0xa2 } else { byte }
}

fn level(bytes: &[u8]) -> Outcome {
    let label: Label = codec::decode(bytes, CONTROL_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    let level: Level = label.level().map_err(|error| match error {
        LabelError::Policy { .. } => "LBL_UNKNOWN policy".to_owned(),
        LabelError::Classification { .. } => "LBL_UNKNOWN classification".to_owned(),
        LabelError::Category { .. } => "LBL_UNKNOWN category".to_owned(),
    })?;
    Ok(level.to_string())
}

pub(super) fn label() -> Area {
    let label = |policy: &str, classification: &str, categories: &[&str]| {
        codec::encode(&Label {
            policy: policy.to_owned(),
            classification: classification.to_owned(),
            categories: categories.iter().map(|code| (*code).to_owned()).collect(),
        })
    };
    let cases = vec![
        valid("NP", label("FR", "NP", &[])),
        valid("DR", label("FR", "DR", &[])),
        valid("DR with a category", label("FR", "DR", &["SF"])),
        valid("category twice", label("FR", "DR", &["SF", "SF"])),
        invalid("unknown policy", label("UK", "NP", &[]), "LBL_UNKNOWN policy"),
        invalid("policy in lower case", label("fr", "NP", &[]), "LBL_UNKNOWN policy"),
        invalid("unknown classification", label("FR", "SECRET", &[]), "LBL_UNKNOWN classification"),
        invalid("no classification", label("FR", "", &[]), "LBL_UNKNOWN classification"),
        invalid("unknown category", label("FR", "DR", &["SF", "NOFORN"]), "LBL_UNKNOWN category"),
    ];
    Area { name: "label", input: "label of wire.cddl; expect: the level", judge: level, cases }
}

fn level_of(bytes: &[u8]) -> Outcome {
    let level: Level = codec::decode(bytes, CONTROL_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    Ok(level.to_string())
}

pub(super) fn level_itself() -> Area {
    let bad = "FED_MALFORMED malformed";
    let cases = vec![
        valid("NP", vec![0xa2, 0, 1, 2, 0x80]),
        valid("DR with a category", vec![0xa2, 0, 2, 2, 0x81, 1]),
        invalid("category twice", vec![0xa2, 0, 2, 2, 0x82, 1, 1], bad),
        invalid("unknown classification", vec![0xa2, 0, 3, 2, 0x80], bad),
        invalid("unknown category", vec![0xa2, 0, 2, 2, 0x81, 2], bad),
        invalid("without categories", vec![0xa1, 0, 2], bad),
    ];
    Area { name: "level", input: "level of wire.cddl; expect: the level", judge: level_of, cases }
}

fn sound(bytes: &[u8]) -> Outcome {
    let ranges: Ranges = codec::decode(bytes, CONTROL_FRAME_BYTES_MAX).map_err(|error| refusal(&error))?;
    if !ranges.is_sound() {
        return Err("FED_MALFORMED ranges".to_owned());
    }
    Ok(format!("contiguous {}, last {}", ranges.contiguous(), ranges.last()))
}

pub(super) fn ranges() -> Area {
    let of = |ranges: &[(u64, u64)]| codec::encode(&ranges.to_vec());
    let many = |count: u64| (1..=count).map(|i| (i * 3, i * 3)).collect::<Vec<_>>();
    let most = RANGES_MAX as u64;
    let bad = "FED_MALFORMED ranges";
    let cases = vec![
        valid("none", of(&[])),
        valid("with a gap", of(&[(1, 3), (5, 5)])),
        valid("first missing", of(&[(2, 2)])),
        valid("highest number", of(&[(u64::MAX, u64::MAX)])),
        valid("64 ranges", of(&many(most))),
        invalid("65 ranges", of(&many(most + 1)), bad),
        invalid("zero", of(&[(0, 2)]), bad),
        invalid("backwards", of(&[(3, 2)]), bad),
        invalid("unsorted", of(&[(5, 6), (1, 2)]), bad),
        invalid("adjacent", of(&[(1, 2), (3, 4)]), bad),
        invalid("overlapping", of(&[(1, 4), (3, 6)]), bad),
        invalid("after the highest number", of(&[(u64::MAX, u64::MAX), (1, 1)]), bad),
        invalid("three numbers", vec![0x81, 0x83, 1, 2, 3], "FED_MALFORMED malformed"),
        invalid("negative", vec![0x81, 0x82, 0x20, 0x01], "FED_MALFORMED malformed"),
    ];
    let input = "ranges of wire.cddl; expect: last number without a gap before, highest number";
    Area { name: "ranges", input, judge: sound, cases }
}
