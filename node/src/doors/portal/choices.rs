//! Options of a select.

use super::language::Language;
use super::marks::LabelMark;
use protocol::correspondence::Precedence;
use protocol::label::Level;

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What the form sends.
    pub(super) value: String,
    /// What the reader sees.
    pub(super) name: String,
    /// Chosen.
    pub(super) chosen: bool,
}

impl Choice {
    /// An option, chosen when its value is `current`.
    pub(super) fn new(value: &str, name: impl Into<String>, current: &str) -> Self {
        Self { value: value.to_owned(), name: name.into(), chosen: value == current }
    }
}

/// Every level that whoever holds `ceiling` may write at, lowest first.
pub(super) fn levels(ceiling: &Level, current: &str, language: Language) -> Vec<Choice> {
    let option = |level: Level| {
        let mark = LabelMark::of_level(&level, language);
        let name =
            if mark.meaning.is_empty() { mark.words } else { format!("{} ({})", mark.words, mark.meaning) };
        Choice::new(&level.to_string(), name, current)
    };
    ceiling.below().into_iter().map(option).collect()
}

/// Every precedence, least urgent first.
pub(super) fn precedences(current: &str, language: Language) -> Vec<Choice> {
    let option = |word: &'static str| Choice::new(word, language.precedence(word), current);
    Precedence::ALL.map(Precedence::as_str).map(option).into()
}

/// The kinds that a person drafts.
pub(super) fn kinds(current: &str, language: Language) -> Vec<Choice> {
    ["telegram", "note", "letter"].map(|word| Choice::new(word, language.kind(word), current)).into()
}
