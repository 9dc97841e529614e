//! Which language a page speaks: what the agent chose, else what the browser asks for, French first.

use super::cookie;
use super::link;
use super::texts::{ENGLISH, FRENCH, Texts};
use axum::Form;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

const COOKIE_NAME: &str = "valise-lang";

/// A language of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// *Français*.
    French,
    /// English.
    English,
}

impl Language {
    /// The value of `lang` attributes.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Language::French => "fr",
            Language::English => "en",
        }
    }

    /// The texts of the pages.
    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }

    /// Whether it is French; templates ask.
    pub(super) const fn is_french(self) -> bool {
        matches!(self, Language::French)
    }

    /// Reads a language code; anything but English is French.
    fn parse(code: &str) -> Self {
        if code.eq_ignore_ascii_case("en") { Language::English } else { Language::French }
    }

    /// The choice kept in a cookie, else the first of the browser's languages that the portal speaks.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if let Some(chosen) = cookie::value(headers, COOKIE_NAME) {
            return Self::parse(chosen);
        }
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut codes = wanted.split(',').filter_map(|entry| entry.trim().get(..2)).map(str::to_lowercase);
        codes.find(|code| code == "fr" || code == "en").map_or(Language::French, |code| Self::parse(&code))
    }
}

/// What the switch sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    language: String,
    #[serde(default)]
    next: String,
}

/// `POST /language`
pub(super) async fn choose(Form(choice): Form<Choice>) -> Response {
    let code = Language::parse(&choice.language).code();
    let kept = format!("{COOKIE_NAME}={code}; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000");
    ([(SET_COOKIE, kept)], Redirect::to(link::local(&choice.next))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(accept: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        Language::of(&headers)
    }

    #[test]
    fn french_unless_english_is_wanted_first() {
        assert_eq!(asked("de-DE,de;q=0.9"), Language::French);
        assert_eq!(asked("de,en-GB;q=0.8,fr;q=0.5"), Language::English);
        assert_eq!(asked("fr-FR,en;q=0.5"), Language::French);
        assert_eq!(Language::of(&HeaderMap::new()), Language::French);
    }
}
