//! Addresses of functional groups: `handle@node`.

use crate::limits::HANDLE_CHARS_MAX;
use std::fmt;
use std::str::FromStr;

/// `handle@node`, e.g. `cdc@mae`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The group's handle on its node.
    pub handle: String,
    /// The node's short name.
    pub node: String,
}

/// The text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an address like cdc@mae, got {got:?}")]
pub struct AddressError {
    /// What was given, cut.
    pub got: String,
}

/// Lower-case letters, digits, `-` and `.`, beginning with a letter or digit, at most
/// [`HANDLE_CHARS_MAX`] characters.
pub fn is_handle(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.len() <= HANDLE_CHARS_MAX
        && text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && text.chars().all(allowed)
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parts = text.trim().split_once('@').filter(|(h, n)| is_handle(h) && is_handle(n));
        let (handle, node) =
            parts.ok_or_else(|| AddressError { got: text.chars().take(HANDLE_CHARS_MAX).collect() })?;
        Ok(Self { handle: handle.to_owned(), node: node.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.handle, self.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_characters() {
        assert!("cdc@mae".parse::<Address>().is_ok());
        assert!(is_handle(&"a".repeat(HANDLE_CHARS_MAX)));
        assert!(!is_handle(&"a".repeat(HANDLE_CHARS_MAX + 1)));
        for bad in ["cdc", "cdc@", "@mae", "CDC@mae", "cdc@mae@x", "-a@mae", "c c@mae", "é@mae"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
