//! Telegrams, notes and letters: what they say, their canonical text, and the legal steps of their
//! life.

mod address;
mod canonical;
mod check;
mod draft;
mod item;
mod precedence;
mod step;

pub use address::{Address, AddressError, is_handle};
pub use canonical::{canonical_text, is_one_line, one_line};
pub use check::check_item;
pub use draft::{DraftContent, FieldError, check_draft};
pub use item::{Correspondence, ImportMark, ItemKind, Party, Person, Precedences};
pub use precedence::Precedence;
pub use step::{IllegalStep, State, Step};
