//! The keys, the marks and the words, on one page; the same list of keys opens with `?` anywhere.

use super::marks::LabelMark;
use super::page::Page;
use super::reader::Reader;
use super::visit::{Visit, render};
use crate::desks::Desks;
use crate::desks::view::LabelView;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use protocol::correspondence::Precedence;
use protocol::label::{Category, Classification, Level};

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    p: Page,
    labels: Vec<LabelMark>,
    precedences: Vec<(&'static str, String)>,
}

/// `GET /help`, with or without a session.
pub(super) async fn show(visit: Option<Signed>, State(desks): State<Desks>, reader: Reader) -> Response {
    let p = match visit {
        Some(Signed(visit)) => visit.page("help"),
        None => Page::open(&desks, &reader),
    };
    let language = reader.language;
    let top = Level::new(Classification::Dr, vec![Category::SpecialFrance]);
    let labels =
        top.below().iter().map(|level| LabelMark::of(&LabelView::from(&level.label()), language)).collect();
    let precedence = |p: &Precedence| (p.as_str(), language.precedence(p.as_str()).to_owned());
    let precedences = Precedence::ALL.iter().rev().map(precedence).collect();
    render(&Help { p, labels, precedences })
}

/// A visit that may be missing.
pub(super) struct Signed(Visit);

impl axum::extract::OptionalFromRequestParts<Desks> for Signed {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        desks: &Desks,
    ) -> Result<Option<Self>, Self::Rejection> {
        let visit = <Visit as axum::extract::FromRequestParts<Desks>>::from_request_parts(parts, desks).await;
        Ok(visit.ok().map(Signed))
    }
}
