//! The excerpt of a body shown under a hit.
//!
//! Decides which part is shown and what is marked in it. The body comes from the store and was cleared by the
//! caller.

use crate::analysis::{Word, words};
use crate::limits::{SNIPPET_CHARS_MAX, SNIPPET_SCAN_CHARS_MAX};
use crate::parse::{Clause, parse};
use std::collections::BTreeMap;
use std::ops::Range;

const ELLIPSIS: char = '…';

/// Cuts the part of `body` that best shows what the query text asks for: HTML with everything escaped and the
/// words found in `<mark>`. Gives the beginning of the body when no word is found in it.
///
/// At most `chars_max` characters of the body, an ellipsis for each cut end not counted.
pub fn snippet(text: &str, body: &str, chars_max: usize) -> String {
    let chars_max = chars_max.min(SNIPPET_CHARS_MAX);
    let scanned = &body[..forward(body, 0, SNIPPET_SCAN_CHARS_MAX)];
    // A text past the limits found nothing, so there is nothing to mark.
    let wanted = parse(text).map(|parsed| parsed.wanted).unwrap_or_default();
    let marks = if wanted.is_empty() { Vec::new() } else { marks(&wanted, scanned) };
    let window = marks.get(densest(&marks, chars_max)).map_or(0..0, |mark| mark.bytes.clone());
    let window = around(body, &window, chars_max);
    render(body, &window, &marks)
}

/// A word to mark, in bytes and in characters, and which clause it answers.
struct Mark {
    bytes: Range<usize>,
    chars: Range<usize>,
    clause: usize,
}

fn marks(wanted: &[Clause], body: &str) -> Vec<Mark> {
    let words = words(body);
    let mut clause_of = BTreeMap::new();
    for at in 0..words.len() {
        for (clause, asked) in wanted.iter().enumerate() {
            for word in at..at + matched(asked, &words[at..]) {
                clause_of.entry(word).or_insert(clause);
            }
        }
    }
    let (mut byte, mut chars) = (0, 0);
    let mark = |(word, clause): (usize, usize)| {
        let bytes = words[word].range.clone();
        let start = chars + body[byte..bytes.start].chars().count();
        let end = start + body[bytes.clone()].chars().count();
        (byte, chars) = (bytes.end, end);
        Mark { bytes, chars: start..end, clause }
    };
    clause_of.into_iter().map(mark).collect()
}

/// How many of the first words answer the clause: none, one, or a whole phrase.
fn matched(clause: &Clause, words: &[Word]) -> usize {
    let Some(first) = words.first() else { return 0 };
    match clause {
        Clause::Word(forms) => usize::from(forms.iter().any(|form| first.forms.contains(form))),
        Clause::Prefix(prefix) => usize::from(first.surface.starts_with(prefix)),
        Clause::Phrase(forms) => {
            let follows = words.len() >= forms.len()
                && forms.iter().zip(words).all(|(form, word)| form == word.plain_form());
            if follows { forms.len() } else { 0 }
        }
    }
}

/// The mark an excerpt should begin with: the first of those followed, within its length, by the most
/// different clauses and then by the most marks.
fn densest(marks: &[Mark], chars_max: usize) -> usize {
    let mut inside: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut best, mut best_worth, mut end) = (0, (0, 0), 0);
    for (first, mark) in marks.iter().enumerate() {
        while end < marks.len() && (end <= first || marks[end].chars.end - mark.chars.start <= chars_max) {
            *inside.entry(marks[end].clause).or_default() += 1;
            end += 1;
        }
        let worth = (inside.len(), end - first);
        if worth > best_worth {
            (best, best_worth) = (first, worth);
        }
        if let Some(count) = inside.get_mut(&mark.clause) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&mark.clause);
            }
        }
    }
    best
}

/// The part of the body to show: a little before the first mark, as much as allowed after it, cut between
/// words.
fn around(body: &str, first: &Range<usize>, chars_max: usize) -> Range<usize> {
    let before = &body[..first.start];
    // A quarter of the excerpt leads up to the mark, unless the mark itself needs the room.
    let lead = (chars_max / 4).min(chars_max.saturating_sub(body[first.clone()].chars().count()));
    let mut start = back(before, lead);
    if start > 0 {
        start = before[start..].find(char::is_whitespace).map_or(first.start, |blank| start + blank);
        start += blanks(&body[start..first.start]);
    }
    let mut end = forward(body, start, chars_max);
    let kept = first.end.clamp(start, end);
    if end < body.len() && !body[end..].starts_with(char::is_whitespace) {
        end = body[kept..end].rfind(char::is_whitespace).map_or(end, |blank| kept + blank);
    }
    start..start + body[start..end].trim_end().len()
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn render(body: &str, window: &Range<usize>, marks: &[Mark]) -> String {
    let mut html = String::with_capacity(window.len() + 64);
    if window.start > 0 {
        html.push(ELLIPSIS);
    }
    let mut at = window.start;
    let shown = marks.iter().filter(|mark| mark.bytes.start < window.end && mark.bytes.end > window.start);
    for mark in shown {
        let (start, end) = (mark.bytes.start.max(at), mark.bytes.end.min(window.end));
        escape(&body[at..start], &mut html);
        html.push_str("<mark>");
        escape(&body[start..end], &mut html);
        html.push_str("</mark>");
        at = end;
    }
    escape(&body[at..window.end], &mut html);
    if window.end < body.trim_end().len() {
        html.push(ELLIPSIS);
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

/// The byte `chars` characters after `from`, or the end.
fn forward(text: &str, from: usize, chars: usize) -> usize {
    text[from..].char_indices().nth(chars).map_or(text.len(), |(at, _)| from + at)
}

/// The byte `chars` characters before the end, or 0.
fn back(text: &str, chars: usize) -> usize {
    match chars.checked_sub(1) {
        None => text.len(),
        Some(skipped) => text.char_indices().rev().nth(skipped).map_or(0, |(at, _)| at),
    }
}
