//! Signing in and out.

use super::address::RemoteAddress;
use super::choices::Choice;
use super::cookie;
use super::failure::{Kept, Trouble, status};
use super::link;
use super::page::Page;
use super::reader::Reader;
use super::visit::{Visit, render, render_with};
use crate::desks::{Desks, Problem, Terminal};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use protocol::refusal::Code;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    p: Page,
    login: String,
    terminals: Vec<Choice>,
    next: String,
    trouble: Trouble,
}

/// What the address says.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
    done: String,
}

fn page(desks: &Desks, reader: &Reader, typed: SignIn, trouble: Trouble) -> Login {
    let p = Page::open(desks, reader);
    let usual = if reader.phone { "mobile" } else { "desktop" };
    let current = if typed.terminal.is_empty() { usual } else { typed.terminal.as_str() };
    let names =
        [("desktop", p.t.terminal_desktop), ("tablet", p.t.terminal_tablet), ("mobile", p.t.terminal_mobile)];
    let terminals = names.map(|(value, name)| Choice::new(value, name, current)).into();
    Login { p, login: typed.login, terminals, next: link::local(&typed.next).to_owned(), trouble }
}

/// `GET /login`
pub(super) async fn show(State(desks): State<Desks>, reader: Reader, Query(asked): Query<Asked>) -> Response {
    let typed = SignIn { next: asked.next, ..SignIn::default() };
    let mut login = page(&desks, &reader, typed, Trouble::default());
    login.p.notice = login.p.t.done(&asked.done);
    render(&login)
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SignIn {
    login: String,
    password: String,
    terminal: String,
    next: String,
}

/// `POST /login`
pub(super) async fn sign_in(
    State(desks): State<Desks>,
    reader: Reader,
    RemoteAddress(address): RemoteAddress,
    Form(typed): Form<SignIn>,
) -> Response {
    let signed_in = match Terminal::parse(&typed.terminal) {
        Some(terminal) => desks.sign_in(typed.login.trim(), &typed.password, terminal, &address).await,
        None => Err(Problem::field("terminal", Code::FieldMissing, "choose a terminal")),
    };
    match signed_in {
        Ok(signed_in) => {
            let onward = Redirect::to(link::local(&typed.next));
            match cookie::set(&signed_in.token, &desks) {
                Some(cookie) => ([(SET_COOKIE, cookie)], onward).into_response(),
                None => onward.into_response(),
            }
        }
        Err(problem) => {
            let trouble = Trouble::of(&problem, reader.language, Kept::Form);
            render_with(status(&problem), &page(&desks, &reader, typed, trouble))
        }
    }
}

/// `POST /logout`
pub(super) async fn sign_out(visit: Visit) -> Response {
    visit.desks.sign_out(&visit.token).await;
    let onward = Redirect::to("/login?done=signed-out");
    match cookie::clear(&visit.desks) {
        // What the browser kept of these pages goes with the session (abuse case 24).
        Some(cookie) => ([(SET_COOKIE, cookie)], [("clear-site-data", "\"cache\"")], onward).into_response(),
        None => onward.into_response(),
    }
}
