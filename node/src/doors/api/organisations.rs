//! The organisations of a community.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent, possible_name};
use super::shown::Shown;
use crate::desks::view::CommunityView;
use crate::desks::{Desks, Problem};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    /// The node's short name.
    node: String,
}

/// Invite an organisation's node.
#[utoipa::path(post, path = "/communities/{id}/organisations", operation_id = "invite_organisation",
    tag = "communities", params(("id" = String, Path)), request_body = Invitation,
    responses((status = 200, body = CommunityView), Refused))]
pub(super) async fn invite(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(sent): Sent<Invitation>,
) -> Result<Shown<CommunityView>, Refusal> {
    Ok(Shown::ok(desks.invite(&asker, &id, &sent.node).await?))
}

/// Expel an organisation's node.
#[utoipa::path(delete, path = "/communities/{id}/organisations/{node}",
    operation_id = "expel_organisation", tag = "communities",
    params(("id" = String, Path), ("node" = String, Path)),
    responses((status = 200, body = CommunityView), Refused))]
pub(super) async fn expel(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Shown<CommunityView>, Refusal> {
    let Path((id, node)) = path.map_err(|_| Problem::not_found())?;
    let (id, node) = (possible_name(id)?, possible_name(node)?);
    Ok(Shown::ok(desks.expel(&asker, &id, &node).await?))
}
