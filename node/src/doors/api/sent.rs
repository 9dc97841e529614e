//! What a request brings: a JSON body, a query, names in the path. Whatever cannot be read is a
//! problem with a stable code, and with the field's path when it is known. Whether a value makes
//! sense is for the desks.

use super::limits::{COMPLAINT_CHARS_MAX, CURSOR_BYTES_MAX, NAME_BYTES_MAX, PAGE_LINES, PAGE_LINES_MAX};
use super::refusal::Refusal;
use crate::desks::Problem;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::refusal::Code;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;

/// A JSON body.
pub(super) struct Sent<T>(pub(super) T);

/// A query.
pub(super) struct Asked<T>(pub(super) T);

/// The one name in a path; one that cannot name anything finds nothing.
pub(super) struct Named(pub(super) String);

/// Which lines are wanted.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Lines {
    /// A cursor: only what came after it. Without one, the newest lines.
    after: Option<String>,
    /// How many at most: 1 to 1000, 50 unless told.
    limit: Option<usize>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(misfit(&innermost(&rejection)).into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(possible_name(name)?)),
            Err(_) => Err(Problem::not_found().into()),
        }
    }
}

/// The name, unless nothing can be called so.
pub(super) fn possible_name(name: String) -> Result<String, Problem> {
    let possible = name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control);
    possible.then_some(name).ok_or_else(Problem::not_found)
}

impl Lines {
    /// The cursor and the number of lines, checked.
    pub(super) fn checked(&self) -> Result<(Option<&str>, usize), Problem> {
        let limit = self.limit.unwrap_or(PAGE_LINES);
        if !(1..=PAGE_LINES_MAX).contains(&limit) {
            let message = format!("between 1 and {PAGE_LINES_MAX}");
            return Err(Problem::field("limit", Code::FieldInvalid, message));
        }
        Ok((cursor(self.after.as_deref())?, limit))
    }
}

/// A cursor as sent; an empty one is none.
pub(super) fn cursor(sent: Option<&str>) -> Result<Option<&str>, Problem> {
    match sent {
        Some(cursor) if cursor.len() > CURSOR_BYTES_MAX => {
            Err(Problem::field("after", Code::FieldTooLong, "this is not a cursor from here"))
        }
        sent => Ok(sent.filter(|cursor| !cursor.is_empty())),
    }
}

fn unreadable(rejection: &JsonRejection) -> Refusal {
    let (status, problem) = match rejection {
        JsonRejection::JsonDataError(error) => return misfit(&innermost(error)).into(),
        JsonRejection::JsonSyntaxError(error) => {
            let detail = format!("the body is not JSON: {}", cut(&innermost(error)));
            (StatusCode::BAD_REQUEST, Problem::new(Code::FieldInvalid, detail))
        }
        JsonRejection::MissingJsonContentType(_) => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::new(Code::FieldInvalid, "send the body with Content-Type: application/json"),
        ),
        JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            (error.status(), Problem::new(Code::FieldTooLong, "the body is over the limit"))
        }
        _ => (StatusCode::BAD_REQUEST, Problem::new(Code::FieldInvalid, "the body did not arrive whole")),
    };
    Refusal::with_status(problem, status)
}

/// The text of the deepest cause: what the parser itself said.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        if is_bare(&deeper.to_string(), &cause.to_string()) {
            break;
        }
        cause = deeper;
    }
    cause.to_string()
}

/// Whether `deeper` is the end of `outer` without the field's path, which must be kept.
fn is_bare(deeper: &str, outer: &str) -> bool {
    outer.strip_suffix(deeper).and_then(|path| path.strip_suffix(": ")).is_some_and(is_path)
}

fn is_path(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '?');
    !text.is_empty() && text.chars().all(part)
}

/// A problem from what serde says of a value that does not fit: `label.policy: invalid type: …`,
/// or ``missing field `kind` at line 1 column 2``.
fn misfit(complaint: &str) -> Problem {
    let (path, message) = match complaint.split_once(": ") {
        Some((path, message)) if is_path(path) => (path.trim_matches('.'), message),
        _ => ("", complaint),
    };
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = |start: &str| message.strip_prefix(start).and_then(|rest| rest.split('`').next());
    let below = |name: &str| match path.rsplit('.').next() {
        Some(last) if last == name => path.to_owned(),
        _ if path.is_empty() => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if let Some(name) = quoted("missing field `") {
        return Problem::field(&below(name), Code::FieldMissing, "this field is required");
    }
    if let Some(name) = quoted("unknown field `") {
        return Problem::field(&cut(&below(name)), Code::FieldInvalid, "there is no such field");
    }
    match path {
        "" => Problem::new(Code::FieldInvalid, cut(message)),
        path => Problem::field(path, Code::FieldInvalid, cut(message)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(COMPLAINT_CHARS_MAX).collect()
}

#[cfg(test)]
#[path = "sent_tests.rs"]
mod tests;
