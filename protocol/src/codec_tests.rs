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
