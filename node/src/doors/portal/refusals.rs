//! A sentence for every refusal in both languages: what happened, and what to do.

use super::language::Language;
use crate::desks::problem::Field;
use protocol::limits::{
    ADDRESSEES_MAX, BODY_BYTES_MAX, NAME_CHARS_MAX, POST_BYTES_MAX, PROJECT_CHARS_MAX, SUBJECT_CHARS_MAX,
    TAGS_MAX,
};
use protocol::refusal::Code;

mod english;
mod french;

/// What happened, and what to do.
pub(super) fn sentences(code: Code, language: Language) -> (&'static str, &'static str) {
    match language {
        Language::French => french::sentences(code),
        Language::English => english::sentences(code),
    }
}

/// What is wrong with a field.
pub(super) fn field(field: &Field, language: Language) -> String {
    let address = named_address(&field.message);
    match (language, field.code) {
        (Language::French, Code::FieldMissing) => "À remplir.".to_owned(),
        (Language::English, Code::FieldMissing) => "Fill this in.".to_owned(),
        (_, Code::FieldTooLong) => too_long(&field.field, language),
        (Language::French, Code::FieldInvalid) if french::expected(&field.field).is_some() => {
            french::expected(&field.field).unwrap_or_default().to_owned()
        }
        (_, Code::AddresseeUnknown | Code::AboveAddressee) | (Language::French, _) => {
            let (happened, advice) = sentences(field.code, language);
            let colon = language.texts().colon;
            let about = address.map(|address| format!("{address}{colon} ")).unwrap_or_default();
            format!("{about}{happened} {advice}")
        }
        (Language::English, _) => sentence(&field.message),
    }
}

/// The label of a form's field, for links to it.
pub(super) fn field_name(field: &str, language: Language) -> &str {
    let t = language.texts();
    match field {
        "kind" => t.field_kind,
        "from" => t.field_from,
        "action" => t.field_action,
        "info" => t.field_info,
        "precedence_action" => t.field_precedence_action,
        "precedence_info" => t.field_precedence_info,
        "label" => t.field_label,
        "subject" => t.field_subject,
        "tags" => t.field_tags,
        "body" => t.field_body,
        "references" => t.field_references,
        "login" => t.field_login,
        "name" => t.field_name,
        "group" => t.field_group,
        "password" => t.field_password,
        "project" => t.field_project,
        "manager" => t.field_manager,
        "organisations" => t.field_organisations,
        "terminal" => t.field_terminal,
        "since" => t.since,
        "until" => t.until,
        "q" => t.words,
        "tag" => t.tag,
        "community" => t.facet_community,
        "classification" => t.field_label,
        "precedence" => t.precedence,
        "cursor" => t.next_page,
        other => other,
    }
}

fn too_long(field: &str, language: Language) -> String {
    let (limit, french, english) = match field {
        "subject" => (SUBJECT_CHARS_MAX, "caractères", "characters"),
        "body" => (BODY_BYTES_MAX / 1024, "kibioctets", "kibibytes"),
        "post" => (POST_BYTES_MAX / 1024, "kibioctets", "kibibytes"),
        "action" | "info" => (ADDRESSEES_MAX, "destinataires", "addressees"),
        "tags" => (TAGS_MAX, "étiquettes", "tags"),
        "project" => (PROJECT_CHARS_MAX, "caractères", "characters"),
        _ => (NAME_CHARS_MAX, "caractères", "characters"),
    };
    match language {
        Language::French => format!("Trop long : {limit} {french} au plus."),
        Language::English => format!("Too long: at most {limit} {english}."),
    }
}

/// The address that a desk's message speaks of.
fn named_address(message: &str) -> Option<&str> {
    let trim: &[char] = &['"', '\'', ',', ';', ':', '.', '(', ')'];
    message
        .split_whitespace()
        .map(|word| word.trim_matches(trim))
        .find(|word| word.contains('@') && *word != "cdc@mae")
}

fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let capital = chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect());
    if capital.ends_with('.') { capital } else { capital + "." }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_sentences_in_both_languages() {
        for code in Code::ALL {
            let (french, english) = (sentences(*code, Language::French), sentences(*code, Language::English));
            for text in [french.0, french.1, english.0, english.1] {
                assert!(text.ends_with(['.', '?']), "{code}: {text:?}");
            }
            assert_ne!(french, english, "{code}");
        }
    }

    #[test]
    fn an_addressee_is_named() {
        let message = "\"dgs@sante\" is not in the directory".to_owned();
        let unknown = Field { field: "action".into(), code: Code::AddresseeUnknown, message };
        assert!(field(&unknown, Language::French).starts_with("dgs@sante\u{a0}: "));
        assert!(field(&unknown, Language::English).starts_with("dgs@sante: "));
    }

    #[test]
    fn a_french_reader_learns_what_was_expected() {
        let message = "at least 12 characters".to_owned();
        let short = Field { field: "password".into(), code: Code::FieldInvalid, message };
        assert!(field(&short, Language::French).contains("12"));
    }
}
