//! Search over everything that the asker may see.

use super::asker::Asker;
use super::document::Refused;
use super::refusal::Refusal;
use super::sent::Asked;
use super::shown::Shown;
use crate::desks::Desks;
use crate::desks::view::{SearchForm, SearchPage};
use axum::extract::State;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// [`SearchForm`] as it stands in a query.
pub(super) struct InQuery;

impl IntoParams for InQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        SearchForm::into_params(|| Some(ParameterIn::Query))
    }
}

/// Hits, their number and their facets; only what I may see is counted.
#[utoipa::path(get, path = "/search", operation_id = "search", tag = "correspondence",
    params(InQuery), responses((status = 200, body = SearchPage), Refused))]
pub(super) async fn read(
    State(desks): State<Desks>,
    Asker(asker): Asker,
    Asked(mut form): Asked<SearchForm>,
) -> Result<Shown<SearchPage>, Refusal> {
    drop_empty(&mut form);
    Ok(Shown::ok(desks.search(&asker, &form).await?))
}

/// An empty filter, as a form sends it, is none.
fn drop_empty(form: &mut SearchForm) {
    let SearchForm { q: _, kind, tag, classification, group, community, precedence, since, until, cursor } =
        form;
    for filter in [kind, tag, classification, group, community, precedence, since, until, cursor] {
        if filter.as_deref() == Some("") {
            *filter = None;
        }
    }
}
