//! Retention, the days in table keys, and periods of a filter.
//!
//! Keys use UTC days. Filters use days of the workspace's time zone (`FACTS D16`). Retention is by
//! calendar month in UTC: a row of 31 May expires on 31 August, one of 30 November on 28 or 29
//! February (`FACTS S1.2, D1`).

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};

/// The longest retention of inbound history, in calendar months (`FACTS D1`).
pub const MAX_MONTHS: u8 = 13;

/// The moment from which a webhook is no longer listed, counted, fetched or reprocessed.
pub fn expires_at(received: Timestamp, months: u8) -> Timestamp {
    received
        .to_zoned(TimeZone::UTC)
        .checked_add(Span::new().months(i32::from(months)))
        .map_or(Timestamp::MAX, |end| end.timestamp())
}

/// A UTC day, written in keys as `20261121`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The UTC day of a timestamp.
    pub fn of(at: Timestamp) -> Self {
        Self(at.to_zoned(TimeZone::UTC).date())
    }

    /// Reads `20261121`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Date::strptime("%Y%m%d", text).ok().map(Self)).flatten()
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        self.0.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |day| day.timestamp())
    }

    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0.yesterday().unwrap_or(self.0))
    }

    /// The day after.
    #[must_use]
    pub fn after(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }

    /// The first moment of one of its hours.
    pub fn hour(self, hour: u8) -> Timestamp {
        self.start() + jiff::SignedDuration::from_hours(i64::from(hour))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}{:02}{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// A half-open interval: `from <= t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment inside.
    pub from: Timestamp,
    /// The first moment after.
    pub to: Timestamp,
}

impl Period {
    /// Returns true if a timestamp lies inside.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// A bound of a period that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day or a time: use 2026-11-21 or 2026-11-21T10:00:00Z")]
pub struct BadBound;

/// Reads the lower bound of a period: a day means its first moment in the workspace's zone.
pub fn lower_bound(text: &str, zone: &TimeZone) -> Result<Timestamp, BadBound> {
    match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => start_of(day, zone),
        _ => text.parse::<Timestamp>().map_err(|_| BadBound),
    }
}

/// Reads the upper bound of a period and returns the first moment after it. A day is included
/// whole (`FACTS D16`), a time with its own millisecond.
pub fn upper_bound(text: &str, zone: &TimeZone) -> Result<Timestamp, BadBound> {
    match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => start_of(day.tomorrow().map_err(|_| BadBound)?, zone),
        _ => {
            let last = text.parse::<Timestamp>().map_err(|_| BadBound)?;
            let millis = last.as_millisecond().checked_add(1).ok_or(BadBound)?;
            Timestamp::from_millisecond(millis).map_err(|_| BadBound)
        }
    }
}

fn start_of(day: Date, zone: &TimeZone) -> Result<Timestamp, BadBound> {
    day.to_zoned(zone.clone()).map(|start| start.timestamp()).map_err(|_| BadBound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn hi_01_retention_ends_by_calendar_month() {
        assert_eq!(expires_at(t("2026-05-31T10:00:00Z"), 3), t("2026-08-31T10:00:00Z"));
        assert_eq!(expires_at(t("2026-11-30T09:00:00Z"), 3), t("2027-02-28T09:00:00Z"));
        assert_eq!(expires_at(t("2027-11-30T09:00:00Z"), 3), t("2028-02-29T09:00:00Z"));
        assert!(
            expires_at(t("2026-11-30T09:00:00Z"), 3) < expires_at(t("2026-11-28T10:00:00Z"), 3)
        );
    }

    #[test]
    fn d16_a_bound_without_a_time_is_the_whole_day_in_the_workspaces_zone() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        assert_eq!(lower_bound("2026-11-21", &zone), Ok(t("2026-11-21T03:00:00Z")));
        assert_eq!(upper_bound("2026-11-21", &zone), Ok(t("2026-11-22T03:00:00Z")));
        assert_eq!(upper_bound("2026-11-21T10:00:00Z", &zone), Ok(t("2026-11-21T10:00:00.001Z")));
        assert_eq!(lower_bound("21/11/2026", &zone), Err(BadBound));
        assert_eq!(lower_bound("2026-11-21T10:00:00", &zone), Err(BadBound));
    }

    #[test]
    fn a_day_is_spelled_as_it_is_read() {
        let day = Day::of(t("2026-11-21T23:59:59Z"));
        assert_eq!(day.to_string(), "20261121");
        assert_eq!(Day::parse("20261121"), Some(day));
        assert_eq!(Day::parse("20261131"), None);
        assert_eq!(Day::parse("2026112"), None);
        assert_eq!(day.after().before(), day);
        assert_eq!(day.hour(23), t("2026-11-21T23:00:00Z"));
    }
}
