//! Groups and communities of the whole federation, as far as the asker may know of them.

use super::asker::Asker;
use super::document::Refused;
use super::sent::Asked;
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::DirectoryEntry;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// What to look for.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Sought {
    /// Words of a name, an address, an organisation or a theme; without any, everybody.
    #[param(required = false)]
    q: String,
}

/// Groups and communities that I may know of.
#[utoipa::path(get, path = "/directory", operation_id = "directory", tag = "federation",
    params(Sought), responses((status = 200, body = Vec<DirectoryEntry>), Refused))]
pub(super) async fn list(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Asked(sought): Asked<Sought>,
) -> Shown<Vec<DirectoryEntry>> {
    Shown::ok(desks.directory(&asker, &sought.q))
}
