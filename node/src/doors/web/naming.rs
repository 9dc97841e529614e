//! Every refusal has a name: an error that left a router without any body gets a problem.

use crate::desks::Problem;
use crate::doors::api::refusal::Refusal;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::refusal::Code;

/// Puts a problem in place of an error that says nothing.
pub(super) async fn name_refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    let mut named = Refusal::with_status(problem(status), status).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        named.headers_mut().insert(header::ALLOW, allow.clone());
    }
    named
}

fn problem(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(Code::NotFound, "this path does not take this method"),
        status if status.is_client_error() => Problem::new(Code::FieldInvalid, "the request cannot be read"),
        _ => Problem::new(Code::Internal, "something failed here"),
    }
}
