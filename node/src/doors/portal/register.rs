//! Asking for an account; the number two of the group decides.

use super::address::RemoteAddress;
use super::failure::{Kept, Trouble, status};
use super::marks::inert;
use super::page::Page;
use super::reader::Reader;
use super::visit::{render, render_with};
use crate::desks::Desks;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Registration {
    login: String,
    name: String,
    group: String,
    password: String,
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register {
    p: Page,
    typed: Registration,
    /// The group that decides, once the request is made.
    asked: Option<String>,
    trouble: Trouble,
}

/// `GET /register`
pub(super) async fn show(State(desks): State<Desks>, reader: Reader) -> Response {
    let p = Page::open(&desks, &reader);
    render(&Register { p, typed: Registration::default(), asked: None, trouble: Trouble::default() })
}

/// `POST /register`
pub(super) async fn ask(
    State(desks): State<Desks>,
    reader: Reader,
    RemoteAddress(address): RemoteAddress,
    Form(typed): Form<Registration>,
) -> Response {
    let password = Some(typed.password.as_str()).filter(|password| !password.is_empty());
    let (login, name, group) = (typed.login.trim(), typed.name.trim(), typed.group.trim());
    let made = desks.register(login, name, group, password, &address).await;
    let p = Page::open(&desks, &reader);
    match made {
        Ok(view) => {
            let asked = Some(inert(&view.group));
            render(&Register { p, typed: Registration::default(), asked, trouble: Trouble::default() })
        }
        Err(problem) => {
            let trouble = Trouble::of(&problem, reader.language, Kept::Form);
            render_with(status(&problem), &Register { p, typed, asked: None, trouble })
        }
    }
}
