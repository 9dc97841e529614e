//! Drafts of the agent's groups, what waits among them, and the silent save while one types.

use super::draft_form::DraftForm;
use super::failure::{Kept, Trouble, status};
use super::marks::{LabelMark, inert, precedence_class};
use super::page::Page;
use super::visit::{Answer, Visit, render};
use super::words::fill;
use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

/// A draft in the list.
struct Line {
    id: String,
    kind: String,
    subject: String,
    state: String,
    waits: bool,
    author: String,
    from: String,
    saved: String,
    label: LabelMark,
    class: &'static str,
    precedence: String,
    to: String,
    may_release: bool,
}

#[derive(Template)]
#[template(path = "drafts.html")]
struct Drafts {
    p: Page,
    lines: Vec<Line>,
}

/// What a link may say after an act.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

/// `GET /drafts`
pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let drafts = visit.desks.drafts(&visit.session, None);
    let drafts = drafts.map_err(|problem| visit.refuse(problem))?.into_inner();
    let (language, clock) = (visit.reader.language, &visit.reader.clock);
    let line = |draft: crate::desks::view::DraftState| Line {
        kind: language.kind(&draft.content.kind).to_owned(),
        subject: inert(&draft.content.subject),
        state: language.draft_state(&draft.state).to_owned(),
        waits: draft.state != "draft",
        author: inert(&draft.author),
        saved: clock.zulu(&draft.saved_at),
        label: LabelMark::of(&draft.content.label, language),
        class: precedence_class(&draft.content.precedence.action),
        precedence: language.precedence(&draft.content.precedence.action).to_owned(),
        to: inert(&draft.content.action.join(", ")),
        from: draft.content.from,
        may_release: draft.legal.iter().any(|step| step == "release"),
        id: draft.id,
    };
    let lines = drafts.into_iter().map(line).collect();
    let mut p = visit.page("drafts");
    p.notice = p.t.done(&asked.done);
    Ok(render(&Drafts { p, lines }))
}

/// What the script learns of a silent save.
#[derive(Serialize)]
struct Saved {
    id: String,
    text: String,
}

/// `POST /drafts/autosave`: creates the draft at the first save, then keeps it up to date.
pub(super) async fn autosave(visit: Visit, Form(form): Form<DraftForm>) -> Response {
    let saved = if form.id.is_empty() {
        visit.desks.create_draft(&visit.session, form.draft()).await
    } else {
        visit.desks.save_draft(&visit.session, &form.id, form.draft()).await
    };
    let t = visit.reader.language.texts();
    match saved {
        Ok(state) => {
            let text = fill(t.saved_at, &visit.reader.clock.zulu(&state.saved_at));
            Json(Saved { id: state.id, text }).into_response()
        }
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Form);
            let named =
                trouble.fields.iter().map(|wrong| format!("{}{} {}", wrong.name, t.colon, wrong.message));
            let text = named.reduce(|all, one| format!("{all} {one}")).unwrap_or(trouble.happened);
            let text = format!("{} {text} ({})", t.not_saved, trouble.code);
            (status(&problem), Json(Saved { id: form.id, text })).into_response()
        }
    }
}
