//! The portal: server-rendered pages over the desks, in French and English.
//!
//! Decides how a page looks and what a form means. Decides no rule and touches no storage: it shows
//! what a desk cleared, and says what a desk refused. Security headers, the cross-origin check of
//! POSTs and body limits stand in the web server before it.

pub(super) mod cookie;

mod address;
mod assets;
mod body;
mod choices;
mod communities;
mod community;
mod compose;
mod directory;
mod draft_form;
mod drafts;
mod failure;
mod federation;
mod files;
mod found_community;
mod help;
mod home;
mod item;
mod language;
mod link;
mod login;
mod marks;
mod moments;
mod page;
mod paper;
mod reader;
mod refusals;
mod register;
mod registrations;
mod release;
mod rows;
mod search;
mod texts;
mod unknown;
mod visit;
mod words;

use crate::desks::Desks;
use axum::Router;
use axum::routing::{get, post};

/// Every page of the portal, and its assets.
pub(super) fn routes() -> Router<Desks> {
    Router::new().merge(entrance()).merge(correspondence()).merge(federation_pages()).fallback(unknown::show)
}

fn entrance() -> Router<Desks> {
    Router::new()
        .route("/assets/{name}", get(assets::serve))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout", post(login::sign_out))
        .route("/register", get(register::show).post(register::ask))
        .route("/language", post(language::choose))
        .route("/help", get(help::show))
}

fn correspondence() -> Router<Desks> {
    Router::new()
        .route("/", get(home::show))
        .route("/teleprinter/fragment", get(home::fragment))
        .route("/items/{id}", get(item::show))
        .route("/items/{id}/pane", get(item::pane))
        .route("/items/{id}/deliveries", get(item::deliveries))
        .route("/items/{id}/files", get(item::files))
        .route("/items/{id}/acknowledge", post(item::acknowledge))
        .route("/items/{id}/share", post(item::share))
        .route("/compose", get(compose::blank).post(compose::create))
        .route("/compose/addressees", get(compose::addressees))
        .route("/drafts", get(drafts::list))
        .route("/drafts/autosave", post(drafts::autosave))
        .route("/drafts/{id}", get(compose::edit).post(compose::save))
        .route("/drafts/{id}/release", get(release::show).post(release::release))
        .route("/search", get(search::show))
}

fn federation_pages() -> Router<Desks> {
    Router::new()
        .route("/communities", get(communities::list))
        .route("/communities/new", get(found_community::show).post(found_community::open))
        .route("/communities/{id}", get(community::show))
        .route("/communities/{id}/posts", post(community::post))
        .route("/communities/{id}/accept", post(community::accept))
        .route("/communities/{id}/invite", post(community::invite))
        .route("/communities/{id}/admit", post(community::admit))
        .route("/communities/{id}/expel", get(community::confirm_expel).post(community::expel))
        .route("/directory", get(directory::show))
        .route("/registrations", get(registrations::list))
        .route("/registrations/{id}", post(registrations::decide))
        .route("/agents/{id}/entitlement", post(registrations::entitle))
        .route("/federation", get(federation::show))
        .route("/federation/returns/{node}", post(federation::decide_return))
}
