//! The agents of my groups on this node.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Named;
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::AgentView;
use axum::extract::State;
use axum::http::StatusCode;

/// Agents of my groups on this node.
#[utoipa::path(get, path = "/agents", operation_id = "agents", tag = "agents",
    responses((status = 200, body = Vec<AgentView>), Refused))]
pub(super) async fn list(
    State(desks): State<Desks>,
    Asker(asker): Asker,
) -> Result<Shown<Vec<AgentView>>, Refusal> {
    Ok(Shown::ok(desks.agents(&asker)?))
}

/// Entitle an agent of my group to manage communities; for a number two.
#[utoipa::path(post, path = "/agents/{id}/entitlement", operation_id = "entitle_manager", tag = "agents",
    params(("id" = String, Path)), responses((status = 204, description = "Entitled."), Refused))]
pub(super) async fn entitle(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(agent): Named,
) -> Result<StatusCode, Refusal> {
    desks.entitle_manager(&asker, &agent).await?;
    Ok(StatusCode::NO_CONTENT)
}
