//! Opaque identifiers. They never change; names and addresses are attributes beside them.

use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// The text given is not the lower-case hexadecimal form of an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} lower-case hexadecimal digits, got {got:?}")]
pub struct IdError {
    /// How many digits the identifier has.
    pub expected: usize,
    /// What was given, cut to 80 characters.
    pub got: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(n(0), with = "minicbor::bytes")] [u8; $len]);

        impl $name {
            /// Length in bytes; the textual form has twice as many digits.
            pub const LEN: usize = $len;

            /// Wraps raw bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads raw bytes; `None` when the length is wrong.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = unhex(text).and_then(|bytes| bytes.try_into().ok());
                bytes.map(Self).ok_or_else(|| IdError {
                    expected: 2 * $len,
                    got: text.chars().take(80).collect(),
                })
            }
        }
    };
}

id!(
    /// A node of the federation. Keys rotate, the id stays.
    NodeId, 32
);
id!(
    /// A functional group.
    GroupId, 16
);
id!(
    /// An agent: a person with an account on one node.
    AgentId, 16
);
id!(
    /// A correspondence, post or receipt; the same on every node.
    ItemId, 16
);
id!(
    /// A community or a channel between two nodes.
    SpaceId, 16
);
id!(
    /// One compartment, that is, one MLS group.
    CompartmentId, 16
);
id!(
    /// An attachment: the root of the hash tree over its sealed chunks.
    BlobId, 32
);

/// Decodes lower-case hexadecimal.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

/// Encodes lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_upper_case_is_refused() {
        let id = ItemId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<ItemId>().is_err());
        assert!("ab".parse::<ItemId>().is_err());
    }
}
