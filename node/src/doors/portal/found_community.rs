//! Opening a community: a project, an accountable manager, a ceiling, organisations.

use super::choices::{Choice, levels};
use super::draft_form::list;
use super::failure::{Kept, Trouble, status};
use super::marks::{inert, label_from_form};
use super::page::Page;
use super::visit::{Answer, Visit, go, render, render_with};
use crate::desks::{Cleared, CommunityForm};
use askama::Template;
use axum::Form;

/// What was typed.
#[derive(Default)]
struct Typed {
    name: String,
    project: String,
    manager: String,
    tags: String,
    label: String,
    organisations: Vec<String>,
}

impl Typed {
    /// A form names a checkbox once for each that is ticked, so the pairs are read one by one.
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "name" => typed.name = value,
                "project" => typed.project = value,
                "manager" => typed.manager = value,
                "tags" => typed.tags = value,
                "label" => typed.label = value,
                "organisations" => typed.organisations.push(value),
                _ => {}
            }
        }
        typed
    }
}

#[derive(Template)]
#[template(path = "found_community.html")]
struct Found {
    p: Page,
    typed: Typed,
    managers: Vec<Choice>,
    labels: Vec<Choice>,
    organisations: Vec<Choice>,
    trouble: Trouble,
}

fn page(visit: &Visit, typed: Typed, trouble: Trouble) -> Found {
    let language = visit.reader.language;
    let me = visit.session.subject.agent.to_string();
    let manager = if typed.manager.is_empty() { me.clone() } else { typed.manager.clone() };
    let agents = visit.desks.agents(&visit.session).map(Cleared::into_inner).unwrap_or_default();
    let own = visit.session.manager.then(|| Choice::new(&me, inert(&visit.session.name), &manager));
    let mut managers: Vec<Choice> = own.into_iter().collect();
    let others = agents.into_iter().filter(|agent| agent.manager && agent.id != me);
    managers.extend(others.map(|agent| Choice::new(&agent.id, inert(&agent.name), &manager)));
    let organisation = |peer: crate::desks::view::PeerView| Choice {
        chosen: typed.organisations.contains(&peer.name),
        name: format!("{} ({})", inert(&peer.organisation), language.node_kind(&peer.kind)),
        value: peer.name,
    };
    let peers = visit.desks.federation(&visit.session).into_inner().peers;
    let label = if typed.label.is_empty() { "NP" } else { typed.label.as_str() };
    Found {
        p: visit.page("communities"),
        managers,
        labels: levels(&visit.session.subject.clearance, label, language),
        organisations: peers.into_iter().map(organisation).collect(),
        typed,
        trouble,
    }
}

/// `GET /communities/new`
pub(super) async fn show(visit: Visit) -> Answer {
    Ok(render(&page(&visit, Typed::default(), Trouble::default())))
}

/// `POST /communities/new`
pub(super) async fn open(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let typed = Typed::read(pairs);
    let form = CommunityForm {
        name: typed.name.trim().to_owned(),
        project: typed.project.trim().replace("\r\n", "\n"),
        manager: typed.manager.clone(),
        tags: list(&typed.tags),
        ceiling: label_from_form(&typed.label),
        organisations: typed.organisations.clone(),
    };
    match visit.desks.open_community(&visit.session, form).await {
        Ok(view) => go(&format!("/communities/{}?done=opened", view.as_ref().id)),
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Form);
            Ok(render_with(status(&problem), &page(&visit, typed, trouble)))
        }
    }
}
