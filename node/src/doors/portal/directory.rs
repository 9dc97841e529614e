//! The directory: groups and communities of the whole federation that the reader may know of.

use super::link::with_query;
use super::marks::{LabelMark, inert};
use super::page::Page;
use super::visit::{Answer, Visit, render};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

/// A group or a community.
struct Line {
    is_group: bool,
    name: String,
    address: String,
    link: String,
    organisation: String,
    kind: String,
    ceiling: LabelMark,
    tags: String,
}

#[derive(Template)]
#[template(path = "directory.html")]
struct Directory {
    p: Page,
    q: String,
    count: String,
    lines: Vec<Line>,
}

/// What the address says.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

/// `GET /directory?q=`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let language = visit.reader.language;
    let found = visit.desks.directory(&visit.session, asked.q.trim()).into_inner();
    let line = |entry: crate::desks::view::DirectoryEntry| {
        let is_group = entry.kind == "group";
        let link = if is_group {
            with_query("/compose", &[("to", &entry.address)])
        } else {
            format!("/communities/{}", entry.address)
        };
        Line {
            is_group,
            name: inert(&entry.name),
            link,
            organisation: inert(&entry.organisation),
            kind: language.node_kind(&entry.node_kind).to_owned(),
            ceiling: LabelMark::of(&entry.ceiling, language),
            tags: inert(&entry.tags.join(" · ")),
            address: entry.address,
        }
    };
    let p = visit.page("directory");
    let count = language.count(found.len(), p.t.entry, p.t.entries);
    Ok(render(&Directory { p, q: asked.q, count, lines: found.into_iter().map(line).collect() }))
}
