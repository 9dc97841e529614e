//! Lines of the teleprinter, newest first, under their Zulu days; what is urgent and unread stands on
//! top.

use super::language::Language;
use super::marks::{LabelMark, inert, is_urgent, precedence_class};
use super::moments::Clock;
use crate::desks::view::TeleprinterItem;

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Item id.
    pub(super) id: String,
    /// What sort of item.
    pub(super) kind: String,
    /// Subject line.
    pub(super) subject: String,
    /// Sender's name.
    pub(super) from: String,
    /// The sender's node, where its name does not say it.
    pub(super) place: String,
    /// Class of the drawing.
    pub(super) class: &'static str,
    /// Precedence in the reader's language.
    pub(super) precedence: String,
    /// The originator's label.
    pub(super) label: LabelMark,
    /// `231432Z`.
    pub(super) dtg: String,
    /// RFC 3339.
    pub(super) released_at: String,
    /// Why it is here.
    pub(super) role: String,
    /// Through which group or community.
    pub(super) through: String,
    /// Not opened by this agent.
    pub(super) unread: bool,
    /// Imported.
    pub(super) imported: bool,
    /// Announces itself.
    pub(super) urgent: bool,
    /// Open in the reading pane.
    pub(super) current: bool,
}

/// Lines of one Zulu day.
#[derive(Debug, Clone)]
pub(super) struct Day {
    /// `2026-11-23`.
    pub(super) key: String,
    /// `Lundi 23 novembre 2026`.
    pub(super) name: String,
    /// Newest first.
    pub(super) rows: Vec<Row>,
}

/// The teleprinter as shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// Immediate, flash and above that this agent has not opened.
    pub(super) urgent: Vec<Row>,
    /// Everything else.
    pub(super) days: Vec<Day>,
    /// Where the live feed resumes.
    pub(super) cursor: String,
    /// Lines not opened.
    pub(super) unread: usize,
}

/// What part of the teleprinter to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// Everything.
    All,
    /// What this agent has not opened.
    Unread,
    /// What asks for action.
    Action,
}

impl Show {
    /// Reads the address's word.
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "unread" => Show::Unread,
            "action" => Show::Action,
            _ => Show::All,
        }
    }

    /// The address's word.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Show::All => "",
            Show::Unread => "unread",
            Show::Action => "action",
        }
    }

    fn holds(self, item: &TeleprinterItem) -> bool {
        match self {
            Show::All => true,
            Show::Unread => item.unread,
            Show::Action => item.role == "action",
        }
    }
}

/// Arranges a page of the teleprinter, which comes newest last.
pub(super) fn lines(
    items: &[TeleprinterItem],
    show: Show,
    current: &str,
    reader: (Language, &Clock),
) -> Lines {
    let mut lines = Lines {
        cursor: items.last().map(|item| item.cursor.clone()).unwrap_or_default(),
        unread: items.iter().filter(|item| item.unread).count(),
        ..Lines::default()
    };
    for item in items.iter().rev().filter(|item| show.holds(item)) {
        let row = row(item, current, reader.0);
        if row.urgent && row.unread && !row.current {
            lines.urgent.push(row);
            continue;
        }
        let (key, name) = reader.1.day(&item.released_at);
        match lines.days.last_mut() {
            Some(day) if day.key == key => day.rows.push(row),
            _ => lines.days.push(Day { key, name, rows: vec![row] }),
        }
    }
    lines
}

fn row(item: &TeleprinterItem, current: &str, language: Language) -> Row {
    Row {
        id: item.id.clone(),
        kind: language.kind(&item.kind).to_owned(),
        subject: inert(&item.subject),
        from: inert(&item.from.name),
        place: item.from.address.rsplit('@').next().map(inert).unwrap_or_default(),
        class: precedence_class(&item.precedence),
        precedence: language.precedence(&item.precedence).to_owned(),
        label: LabelMark::of(&item.label, language),
        dtg: item.dtg.split(' ').next().unwrap_or_default().to_owned(),
        released_at: item.released_at.clone(),
        role: language.item_role(&item.role).to_owned(),
        through: inert(&item.through),
        unread: item.unread,
        imported: item.imported,
        urgent: is_urgent(&item.precedence),
        current: item.id == current,
    }
}
