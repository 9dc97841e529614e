//! Agents of this node in a community.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent};
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::CommunityView;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// Whom to admit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Admission {
    /// Agent id.
    agent: String,
}

/// Admit an agent of this node.
#[utoipa::path(post, path = "/communities/{id}/agents", operation_id = "admit_agent",
    tag = "communities", params(("id" = String, Path)), request_body = Admission,
    responses((status = 200, body = CommunityView), Refused))]
pub(super) async fn admit(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(sent): Sent<Admission>,
) -> Result<Shown<CommunityView>, Refusal> {
    Ok(Shown::ok(desks.admit(&asker, &id, &sent.agent).await?))
}
