//! The doors: what people and programs speak to. They call desks, show what a desk cleared, and hold
//! no rules and no storage.

mod api;
pub mod cli;
pub(crate) mod local;
mod portal;
pub(crate) mod web;
