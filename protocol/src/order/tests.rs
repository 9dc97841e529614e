//! The machine under test: scenes for each rule, random schedules, and a model checker.

mod bytes;
mod cast;
mod model;
mod rules;
mod scenes;
mod schedules;
mod stage;
