//! The steps of a correspondence: submit, release, acknowledge, share. Which step is legal is the
//! correspondence desk's to say.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent};
use super::shown::{Own, Shown};
use crate::desks::view::{DraftState, ItemView};
use crate::desks::{Desks, Problem, Proof};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::refusal::Code;
use serde::Deserialize;
use utoipa::ToSchema;

/// A fresh proof that it is the agent who acts; exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FreshProof {
    /// From `POST /api/v1/signing`.
    grant: Option<String>,
    /// The agent's password.
    password: Option<String>,
}

impl FreshProof {
    fn only(self) -> Result<Proof, Problem> {
        match (self.grant, self.password) {
            (Some(grant), None) => Ok(Proof::Grant(grant)),
            (None, Some(password)) => Ok(Proof::Password(password)),
            (None, None) => Err(Problem::new(Code::ProofMissing, "send a grant or your password")),
            (Some(_), Some(_)) => {
                Err(Problem::field("password", Code::FieldInvalid, "send either a grant or a password"))
            }
        }
    }
}

/// Where to share.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Share {
    /// Community id.
    community: String,
}

/// Submit a draft to its circuit.
#[utoipa::path(post, path = "/correspondence/{id}/submit", operation_id = "submit", tag = "correspondence",
    params(("id" = String, Path)), responses((status = 200, body = DraftState), Refused))]
pub(super) async fn submit(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Own<DraftState>, Refusal> {
    Ok(Own(StatusCode::OK, desks.submit(&asker, &id).await?))
}

/// Release: from here on it does not change.
#[utoipa::path(post, path = "/correspondence/{id}/release", operation_id = "release",
    tag = "correspondence", params(("id" = String, Path)), request_body = FreshProof,
    responses((status = 200, body = ItemView), Refused))]
pub(super) async fn release(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(proof): Sent<FreshProof>,
) -> Result<Shown<ItemView>, Refusal> {
    Ok(Shown::ok(desks.release(&asker, &id, proof.only()?).await?))
}

/// Acknowledge on behalf of my group.
#[utoipa::path(post, path = "/correspondence/{id}/acknowledge", operation_id = "acknowledge",
    tag = "correspondence", params(("id" = String, Path)),
    responses((status = 200, body = ItemView), Refused))]
pub(super) async fn acknowledge(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Shown<ItemView>, Refusal> {
    Ok(Shown::ok(desks.acknowledge(&asker, &id).await?))
}

/// Share into a community, label and signatures unchanged.
#[utoipa::path(post, path = "/correspondence/{id}/share", operation_id = "share", tag = "correspondence",
    params(("id" = String, Path)), request_body = Share,
    responses((status = 200, body = ItemView), Refused))]
pub(super) async fn share(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
    Sent(sent): Sent<Share>,
) -> Result<Shown<ItemView>, Refusal> {
    Ok(Shown::ok(desks.share(&asker, &id, &sent.community).await?))
}
