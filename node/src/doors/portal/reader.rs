//! Who reads, as far as the request tells before any session: language, time zone, address of the page.

use super::cookie;
use super::language::Language;
use super::moments::Clock;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::Method;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Set by the script to the browser's IANA zone, so that local times are the reader's.
const ZONE_COOKIE: &str = "valise-zone";

/// The reader of a page.
#[derive(Clone)]
pub(super) struct Reader {
    /// Language of the page.
    pub(super) language: Language,
    /// Formats times in the reader's zone and language.
    pub(super) clock: Clock,
    /// Path and query of the page; the home page when this is no page one can return to.
    pub(super) here: String,
    /// The request is a script's, for a part of a page.
    pub(super) part: bool,
    /// The browser says that it is a phone's.
    pub(super) phone: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await?;
        let language = Language::of(&parts.headers);
        let part = parts.headers.contains_key("hx-request");
        let page = parts.method == Method::GET && !part;
        let here = uri.path_and_query().filter(|_| page).map_or("/", |path| path.as_str()).to_owned();
        let agent = parts.headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let phone = agent.contains("Mobi");
        let clock = Clock::new(language, cookie::value(&parts.headers, ZONE_COOKIE));
        Ok(Self { language, clock, here, part, phone })
    }
}
