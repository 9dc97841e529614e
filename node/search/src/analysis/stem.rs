//! The French stem of a word, remembered: texts repeat their words, and stemming costs more than all
//! other steps of the analysis.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, Token, TokenFilter, TokenStream, Tokenizer};

/// Stems remembered: the working vocabulary of a ministry, some 4 MiB. Beyond it all are forgotten.
const STEMS_MAX: usize = 40_000;

type Alone = <Stemmer as TokenFilter>::Tokenizer<RawTokenizer>;

/// Replaces each word by its stem.
#[derive(Clone, Default)]
pub(crate) struct Stems {
    known: Arc<Mutex<HashMap<String, String>>>,
}

impl TokenFilter for Stems {
    type Tokenizer<T: Tokenizer> = StemsTokenizer<T>;

    fn transform<T: Tokenizer>(self, inner: T) -> StemsTokenizer<T> {
        let alone = Stemmer::new(Language::French).transform(RawTokenizer::default());
        StemsTokenizer { inner, alone, stems: self }
    }
}

#[derive(Clone)]
pub(crate) struct StemsTokenizer<T> {
    inner: T,
    alone: Alone,
    stems: Stems,
}

impl<T: Tokenizer> Tokenizer for StemsTokenizer<T> {
    type TokenStream<'a> = StemsStream<'a, T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        StemsStream { inner: self.inner.token_stream(text), alone: &mut self.alone, stems: &self.stems }
    }
}

pub(crate) struct StemsStream<'a, S> {
    inner: S,
    alone: &'a mut Alone,
    stems: &'a Stems,
}

impl<S: TokenStream> TokenStream for StemsStream<'_, S> {
    fn advance(&mut self) -> bool {
        if !self.inner.advance() {
            return false;
        }
        let text = &mut self.inner.token_mut().text;
        let mut known = self.stems.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stem) = known.get(text) {
            text.clone_from(stem);
            return true;
        }
        let mut alone = self.alone.token_stream(text);
        let stem = if alone.advance() { alone.token().text.clone() } else { text.clone() };
        drop(alone);
        if known.len() >= STEMS_MAX {
            known.clear();
        }
        known.insert(std::mem::replace(text, stem.clone()), stem);
        true
    }

    fn token(&self) -> &Token {
        self.inner.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.inner.token_mut()
    }
}
