//! Accounts, for the number two: requests to decide, and which agents may manage communities.

use super::failure::{Kept, Trouble, status};
use super::marks::inert;
use super::page::Page;
use super::visit::{Answer, Visit, go, render, render_with};
use crate::desks::Cleared;
use crate::desks::view::{AgentView, RegistrationView};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use serde::Deserialize;

/// A request.
struct Line {
    id: String,
    login: String,
    name: String,
    group: String,
    asked: String,
    state: String,
    waiting: bool,
}

#[derive(Template)]
#[template(path = "registrations.html")]
struct Registrations {
    p: Page,
    waiting: Vec<Line>,
    decided: Vec<Line>,
    agents: Vec<AgentView>,
    /// Sign-in name and one-time password of an account just opened: shown once.
    handed: Option<(String, String)>,
    trouble: Trouble,
}

fn page(visit: &Visit, trouble: Trouble) -> Result<Registrations, super::visit::Stop> {
    let list = visit.desks.registrations(&visit.session);
    let list = list.map_err(|problem| visit.refuse(problem))?.into_inner();
    let (language, clock) = (visit.reader.language, &visit.reader.clock);
    let line = |view: RegistrationView| Line {
        login: inert(&view.login),
        name: inert(&view.name),
        group: inert(&view.group),
        asked: clock.zulu(&view.asked_at),
        state: language.registration_state(&view.state).to_owned(),
        waiting: view.state == "waiting",
        id: view.id,
    };
    let (waiting, decided) = list.into_iter().map(line).partition(|line| line.waiting);
    let agents = visit.desks.agents(&visit.session).map(Cleared::into_inner).unwrap_or_default();
    let named =
        |agent: AgentView| AgentView { name: inert(&agent.name), login: inert(&agent.login), ..agent };
    let agents = agents.into_iter().map(named).collect();
    Ok(Registrations { p: visit.page("registrations"), waiting, decided, agents, handed: None, trouble })
}

/// `GET /registrations`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut page = page(&visit, Trouble::default())?;
    page.p.notice = page.p.t.done(&asked.done);
    Ok(render(&page))
}

/// What a link may say after an act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

/// `POST /agents/{id}/entitlement`
pub(super) async fn entitle(visit: Visit, Path(id): Path<String>) -> Answer {
    match visit.desks.entitle_manager(&visit.session, &id).await {
        Ok(()) => go("/registrations?done=entitled"),
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Nothing);
            Ok(render_with(status(&problem), &page(&visit, trouble)?))
        }
    }
}

/// The button pressed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Decision {
    decision: String,
}

/// `POST /registrations/{id}`
pub(super) async fn decide(visit: Visit, Path(id): Path<String>, Form(form): Form<Decision>) -> Answer {
    let accept = form.decision == "accept";
    match visit.desks.decide_registration(&visit.session, &id, accept).await {
        // No redirect: a one-time password is in this answer only.
        Ok(decided) => {
            let mut page = page(&visit, Trouble::default())?;
            page.p.notice = page.p.t.done(if accept { "accepted" } else { "refused" });
            page.handed = decided.password.map(|password| (inert(&decided.login), password));
            Ok(render(&page))
        }
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Nothing);
            Ok(render_with(status(&problem), &page(&visit, trouble)?))
        }
    }
}
