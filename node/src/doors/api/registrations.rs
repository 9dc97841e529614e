//! Asking for an account, and the number two's answer.

use super::asker::{Address, Asker};
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::{Named, Sent};
use super::shown::{Own, Shown};
use crate::desks::Desks;
use crate::desks::view::RegistrationView;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who asks for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Registration {
    /// Sign-in name wanted.
    login: String,
    /// Name.
    name: String,
    /// Address of the group: `cdc@mae`.
    group: String,
    /// Without one, a password is made when the number two accepts.
    password: Option<String>,
}

/// Ask for an account.
#[utoipa::path(post, path = "/registrations", operation_id = "register", tag = "registrations",
    security(()), request_body = Registration, responses((status = 201, body = RegistrationView), Refused))]
pub(super) async fn create(
    State(desks): State<Desks>,
    Address(address): Address,
    Sent(sent): Sent<Registration>,
) -> Result<Own<RegistrationView>, Refusal> {
    let Registration { login, name, group, password } = sent;
    let waiting = desks.register(&login, &name, &group, password.as_deref(), &address).await?;
    Ok(Own(StatusCode::CREATED, waiting))
}

/// What waits for me, the number two of its group.
#[utoipa::path(get, path = "/registrations", operation_id = "registrations", tag = "registrations",
    responses((status = 200, body = Vec<RegistrationView>), Refused))]
pub(super) async fn list(
    State(desks): State<Desks>,
    Asker(asker): Asker,
) -> Result<Shown<Vec<RegistrationView>>, Refusal> {
    Ok(Shown::ok(desks.registrations(&asker)?))
}

/// Accept: the login can sign in.
#[utoipa::path(post, path = "/registrations/{id}/accept", operation_id = "accept_registration",
    tag = "registrations", params(("id" = String, Path)),
    responses((status = 200, body = RegistrationView), Refused))]
pub(super) async fn accept(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Own<RegistrationView>, Refusal> {
    Ok(Own(StatusCode::OK, desks.decide_registration(&asker, &id, true).await?))
}

/// Refuse.
#[utoipa::path(post, path = "/registrations/{id}/refuse", operation_id = "refuse_registration",
    tag = "registrations", params(("id" = String, Path)),
    responses((status = 200, body = RegistrationView), Refused))]
pub(super) async fn refuse(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(id): Named,
) -> Result<Own<RegistrationView>, Refusal> {
    Ok(Own(StatusCode::OK, desks.decide_registration(&asker, &id, false).await?))
}
