//! The one form of a value that nobody here understands: shortest heads, sorted and unique keys, definite
//! lengths, text that is UTF-8 (RFC 8949 §4.2.1). Otherwise two nodes could hold different bytes for what is
//! the same to both, and a hash over one would say nothing of the other.
//!
//! Depth is bounded before, for the whole input.

use super::{CodecError, head_length};
use minicbor::Decoder;
use std::ops::Range;

/// An item's head: major type, argument, and where it ended (RFC 8949 §3).
struct Head {
    major: u8,
    info: u8,
    argument: u64,
}

/// Walks one item and leaves the decoder behind it.
pub(super) fn check(given: &mut Decoder<'_>) -> Result<(), CodecError> {
    let mut at = given.position();
    item(given.input(), &mut at)?;
    given.set_position(at);
    Ok(())
}

fn item(bytes: &[u8], at: &mut usize) -> Result<(), CodecError> {
    let offset = *at;
    let head = head(bytes, at)?;
    match head.major {
        2 => content(bytes, at, head.argument).map(|_| ()),
        3 => {
            let text = content(bytes, at, head.argument)?;
            let utf8 = bytes.get(text).is_some_and(|text| std::str::from_utf8(text).is_ok());
            if utf8 { Ok(()) } else { Err(malformed(offset, "text is not UTF-8")) }
        }
        4 => (0..head.argument).try_for_each(|_| item(bytes, at)),
        5 => map(bytes, at, head.argument),
        6 => item(bytes, at),
        7 => simple(&head, offset),
        _ => Ok(()),
    }
}

/// Keys ascend bytewise, so that each stands once.
fn map(bytes: &[u8], at: &mut usize, pairs: u64) -> Result<(), CodecError> {
    let mut previous: Range<usize> = 0..0;
    for _ in 0..pairs {
        let start = *at;
        item(bytes, at)?;
        let key = start..*at;
        if !previous.is_empty() && bytes.get(key.clone()) <= bytes.get(previous) {
            return Err(CodecError::NotDeterministic { offset: start });
        }
        previous = key;
        item(bytes, at)?;
    }
    Ok(())
}

/// Reads a head and refuses one that is longer than its argument needs.
fn head(bytes: &[u8], at: &mut usize) -> Result<Head, CodecError> {
    let offset = *at;
    let first = *bytes.get(offset).ok_or_else(|| malformed(offset, "cut"))?;
    let (major, info) = (first >> 5, first & 0x1f);
    let width = match info {
        0..=23 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(CodecError::NotDeterministic { offset }),
    };
    let rest = bytes.get(offset + 1..offset + 1 + width).ok_or_else(|| malformed(offset, "cut"))?;
    let argument = if width == 0 {
        u64::from(info)
    } else {
        rest.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    };
    // The width of a floating-point number is part of its value, not of its length.
    let float = major == 7 && info >= 25;
    if !float && 1 + width != head_length(argument) {
        return Err(CodecError::NotDeterministic { offset });
    }
    *at = offset + 1 + width;
    Ok(Head { major, info, argument })
}

fn content(bytes: &[u8], at: &mut usize, length: u64) -> Result<Range<usize>, CodecError> {
    let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length));
    let end = end.filter(|end| *end <= bytes.len()).ok_or_else(|| malformed(*at, "cut"))?;
    let content = *at..end;
    *at = end;
    Ok(content)
}

/// Simple values below 32 have no second byte; a floating-point number is as short as it can be, and not a
/// number has one form.
fn simple(head: &Head, offset: usize) -> Result<(), CodecError> {
    let shortest = match head.info {
        24 => head.argument >= 32,
        25 => !half_is_nan(head.argument) || head.argument == 0x7e00,
        26 => {
            let value = f32::from_bits(u32::try_from(head.argument).unwrap_or_default());
            !value.is_nan() && !fits_half(value)
        }
        27 => {
            let value = f64::from_bits(head.argument);
            !value.is_nan() && !is_same(f64::from(narrow(value)), value)
        }
        _ => true,
    };
    if shortest { Ok(()) } else { Err(CodecError::NotDeterministic { offset }) }
}

fn half_is_nan(bits: u64) -> bool {
    bits & 0x7c00 == 0x7c00 && bits & 0x03ff != 0
}

fn narrow(value: f64) -> f32 {
    value as f32
}

fn is_same(left: f64, right: f64) -> bool {
    left.to_bits() == right.to_bits()
}

/// Whether a number that is not NaN is one of IEEE 754's half precision: eleven significant bits, from 2^-24
/// to below 2^16, zero or infinite.
fn fits_half(value: f32) -> bool {
    let magnitude = value.abs();
    if magnitude == 0.0 || magnitude.is_infinite() {
        return true;
    }
    // Above 2^-14 the step grows with the number; below it is 2^-24 throughout.
    let exponent = i32::from((value.to_bits() >> 23) as u8) - 127;
    let step = (exponent - 10).max(-24);
    magnitude <= 65_504.0 && (f64::from(magnitude) / 2f64.powi(step)).fract() == 0.0
}

fn malformed(offset: usize, reason: &str) -> CodecError {
    CodecError::Malformed { offset, reason: reason.to_owned() }
}
