//! The search tool seen from outside, over indexes in temporary directories.

mod audience;
mod durable;
mod filters;
mod limits;
mod snippets;
mod support;
mod texts;
