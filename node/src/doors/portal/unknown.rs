//! Addresses that lead nowhere: a page for people, a bare status for programs, which the web server
//! turns into a problem.

use super::visit::Visit;
use crate::desks::{Desks, Problem};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Any path that no route has.
pub(super) async fn show(State(desks): State<Desks>, request: Request) -> Response {
    if request.uri().path().starts_with("/api") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (mut parts, _) = request.into_parts();
    match Visit::from_request_parts(&mut parts, &desks).await {
        Ok(visit) => visit.refuse(Problem::not_found()).into_response(),
        Err(stop) => stop.into_response(),
    }
}
