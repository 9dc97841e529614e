//! The machine under test: scenes for each rule, random schedules, and a model checker.

mod cast;
mod model;
mod scenes;
mod schedules;
mod stage;
