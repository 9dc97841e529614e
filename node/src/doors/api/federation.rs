//! The federation as this node sees it.

use super::asker::Asker;
use super::document::Refused;
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
