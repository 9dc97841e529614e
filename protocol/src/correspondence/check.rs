//! Whether an item is one that may be signed and filed: within its limits, and such that its canonical text
//! says all of it and nothing else.

use super::canonical::{NONE_PRINTED, is_one_line};
use super::{Address, Correspondence, FieldError, ImportMark, Party};
use crate::blob::Attachment;
use crate::label::Level;
use crate::limits::{
    ADDRESSEES_MAX, BODY_BYTES_MAX, LABEL_CATEGORIES_MAX, NAME_CHARS_MAX, PRINTED_CHARS_MAX,
    PRINTED_LIST_MAX, REFERENCES_MAX, SUBJECT_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX,
};
use crate::refusal::Code;

/// WIR-031: the item's level, or the first field that refuses it. Two items that pass and differ have
/// different canonical texts, unless they differ in the keys of attachments alone.
pub fn check_item(item: &Correspondence) -> Result<Level, FieldError> {
    let level = item.label.level().map_err(|error| FieldError {
        field: "label",
        code: Code::LabelUnknown,
        message: error.to_string(),
    })?;
    counts(item)?;
    for party in item.addressees().chain([&item.from]) {
        check_party(party)?;
    }
    line("subject", &item.subject, SUBJECT_CHARS_MAX)?;
    item.tags.iter().try_for_each(|tag| line("tags", tag, TAG_CHARS_MAX))?;
    for person in item.releaser.iter().chain([&item.author]) {
        line("author", &person.name, NAME_CHARS_MAX)?;
    }
    Attachment::check_all(&item.attachments).map_err(|flaw| FieldError {
        field: "attachments",
        code: flaw.code(),
        message: flaw.to_string(),
    })?;
    item.import.as_ref().map_or(Ok(()), check_import)?;
    // Four digits of the year stand in the text.
    if !(0..=9_999).contains(&item.released_at.civil().year) {
        return Err(invalid("released_at", "a year of four digits"));
    }
    Ok(level)
}

fn counts(item: &Correspondence) -> Result<(), FieldError> {
    let measured = [
        ("label", item.label.categories.len(), LABEL_CATEGORIES_MAX, "categories"),
        ("action", item.action.len(), ADDRESSEES_MAX, "addressees"),
        ("info", item.info.len(), ADDRESSEES_MAX, "addressees"),
        ("tags", item.tags.len(), TAGS_MAX, "tags"),
        ("references", item.references.len(), REFERENCES_MAX, "references"),
        ("body", item.body.len(), BODY_BYTES_MAX, "bytes"),
    ];
    measured.into_iter().try_for_each(|(field, got, limit, unit)| within(field, got, limit, unit))
}

fn check_party(party: &Party) -> Result<(), FieldError> {
    // As written: an address with spaces around it is another text.
    let sound = party.address.parse::<Address>().is_ok_and(|address| address.to_string() == party.address);
    if !sound {
        return Err(invalid("address", "an address like cdc@mae"));
    }
    line("name", &party.name, NAME_CHARS_MAX)
}

fn check_import(mark: &ImportMark) -> Result<(), FieldError> {
    let lists = [&mark.parties, &mark.handling, &mark.repeated_to];
    for list in lists {
        within("import", list.len(), PRINTED_LIST_MAX, "entries")?;
    }
    let printed = [&mark.classification, &mark.precedence];
    if printed.into_iter().flatten().any(|text| text == NONE_PRINTED) {
        return Err(invalid("import", "what was printed, and not that nothing was"));
    }
    let texts = printed.into_iter().chain([&mark.number]).flatten().chain([&mark.source, &mark.date]);
    texts.chain(lists.into_iter().flatten()).try_for_each(|text| line("import", text, PRINTED_CHARS_MAX))
}

fn line(field: &'static str, text: &str, chars_max: usize) -> Result<(), FieldError> {
    within(field, text.chars().count(), chars_max, "characters")?;
    if is_one_line(text) { Ok(()) } else { Err(invalid(field, "no control characters")) }
}

fn within(field: &'static str, got: usize, limit: usize, unit: &str) -> Result<(), FieldError> {
    if got <= limit {
        return Ok(());
    }
    Err(FieldError { field, code: Code::FieldTooLong, message: format!("{got} {unit}, at most {limit}") })
}

fn invalid(field: &'static str, expected: &str) -> FieldError {
    FieldError { field, code: Code::FieldInvalid, message: format!("expected {expected}") }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
