//! Refuses requests that another site makes a browser send.
//!
//! A request that changes something and says where it comes from must come from our own pages. One
//! that says nothing passes unless a cookie carries it: whoever is not a browser has a token, or none.

use crate::desks::{Desks, Problem};
use crate::doors::api::refusal::Refusal;
use crate::doors::portal::cookie;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use protocol::refusal::Code;

/// Refuses with `AUTH_CROSS_ORIGIN`.
pub(super) async fn check(
    State(desks): State<Desks>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let headers = request.headers();
    let carried = || !headers.contains_key(header::AUTHORIZATION) && cookie::token(headers, &desks).is_some();
    let own = request.method().is_safe() || is_own(headers, request.uri(), carried);
    if !own {
        let detail = "this request came from another site; open the page here and try again";
        return Err(Problem::new(Code::CrossOrigin, detail).into());
    }
    Ok(next.run(request).await)
}

/// Whether a changing request comes from our own pages.
fn is_own(headers: &HeaderMap, uri: &Uri, cookie: impl FnOnce() -> bool) -> bool {
    if headers.contains_key("sec-fetch-site") {
        return matches!(only(headers, "sec-fetch-site"), Some("same-origin" | "none"));
    }
    if headers.contains_key(header::ORIGIN) {
        let host = uri.authority().map(|authority| authority.as_str()).or_else(|| only(headers, "host"));
        let origin = only(headers, "origin").and_then(|origin| origin.split_once("://"));
        return matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host));
    }
    !cookie()
}

/// The value of a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::is_own;
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

    fn own(lines: &[(&'static str, &'static str)], uri: &'static str, cookie: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        is_own(&headers, &Uri::from_static(uri), || cookie)
    }

    #[test]
    fn what_the_browser_says_of_the_site_decides() {
        for (site, expected) in
            [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false), ("", false)]
        {
            for cookie in [true, false] {
                assert_eq!(own(&[("sec-fetch-site", site)], "/x", cookie), expected, "{site}");
            }
        }
        let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
        assert!(!own(&twice, "/x", true));
    }

    #[test]
    fn otherwise_the_origin_must_be_the_host_asked() {
        for (origin, host, expected) in [
            ("https://mae.example", "mae.example", true),
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("https://MAE.example", "mae.example", true),
            ("https://mae.example", "mae.example:8443", false),
            ("https://mae.example.evil.example", "mae.example", false),
            ("https://evil.example", "mae.example", false),
            ("null", "mae.example", false),
            ("", "mae.example", false),
        ] {
            assert_eq!(own(&[("origin", origin), ("host", host)], "/x", true), expected, "{origin} {host}");
        }
        assert!(!own(&[("origin", "https://mae.example")], "/x", true), "no host");
        assert!(own(&[("origin", "https://mae.example")], "https://mae.example/x", true), "HTTP/2");
    }

    #[test]
    fn with_neither_only_a_request_without_cookie_passes() {
        assert!(!own(&[("host", "mae.example")], "/x", true));
        assert!(own(&[("host", "mae.example")], "/x", false));
    }

    #[test]
    fn reading_is_not_changing() {
        assert!(Method::GET.is_safe() && Method::HEAD.is_safe() && !Method::POST.is_safe());
    }
}
