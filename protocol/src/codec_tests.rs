use super::*;
use crate::limits::CONTROL_FRAME_BYTES_MAX;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

#[derive(Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
struct Sample {
    #[n(0)]
    number: u64,
    #[n(2)]
    list: Vec<String>,
    #[n(4)]
    maybe: Option<Box<Inner>>,
}

#[derive(Debug, PartialEq, Encode, Decode)]
#[cbor(map)]
struct Inner {
    #[n(0)]
    flag: bool,
}

fn read(bytes: &[u8]) -> Result<Sample, CodecError> {
    decode(bytes, CONTROL_FRAME_BYTES_MAX)
}

fn plain() -> Sample {
    Sample { number: 7, list: vec!["a".into()], maybe: None }
}

#[test]
fn unknown_odd_key_is_ignored_and_even_is_critical() {
    let odd = [0xa3, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0x05, 0xf5];
    assert_eq!(read(&odd), Ok(plain()));
    let even = [0xa3, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0x06, 0xf5];
    assert!(matches!(read(&even), Err(CodecError::CriticalKey { key: 6, .. })));
}

#[test]
fn other_encodings_of_the_same_value_are_refused() {
    let long_integer = [0xa2, 0x00, 0x18, 0x07, 0x02, 0x81, 0x61, b'a'];
    assert!(matches!(read(&long_integer), Err(CodecError::NotDeterministic { .. })));
    let unsorted = [0xa2, 0x02, 0x81, 0x61, b'a', 0x00, 0x07];
    assert!(matches!(read(&unsorted), Err(CodecError::NotDeterministic { .. })));
    let indefinite = [0xbf, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0xff];
    assert!(matches!(read(&indefinite), Err(CodecError::NotDeterministic { .. })));
    let trailing = [0xa2, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0x00];
    assert!(read(&trailing).is_err());
    let twice = [0xa3, 0x00, 0x07, 0x00, 0x07, 0x02, 0x81, 0x61, b'a'];
    assert!(read(&twice).is_err());
}

/// `plain()` with an unknown odd key whose value is `value`.
fn ignoring(value: &[u8]) -> Result<Sample, CodecError> {
    read(&[&[0xa3, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0x05][..], value].concat())
}

#[test]
fn what_is_ignored_has_one_form_too() {
    let sound: [&[u8]; 10] = [
        &[0x18, 0x18],
        &[0x38, 0x18],
        &[0x82, 0x00, 0x61, b'b'],
        &[0xa2, 0x00, 0x00, 0x61, b'a', 0x00],
        &[0xc1, 0x00],
        &[0xf8, 0x20],
        &[0xf9, 0x3c, 0x00],
        &[0xf9, 0x7e, 0x00],
        &[0xfa, 0x47, 0xc3, 0x50, 0x00],
        &[0xfb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a],
    ];
    for value in sound {
        assert_eq!(ignoring(value), Ok(plain()), "{value:02x?}");
    }
    let unsound: [&[u8]; 15] = [
        &[0x18, 0x17],
        &[0x19, 0x00, 0xff],
        &[0x38, 0x17],
        &[0x58, 0x01, 0x00],
        &[0x78, 0x01, b'a'],
        &[0x98, 0x01, 0x00],
        &[0x81, 0x18, 0x01],
        &[0xa2, 0x01, 0x00, 0x00, 0x00],
        &[0xa2, 0x61, b'a', 0x00, 0x00, 0x00],
        &[0xa2, 0x00, 0x00, 0x00, 0x00],
        &[0xd8, 0x01, 0x00],
        &[0xf9, 0x7e, 0x01],
        &[0xfa, 0x3f, 0x80, 0x00, 0x00],
        &[0xfb, 0x3f, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
        &[0xfb, 0x7f, 0xf8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];
    for value in unsound {
        assert!(matches!(ignoring(value), Err(CodecError::NotDeterministic { .. })), "{value:02x?}");
    }
    for malformed in [&[0x61, 0xff][..], &[0xf8, 0x10], &[0x42, 0x00], &[0xa1, 0x00], &[0x1c]] {
        assert!(ignoring(malformed).is_err(), "{malformed:02x?}");
    }
}

#[test]
fn a_key_without_a_value_is_left_out_and_not_null() {
    let null = [0xa3, 0x00, 0x07, 0x02, 0x81, 0x61, b'a', 0x04, 0xf6];
    assert!(matches!(read(&null), Err(CodecError::NullKey { key: 4, .. })));
    assert_eq!(read(&null).map_err(|error| error.code()), Err(Code::Malformed));
}

#[test]
fn depth_is_bounded_before_recursion() {
    let mut deep = vec![0xa1, 0x05];
    deep.extend(vec![0x81; 100_000]);
    deep.push(0);
    assert!(matches!(decode::<Sample>(&deep, 1 << 20), Err(CodecError::TooDeep { .. })));
}

#[test]
fn one_byte_over_the_limit_is_refused() {
    let bytes = encode(&plain());
    assert_eq!(decode::<Sample>(&bytes, bytes.len()), Ok(plain()));
    let over = decode::<Sample>(&bytes, bytes.len() - 1);
    assert_eq!(over, Err(CodecError::TooLarge { got: bytes.len(), limit: bytes.len() - 1 }));
}

proptest! {
    #[test]
    fn values_round_trip(number: u64, list: Vec<String>, flag: Option<bool>) {
        let value = Sample { number, list, maybe: flag.map(|flag| Box::new(Inner { flag })) };
        prop_assert_eq!(decode::<Sample>(&encode(&value), usize::MAX), Ok(value));
    }

    #[test]
    fn any_bytes_decode_to_their_own_encoding_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = decode::<Sample>(&bytes, 4096) {
            // Only unknown odd keys may be lost.
            prop_assert!(encode(&value).len() <= bytes.len());
        }
    }
}
