//! The canonical text: what is signed, filed, exported, and readable without any program.
//!
//! UTF-8, lines end with LF. A header of `Name: value` lines in this fixed order, a blank line, the
//! body as released. Header values never hold a line break; the body is everything after the first
//! blank line, so that no body can pass for a header. Of two items that [`super::check_item`] lets pass and
//! that differ the texts differ: what is signed is one item.

use super::{Correspondence, ImportMark, Party};
use crate::blob::Attachment;
use crate::ids::hex;
use std::fmt::Write;

/// Stands for a marking that the source does not have. No marking may read like it.
pub(super) const NONE_PRINTED: &str = "none printed";

/// Whether a text can stand in a header as it is.
pub fn is_one_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// The text with a space for every control character.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The canonical text of an item. One that [`super::check_item`] refuses has a text too, which proves nothing.
pub fn canonical_text(item: &Correspondence) -> String {
    let mut text = String::with_capacity(item.body.len() + 1024);
    let mut line = |name: &str, value: &str| {
        // WIR-024: a header value with a line break could forge the next header.
        let value = one_line(value);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    };
    line("Valise-Correspondence", "1");
    line("Id", &item.id.to_string());
    line("Kind", item.kind.as_str());
    line("Serial", &format!("{:06}", item.serial));
    line("Date-Time-Group", &item.released_at.dtg());
    line("Released-At", &item.released_at.to_string());
    line("Policy", &item.label.policy);
    line("Classification", &item.label.classification);
    for category in &item.label.categories {
        line("Category", category);
    }
    line("From", &party(&item.from));
    for addressee in &item.action {
        line("Action", &party(addressee));
    }
    for addressee in &item.info {
        line("Information", &party(addressee));
    }
    line("Action-Precedence", item.precedence.action.as_str());
    line("Information-Precedence", item.precedence.info.as_str());
    line("Subject", &item.subject);
    for tag in &item.tags {
        line("Tag", tag);
    }
    for reference in &item.references {
        line("Reference", &reference.to_string());
    }
    line("Author", &format!("{} {}", item.author.agent, item.author.name));
    if let Some(releaser) = &item.releaser {
        line("Releaser", &format!("{} {}", releaser.agent, releaser.name));
    }
    // BLB-012: what the signature says of a file is enough to check one taken out of the federation.
    for attachment in &item.attachments {
        let Attachment { size, media_type, name, root, .. } = attachment;
        line("Attachment", &format!("{size} {media_type} {name}"));
        line("Attachment-SHA-512", &hex(&attachment.sha512.0));
        line("Attachment-Root", &root.to_string());
    }
    if let Some(import) = &item.import {
        printed(import, &mut line);
    }
    text.push('\n');
    text.push_str(&item.body);
    text
}

/// What an imported item carried in print.
fn printed(import: &ImportMark, mut line: impl FnMut(&str, &str)) {
    line("Import-Source", &import.source);
    line("Import-Date", &import.date);
    line("Import-Classification", import.classification.as_deref().unwrap_or(NONE_PRINTED));
    line("Import-Precedence", import.precedence.as_deref().unwrap_or(NONE_PRINTED));
    line("Import-Subject", if import.subject_derived { "derived" } else { "printed" });
    for party in &import.parties {
        line("Import-Party", party);
    }
    if let Some(number) = &import.number {
        line("Import-Number", number);
    }
    for handling in &import.handling {
        line("Import-Handling", handling);
    }
    for place in &import.repeated_to {
        line("Import-Repeated-To", place);
    }
}

fn party(party: &Party) -> String {
    format!("{} {} {} {}", party.address, party.group, party.node, party.name)
}
