//! One span, one line and one count per request: method, route template, status, time. Never what was
//! asked for: no id, name, query or content. A panic becomes an `INTERNAL` problem.

use super::measures::Measures;
use crate::desks::Problem;
use crate::doors::api::refusal::Refusal;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use protocol::refusal::Code;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// What stands for every path that no route matches.
const NO_ROUTE: &str = "none";

/// Traces and counts a request.
pub(super) async fn observe(State(measures): State<Measures>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = method(request.method());
    let route = route(request.extensions());
    let span = tracing::info_span!("request", http.method = method, http.route = route);
    let response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let duration_ms = took.as_secs_f64() * 1_000.0;
    tracing::debug!(parent: &span, http.status = status, duration_ms, "answered");
    measures.answered(method, &route, status, took);
    response
}

/// Answers `INTERNAL` when a handler panics; the panic itself is reported by the process's hook.
pub(super) async fn catch_panics(request: Request, next: Next) -> Response {
    // Whatever the handler held is dropped with it; what outlives it is behind locks and transactions.
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    caught.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        Refusal::from(Problem::new(Code::Internal, "something failed here; it was reported")).into_response()
    })
}

fn route(extensions: &Extensions) -> String {
    extensions.get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned()
}

/// The method's name; one that we do not know is not repeated, or anybody could fill the log with it.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
