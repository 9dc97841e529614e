//! The session cookie: its name, how it is read, set and cleared.
//!
//! Decides the cookie's attributes. Does not decide whether a token still stands for a session.

use crate::desks::Desks;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Longer than any token; what is longer is not looked up.
const TOKEN_CHARS_MAX: usize = 256;

/// The cookie's name. It carries the node's name because browsers share cookies between the ports of
/// one host; `__Host-` makes them refuse it from anywhere else (RFC 6265bis §4.1.3.2).
pub(crate) fn name(desks: &Desks) -> String {
    format!("__Host-valise-{}", desks.node_name())
}

/// The session token of a request, if it carries one.
pub(crate) fn token(headers: &HeaderMap, desks: &Desks) -> Option<String> {
    value(headers, &name(desks)).filter(|token| is_token(token)).map(str::to_owned)
}

/// `Set-Cookie` for a session that begins. `None` when the token has characters that no token has.
pub(crate) fn set(token: &str, desks: &Desks) -> Option<HeaderValue> {
    if !is_token(token) {
        return None;
    }
    let text = format!("{}={token}; Secure; HttpOnly; SameSite=Strict; Path=/", name(desks));
    HeaderValue::try_from(text).ok()
}

/// `Set-Cookie` for a session that has ended.
pub(crate) fn clear(desks: &Desks) -> Option<HeaderValue> {
    let text = format!("{}=; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=0", name(desks));
    HeaderValue::try_from(text).ok()
}

/// The value of a cookie by name.
pub(super) fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers.get_all(COOKIE).into_iter().filter_map(|header| header.to_str().ok());
    pairs
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= TOKEN_CHARS_MAX && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=1; __Host-valise-mae=tok-en; b=2"));
        assert_eq!(value(&headers, "__Host-valise-mae"), Some("tok-en"));
        assert_eq!(value(&headers, "__Host-valise-ma"), None);
    }

    #[test]
    fn a_token_cannot_carry_an_attribute() {
        assert!(is_token("aZ09-_."));
        assert!(!is_token("a; Domain=example.org") && !is_token("") && !is_token(&"a".repeat(257)));
    }
}
