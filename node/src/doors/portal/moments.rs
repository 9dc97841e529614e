//! Times as agents read them: the date-time group in Zulu first, the reader's local time beside it.
//! Never "two hours ago".

use super::language::Language;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Longer than any IANA zone name.
const ZONE_CHARS_MAX: usize = 64;

/// Formats times for one reader.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    language: Language,
    zone: TimeZone,
}

impl Clock {
    /// For the zone that the reader's browser named, else the node's own.
    pub(super) fn new(language: Language, zone: Option<&str>) -> Self {
        let named = zone.filter(|name| name.len() <= ZONE_CHARS_MAX).map(|name| name.replace("%2F", "/"));
        let zone = named.and_then(|name| TimeZone::get(&name).ok()).unwrap_or_else(TimeZone::system);
        Self { language, zone }
    }

    /// `14:32Z`, with the date before it when that is another day than today's, and the year when that
    /// is another than this one.
    pub(super) fn zulu(&self, rfc3339: &str) -> String {
        let Some(at) = utc(rfc3339) else { return rfc3339.to_owned() };
        let time = format!("{:02}:{:02}Z", at.hour(), at.minute());
        let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
        if at.date() == today {
            return time;
        }
        let year = if at.year() == today.year() { String::new() } else { format!(" {}", at.year()) };
        format!("{}{year} {time}", self.date(&at, false))
    }

    /// `15:32 à Paris`, with the date when the local day is not the Zulu day; empty in UTC, where it
    /// would only say the same again.
    pub(super) fn local(&self, rfc3339: &str) -> String {
        let Some(at) = utc(rfc3339) else { return String::new() };
        let here = at.with_time_zone(self.zone.clone());
        if here.offset() == at.offset() {
            return String::new();
        }
        let time = format!("{:02}:{:02}", here.hour(), here.minute());
        let place = self.place(&here);
        let time = match self.language {
            Language::French => format!("{time} à {place}"),
            Language::English => format!("{time} in {place}"),
        };
        if here.date() == at.date() { time } else { format!("{} {time}", self.date(&here, false)) }
    }

    /// A Zulu day as a key that sorts and as `Lundi 23 novembre 2026`.
    pub(super) fn day(&self, rfc3339: &str) -> (String, String) {
        let Some(at) = utc(rfc3339) else { return (String::new(), rfc3339.to_owned()) };
        let name = capital(&self.date(&at, true));
        (at.date().to_string(), name)
    }

    /// `23 novembre 2026`.
    pub(super) fn date_of(&self, rfc3339: &str) -> String {
        utc(rfc3339)
            .map_or_else(|| rfc3339.to_owned(), |at| format!("{} {}", self.date(&at, false), at.year()))
    }

    /// A month from `2026-11`: `novembre 2026`, with its first day and the first day of the next.
    pub(super) fn month(&self, key: &str) -> Option<(String, String, String)> {
        let (year, month) = key.split_once('-')?;
        let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
        let first = jiff::civil::Date::new(year, month, 1).ok()?;
        let name = format!("{} {year}", self.month_name(month));
        Some((name, first.to_string(), first.last_of_month().to_string()))
    }

    /// Now, RFC 3339.
    pub(super) fn now() -> String {
        Timestamp::now().to_string()
    }

    fn date(&self, at: &ZonedDateTime, long: bool) -> String {
        let index = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let month = self.month_name(at.month());
        let days = if self.language.is_french() { FRENCH_DAYS } else { ENGLISH_DAYS };
        let day = days.get(index).copied().unwrap_or_default();
        let number = match (self.language, at.day()) {
            (Language::French, 1) => "1er".to_owned(),
            (_, number) => number.to_string(),
        };
        if long { format!("{day} {number} {month} {}", at.year()) } else { format!("{number} {month}") }
    }

    fn month_name(&self, month: i8) -> &'static str {
        let months = if self.language.is_french() { FRENCH_MONTHS } else { ENGLISH_MONTHS };
        let index = usize::try_from(month - 1).unwrap_or_default();
        months.get(index).copied().unwrap_or_default()
    }

    fn place(&self, here: &ZonedDateTime) -> String {
        let named = self.zone.iana_name().and_then(|name| name.rsplit('/').next());
        named.map_or_else(|| format!("UTC{}", here.offset()), |city| city.replace('_', " "))
    }
}

fn utc(rfc3339: &str) -> Option<ZonedDateTime> {
    rfc3339.parse::<Timestamp>().ok().map(|at| at.to_zoned_datetime(TimeZone::UTC))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-10-20T23:20:00.000Z";

    #[test]
    fn the_local_time_names_its_place_and_its_day_when_it_differs() {
        let paris = Clock::new(Language::French, Some("Europe/Paris"));
        assert_eq!(paris.local(AT), "21 octobre 01:20 à Paris");
        let conakry = Clock::new(Language::English, Some("Africa%2FConakry"));
        assert_eq!(conakry.local(AT), "", "Conakry keeps UTC");
    }

    #[test]
    fn days_and_months_have_names_in_both_languages() {
        let french = Clock::new(Language::French, Some("UTC"));
        let english = Clock::new(Language::English, Some("UTC"));
        assert_eq!(french.day(AT), ("2026-10-20".into(), "Mardi 20 octobre 2026".into()));
        assert_eq!(english.day(AT).1, "Tuesday 20 October 2026");
        assert_eq!(french.day("2026-08-01T00:00:00Z").1, "Samedi 1er août 2026");
        let leap = ("février 2028".to_owned(), "2028-02-01".to_owned(), "2028-02-29".to_owned());
        assert_eq!(french.month("2028-02"), Some(leap));
    }

    #[test]
    fn what_is_not_a_time_is_shown_as_it_is() {
        let clock = Clock::new(Language::French, None);
        assert_eq!(clock.zulu("hier"), "hier");
    }
}
