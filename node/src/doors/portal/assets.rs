//! Style sheet, scripts: embedded, named with the hash of their content, kept by browsers for a year.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use ring::digest;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../../assets/valise.css");
const SCRIPT: &str = include_str!("../../../assets/valise.js");
const ICON: &str = include_str!("../../../assets/valise.svg");
const HTMX: &str = include_str!("../../../assets/htmx.min.js");
/// `immutable`: the hash in the query changes with the content.
const KEEP: &str = "public, max-age=31536000, immutable";

/// The addresses of the assets, each with its content's hash.
pub(super) struct Assets {
    /// Style sheet.
    pub(super) style: String,
    /// Our script.
    pub(super) script: String,
    /// htmx.
    pub(super) htmx: String,
    /// The mark in the browser's tab.
    pub(super) icon: String,
}

/// Computed once.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: versioned("valise.css", STYLE),
    script: versioned("valise.js", SCRIPT),
    htmx: versioned("htmx.min.js", HTMX),
    icon: versioned("valise.svg", ICON),
});

/// `GET /assets/{name}`
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "valise.css" => answer("text/css; charset=utf-8", STYLE),
        "valise.js" => answer("text/javascript; charset=utf-8", SCRIPT),
        "htmx.min.js" => answer("text/javascript; charset=utf-8", HTMX),
        "valise.svg" => answer("image/svg+xml", ICON),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(kind: &'static str, content: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] = [(CONTENT_TYPE, kind), (CACHE_CONTROL, KEEP)];
    (headers, content).into_response()
}

fn versioned(name: &str, content: &str) -> String {
    let hash = digest::digest(&digest::SHA256, content.as_bytes());
    let short = hash.as_ref().get(..8).unwrap_or_default();
    format!("/assets/{name}?v={}", protocol::ids::hex(short))
}
