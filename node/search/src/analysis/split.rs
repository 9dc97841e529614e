//! Where a word begins and ends.

use crate::limits::WORD_CHARS_MAX;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// What French elides before a vowel. Such a piece is no word of its own when an apostrophe and a letter
/// follow.
const ELIDED: [&str; 14] =
    ["c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"];

/// Cuts a text into words, in lower case.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { text, at: 0, token: Token::default() }
    }
}

#[derive(Debug)]
pub(crate) struct WordStream<'a> {
    text: &'a str,
    at: usize,
    token: Token,
}

impl WordStream<'_> {
    /// The next run of word characters, as a range of bytes.
    fn next_run(&mut self) -> Option<(usize, usize)> {
        let rest = &self.text[self.at..];
        let start = self.at + rest.find(is_word_char)?;
        let run = &self.text[start..];
        let len = run.find(|c| !is_word_char(c) && !is_combining(c)).unwrap_or(run.len());
        self.at = start + len;
        Some((start, self.at))
    }

    /// An elided piece takes no position, so that `d'Ebola` and `Ebola` make the same phrase.
    fn is_elided(&self) -> bool {
        let mut after = self.text[self.at..].chars();
        let joined = after.next().is_some_and(is_apostrophe) && after.next().is_some_and(is_word_char);
        joined && ELIDED.contains(&self.token.text.as_str())
    }

    fn write(&mut self, start: usize, end: usize) {
        let (word, text) = (&self.text[start..end], &mut self.token.text);
        text.clear();
        if word.is_ascii() {
            // Most words, several times as fast.
            text.push_str(&word[..word.len().min(WORD_CHARS_MAX)]);
            text.make_ascii_lowercase();
        } else {
            let kept = word.chars().filter(|c| !is_combining(*c));
            text.extend(kept.flat_map(char::to_lowercase).take(WORD_CHARS_MAX));
        }
        self.token.offset_from = start;
        self.token.offset_to = end;
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some((start, end)) = self.next_run() {
            self.write(start, end);
            if !self.is_elided() && !self.token.text.is_empty() {
                // The first position is 0: a fresh token stands one before it.
                self.token.position = self.token.position.wrapping_add(1);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// U+02BC counts as a letter in Unicode but is typed as an apostrophe.
fn is_word_char(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() && !is_apostrophe(c) }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{02BC}' | '\u{2018}')
}

/// Accents written apart from their letter (Unicode form D, as macOS and some mail programs send). They
/// belong to the word and are left out of it.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}
