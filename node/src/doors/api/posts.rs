//! Posts in a community.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Asked, Lines, Named, Sent};
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::{LabelView, PostView};
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// A post to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPost {
    /// Its label.
    label: LabelView,
    /// Plain text.
    body: String,
}

/// Write a post.
#[utoipa::path(post, path = "/communities/{id}/posts", operation_id = "create_post", tag = "communities",
    params(("id" = String, Path)), request_body = NewPost,
    responses((status = 201, body = PostView), Refused))]
pub(super) async fn create(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(sent): Sent<NewPost>,
) -> Result<Shown<PostView>, Refusal> {
    Ok(Shown::created(desks.post(&asker, &id, sent.label, &sent.body).await?))
}

/// Posts and shared correspondence that I may see, newest last.
#[utoipa::path(get, path = "/communities/{id}/posts", operation_id = "posts", tag = "communities",
    params(("id" = String, Path), Lines), responses((status = 200, body = Vec<PostView>), Refused))]
pub(super) async fn list(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Asked(lines): Asked<Lines>,
) -> Result<Shown<Vec<PostView>>, Refusal> {
    let (after, limit) = lines.checked()?;
    Ok(Shown::ok(desks.posts(&asker, &id, after, limit)?))
}
