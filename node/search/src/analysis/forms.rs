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
            written: self.written.token_stream(text),
            folded: self.folded.token_stream(text),
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
    written: WordStream<'a>,
    folded: <Folded as Tokenizer>::TokenStream<'a>,
    shown: Shown,
    folded_due: bool,
}

impl TokenStream for TwoFormsStream<'_> {
    fn advance(&mut self) -> bool {
        if std::mem::take(&mut self.folded_due) {
            self.shown = Shown::Folded;
            return true;
        }
        self.shown = Shown::Written;
        // Both streams cut the same text the same way, so they stay on the same word. They are compared here,
        // before a later step rewrites the token.
        let more = self.written.advance() && self.folded.advance();
        self.folded_due = more && self.written.token().text != self.folded.token().text;
        more
    }

    fn token(&self) -> &Token {
        match self.shown {
            Shown::Written => self.written.token(),
            Shown::Folded => self.folded.token(),
        }
    }

    fn token_mut(&mut self) -> &mut Token {
        match self.shown {
            Shown::Written => self.written.token_mut(),
            Shown::Folded => self.folded.token_mut(),
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
