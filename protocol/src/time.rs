//! Instants as values. Nothing here reads a clock.

use minicbor::{Decode, Encode};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

/// A calendar date and time of day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Proleptic Gregorian year.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

impl Timestamp {
    /// From whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant and so many seconds more (or less).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The calendar view in UTC (algorithm: H. Hinnant, "chrono-compatible low-level date
    /// algorithms", `civil_from_days`).
    pub fn civil(self) -> Civil {
        let seconds = self.seconds();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u8,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
            hour: (rest / 3_600) as u8,
            minute: (rest % 3_600 / 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    /// From a calendar date and time in UTC (`days_from_civil` of the same source). Fields out of
    /// range give `None`.
    pub fn from_civil(civil: Civil) -> Option<Self> {
        let Civil { year, month, day, hour, minute, second } = civil;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        let timestamp = Self::from_seconds(days * 86_400 + seconds);
        // The 31st of a shorter month would silently become the 1st of the next.
        (timestamp.civil() == civil).then_some(timestamp)
    }

    /// The date-time group, e.g. `231430Z NOV 26`.
    pub fn dtg(self) -> String {
        let c = self.civil();
        let month = MONTHS[usize::from(c.month - 1)];
        format!("{:02}{:02}{:02}Z {month} {:02}", c.day, c.hour, c.minute, c.year.rem_euclid(100))
    }

    /// The month as `2026-11`, for grouping.
    pub fn month(self) -> String {
        let c = self.civil();
        format!("{:04}-{:02}", c.year, c.month)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        let ms = self.0.rem_euclid(1000);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{ms:03}Z",
            c.year, c.month, c.day, c.hour, c.minute, c.second
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn date_time_group_is_day_time_zone_month_year() {
        let at =
            Timestamp::from_civil(Civil { year: 2026, month: 11, day: 23, hour: 14, minute: 30, second: 5 });
        assert_eq!(at.map(Timestamp::dtg).as_deref(), Some("231430Z NOV 26"));
    }

    #[test]
    fn a_day_that_does_not_exist_is_none() {
        assert!(
            Timestamp::from_civil(Civil { year: 2026, month: 2, day: 29, hour: 0, minute: 0, second: 0 })
                .is_none()
        );
        assert!(
            Timestamp::from_civil(Civil { year: 2024, month: 2, day: 29, hour: 0, minute: 0, second: 0 })
                .is_some()
        );
    }

    proptest! {
        #[test]
        fn civil_round_trips(seconds in -62_000_000_000i64..250_000_000_000) {
            let at = Timestamp::from_seconds(seconds);
            prop_assert_eq!(Timestamp::from_civil(at.civil()), Some(at));
        }
    }
}
