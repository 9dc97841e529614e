//! Requests for accounts, for the number two who decides.

use super::failure::{Kept, Trouble, status};
use super::marks::inert;
use super::page::Page;
use super::visit::{Answer, Visit, render, render_with};
use crate::desks::view::RegistrationView;
use askama::Template;
use axum::Form;
use axum::extract::Path;
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
    Ok(Registrations { p: visit.page("registrations"), waiting, decided, handed: None, trouble })
}

/// `GET /registrations`
pub(super) async fn list(visit: Visit) -> Answer {
    Ok(render(&page(&visit, Trouble::default())?))
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
