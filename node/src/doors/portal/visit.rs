//! A request with its session: the only way into a signed-in page.
//!
//! Decides that whoever has no session is led to the door. What the session may see, the desks decide.

use super::cookie;
use super::failure::{self, Kept};
use super::link;
use super::page::Page;
use super::reader::Reader;
use crate::desks::{Desks, Problem, Session};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};

/// A signed-in request.
pub(crate) struct Visit {
    /// The session, as the desks know it.
    pub session: Session,
    pub(super) token: String,
    pub(super) reader: Reader,
    pub(super) desks: Desks,
}

/// A response that ends a handler early.
pub(crate) struct Stop(Box<Response>);

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Response> for Stop {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

/// What page handlers answer.
pub(super) type Answer = Result<Response, Stop>;

impl FromRequestParts<Desks> for Visit {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, desks: &Desks) -> Result<Self, Stop> {
        let Ok(reader) = Reader::from_request_parts(parts, desks).await;
        let token = cookie::token(&parts.headers, desks);
        let found = token.and_then(|token| desks.session(&token).ok().map(|session| (token, session)));
        match found {
            Some((token, session)) => Ok(Self { session, token, reader, desks: desks.clone() }),
            None => Err(to_the_door(parts, &reader).into()),
        }
    }
}

/// To the sign-in page, and back here afterwards. A script's request gets a status that it can tell
/// from a page.
fn to_the_door(parts: &Parts, reader: &Reader) -> Response {
    let scripted = reader.part || parts.headers.get("accept").is_some_and(|kind| kind == "application/json");
    if scripted {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", "/login")]).into_response();
    }
    let next = if parts.method == Method::GET && reader.here != "/" { reader.here.as_str() } else { "" };
    Redirect::to(&link::with_query("/login", &[("next", next)])).into_response()
}

impl Visit {
    /// The frame of a page at a place of the rail.
    pub(super) fn page(&self, at: &'static str) -> Page {
        Page::signed_in(&self.desks, &self.reader, &self.session, at)
    }

    /// A refusal as a page of its own.
    pub(super) fn refuse(&self, problem: Problem) -> Stop {
        let page = self.page("");
        failure::page(page, &self.reader, &problem, Kept::Nothing).into()
    }
}

/// A template as a response.
pub(super) fn render(template: &impl Template) -> Response {
    render_with(StatusCode::OK, template)
}

/// A template as a response with a status.
pub(super) fn render_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// On to another page after a form.
pub(super) fn go(path: &str) -> Answer {
    Ok(Redirect::to(path).into_response())
}
