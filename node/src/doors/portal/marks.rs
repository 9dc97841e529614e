//! Marks that read without colour: labels and precedences as words, with the class of their drawing.
//!
//! A label is the originator's and is shown in its own words in every language (law 6); an English
//! reader gets the meaning beside it, never instead.

use super::language::Language;
use crate::desks::view::LabelView;
use protocol::label::{Label, Level};

/// A label to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LabelMark {
    /// `np`, `dr`, or `unknown`.
    pub(super) class: &'static str,
    /// The named page for print, which repeats the label on every sheet.
    pub(super) sheet: &'static str,
    /// `DIFFUSION RESTREINTE · SPÉCIAL FRANCE`.
    pub(super) words: String,
    /// What it means to a reader of another language; empty in French.
    pub(super) meaning: String,
}

impl LabelMark {
    /// The mark of a label.
    pub(super) fn of(label: &LabelView, language: Language) -> Self {
        let special = label.categories.iter().any(|category| category == "SF");
        let (class, sheet) = match (label.classification.as_str(), special) {
            ("NP", false) => ("np", "sheet-np"),
            ("NP", true) => ("np", "sheet-np-sf"),
            ("DR", false) => ("dr", "sheet-dr"),
            ("DR", true) => ("dr", "sheet-dr-sf"),
            _ => ("unknown", "sheet-unknown"),
        };
        let categories = label.categories.iter().map(|code| category(code));
        let words = std::iter::once(classification(&label.classification)).chain(categories);
        let meaning =
            if language.is_french() { String::new() } else { meaning(&label.classification, special) };
        Self { class, sheet, words: words.collect::<Vec<_>>().join(" · "), meaning }
    }

    /// The mark of a level.
    pub(super) fn of_level(level: &Level, language: Language) -> Self {
        Self::of(&LabelView::from(&level.label()), language)
    }
}

/// A label as a form sends it: `NP`, `DR+SF`. What is no level is passed on for the desk to refuse.
pub(super) fn label_from_form(text: &str) -> LabelView {
    match text.parse::<Level>() {
        Ok(level) => LabelView::from(&level.label()),
        Err(_) => LabelView {
            policy: protocol::label::POLICY_FR.to_owned(),
            classification: text.chars().take(40).collect(),
            categories: Vec::new(),
        },
    }
}

/// The same for a form's select.
pub(super) fn label_to_form(label: &LabelView) -> String {
    let level = Label::from(label.clone()).level();
    level.map_or_else(|_| label.classification.clone(), |level| level.to_string())
}

/// `flash`, `immediate` and the others as a class; unknown words are drawn as routine.
pub(super) fn precedence_class(word: &str) -> &'static str {
    match word {
        "deferred" => "deferred",
        "priority" => "priority",
        "immediate" => "immediate",
        "flash" => "flash",
        "override" => "override",
        _ => "routine",
    }
}

/// Whether an item announces itself.
pub(super) fn is_urgent(precedence: &str) -> bool {
    matches!(precedence, "immediate" | "flash" | "override")
}

/// Text from outside made inert: characters that reorder the line around them are shown as a box, so
/// that a subject cannot read otherwise than it was written.
pub(super) fn inert(text: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if reorders(c) { '\u{25A1}' } else { c }).collect()
}

fn classification(code: &str) -> &str {
    match code {
        "NP" => "NON PROTÉGÉ",
        "DR" => "DIFFUSION RESTREINTE",
        other => other,
    }
}

fn category(code: &str) -> &str {
    match code {
        "SF" => "SPÉCIAL FRANCE",
        other => other,
    }
}

fn meaning(code: &str, special: bool) -> String {
    let first = match code {
        "NP" => "unprotected",
        "DR" => "restricted distribution",
        _ => "unknown marking",
    };
    format!("{first}{}", if special { ", French eyes only" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_goes_through_a_form_unchanged() {
        let top =
            Level::new(protocol::label::Classification::Dr, vec![protocol::label::Category::SpecialFrance]);
        for level in top.below() {
            let label = LabelView::from(&level.label());
            assert_eq!(label_from_form(&label_to_form(&label)), label);
            assert_ne!(LabelMark::of(&label, Language::French).class, "unknown");
        }
    }

    #[test]
    fn the_originators_words_stand_in_both_languages() {
        let dr = LabelView::from(&Level::DR.label());
        assert_eq!(LabelMark::of(&dr, Language::English).words, "DIFFUSION RESTREINTE");
        assert_eq!(LabelMark::of(&dr, Language::English).meaning, "restricted distribution");
        assert_eq!(LabelMark::of(&dr, Language::French).meaning, "");
    }

    #[test]
    fn a_subject_cannot_turn_the_line_around() {
        assert_eq!(inert("a\u{202E}cod.exe"), "a□cod.exe");
    }
}
