//! One line of an import, read and checked. Pure: a line and a map come in, a record comes out.

use super::limits::{DERIVED_SUBJECT_CHARS, LINE_BYTES_MAX, SHOWN_CHARS};
use super::mapping::Mapping;
use super::subject::first_words;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use protocol::correspondence::{FieldError, ImportMark, ItemKind, Precedence, one_line};
use protocol::label::Level;
use protocol::limits::{BODY_BYTES_MAX, PRINTED_CHARS_MAX, PRINTED_LIST_MAX, SUBJECT_CHARS_MAX};
use protocol::time::Timestamp;
use serde::Deserialize;

/// A record ready to be addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: ItemKind,
    pub(super) level: Level,
    pub(super) precedence: Precedence,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) at: Timestamp,
    /// What was printed.
    pub(super) mark: ImportMark,
}

/// Why a record is not imported.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordError {
    #[error("longer than {LINE_BYTES_MAX} bytes")]
    LineTooLong,
    #[error("not UTF-8 from byte {at} on")]
    NotUtf8 { at: usize },
    #[error("not a record: {reason}")]
    NotARecord { reason: String },
    #[error("no id")]
    IdMissing,
    #[error("unknown kind {got:?}")]
    KindUnknown { got: String },
    #[error("{got:?} is not an ISO date")]
    DateInvalid { got: String },
    #[error("the map does not cover classification {}", shown(.got))]
    ClassificationNotCovered { got: Option<String> },
    #[error("the map does not cover precedence {}", shown(.got))]
    PrecedenceNotCovered { got: Option<String> },
    #[error("no text")]
    BodyEmpty,
    #[error("a text of {got} bytes, at most {BODY_BYTES_MAX}")]
    BodyTooLong { got: usize },
    #[error("a subject of {got} characters, at most {SUBJECT_CHARS_MAX}")]
    SubjectTooLong { got: usize },
    #[error("{field} has {got} characters, at most {PRINTED_CHARS_MAX}")]
    PrintedTooLong { field: &'static str, got: usize },
    #[error("{field} has {got} entries, at most {PRINTED_LIST_MAX}")]
    ListTooLong { field: &'static str, got: usize },
    #[error("{0}")]
    Item(FieldError),
    #[error("{level} is above {party}, which holds {held}")]
    AboveParty { level: Level, party: String, held: Level },
}

fn shown(printed: &Option<String>) -> String {
    printed.as_ref().map_or_else(|| "of nothing printed".to_owned(), |text| format!("{text:?}"))
}

/// The fields of the format that an import takes; it has others.
#[derive(Deserialize)]
struct Printed {
    id: String,
    kind: String,
    date: String,
    from: Option<String>,
    to: Option<String>,
    classification: Option<String>,
    precedence: Option<String>,
    subject: Option<String>,
    number: Option<String>,
    #[serde(default)]
    handling: Vec<String>,
    #[serde(default)]
    info_to: Vec<String>,
    body: String,
    #[serde(default)]
    enclosures: Vec<Enclosure>,
}

/// A text printed with a record.
#[derive(Deserialize)]
struct Enclosure {
    label: Option<String>,
    title: Option<String>,
    date: Option<String>,
    body: String,
}

/// Reads a line.
pub(super) fn read(line: &[u8], mapping: &Mapping) -> Result<Record, RecordError> {
    let text = std::str::from_utf8(line).map_err(|error| RecordError::NotUtf8 { at: error.valid_up_to() })?;
    let mut printed: Printed = serde_json::from_str(text).map_err(|error| not_a_record(&error))?;
    append_enclosures(&mut printed);
    check(&printed)?;
    let level = mapping.level(printed.classification.as_deref());
    let level =
        level.ok_or_else(|| RecordError::ClassificationNotCovered { got: clip(&printed.classification) })?;
    let precedence = mapping.precedence(printed.precedence.as_deref());
    let precedence =
        precedence.ok_or_else(|| RecordError::PrecedenceNotCovered { got: clip(&printed.precedence) })?;
    let subject = printed.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
    Ok(Record {
        kind: kind(&printed.kind)?,
        level,
        precedence,
        subject: one_line(
            &subject.map_or_else(|| first_words(&printed.body, DERIVED_SUBJECT_CHARS), str::to_owned),
        ),
        at: moment(&printed.date)?,
        mark: ImportMark {
            source: one_line(&printed.id),
            classification: marking(printed.classification),
            precedence: marking(printed.precedence),
            date: one_line(&printed.date),
            subject_derived: subject.is_none(),
            parties: parties(printed.from, printed.to),
            number: printed.number.as_deref().map(one_line),
            handling: printed.handling.iter().map(|text| one_line(text)).collect(),
            repeated_to: printed.info_to.iter().map(|text| one_line(text)).collect(),
        },
        body: printed.body,
    })
}

fn check(printed: &Printed) -> Result<(), RecordError> {
    if printed.id.trim().is_empty() {
        return Err(RecordError::IdMissing);
    }
    if printed.body.trim().is_empty() {
        return Err(RecordError::BodyEmpty);
    }
    if printed.body.len() > BODY_BYTES_MAX {
        return Err(RecordError::BodyTooLong { got: printed.body.len() });
    }
    let subject = printed.subject.as_deref().map_or(0, |subject| subject.chars().count());
    if subject > SUBJECT_CHARS_MAX {
        return Err(RecordError::SubjectTooLong { got: subject });
    }
    let kept = [
        ("id", Some(&printed.id)),
        ("date", Some(&printed.date)),
        ("from", printed.from.as_ref()),
        ("to", printed.to.as_ref()),
        ("classification", printed.classification.as_ref()),
        ("precedence", printed.precedence.as_ref()),
        ("number", printed.number.as_ref()),
    ];
    let lists = [("handling", &printed.handling), ("info_to", &printed.info_to)];
    for (field, list) in lists {
        if list.len() > PRINTED_LIST_MAX {
            return Err(RecordError::ListTooLong { field, got: list.len() });
        }
    }
    let listed = lists.iter().flat_map(|(field, list)| list.iter().map(|text| (*field, Some(text))));
    for (field, text) in kept.into_iter().chain(listed) {
        let got = text.map_or(0, |text| text.chars().count());
        if got > PRINTED_CHARS_MAX {
            return Err(RecordError::PrintedTooLong { field, got });
        }
    }
    Ok(())
}

/// What was printed with a record belongs to its text: nothing of it may vanish.
fn append_enclosures(printed: &mut Printed) {
    let count = printed.enclosures.len();
    for (index, enclosure) in std::mem::take(&mut printed.enclosures).into_iter().enumerate() {
        let place = format!("Enclosure {} of {count}", index + 1);
        let heading = [Some(place), enclosure.label, enclosure.title, enclosure.date];
        let heading: Vec<_> = heading.into_iter().flatten().collect();
        printed.body = format!("{}\n\n{}\n\n{}", printed.body, heading.join(" · "), enclosure.body);
    }
}

fn kind(printed: &str) -> Result<ItemKind, RecordError> {
    match printed {
        "telegram" | "airgram" => Ok(ItemKind::Telegram),
        "note" | "despatch" | "instruction" | "aide-memoire" => Ok(ItemKind::Note),
        "letter" | "message" | "memorandum" => Ok(ItemKind::Letter),
        other => Err(RecordError::KindUnknown { got: other.chars().take(SHOWN_CHARS).collect() }),
    }
}

/// A date, or a date and time, which without a zone is taken for UTC.
fn moment(printed: &str) -> Result<Timestamp, RecordError> {
    let zoned = printed.parse::<jiff::Timestamp>();
    let moment = zoned.or_else(|_| Offset::UTC.to_timestamp(printed.parse::<DateTime>()?));
    moment
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_| RecordError::DateInvalid { got: printed.chars().take(SHOWN_CHARS).collect() })
}

/// Sender and addressee as printed; nothing when neither was.
fn parties(from: Option<String>, to: Option<String>) -> Vec<String> {
    if from.is_none() && to.is_none() {
        return Vec::new();
    }
    [from, to].map(|party| one_line(&party.unwrap_or_else(|| "not printed".to_owned()))).into()
}

/// A marking as kept. A source that says in so many words that none was printed has none.
fn marking(printed: Option<String>) -> Option<String> {
    printed.map(|text| one_line(&text)).filter(|text| text != "none printed")
}

/// Says what is wrong and in which column; the line is told by the caller, who knows the file's.
fn not_a_record(error: &serde_json::Error) -> RecordError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason: String = text.strip_suffix(&place).unwrap_or(&text).chars().take(SHOWN_CHARS).collect();
    RecordError::NotARecord { reason: format!("{reason} at column {}", error.column()) }
}

fn clip(printed: &Option<String>) -> Option<String> {
    printed.as_ref().map(|text| text.chars().take(SHOWN_CHARS).collect())
}
