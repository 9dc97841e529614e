//! Writing a draft: the form, saved with its buttons; the picker of addressees.

use super::draft_form::{Choices, DraftForm};
use super::failure::{Kept, Trouble, status};
use super::files::Shown;
use super::marks::{LabelMark, inert};
use super::page::Page;
use super::visit::{Answer, Visit, go, render, render_with};
use crate::desks::{Cleared, Problem};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use serde::Deserialize;

/// Addressees offered at once.
const OFFERED_MAX: usize = 8;

#[derive(Template)]
#[template(path = "compose.html")]
struct Compose {
    p: Page,
    form: DraftForm,
    choices: Choices,
    files: Vec<Shown>,
    trouble: Trouble,
    saved: String,
    legal: Vec<String>,
}

impl Compose {
    fn may(&self, step: &str) -> bool {
        self.legal.iter().any(|legal| legal == step)
    }
}

fn page(visit: &Visit, form: DraftForm, trouble: Trouble) -> Compose {
    let choices = Choices::of(&form, &visit.session, visit.reader.language);
    // A draft that was never saved can be saved and released, not discarded.
    let legal = vec!["edit".to_owned(), "release".to_owned()];
    let state = visit.desks.draft(&visit.session, &form.id).ok().map(Cleared::into_inner);
    let files = state.map(|state| state.attachments).unwrap_or_default();
    let files = files.iter().map(|file| Shown::of(file, visit.reader.language)).collect();
    Compose { p: visit.page("compose"), form, choices, files, trouble, saved: String::new(), legal }
}

/// What the address says.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    reply: String,
    to: String,
    done: String,
}

/// `GET /compose`, `?reply=ID` for an answer, `?to=ADDRESS` from the directory.
pub(super) async fn blank(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let form = if asked.reply.is_empty() {
        DraftForm { action: asked.to, ..DraftForm::blank(&visit.session) }
    } else {
        let item = visit.desks.item(&visit.session, &asked.reply).await;
        let item = item.map_err(|problem| visit.refuse(problem))?.into_inner();
        DraftForm::reply(&visit.session, &item, visit.reader.language)
    };
    Ok(render(&page(&visit, form, Trouble::default())))
}

/// `POST /compose`: the first save, when no script made it.
pub(super) async fn create(visit: Visit, Form(form): Form<DraftForm>) -> Answer {
    if form.step == "discard" {
        return go("/drafts");
    }
    match visit.desks.create_draft(&visit.session, form.draft()).await {
        Ok(state) => onward(&visit, DraftForm { id: state.id, ..form }),
        Err(problem) => Ok(again(&visit, form, &problem)),
    }
}

/// `GET /drafts/{id}`
pub(super) async fn edit(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let state = visit.desks.draft(&visit.session, &id);
    let state = state.map_err(|problem| visit.refuse(problem))?.into_inner();
    let mut compose = page(&visit, DraftForm::of(&id, &state.content), Trouble::default());
    compose.saved = visit.reader.clock.zulu(&state.saved_at);
    compose.legal = state.legal;
    compose.p.notice = compose.p.t.done(&asked.done);
    Ok(render(&compose))
}

/// `POST /drafts/{id}`
pub(super) async fn save(visit: Visit, Path(id): Path<String>, Form(form): Form<DraftForm>) -> Answer {
    let form = DraftForm { id: id.clone(), ..form };
    if form.step == "discard" {
        let done = visit.desks.discard_draft(&visit.session, &id).await;
        done.map_err(|problem| visit.refuse(problem))?;
        return go("/drafts?done=discarded");
    }
    let saved = visit.desks.save_draft(&visit.session, &id, form.draft()).await;
    let saved = match saved {
        Ok(_) if form.step == "submit" => visit.desks.submit(&visit.session, &id).await,
        other => other,
    };
    match saved {
        Ok(_) => onward(&visit, form),
        Err(problem) => Ok(again(&visit, form, &problem)),
    }
}

/// Where a saved draft goes. What cannot be released is said here, before a password is asked for.
fn onward(visit: &Visit, form: DraftForm) -> Answer {
    let id = &form.id;
    match form.step.as_str() {
        "release" => match visit.desks.check_release(&visit.session, id) {
            Ok(()) => go(&format!("/drafts/{id}/release")),
            Err(problem) => Ok(again(visit, form, &problem)),
        },
        "submit" => go("/drafts?done=submitted"),
        _ => go(&format!("/drafts/{id}?done=saved")),
    }
}

/// The form again with everything typed, and what is wrong with it.
pub(super) fn again(visit: &Visit, form: DraftForm, problem: &Problem) -> axum::response::Response {
    let trouble = Trouble::of(problem, visit.reader.language, Kept::Form);
    render_with(status(problem), &page(visit, form, trouble))
}

/// An addressee on offer.
struct Offer {
    address: String,
    name: String,
    organisation: String,
    kind: String,
    ceiling: LabelMark,
}

#[derive(Template)]
#[template(path = "addressees.html")]
struct Offers {
    p: Page,
    offers: Vec<Offer>,
    field: &'static str,
    asked: bool,
}

/// What the picker asks: `q`, or the whole field of which the last word counts.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    action: String,
    info: String,
}

/// `GET /compose/addressees?q=`
pub(super) async fn addressees(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let field = if wanted.info.is_empty() { "action" } else { "info" };
    let text = [&wanted.q, &wanted.info, &wanted.action].into_iter().find(|text| !text.is_empty());
    let last = text.and_then(|text| text.rsplit([',', ';']).next()).unwrap_or_default().trim();
    let found =
        if last.is_empty() { Vec::new() } else { visit.desks.directory(&visit.session, last).into_inner() };
    let language = visit.reader.language;
    let groups = found.into_iter().filter(|entry| entry.kind == "group").take(OFFERED_MAX);
    let offers = groups.map(|entry| Offer {
        ceiling: LabelMark::of(&entry.ceiling, language),
        name: inert(&entry.name),
        organisation: inert(&entry.organisation),
        kind: language.node_kind(&entry.node_kind).to_owned(),
        address: entry.address,
    });
    let offers = offers.collect();
    let p = Page::open(&visit.desks, &visit.reader);
    Ok(render(&Offers { p, offers, field, asked: !last.is_empty() }))
}
