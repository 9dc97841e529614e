//! The federation as this node sees it.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Named;
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::FederationView;
use axum::extract::State;

/// Peers, accreditations, reachability, and the lag per space that I may know of.
#[utoipa::path(get, path = "/federation", operation_id = "federation", tag = "federation",
    responses((status = 200, body = FederationView), Refused))]
pub(super) async fn read(State(desks): State<Desks>, Asker(asker): Asker) -> Shown<FederationView> {
    Shown::ok(desks.federation(&asker))
}

/// For an operator: let a node that lost its keys back into the communities shared with this ministry.
#[utoipa::path(post, path = "/federation/returns/{node}/approve", operation_id = "approve_return",
    tag = "federation", params(("node" = String, Path)),
    responses((status = 200, body = FederationView), Refused))]
pub(super) async fn approve(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(node): Named,
) -> Result<Shown<FederationView>, Refusal> {
    desks.decide_return(&asker, &node, true).await?;
    Ok(Shown::ok(desks.federation(&asker)))
}

/// For an operator: do not let a node that lost its keys back in.
#[utoipa::path(post, path = "/federation/returns/{node}/refuse", operation_id = "refuse_return",
    tag = "federation", params(("node" = String, Path)),
    responses((status = 200, body = FederationView), Refused))]
pub(super) async fn refuse(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Named(node): Named,
) -> Result<Shown<FederationView>, Refusal> {
    desks.decide_return(&asker, &node, false).await?;
    Ok(Shown::ok(desks.federation(&asker)))
}
