//! Reading a search form: every field checked, all errors told at once.

use crate::desks::Problem;
use crate::desks::view::SearchForm;
use jiff::civil::Date;
use jiff::tz::Offset;
use protocol::correspondence::{Address, FieldError, ItemKind, Precedence};
use protocol::ids::SpaceId;
use protocol::label::Classification;
use protocol::refusal::Code;
use search::Query;

/// Hits on one page.
const PAGE_HITS: usize = 20;

/// A form understood. The audience is still missing: nothing would be found.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) query: Query,
    pub(super) community: Option<SpaceId>,
}

/// Reads a form.
pub(super) fn question(form: &SearchForm) -> Result<Question, Problem> {
    let mut errors = Vec::new();
    let mut reading = Reading { errors: &mut errors };
    let kinds = |text: &str| (text == "post" || ItemKind::parse(text).is_some()).then(|| text.to_owned());
    let levels = |text: &str| {
        let known = [Classification::Np, Classification::Dr].into_iter().any(|class| class.code() == text);
        known.then(|| text.to_owned())
    };
    let community = reading
        .field("community", &form.community, "the id of a community", |text| text.parse::<SpaceId>().ok());
    let query = Query {
        text: form.q.clone(),
        kind: reading.field("kind", &form.kind, "telegram, note, letter or post", kinds),
        tag: filled(&form.tag).map(str::to_owned),
        classification: reading.field("classification", &form.classification, "NP or DR", levels),
        group: reading.field("group", &form.group, "an address like cdc@mae", |text| {
            text.parse::<Address>().ok().map(|address| address.to_string())
        }),
        community: community.map(|id| id.to_string()),
        precedence: reading.field("precedence", &form.precedence, "a precedence of RFC 6477", |text| {
            Precedence::parse(text).map(|precedence| precedence.as_str().to_owned())
        }),
        since_s: reading.field("since", &form.since, DATE, |text| instant(text, Day::Begins)),
        until_s: reading.field("until", &form.until, DATE, |text| instant(text, Day::Ended)),
        audience: Vec::new(),
        offset: reading
            .field("cursor", &form.cursor, "the cursor of an earlier page", |text| text.parse().ok())
            .unwrap_or(0),
        limit: PAGE_HITS,
    };
    match Problem::from_fields(errors) {
        Some(problem) => Err(problem),
        None => Ok(Question { query, community }),
    }
}

const DATE: &str = "a date like 2026-10-20 or a moment of RFC 3339";

struct Reading<'a> {
    errors: &'a mut Vec<FieldError>,
}

impl Reading<'_> {
    fn field<T>(
        &mut self,
        field: &'static str,
        value: &Option<String>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = filled(value)?;
        let value = read(text);
        if value.is_none() {
            let message = format!("expected {expected}");
            self.errors.push(FieldError { field, code: Code::FieldInvalid, message });
        }
        value
    }
}

/// A form sends what was left open as empty text.
fn filled(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

#[derive(Clone, Copy)]
enum Day {
    Begins,
    Ended,
}

/// Unix seconds of a moment, or of the beginning or end of a day in UTC.
fn instant(text: &str, day: Day) -> Option<i64> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_second());
    }
    // Longer texts are times without a zone, of which the parser would keep the day only.
    let date = text.parse::<Date>().ok().filter(|_| text.len() == "2026-10-20".len())?;
    let date = match day {
        Day::Begins => date,
        Day::Ended => date.tomorrow().ok()?,
    };
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok().map(|moment| moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::{SearchForm, question};
    use protocol::refusal::Code;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn every_unknown_value_is_named_at_once() {
        let form = SearchForm {
            kind: some("despatch"),
            classification: some("SECRET"),
            group: some("nobody"),
            community: some("x"),
            precedence: some("urgent"),
            since: some("yesterday"),
            until: some("2026-02-29"),
            cursor: some("-1"),
            ..SearchForm::default()
        };
        let problem = question(&form).unwrap_err();
        assert!(problem.fields.iter().all(|field| field.code == Code::FieldInvalid));
        let fields: Vec<_> = problem.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(
            fields,
            ["community", "kind", "classification", "group", "precedence", "since", "until", "cursor"]
        );
    }

    #[test]
    fn empty_fields_do_not_restrict() {
        let form = SearchForm { kind: some(""), tag: some(" "), until: some(""), ..SearchForm::default() };
        let query = question(&form).unwrap().query;
        assert_eq!((query.kind, query.tag, query.until_s, query.offset), (None, None, None, 0));
    }

    #[test]
    fn the_last_day_is_included_and_a_moment_is_exact() {
        let dates = |since: &str, until: &str| {
            let form = SearchForm { since: some(since), until: some(until), ..SearchForm::default() };
            question(&form).map(|question| (question.query.since_s, question.query.until_s)).ok()
        };
        assert_eq!(dates("1970-01-01", "1970-01-01"), Some((Some(0), Some(86_400))));
        assert_eq!(dates("1970-01-01T01:00:00+01:00", "1970-01-01T00:00:10Z"), Some((Some(0), Some(10))));
        assert_eq!(dates("1970-01-01T10:00:00", "1970-01-01"), None, "a time needs its zone");
    }
}
