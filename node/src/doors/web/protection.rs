//! Headers on every answer that tell a browser what it must not do with it.

use super::limits::HSTS;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const ALWAYS: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// What the headers depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Protection {
    /// The listener speaks TLS itself.
    pub(super) tls: bool,
}

/// Adds the headers.
pub(super) async fn add(State(protection): State<Protection>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    protect(response.headers_mut(), protection);
    response
}

fn protect(headers: &mut HeaderMap, protection: Protection) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page must not come back from a cache after signing out; files that may be kept say so.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if protection.tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
}

#[cfg(test)]
mod tests {
    use super::{Protection, protect};
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn a_file_may_be_kept_when_it_says_so_and_a_page_may_not() {
        let mut headers = HeaderMap::new();
        protect(&mut headers, Protection { tls: false });
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
        let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, kept.clone())]);
        protect(&mut headers, Protection { tls: true });
        assert_eq!(headers[header::CACHE_CONTROL], kept);
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn the_content_policy_starts_from_nothing() {
        let mut headers = HeaderMap::new();
        protect(&mut headers, Protection { tls: false });
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    }
}
