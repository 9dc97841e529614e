//! Releasing: the paper as it will go, who will have it, and the password again. An open session is
//! not a signature.

use super::compose;
use super::draft_form::DraftForm;
use super::failure::{Kept, Trouble, status};
use super::marks::{LabelMark, inert};
use super::page::Page;
use super::paper::Paper;
use super::visit::{Answer, Visit, go, render, render_with};
use crate::desks::view::{DirectoryEntry, DraftState};
use crate::desks::{Problem, Proof};
use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::response::Response;
use protocol::refusal::Code;
use serde::Deserialize;

/// An addressee, resolved before anything leaves.
struct Addressee {
    address: String,
    role: String,
    /// Nothing when the directory does not know the address.
    entry: Option<(String, String, LabelMark)>,
}

#[derive(Template)]
#[template(path = "release.html")]
struct Release {
    p: Page,
    id: String,
    paper: Paper,
    addressees: Vec<Addressee>,
    trouble: Trouble,
}

fn page(visit: &Visit, draft: &DraftState, trouble: Trouble) -> Release {
    let language = visit.reader.language;
    let entry = |address: &str| find(visit, address);
    let resolve = |role: &str, address: &String| Addressee {
        address: inert(address),
        role: language.item_role(role).to_owned(),
        entry: entry(address).map(|entry| {
            (inert(&entry.name), inert(&entry.organisation), LabelMark::of(&entry.ceiling, language))
        }),
    };
    let action = draft.content.action.iter().map(|address| resolve("action", address));
    let info = draft.content.info.iter().map(|address| resolve("info", address));
    let addressees = action.chain(info).collect();
    let name = |address: &str| {
        let own = visit.session.memberships.iter().find(|group| group.address == address);
        own.map(|group| group.name.clone())
            .or_else(|| entry(address).map(|entry| entry.name))
            .unwrap_or_default()
    };
    let paper = Paper::draft(draft, &visit.reader, name);
    Release { p: visit.page("compose"), id: draft.id.clone(), paper, addressees, trouble }
}

fn find(visit: &Visit, address: &str) -> Option<DirectoryEntry> {
    let found = visit.desks.directory(&visit.session, address).into_inner();
    found.into_iter().find(|entry| entry.address == address)
}

/// `GET /drafts/{id}/release`
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let draft = visit.desks.draft(&visit.session, &id);
    let draft = draft.map_err(|problem| visit.refuse(problem))?.into_inner();
    match visit.desks.check_release(&visit.session, &id) {
        Ok(()) => Ok(render(&page(&visit, &draft, Trouble::default()))),
        Err(problem) => refused(&visit, &id, problem),
    }
}

/// The signing act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Signing {
    password: String,
}

/// `POST /drafts/{id}/release`
pub(super) async fn release(visit: Visit, Path(id): Path<String>, Form(signing): Form<Signing>) -> Answer {
    match visit.desks.release(&visit.session, &id, Proof::Password(signing.password)).await {
        Ok(item) => go(&format!("/items/{}?done=released", item.as_ref().id)),
        Err(problem) => refused(&visit, &id, problem),
    }
}

/// A refusal of a field brings the form back; any other one, this page.
fn refused(visit: &Visit, id: &str, mut problem: Problem) -> Answer {
    let Ok(draft) = visit.desks.draft(&visit.session, id) else {
        // Released meanwhile, perhaps on another device.
        return Err(visit.refuse(problem));
    };
    let draft = draft.into_inner();
    if matches!(problem.code, Code::BadCredentials | Code::ProofMissing) && problem.fields.is_empty() {
        // Here only the password was asked for: not "enter both again".
        problem = Problem::field("password", Code::ProofMissing, problem.detail);
    }
    if problem.fields.iter().any(|field| field.field != "password") {
        return Ok(compose::again(visit, DraftForm::of(id, &draft.content), &problem));
    }
    Ok(with_trouble(visit, &draft, &problem))
}

fn with_trouble(visit: &Visit, draft: &DraftState, problem: &Problem) -> Response {
    let trouble = Trouble::of(problem, visit.reader.language, Kept::Draft);
    render_with(status(problem), &page(visit, draft, trouble))
}
