//! Signing in and out.

use super::asker::{Address, Token};
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Sent;
use super::shown::Own;
use crate::desks::view::{AgentView, LabelView, MeView};
use crate::desks::{Desks, Problem, Terminal};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::refusal::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who signs in, and on what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// Sign-in name.
    login: String,
    /// Password.
    password: String,
    /// `desktop`, `tablet` or `mobile`; its ceiling bounds what the session sees.
    terminal: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// Who signed in.
    agent: AgentView,
    /// min(agent, terminal, node).
    clearance: LabelView,
}

/// Sign in.
///
/// A wrong name and a wrong password are answered alike, and so is an account that waits.
#[utoipa::path(post, path = "/sessions", operation_id = "sign_in", tag = "sessions", security(()),
    request_body = SignIn, responses((status = 201, body = SessionView), Refused))]
pub(super) async fn create(
    State(desks): State<Desks>,
    Address(address): Address,
    Sent(sent): Sent<SignIn>,
) -> Result<Own<SessionView>, Refusal> {
    let unknown = || Problem::field("terminal", Code::FieldInvalid, "desktop, tablet or mobile");
    let terminal = Terminal::parse(&sent.terminal).ok_or_else(unknown)?;
    let signed = desks.sign_in(&sent.login, &sent.password, terminal, &address).await?;
    let MeView { agent, clearance, .. } = desks.me(&signed.session).into_inner();
    Ok(Own(StatusCode::CREATED, SessionView { token: signed.token, agent, clearance }))
}

/// Sign out: the token of this request ends.
#[utoipa::path(delete, path = "/sessions", operation_id = "sign_out", tag = "sessions",
    responses((status = 204, description = "Ended."), Refused))]
pub(super) async fn end(State(desks): State<Desks>, Token(token, _): Token) -> StatusCode {
    desks.sign_out(&token).await;
    StatusCode::NO_CONTENT
}
