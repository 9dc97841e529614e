//! The home page: the teleprinter, and a paper in the reading pane.

use super::item::{Open, open};
use super::page::Page;
use super::rows::{Lines, Show, lines};
use super::visit::{Answer, Visit, render};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

/// Lines on the home page: about a day of a large ministry's.
const LINES_MAX: usize = 200;

/// What the address says.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    item: String,
    show: String,
    after: String,
    done: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    p: Page,
    lines: Lines,
    show: &'static str,
    open: Option<Open>,
}

/// `GET /`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let open = match asked.item.as_str() {
        "" => None,
        id => Some(open(&visit, id, "home").await?),
    };
    // After the paper: opening it has marked its line as read.
    let show = Show::parse(&asked.show);
    let feed = visit.desks.teleprinter(&visit.session, None, LINES_MAX);
    let feed = feed.map_err(|problem| visit.refuse(problem))?.into_inner();
    let lines = lines(&feed.items, show, &asked.item, (visit.reader.language, &visit.reader.clock));
    let mut p = visit.page("home");
    p.notice = p.t.done(&asked.done);
    Ok(render(&Home { p, lines, show: show.as_str(), open }))
}

#[derive(Template)]
#[template(path = "home_fragment.html")]
struct Fragment {
    p: Page,
    lines: Lines,
    show: &'static str,
}

/// `GET /teleprinter/fragment?after=`: the lines that fell since, for the script to put in.
pub(super) async fn fragment(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    let feed = visit.desks.teleprinter(&visit.session, after, LINES_MAX);
    let feed = feed.map_err(|problem| visit.refuse(problem))?.into_inner();
    let show = Show::parse(&asked.show);
    let mut lines = lines(&feed.items, show, "", (visit.reader.language, &visit.reader.clock));
    if lines.cursor.is_empty() {
        lines.cursor = asked.after;
    }
    let p = Page::open(&visit.desks, &visit.reader);
    Ok(render(&Fragment { p, lines, show: show.as_str() }))
}
