//! A word under two forms at one place: as written, and without its accents.

use super::split::{WordStream, Words};
use tantivy::tokenizer::{AsciiFoldingFilter, Token, TokenFilter, TokenStream, Tokenizer};

type Folded = <AsciiFoldingFilter as TokenFilter>::Tokenizer<Words>;

/// Gives each word as written and, where that differs, once more without accents at the same position.
#[derive(Clone)]
pub(crate) struct TwoForms {
    written: Words,
    folded: Folded,
}

impl Default for TwoForms {
    fn default() -> Self {
        Self { written: Words, folded: AsciiFoldingFilter.transform(Words) }
    }
}

impl Tokenizer for TwoForms {
    type TokenStream<'a> = TwoFormsStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TwoFormsStream<'a> {
        TwoFormsStream {
            text,
            written: self.written.token_stream(text),
            folding: &mut self.folded,
            folded: Token::default(),
            shown: Shown::Written,
            folded_due: false,
        }
    }
}

enum Shown {
    Written,
    Folded,
}

pub(crate) struct TwoFormsStream<'a> {
    text: &'a str,
    written: WordStream<'a>,
    folding: &'a mut Folded,
    folded: Token,
    shown: Shown,
    folded_due: bool,
}

impl TwoFormsStream<'_> {
    /// Makes the second form of the present word, before a later step rewrites the first. Whether it
    /// differs.
    fn fold(&mut self) -> bool {
        let written = self.written.token();
        if written.text.is_ascii() {
            return false;
        }
        // The same cut and the same steps, on this word alone.
        let mut alone = self.folding.token_stream(&self.text[written.offset_from..written.offset_to]);
        if !alone.advance() || alone.token().text == written.text {
            return false;
        }
        self.folded.clone_from(written);
        self.folded.text.clone_from(&alone.token().text);
        true
    }
}

impl TokenStream for TwoFormsStream<'_> {
    fn advance(&mut self) -> bool {
        if std::mem::take(&mut self.folded_due) {
            self.shown = Shown::Folded;
            return true;
        }
        self.shown = Shown::Written;
        let more = self.written.advance();
        self.folded_due = more && self.fold();
        more
    }

    fn token(&self) -> &Token {
        match self.shown {
            Shown::Written => self.written.token(),
            Shown::Folded => &self.folded,
        }
    }

    fn token_mut(&mut self) -> &mut Token {
        match self.shown {
            Shown::Written => self.written.token_mut(),
            Shown::Folded => &mut self.folded,
        }
    }
}

/// Leaves out a second form that came out equal to the first, so that it does not count twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Distinct;

impl TokenFilter for Distinct {
    type Tokenizer<T: Tokenizer> = DistinctTokenizer<T>;

    fn transform<T: Tokenizer>(self, inner: T) -> DistinctTokenizer<T> {
        DistinctTokenizer { inner }
    }
}

#[derive(Clone)]
pub(crate) struct DistinctTokenizer<T> {
    inner: T,
}

impl<T: Tokenizer> Tokenizer for DistinctTokenizer<T> {
    type TokenStream<'a> = DistinctStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        DistinctStream {
            inner: self.inner.token_stream(text),
            last: String::new(),
            last_position: usize::MAX,
        }
    }
}

pub(crate) struct DistinctStream<S> {
    inner: S,
    last: String,
    last_position: usize,
}

impl<S: TokenStream> TokenStream for DistinctStream<S> {
    fn advance(&mut self) -> bool {
        while self.inner.advance() {
            let token = self.inner.token();
            if token.position != self.last_position || token.text != self.last {
                self.last_position = token.position;
                self.last.clone_from(&token.text);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.inner.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.inner.token_mut()
    }
}
