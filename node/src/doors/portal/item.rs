//! One paper: on its own page, in the reading pane, and the acts on it.

use super::choices::Choice;
use super::failure::{Kept, Trouble, status};
use super::marks::{LabelMark, inert};
use super::page::Page;
use super::paper::Paper;
use super::visit::{Answer, Stop, Visit, go, render, render_with};
use crate::desks::Problem;
use crate::desks::view::ItemView;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use serde::Deserialize;

/// A paper with what can be done to it.
pub(super) struct Open {
    /// The paper.
    pub(super) paper: Paper,
    /// Communities that it could be put into.
    pub(super) shares: Vec<Choice>,
    /// `home` in the reading pane, empty on its own page.
    pub(super) from: &'static str,
}

/// Opens an item: from here on it is read.
pub(super) async fn open(visit: &Visit, id: &str, from: &'static str) -> Result<Open, Stop> {
    let item = visit.desks.item(&visit.session, id).await;
    let item = item.map_err(|problem| visit.refuse(problem))?.into_inner();
    Ok(opened(visit, &item, from))
}

fn opened(visit: &Visit, item: &ItemView, from: &'static str) -> Open {
    let language = visit.reader.language;
    let elsewhere = visit.desks.communities(&visit.session).into_inner().into_iter().filter(|community| {
        community.admitted
            && community.state == "open"
            && !item.communities.iter().any(|c| c.id == community.id)
    });
    let choice = |community: crate::desks::view::CommunityBrief| {
        let ceiling = LabelMark::of(&community.ceiling, language).words;
        Choice::new(&community.id, format!("{} ({ceiling})", inert(&community.name)), "")
    };
    Open {
        paper: Paper::of(item, &visit.reader, &visit.desks.node_name()),
        shares: elsewhere.map(choice).collect(),
        from,
    }
}

/// What a link may say after an act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    p: Page,
    open: Open,
    trouble: Trouble,
}

/// `GET /items/{id}`
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let open = open(&visit, &id, "").await?;
    let mut p = visit.page("home");
    p.notice = p.t.done(&asked.done);
    Ok(render(&ItemPage { p, open, trouble: Trouble::default() }))
}

#[derive(Template)]
#[template(path = "pane.html")]
struct Pane {
    p: Page,
    open: Open,
}

/// `GET /items/{id}/pane`: the paper alone, for the reading pane.
pub(super) async fn pane(visit: Visit, Path(id): Path<String>) -> Answer {
    let open = open(&visit, &id, "home").await?;
    Ok(render(&Pane { p: Page::open(&visit.desks, &visit.reader), open }))
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct Deliveries {
    p: Page,
    paper: Paper,
}

/// `GET /items/{id}/deliveries`: where the addressees stand, again.
pub(super) async fn deliveries(visit: Visit, Path(id): Path<String>) -> Answer {
    let Open { paper, .. } = open(&visit, &id, "").await?;
    Ok(render(&Deliveries { p: Page::open(&visit.desks, &visit.reader), paper }))
}

#[derive(Template)]
#[template(path = "files.html")]
struct Files {
    p: Page,
    paper: Paper,
}

/// `GET /items/{id}/files`: how far its files are, again.
pub(super) async fn files(visit: Visit, Path(id): Path<String>) -> Answer {
    let Open { paper, .. } = open(&visit, &id, "").await?;
    Ok(render(&Files { p: Page::open(&visit.desks, &visit.reader), paper }))
}

/// Where to go back to after an act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Act {
    from: String,
    community: String,
}

/// `POST /items/{id}/acknowledge`
pub(super) async fn acknowledge(visit: Visit, Path(id): Path<String>, Form(act): Form<Act>) -> Answer {
    match visit.desks.acknowledge(&visit.session, &id).await {
        Ok(item) => go(&back(&item.as_ref().id, &act.from, "acknowledged")),
        Err(problem) => refused(&visit, &id, &problem).await,
    }
}

/// `POST /items/{id}/share`
pub(super) async fn share(visit: Visit, Path(id): Path<String>, Form(act): Form<Act>) -> Answer {
    match visit.desks.share(&visit.session, &id, &act.community).await {
        Ok(item) => go(&back(&item.as_ref().id, &act.from, "shared")),
        Err(problem) => refused(&visit, &id, &problem).await,
    }
}

/// The paper again, under what was refused about it.
async fn refused(visit: &Visit, id: &str, problem: &Problem) -> Answer {
    let open = open(visit, id, "").await?;
    let trouble = Trouble::of(problem, visit.reader.language, Kept::Nothing);
    Ok(render_with(status(problem), &ItemPage { p: visit.page("home"), open, trouble }))
}

fn back(id: &str, from: &str, done: &str) -> String {
    if from == "home" { format!("/?item={id}&done={done}") } else { format!("/items/{id}?done={done}") }
}
