//! Deterministic CBOR (RFC 8949 §4.2.1): one encoding per value, so that hashes and signatures over
//! bytes mean the same on every node.
//!
//! Structures are maps with integer keys. A known key is decoded; an unknown odd key is ignored; an
//! unknown even key is critical and refuses the message. Decoding proves determinism by encoding
//! again: the result must equal the input, apart from unknown odd keys, whose values are walked and
//! checked on their own (`form`).

mod form;

use crate::limits::CBOR_DEPTH_MAX;
use crate::refusal::Code;
use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode};

/// Bytes that are not the deterministic encoding of the expected value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Longer than the limit for this kind of message.
    #[error("{got} bytes, at most {limit} accepted")]
    TooLarge {
        /// Length of the input.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// Not the expected structure.
    #[error("malformed at byte {offset}: {reason}")]
    Malformed {
        /// Where decoding stopped.
        offset: usize,
        /// What was wrong, without content.
        reason: String,
    },
    /// Valid CBOR, but not in its one deterministic form.
    #[error("not deterministic at byte {offset}")]
    NotDeterministic {
        /// First byte that differs from the deterministic form.
        offset: usize,
    },
    /// An unknown even key.
    #[error("unknown critical key {key} at byte {offset}")]
    CriticalKey {
        /// The key.
        key: u64,
        /// Where it stands.
        offset: usize,
    },
    /// A key that is there without a value. An absent one is left out.
    #[error("key {key} is null at byte {offset}: an absent key is left out")]
    NullKey {
        /// The key.
        key: u64,
        /// Where it stands.
        offset: usize,
    },
    /// Nested deeper than any legal message.
    #[error("nested deeper than {limit} at byte {offset}")]
    TooDeep {
        /// Where the limit was passed.
        offset: usize,
        /// The limit.
        limit: usize,
    },
}

impl CodecError {
    /// The stable code for this error.
    pub fn code(&self) -> Code {
        match self {
            CodecError::TooLarge { .. } => Code::FrameTooLarge,
            CodecError::CriticalKey { .. } => Code::CriticalKey,
            _ => Code::Malformed,
        }
    }
}

/// Encodes a value. Infallible: the sink is memory and the types have no failing encoders.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    match minicbor::to_vec(value) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("encoding into memory cannot fail: {error}"),
    }
}

/// Decodes exactly one value from all of `bytes`, at most `limit` of them (WIR-001, WIR-004).
pub fn decode<'b, T>(bytes: &'b [u8], limit: usize) -> Result<T, CodecError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    if bytes.len() > limit {
        return Err(CodecError::TooLarge { got: bytes.len(), limit });
    }
    check_depth(bytes)?;
    let mut decoder = Decoder::new(bytes);
    let value: T = decoder.decode().map_err(|error| malformed(decoder.position(), &error))?;
    if decoder.position() != bytes.len() {
        return Err(CodecError::NotDeterministic { offset: decoder.position() });
    }
    let canonical = encode(&value);
    if canonical != bytes {
        compare(&mut Decoder::new(bytes), &mut Decoder::new(&canonical))?;
    }
    Ok(value)
}

fn malformed(offset: usize, error: &minicbor::decode::Error) -> CodecError {
    CodecError::Malformed { offset, reason: error.to_string() }
}

/// WIR-003: walks the item structure with an explicit stack before anything recursive touches it.
fn check_depth(bytes: &[u8]) -> Result<(), CodecError> {
    let mut decoder = Decoder::new(bytes);
    let mut open: Vec<u64> = Vec::new();
    loop {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(rest) = open.last_mut() {
            *rest -= 1;
        } else if decoder.position() > 0 {
            return Ok(());
        }
        let offset = decoder.position();
        let kind = decoder.datatype().map_err(|e| malformed(offset, &e))?;
        let children = match kind {
            Type::Array => decoder.array().map_err(|e| malformed(offset, &e))?,
            Type::Map => {
                let pairs = decoder.map().map_err(|e| malformed(offset, &e))?;
                pairs.map(|pairs| pairs.saturating_mul(2))
            }
            Type::Tag => decoder.tag().map(|_| Some(1)).map_err(|e| malformed(offset, &e))?,
            Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef => None,
            _ => decoder.skip().map(|()| Some(0)).map_err(|e| malformed(offset, &e))?,
        };
        let children = children.ok_or(CodecError::NotDeterministic { offset })?;
        if children > 0 {
            open.push(children);
            if open.len() > CBOR_DEPTH_MAX {
                return Err(CodecError::TooDeep { offset, limit: CBOR_DEPTH_MAX });
            }
        }
    }
}

/// Compares what was given with its deterministic re-encoding. Depth is already bounded.
fn compare(given: &mut Decoder<'_>, canonical: &mut Decoder<'_>) -> Result<(), CodecError> {
    let offset = given.position();
    let differs = CodecError::NotDeterministic { offset };
    let kind = given.datatype().map_err(|e| malformed(offset, &e))?;
    if canonical.datatype().ok() != Some(kind) {
        return Err(differs);
    }
    match kind {
        Type::Map => compare_maps(given, canonical),
        Type::Array => {
            let (left, right) = (given.array(), canonical.array());
            let head = given.position() - offset;
            match (left, right) {
                (Ok(Some(n)), Ok(Some(m))) if n == m && head == head_length(n) => {
                    (0..n).try_for_each(|_| compare(given, canonical))
                }
                _ => Err(differs),
            }
        }
        _ => {
            let start = canonical.position();
            given.skip().map_err(|e| malformed(offset, &e))?;
            canonical.skip().map_err(|e| malformed(offset, &e))?;
            let same =
                given.input()[offset..given.position()] == canonical.input()[start..canonical.position()];
            if same { Ok(()) } else { Err(differs) }
        }
    }
}

/// WIR-002: unknown odd keys are walked, unknown even keys refuse; no key is null.
fn compare_maps(given: &mut Decoder<'_>, canonical: &mut Decoder<'_>) -> Result<(), CodecError> {
    let offset = given.position();
    let left = given.map().map_err(|e| malformed(offset, &e))?.unwrap_or_default();
    let head = given.position() - offset;
    if head != head_length(left) {
        return Err(CodecError::NotDeterministic { offset });
    }
    let mut known_left = canonical.map().map_err(|e| malformed(offset, &e))?.unwrap_or_default();
    let mut previous = None;
    for _ in 0..left {
        let at = given.position();
        let key = given.u64().map_err(|e| malformed(at, &e))?;
        if given.position() - at != head_length(key) || previous.is_some_and(|before| key <= before) {
            return Err(CodecError::NotDeterministic { offset: at });
        }
        previous = Some(key);
        let expected = if known_left > 0 { canonical.probe().u64().ok() } else { None };
        if expected.is_some_and(|expected| expected < key) {
            // A known key was left out here, so it comes later: the map is not sorted.
            return Err(CodecError::NotDeterministic { offset: at });
        }
        if expected == Some(key) {
            canonical.skip().map_err(|e| malformed(at, &e))?;
            known_left -= 1;
            compare(given, canonical)?;
        } else if key % 2 != 0 {
            form::check(given)?;
        } else if given.datatype().ok() == Some(Type::Null) {
            return Err(CodecError::NullKey { key, offset: at });
        } else {
            return Err(CodecError::CriticalKey { key, offset: at });
        }
    }
    if known_left > 0 {
        return Err(CodecError::NotDeterministic { offset });
    }
    Ok(())
}

/// Bytes that the shortest head for argument `n` takes (RFC 8949 §3).
const fn head_length(n: u64) -> usize {
    match n {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
