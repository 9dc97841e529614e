//! The teleprinter: what fell, as a page or as a live stream.

use super::asker::{Asker, Token};
use super::document::Refused;
use super::feed::Feed;
use super::limits::STREAM_COMMENT_INTERVAL;
use super::refusal::Refusal;
use super::sent::{Asked, Lines, cursor};
use super::shown::Shown;
use super::streams::Streams;
use crate::desks::view::TeleprinterPage;
use crate::desks::{Desks, Problem};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use protocol::refusal::Code;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where a stream resumes.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Resumed {
    /// A cursor: everything after it is sent first. `Last-Event-ID` goes before it.
    after: Option<String>,
}

/// What fell, newest last.
#[utoipa::path(get, path = "/teleprinter", operation_id = "teleprinter", tag = "teleprinter",
    params(Lines), responses((status = 200, body = TeleprinterPage), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Asked(lines): Asked<Lines>,
) -> Result<Shown<TeleprinterPage>, Refusal> {
    let (after, limit) = lines.checked()?;
    Ok(Shown::ok(desks.teleprinter(&asker, after, limit)?))
}

/// What falls, as it falls.
///
/// Server-sent events: `id` is the cursor, `event` is `item`, `data` a `TeleprinterItem`. The stream
/// ends with the session.
#[utoipa::path(get, path = "/teleprinter/stream", operation_id = "teleprinter_stream",
    tag = "teleprinter", params(Resumed, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refused))]
pub(super) async fn stream(
    State(desks): State<Desks>,
    Token(token, session): Token,
    Asked(resumed): Asked<Resumed>,
    streams: Option<Extension<Streams>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let unserved = || Problem::new(Code::Internal, "this server holds no streams");
    let Extension(streams) = streams.ok_or_else(unserved)?;
    let place = streams.enter(session.subject.agent)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = match cursor(last)? {
        Some(last) => Some(last),
        None => cursor(resumed.after.as_deref())?,
    };
    let feed = Feed::open(desks, token, session, after, place)?;
    let comments = KeepAlive::new().interval(STREAM_COMMENT_INTERVAL).text("");
    let events = Sse::new(feed.events()).keep_alive(comments);
    Ok(([(header::CACHE_CONTROL, "no-store")], events).into_response())
}
