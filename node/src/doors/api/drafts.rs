//! Drafts: write, read back, list, save, drop.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Asked, Named, Sent};
use super::shown::{Own, Shown};
use crate::desks::Desks;
use crate::desks::view::{DraftState, DraftView};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which drafts.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Wanted {
    /// `draft`, `awaiting-visa` or `awaiting-release`; all without.
    state: Option<String>,
}

/// Start a draft.
#[utoipa::path(post, path = "/correspondence", operation_id = "create_draft", tag = "correspondence",
    request_body = DraftView, responses((status = 201, body = DraftState), Refused))]
pub(super) async fn create(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Sent(draft): Sent<DraftView>,
) -> Result<Own<DraftState>, Refusal> {
    Ok(Own(StatusCode::CREATED, desks.create_draft(&asker, draft).await?))
}

/// My groups' drafts, and what waits for me.
#[utoipa::path(get, path = "/correspondence", operation_id = "drafts", tag = "correspondence",
    params(Wanted), responses((status = 200, body = Vec<DraftState>), Refused))]
pub(super) async fn list(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Asked(wanted): Asked<Wanted>,
) -> Result<Shown<Vec<DraftState>>, Refusal> {
    let state = wanted.state.as_deref().filter(|state| !state.is_empty());
    Ok(Shown::ok(desks.drafts(&asker, state)?))
}

/// A draft and the steps that may follow.
#[utoipa::path(get, path = "/correspondence/{id}/draft", operation_id = "draft", tag = "correspondence",
    params(("id" = String, Path)), responses((status = 200, body = DraftState), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Shown<DraftState>, Refusal> {
    Ok(Shown::ok(desks.draft(&asker, &id)?))
}

/// Save a draft, all of it.
#[utoipa::path(put, path = "/correspondence/{id}", operation_id = "save_draft", tag = "correspondence",
    params(("id" = String, Path)), request_body = DraftView,
    responses((status = 200, body = DraftState), Refused))]
pub(super) async fn save(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(draft): Sent<DraftView>,
) -> Result<Own<DraftState>, Refusal> {
    Ok(Own(StatusCode::OK, desks.save_draft(&asker, &id, draft).await?))
}

/// Drop a draft.
#[utoipa::path(delete, path = "/correspondence/{id}", operation_id = "discard_draft",
    tag = "correspondence", params(("id" = String, Path)),
    responses((status = 204, description = "Dropped."), Refused))]
pub(super) async fn discard(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<StatusCode, Refusal> {
    desks.discard_draft(&asker, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
