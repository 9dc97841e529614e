//! Who am I.

use super::asker::Asker;
use super::document::Refused;
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::MeView;
use axum::extract::State;

/// The agent of the session, with clearance, groups and roles.
#[utoipa::path(get, path = "/me", operation_id = "me", tag = "sessions",
    responses((status = 200, body = MeView), Refused))]
pub(super) async fn read(State(desks): State<Desks>, Asker(asker): Asker) -> Shown<MeView> {
    Shown::ok(desks.me(&asker))
}
