//! Which words of a text count as the same. One analysis for documents, questions and excerpts.
//!
//! A word is a run of letters and digits, in lower case, without the French elided article before it
//! (`l'avion`). It is indexed under one or two forms at the same place: the stem of the word as written, then
//! without accents; and the stem of the word whose accents were taken away first. The French stemmer needs
//! accents to see that `évacuée` and `évacué` are one word, and a reader who types none must find both: two
//! words are the same if they share a form. English words go through the same steps, which take away their
//! plurals.

mod forms;
mod split;
mod stem;

use forms::{Distinct, TwoForms};
use split::Words;
use std::ops::Range;
use stem::Stems;
use tantivy::tokenizer::{AsciiFoldingFilter, TextAnalyzer, TokenStream};

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it stands, in bytes.
    pub(crate) range: Range<usize>,
    /// One or two forms it is known by. The last one is the form without accents that every spelling shares.
    pub(crate) forms: Vec<String>,
    /// As written, in lower case and without accents.
    pub(crate) surface: String,
}

impl Word {
    /// The form every spelling of the word shares, accents or not.
    pub(crate) fn plain_form(&self) -> &str {
        self.forms.last().map_or("", String::as_str)
    }
}

/// The forms of the words of a text, for the searchable fields.
pub(crate) fn stems() -> TextAnalyzer {
    TextAnalyzer::builder(TwoForms::default())
        .filter(Stems::default())
        .filter(AsciiFoldingFilter)
        .filter(Distinct)
        .build()
}

/// The words of a text as written, without accents, for prefixes.
pub(crate) fn surface() -> TextAnalyzer {
    TextAnalyzer::builder(Words).filter(AsciiFoldingFilter).build()
}

/// Takes a text apart, in reading order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let (mut stems, mut surface) = (stems(), surface());
    let mut stems = stems.token_stream(text);
    let mut written = surface.token_stream(text);
    let mut found: Vec<Word> = Vec::new();
    while stems.advance() {
        let token = stems.token();
        let form = token.text.clone();
        match found.last_mut() {
            // A second form at the same place.
            Some(word) if word.range.start == token.offset_from => word.forms.push(form),
            _ => {
                written.advance();
                found.push(Word {
                    range: token.offset_from..token.offset_to,
                    forms: vec![form],
                    surface: written.token().text.clone(),
                });
            }
        }
    }
    found
}
