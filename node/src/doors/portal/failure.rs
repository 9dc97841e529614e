//! Refusals as agents read them: what happened, what was kept, what to do, and the code to quote.
//!
//! Decides the words and where they stand on the page. Whether something is refused, the desks decide.

use super::language::Language;
use super::marks::inert;
use super::page::Page;
use super::reader::Reader;
use super::refusals;
use super::visit::render_with;
use crate::desks::Problem;
use crate::desks::problem::Field;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::refusal::Code;

/// What the reader still has after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nothing was typed, nothing was changed.
    Nothing,
    /// What was typed stands in the form below.
    Form,
    /// The draft is on the server as it was.
    Draft,
}

/// A refusal on a page; without a code there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What happened.
    pub(super) happened: String,
    /// What was kept.
    pub(super) kept: &'static str,
    /// What to do.
    pub(super) advice: String,
    /// The code to quote.
    pub(super) code: &'static str,
    /// The rule of the specification that refused; empty when none did.
    pub(super) rule: &'static str,
    /// The fields that are meant.
    pub(super) fields: Vec<Wrong>,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Its name in the form.
    pub(super) field: String,
    /// Its name for the reader.
    pub(super) name: String,
    /// What is wrong with it.
    pub(super) message: String,
}

impl Trouble {
    /// A refusal in the reader's language.
    pub(super) fn of(problem: &Problem, language: Language, kept: Kept) -> Self {
        let t = language.texts();
        let (happened, advice) = refusals::sentences(problem.code, language);
        let fields: Vec<Wrong> = problem.fields.iter().map(|field| wrong(field, language)).collect();
        // Said once: a field that carries the advice needs no echo above it.
        let echoed = fields.iter().any(|wrong| wrong.message.ends_with(advice));
        Self {
            happened: happened.to_owned(),
            kept: match kept {
                Kept::Nothing => t.kept_nothing,
                Kept::Form => t.kept_form,
                Kept::Draft => t.kept_draft,
            },
            advice: if echoed { String::new() } else { advice.to_owned() },
            code: problem.code.as_str(),
            rule: problem.rule.unwrap_or_default(),
            fields,
        }
    }

    /// Whether there is something to tell.
    pub(super) fn is_some(&self) -> bool {
        !self.code.is_empty()
    }

    /// What is wrong with a field of the form.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.message.as_str())
    }
}

/// Fields of the API that are two fields of the form point to the first.
fn form_field(field: &str) -> &str {
    match field {
        "precedence" | "precedence.action" => "precedence_action",
        "precedence.info" => "precedence_info",
        "ceiling" => "label",
        other => other,
    }
}

fn wrong(field: &Field, language: Language) -> Wrong {
    let name = form_field(&field.field).to_owned();
    let message = inert(&refusals::field(field, language));
    Wrong { name: refusals::field_name(&name, language).to_owned(), field: name, message }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    p: Page,
    trouble: Trouble,
}

/// A refusal as a page of its own.
pub(super) fn page(p: Page, reader: &Reader, problem: &Problem, kept: Kept) -> Response {
    let trouble = Trouble::of(problem, reader.language, kept);
    render_with(status(problem), &FailurePage { p, trouble })
}

/// The status that goes with a refusal.
pub(super) fn status(problem: &Problem) -> StatusCode {
    match problem.code {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Unauthenticated | Code::BadCredentials | Code::ProofMissing => StatusCode::UNAUTHORIZED,
        Code::TooManyAttempts | Code::Busy => StatusCode::TOO_MANY_REQUESTS,
        Code::RoleMissing | Code::NotManager | Code::CrossOrigin | Code::AboveClearance => {
            StatusCode::FORBIDDEN
        }
        Code::IllegalStep | Code::AlreadyDecided | Code::Taken => StatusCode::CONFLICT,
        Code::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
