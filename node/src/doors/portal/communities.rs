//! The list of communities.

use super::marks::{LabelMark, inert};
use super::page::Page;
use super::visit::{Answer, Visit, render};
use askama::Template;

/// A community in the list.
struct Line {
    id: String,
    name: String,
    open: bool,
    admitted: bool,
    ceiling: LabelMark,
}

#[derive(Template)]
#[template(path = "communities.html")]
struct Communities {
    p: Page,
    lines: Vec<Line>,
    may_open: bool,
}

/// `GET /communities`
pub(super) async fn list(visit: Visit) -> Answer {
    let language = visit.reader.language;
    let line = |community: crate::desks::view::CommunityBrief| Line {
        name: inert(&community.name),
        open: community.state == "open",
        admitted: community.admitted,
        ceiling: LabelMark::of(&community.ceiling, language),
        id: community.id,
    };
    let lines = visit.desks.communities(&visit.session).into_inner().into_iter().map(line).collect();
    // Whoever is not entitled still may open one with an entitled manager; the desk decides.
    let may_open = visit.session.manager || visit.session.number_two;
    Ok(render(&Communities { p: visit.page("communities"), lines, may_open }))
}
