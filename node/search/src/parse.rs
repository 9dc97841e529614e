//! How a reader's text is understood. Never an error on punctuation; only a limit can refuse a text.
//!
//! - Words are all wanted. Words joined by punctuation (`2026/117`, `Jean-Pierre`) are wanted in that order.
//! - A pair of quotes, straight or typographic, holds a phrase. A quote without its partner is punctuation.
//! - A minus directly before a word or a quote excludes it.
//! - A star directly after a single word asks for every word that begins so.
//! - Everything else is literal: no fields, no parentheses, no operators.

use crate::analysis::{Word, words};
use crate::error::SearchError;
use crate::limits::{PREFIX_CHARS_MIN, PREFIXES_MAX, TERMS_MAX, TEXT_CHARS_MAX};

/// One thing a text asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clause {
    /// A word, by any of its forms.
    Word(Vec<String>),
    /// At least two words in a row, each by the form all spellings share.
    Phrase(Vec<String>),
    /// Every word whose surface begins so.
    Prefix(String),
}

/// A text understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) wanted: Vec<Clause>,
    pub(crate) unwanted: Vec<Clause>,
}

/// Reads a text.
pub(crate) fn parse(text: &str) -> Result<Parsed, SearchError> {
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(SearchError::TextTooLong { expected: TEXT_CHARS_MAX, got: chars });
    }
    let mut parsed = Parsed::default();
    let (mut terms, mut prefixes) = (0, 0);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let piece = Piece::take(&mut rest);
        let found = words(piece.text);
        terms += found.len();
        let Some(clause) = piece.clause(&found) else { continue };
        prefixes += usize::from(matches!(clause, Clause::Prefix(_)));
        if piece.excluded { &mut parsed.unwanted } else { &mut parsed.wanted }.push(clause);
    }
    if terms > TERMS_MAX {
        return Err(SearchError::TooManyTerms { expected: TERMS_MAX, got: terms });
    }
    if prefixes > PREFIXES_MAX {
        return Err(SearchError::TooManyPrefixes { expected: PREFIXES_MAX, got: prefixes });
    }
    Ok(parsed)
}

/// What stands between blanks, or between quotes.
struct Piece<'a> {
    text: &'a str,
    excluded: bool,
    quoted: bool,
}

impl<'a> Piece<'a> {
    /// Takes the first piece of a text that begins with no blank, and the blanks after it. Always takes
    /// something.
    fn take(rest: &mut &'a str) -> Self {
        let (excluded, start) = match rest.strip_prefix('-') {
            Some(after) if !after.starts_with(char::is_whitespace) => (true, after),
            _ => (false, *rest),
        };
        let (text, after, quoted) = match quoted(start) {
            Some((inside, after)) => (inside, after, true),
            None => {
                let (bare, after) = bare(start);
                (bare, after, false)
            }
        };
        *rest = after.trim_start();
        Self { text, excluded, quoted }
    }

    fn clause(&self, found: &[Word]) -> Option<Clause> {
        match found {
            [] => None,
            [word] if self.asks_for_prefix(word) => Some(Clause::Prefix(word.surface.clone())),
            [word] => Some(Clause::Word(word.forms.clone())),
            several => {
                Some(Clause::Phrase(several.iter().map(|word| word.plain_form().to_owned()).collect()))
            }
        }
    }

    fn asks_for_prefix(&self, word: &Word) -> bool {
        !self.quoted
            && self.text[word.range.end..].starts_with('*')
            && word.surface.chars().count() >= PREFIX_CHARS_MIN
    }
}

/// The inside of a pair of quotes a text begins with, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(is_quote)?;
    let end = inside.find(is_quote)?;
    let mut after = inside[end..].chars();
    after.next();
    Some((&inside[..end], after.as_str()))
}

/// Everything up to a blank or to a quote after the first character.
fn bare(text: &str) -> (&str, &str) {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let end =
        text[first..].find(|c: char| c.is_whitespace() || is_quote(c)).map_or(text.len(), |at| first + at);
    text.split_at(end)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}
