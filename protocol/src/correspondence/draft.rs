//! What a draft may hold, and what must be there before release.

use super::{Address, ItemKind, Precedences, is_one_line};
use crate::ids::ItemId;
use crate::label::Label;
use crate::limits::{
    ADDRESS_TYPED_CHARS_MAX, ADDRESSEES_MAX, BODY_BYTES_MAX, REFERENCES_MAX, SUBJECT_CHARS_MAX,
    TAG_CHARS_MAX, TAGS_MAX,
};
use crate::refusal::Code;
use minicbor::{Decode, Encode};

/// Characters of a wrong address that a message repeats.
const ADDRESS_SHOWN_CHARS: usize = 40;

/// The content of a draft as typed: addresses are text until release.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DraftContent {
    /// Its form.
    #[n(0)]
    pub kind: ItemKind,
    /// The sending group's address.
    #[n(2)]
    pub from: String,
    /// Action addressees.
    #[n(4)]
    pub action: Vec<String>,
    /// Information addressees.
    #[n(6)]
    pub info: Vec<String>,
    /// How urgent.
    #[n(8)]
    pub precedence: Precedences,
    /// The label.
    #[n(10)]
    pub label: Label,
    /// Subject line.
    #[n(12)]
    pub subject: String,
    /// Themes.
    #[n(14)]
    pub tags: Vec<String>,
    /// Text.
    #[n(16)]
    pub body: String,
    /// Earlier items.
    #[n(18)]
    pub references: Vec<ItemId>,
}

/// One field that cannot stay as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The field's name in the API.
    pub field: &'static str,
    /// Missing, invalid or too long.
    pub code: Code,
    /// What is wrong, in English.
    pub message: String,
}

/// Checks every field; returns all that is wrong, not only the first. With `complete`, also what
/// must be present for release.
pub fn check_draft(draft: &DraftContent, complete: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    limits(draft, &mut errors);
    if let Err(error) = draft.label.level() {
        errors.push(FieldError { field: "label", code: Code::LabelUnknown, message: error.to_string() });
    }
    if complete {
        addresses(draft, &mut errors);
        missing(draft, &mut errors);
    }
    errors
}

/// An address half typed may be kept; nothing is released to it.
fn addresses(draft: &DraftContent, errors: &mut Vec<FieldError>) {
    for (field, list) in [("action", &draft.action), ("info", &draft.info)] {
        for address in list.iter().filter(|address| address.parse::<Address>().is_err()) {
            let shown: String = address.chars().take(ADDRESS_SHOWN_CHARS).collect();
            let message = format!("{shown:?} is not an address like cdc@mae");
            errors.push(FieldError { field, code: Code::FieldInvalid, message });
        }
    }
}

fn limits(draft: &DraftContent, errors: &mut Vec<FieldError>) {
    let longest = |list: &[String]| list.iter().map(|one| one.chars().count()).max().unwrap_or(0);
    let tag_longest = longest(&draft.tags);
    let measured = [
        ("subject", draft.subject.chars().count(), SUBJECT_CHARS_MAX, "characters"),
        ("body", draft.body.len(), BODY_BYTES_MAX, "bytes"),
        ("action", draft.action.len(), ADDRESSEES_MAX, "addressees"),
        ("info", draft.info.len(), ADDRESSEES_MAX, "addressees"),
        ("tags", draft.tags.len(), TAGS_MAX, "tags"),
        ("tags", tag_longest, TAG_CHARS_MAX, "characters in one tag"),
        ("action", longest(&draft.action), ADDRESS_TYPED_CHARS_MAX, "characters in one address"),
        ("info", longest(&draft.info), ADDRESS_TYPED_CHARS_MAX, "characters in one address"),
        ("references", draft.references.len(), REFERENCES_MAX, "references"),
    ];
    for (field, got, limit, unit) in measured {
        if got > limit {
            let message = format!("{got} {unit}, at most {limit}");
            errors.push(FieldError { field, code: Code::FieldTooLong, message });
        }
    }
    // In a header they could pass for the next one.
    for (field, sound) in
        [("subject", is_one_line(&draft.subject)), ("tags", draft.tags.iter().all(|tag| is_one_line(tag)))]
    {
        if !sound {
            let message = "a line break, a tab or another control character".to_owned();
            errors.push(FieldError { field, code: Code::FieldInvalid, message });
        }
    }
}

fn missing(draft: &DraftContent, errors: &mut Vec<FieldError>) {
    let present = [
        ("subject", !draft.subject.trim().is_empty(), "a subject is needed"),
        ("body", !draft.body.trim().is_empty(), "a text is needed"),
        ("action", !draft.action.is_empty() || !draft.info.is_empty(), "at least one addressee is needed"),
        ("from", !draft.from.is_empty(), "the sending group is needed"),
    ];
    for (field, there, message) in present {
        if !there {
            errors.push(FieldError { field, code: Code::FieldMissing, message: message.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correspondence::Precedence;
    use crate::label::Level;

    fn draft() -> DraftContent {
        DraftContent {
            kind: ItemKind::Telegram,
            from: "ambassade@conakry".into(),
            action: vec!["cdc@mae".into()],
            info: vec![],
            precedence: Precedences { action: Precedence::Routine, info: Precedence::Routine },
            label: Level::NP.label(),
            subject: "Objet".into(),
            tags: vec![],
            body: "Texte.".into(),
            references: vec![],
        }
    }

    fn fields(draft: &DraftContent) -> Vec<&'static str> {
        check_draft(draft, true).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn every_missing_field_is_named_at_once() {
        let empty = DraftContent { subject: " ".into(), action: vec![], body: String::new(), ..draft() };
        assert_eq!(fields(&empty), ["subject", "body", "action"]);
        assert!(check_draft(&empty, false).is_empty(), "an unfinished draft may be kept");
        let half = DraftContent { action: vec!["centre de cri".into()], ..draft() };
        assert!(check_draft(&half, false).is_empty(), "an address half typed too");
        assert_eq!(fields(&half), ["action"]);
    }

    #[test]
    fn a_control_character_in_a_line_is_named() {
        let broken = DraftContent { subject: "a\nFrom: b".into(), tags: vec!["a\tb".into()], ..draft() };
        assert_eq!(fields(&broken), ["subject", "tags"]);
        assert!(check_draft(&broken, false).iter().all(|error| error.code == Code::FieldInvalid));
    }

    #[test]
    fn at_the_limit_and_one_past() {
        let at = DraftContent {
            subject: "é".repeat(SUBJECT_CHARS_MAX),
            body: "b".repeat(BODY_BYTES_MAX),
            tags: vec!["t".repeat(TAG_CHARS_MAX); TAGS_MAX],
            ..draft()
        };
        let typed = |chars: usize| DraftContent { info: vec!["a".repeat(chars)], ..draft() };
        assert!(check_draft(&typed(ADDRESS_TYPED_CHARS_MAX), false).is_empty());
        assert_eq!(check_draft(&typed(ADDRESS_TYPED_CHARS_MAX + 1), false).len(), 1);
        assert!(fields(&at).is_empty());
        let past = DraftContent {
            subject: "é".repeat(SUBJECT_CHARS_MAX + 1),
            body: "b".repeat(BODY_BYTES_MAX + 1),
            tags: vec!["t".repeat(TAG_CHARS_MAX + 1); TAGS_MAX + 1],
            ..draft()
        };
        assert_eq!(fields(&past), ["subject", "body", "tags", "tags"]);
    }
}
