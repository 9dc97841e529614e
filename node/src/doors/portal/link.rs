//! Addresses of pages with their queries, and which of them may be returned to.

use std::fmt::Write;

/// A path with a query made of the pairs that have a value.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut link = path.to_owned();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        link.push(if link.contains('?') { '&' } else { '?' });
        link.push_str(name);
        link.push('=');
        link.push_str(&encode(value));
    }
    link
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A place on this node to go on to; anything that a browser could read as another host is the home
/// page.
pub(super) fn local(next: &str) -> &str {
    let bytes = next.as_bytes();
    let rooted = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\'));
    let plain = next.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if rooted && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_host_is_never_gone_on_to() {
        for hostile in
            ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb", "javascript:x"]
        {
            assert_eq!(local(hostile), "/", "{hostile:?}");
        }
        assert_eq!(local("/items/0a?x=1"), "/items/0a?x=1");
    }

    #[test]
    fn empty_values_are_left_out_and_others_encoded() {
        assert_eq!(
            with_query("/search", &[("q", "lits d’isolement"), ("kind", ""), ("tag", "a&b")]),
            "/search?q=lits%20d%E2%80%99isolement&tag=a%26b"
        );
    }
}
