//! Communities: open one, list mine, read one, accept the charge of one.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent};
use super::shown::Shown;
use crate::desks::view::{CommunityBrief, CommunityView, LabelView};
use crate::desks::{CommunityForm, Desks};
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// The charter of a community to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Charter {
    /// Name.
    name: String,
    /// The project it serves; without one it is not opened.
    #[serde(default)]
    project: String,
    /// Agent id of the accountable manager; without one it is not opened.
    #[serde(default)]
    manager: String,
    /// Themes.
    #[serde(default)]
    tags: Vec<String>,
    /// The highest level of what may be shared there.
    ceiling: LabelView,
    /// Short names of the nodes to invite.
    #[serde(default)]
    organisations: Vec<String>,
}

/// Open a community.
#[utoipa::path(post, path = "/communities", operation_id = "open_community", tag = "communities",
    request_body = Charter, responses((status = 201, body = CommunityView), Refused))]
pub(super) async fn open(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Sent(sent): Sent<Charter>,
) -> Result<Shown<CommunityView>, Refusal> {
    let Charter { name, project, manager, tags, ceiling, organisations } = sent;
    let form = CommunityForm { name, project, manager, tags, ceiling, organisations };
    Ok(Shown::created(desks.open_community(&asker, form).await?))
}

/// Communities that admitted me, or to which I may admit others.
#[utoipa::path(get, path = "/communities", operation_id = "communities", tag = "communities",
    responses((status = 200, body = Vec<CommunityBrief>), Refused))]
pub(super) async fn list(State(desks): State<Desks>, Asker(asker): Asker) -> Shown<Vec<CommunityBrief>> {
    Shown::ok(desks.communities(&asker))
}

/// A community's charter, organisations and agents.
#[utoipa::path(get, path = "/communities/{id}", operation_id = "community", tag = "communities",
    params(("id" = String, Path)), responses((status = 200, body = CommunityView), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Shown<CommunityView>, Refusal> {
    Ok(Shown::ok(desks.community(&asker, &id)?))
}

/// Accept the charge, as its manager; the community opens.
#[utoipa::path(post, path = "/communities/{id}/accept", operation_id = "accept_community",
    tag = "communities", params(("id" = String, Path)),
    responses((status = 200, body = CommunityView), Refused))]
pub(super) async fn accept(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Shown<CommunityView>, Refusal> {
    Ok(Shown::ok(desks.accept_community(&asker, &id).await?))
}
