//! Released correspondence: the item and its exact text.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Named;
use super::shown::Shown;
use crate::desks::view::{DraftState, ItemView};
use crate::desks::{Cleared, Desks};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use protocol::refusal::Code;
use serde::Serialize;
use utoipa::ToSchema;

/// A released item, or a draft that the asker may see.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Correspondence {
    /// Released.
    Item(Box<ItemView>),
    /// Not released yet.
    Draft(Box<DraftState>),
}

/// The item with its signatures and its delivery state per addressee; before release, the draft.
#[utoipa::path(get, path = "/correspondence/{id}", operation_id = "read_correspondence",
    tag = "correspondence", params(("id" = String, Path)),
    responses((status = 200, body = Correspondence), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Shown<Correspondence>, Refusal> {
    let found: Cleared<Correspondence> = match desks.item(&asker, &id).await {
        Ok(item) => item.map(|item| Correspondence::Item(Box::new(item))),
        Err(problem) if problem.code == Code::NotFound => {
            desks.draft(&asker, &id)?.map(|draft| Correspondence::Draft(Box::new(draft)))
        }
        Err(problem) => return Err(problem.into()),
    };
    Ok(Shown::ok(found))
}

/// The canonical bytes that the signatures cover.
#[utoipa::path(get, path = "/correspondence/{id}/content", operation_id = "read_content",
    tag = "correspondence", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/plain; charset=utf-8"), Refused))]
pub(super) async fn content(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<impl IntoResponse, Refusal> {
    let bytes = desks.content(&asker, &id)?.into_inner();
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes))
}
