//! Asking the agent again before signing.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Sent;
use super::shown::Own;
use crate::desks::Desks;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fresh proof, and what it is to cover.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToSign {
    /// The agent's password.
    password: String,
    /// Ids of the items, 200 at most.
    ids: Vec<String>,
}

/// A grant.
#[derive(Serialize, ToSchema)]
pub(super) struct Granted {
    /// Good for five minutes and for the ids named only.
    grant: String,
}

/// One proof for several releases.
#[utoipa::path(post, path = "/signing", operation_id = "grant_signing", tag = "correspondence",
    request_body = ToSign, responses((status = 201, body = Granted), Refused))]
pub(super) async fn create(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Sent(sent): Sent<ToSign>,
) -> Result<Own<Granted>, Refusal> {
    let grant = desks.signing_grant(&asker, &sent.password, &sent.ids).await?;
    Ok(Own(StatusCode::CREATED, Granted { grant }))
}
