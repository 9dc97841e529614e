//! Every field of a message, changed one at a time: what a mutation proxy between two nodes would do.

use anyhow::{Context, Result};
use ciborium::Value;

/// A changed copy, and the place of the change: keys and indexes from the outside in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// Like `0.0.6`.
    pub place: String,
    /// The message with another value there, in its one encoding.
    pub bytes: Vec<u8>,
}

/// One copy per leaf of a deterministic CBOR message; a number gains one, a text a letter, bytes lose a bit.
pub fn flips(message: &[u8]) -> Result<Vec<Flip>> {
    let whole: Value = ciborium::from_reader(message).context("CBOR")?;
    let mut places = Vec::new();
    leaves(&whole, &mut Vec::new(), &mut places);
    places.iter().map(|place| flip(&whole, place)).collect()
}

fn flip(whole: &Value, place: &[usize]) -> Result<Flip> {
    let mut changed = whole.clone();
    let (mut at, mut names) = (&mut changed, Vec::new());
    for index in place {
        (at, names) = match at {
            Value::Map(pairs) => {
                let (key, value) = pairs.get_mut(*index).context("a pair")?;
                let key = key.as_integer().map_or_else(|| "?".to_owned(), |key| i128::from(key).to_string());
                names.push(key);
                (value, names)
            }
            Value::Array(items) => {
                names.push(format!("[{index}]"));
                (items.get_mut(*index).context("an element")?, names)
            }
            _ => anyhow::bail!("no such place"),
        };
    }
    change(at);
    let mut bytes = Vec::new();
    ciborium::into_writer(&changed, &mut bytes)?;
    Ok(Flip { place: names.join("."), bytes })
}

fn change(leaf: &mut Value) {
    match leaf {
        Value::Integer(number) => {
            let number = i128::from(*number);
            let next = if number == i128::from(u64::MAX) { number - 1 } else { number + 1 };
            *leaf = Value::Integer(i64::try_from(next).unwrap_or_default().into());
        }
        Value::Bytes(bytes) => match bytes.first_mut() {
            Some(first) => *first ^= 1,
            None => bytes.push(0),
        },
        Value::Text(text) => text.push('x'),
        Value::Bool(said) => *said = !*said,
        Value::Array(items) => items.push(Value::Integer(0.into())),
        Value::Map(pairs) => pairs.push((Value::Integer(62.into()), Value::Bool(true))),
        _ => *leaf = Value::Integer(0.into()),
    }
}

fn leaves(value: &Value, place: &mut Vec<usize>, places: &mut Vec<Vec<usize>>) {
    let children: Vec<&Value> = match value {
        Value::Map(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    if children.is_empty() {
        places.push(place.clone());
    }
    for (index, child) in children.into_iter().enumerate() {
        place.push(index);
        leaves(child, place, places);
        place.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_is_changed_once_and_named_by_its_place() {
        // {0: 1, 2: [h'00', "a"]}
        let message = [0xa2, 0x00, 0x01, 0x02, 0x82, 0x41, 0x00, 0x61, b'a'];
        let flips = flips(&message).expect("CBOR");
        let places: Vec<&str> = flips.iter().map(|flip| flip.place.as_str()).collect();
        assert_eq!(places, ["0", "2.[0]", "2.[1]"]);
        assert!(flips.iter().all(|flip| flip.bytes != message));
        assert_eq!(flips[0].bytes, [0xa2, 0x00, 0x02, 0x02, 0x82, 0x41, 0x00, 0x61, b'a']);
    }
}
