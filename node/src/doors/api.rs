//! The JSON API: the table of contents of `/api/v1` and of the document that describes it.
//!
//! Decides which path and method calls which handler; one file per noun holds the handlers. A handler
//! reads a request, calls one desk and shows what it answered. It decides nothing about clearance,
//! stores nothing, and shows values of others only as [`Cleared`](crate::desks::Cleared).

mod admissions;
mod agents;
mod asker;
mod attachments;
mod communities;
#[expect(unused_qualifications, reason = "written by the macro that describes a query")]
mod directory;
mod document;
#[expect(unused_qualifications, reason = "written by the macro that describes a query")]
mod drafts;
mod federation;
mod feed;
mod items;
pub(crate) mod limits;
mod me;
mod organisations;
mod posts;
pub(crate) mod refusal;
mod registrations;
#[expect(unused_qualifications, reason = "written by the macro that describes a query")]
mod search;
mod sent;
mod sessions;
mod shown;
mod signing;
mod steps;
pub(crate) mod streams;
#[expect(unused_qualifications, reason = "written by the macro that describes a query")]
mod teleprinter;

use crate::desks::{Desks, Problem};
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::routing::{any, get};
use axum::{Router, http::StatusCode};
use limits::UNKNOWN_BODY_BYTES_MAX;
use protocol::refusal::Code;
use refusal::Refusal;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// All routes under `/api`, and the document made from the same handlers.
///
/// Whatever is under `/api` and is not here is a `NOT_FOUND` problem. Outside `/api` the router has no
/// fallback, so that it can be merged with the portal's.
pub(super) fn routes() -> (Router<Desks>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(document::Document::openapi())
        .nest("/api/v1", people().merge(correspondence()).merge(communities()))
        .split_for_parts();
    let router = router
        .route("/api/openapi.json", get(described(&document)))
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .method_not_allowed_fallback(no_such_method);
    (router, document)
}

fn people() -> OpenApiRouter<Desks> {
    // Whoever has no session yet gets less room than an agent.
    let small = DefaultBodyLimit::max(UNKNOWN_BODY_BYTES_MAX);
    OpenApiRouter::default()
        .routes(routes!(sessions::create).layer(small))
        .routes(routes!(sessions::end))
        .routes(routes!(me::read))
        .routes(routes!(registrations::create).layer(small))
        .routes(routes!(registrations::list))
        .routes(routes!(registrations::accept))
        .routes(routes!(registrations::refuse))
        .routes(routes!(agents::list))
        .routes(routes!(agents::entitle))
        .routes(routes!(directory::list))
        .routes(routes!(federation::read))
        .routes(routes!(federation::approve))
        .routes(routes!(federation::refuse))
}

fn correspondence() -> OpenApiRouter<Desks> {
    OpenApiRouter::default()
        .routes(routes!(drafts::create, drafts::list))
        .routes(routes!(items::read, drafts::save, drafts::discard))
        .routes(routes!(drafts::read))
        .routes(routes!(items::content))
        .routes(routes!(attachments::begin))
        .routes(routes!(attachments::put_chunk))
        .routes(routes!(attachments::read, attachments::discard))
        .routes(routes!(steps::submit))
        .routes(routes!(steps::release))
        .routes(routes!(steps::acknowledge))
        .routes(routes!(steps::share))
        .routes(routes!(signing::create))
        .routes(routes!(teleprinter::read))
        .routes(routes!(teleprinter::stream))
        .routes(routes!(search::read))
}

fn communities() -> OpenApiRouter<Desks> {
    OpenApiRouter::default()
        .routes(routes!(communities::open, communities::list))
        .routes(routes!(communities::read))
        .routes(routes!(communities::accept))
        .routes(routes!(organisations::invite))
        .routes(routes!(organisations::expel))
        .routes(routes!(admissions::admit))
        .routes(routes!(posts::create, posts::list))
}

/// A handler that answers with the document, written out once.
fn described(
    document: &utoipa::openapi::OpenApi,
) -> impl FnOnce() -> std::future::Ready<axum::response::Response> + Clone + Send + Sync + 'static {
    use axum::response::IntoResponse;
    let text = document.to_json().map(Bytes::from);
    let text = text.map_err(|error| Problem::new(Code::Internal, format!("the document: {error}")));
    move || {
        std::future::ready(match text {
            Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
            Err(problem) => Refusal::from(problem).into_response(),
        })
    }
}

async fn nothing() -> Refusal {
    Refusal::from(Problem::not_found())
}

async fn no_such_method() -> Refusal {
    let problem = Problem::new(Code::NotFound, "this path does not take this method");
    Refusal::with_status(problem, StatusCode::METHOD_NOT_ALLOWED)
}
