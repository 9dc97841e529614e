//! What the API's document says beside the handlers: title, ways to sign in, and the problems that
//! any call may answer with. Paths and shapes come from the handlers themselves.

use super::refusal::{FieldBody, PROBLEM_JSON, ProblemBody};
use std::collections::BTreeMap;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Described, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

/// The document before any handler has added to it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Valise",
        version = "1",
        description = "Diplomatic correspondence of one node and of the federation that it is in.\n\n\
            Refusals are RFC 9457 problems with a stable `code`. What does not exist and what the \
            asker may not know of are answered alike."
    ),
    components(schemas(ProblemBody, FieldBody)),
    modifiers(&Schemes),
    security(("bearer" = []), ("cookie" = []))
)]
pub(super) struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut Described) {
        let components = openapi.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("bearer", bearer);
        let cookie = ApiKeyValue::with_description(
            "__Host-valise-<node>",
            "The portal's session; the part after the last hyphen is the node's short name.",
        );
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The problems that a call may answer with.
pub(super) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let described = [
            ("400", "The body is not JSON."),
            ("401", "No session, or wrong credentials."),
            ("403", "Not the asker's role, another origin, or no valid proof."),
            ("404", "Nothing here that the asker may see."),
            ("409", "Not a legal step now, or already decided."),
            ("413", "The body is too large."),
            ("415", "The body is not declared as JSON."),
            ("422", "A field or a label is refused."),
            ("429", "Too many attempts."),
            ("500", "Something failed here."),
            ("503", "The node is busy or cannot store; nothing was accepted."),
        ];
        described.into_iter().map(|(status, text)| (status.to_owned(), RefOr::T(problem(text)))).collect()
    }
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = Content::new(Some(RefOr::Ref(schema)));
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
