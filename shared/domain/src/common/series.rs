//! Series of counts: the steps of a period, hours or days of a workspace's zone (`FACTS D16`).
//!
//! The counters hold whole UTC hours, so every step is made of UTC hours. In a zone whose offset has
//! minutes, a step of an hour is still a UTC hour, and an hour belongs to the day in which it begins.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::common::{
    calendar::Period,
    list_query::{FilterError, invalid, once},
};

/// The most steps of a series.
pub const STEPS_MAX: usize = 800;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The number of hours before the end of a period without a beginning.
const HOURS: i64 = 24;
/// The number of days before the end of a period without a beginning.
const DAYS: i64 = 30;

/// The length of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// An hour.
    #[default]
    Hour,
    /// A day of the workspace's zone, 23 to 25 hours.
    Day,
}

/// Parameters of a request, in their order.
type Pairs<'a> = Vec<(&'a str, &'a str)>;

impl Step {
    /// Takes the step out of the parameters of a request, an hour by default, and returns the
    /// parameters of the filter. `refused`: parameters of the list that a series does not have.
    pub fn of<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        refused: &[&str],
    ) -> Result<(Self, Pairs<'a>), FilterError> {
        let (mut step, mut rest) = (None, Vec::new());
        for (name, value) in pairs {
            match (name, value) {
                ("step", "hour") => once(&mut step, name, Self::Hour)?,
                ("step", "day") => once(&mut step, name, Self::Day)?,
                ("step", _) => return Err(invalid(name, "unknown_value")),
                _ if refused.contains(&name) => return Err(invalid(name, "unknown_field")),
                _ => rest.push((name, value)),
            }
        }
        Ok((step.unwrap_or_default(), rest))
    }

    /// The start of the step that contains a moment.
    fn start(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Hour => {
                let hours = at.as_second().div_euclid(HOUR.as_secs());
                Timestamp::from_second(hours * HOUR.as_secs()).unwrap_or(Timestamp::MIN)
            }
            Self::Day => first_moment(at.to_zoned(zone.clone()).date(), zone, Timestamp::MIN),
        }
    }

    /// The start of the next step.
    fn next(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Hour => start.checked_add(HOUR).unwrap_or(Timestamp::MAX),
            Self::Day => {
                let next = start.to_zoned(zone.clone()).date().tomorrow();
                next.map_or(Timestamp::MAX, |day| first_moment(day, zone, Timestamp::MAX))
            }
        }
    }

    /// The beginning of a period without one.
    fn before(self, to: Timestamp) -> Timestamp {
        let hours = match self {
            Self::Hour => HOURS,
            Self::Day => DAYS * HOURS,
        };
        to.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN)
    }
}

/// The first moment of a day, or `limit` if there is no such timestamp.
fn first_moment(day: Date, zone: &TimeZone, limit: Timestamp) -> Timestamp {
    day.to_zoned(zone.clone()).map_or(limit, |start| start.timestamp())
}

/// The steps of a series, oldest first: at least one, at most [`STEPS_MAX`]. They are whole: the
/// first contains the beginning of the period, the last its last moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    starts: Vec<Timestamp>,
    end: Timestamp,
}

impl Steps {
    /// The steps of a requested period, half-open. Without an end it ends at `now`, without a
    /// beginning it has the 24 hours or 30 days before its end. `too_many` of `step` for more than
    /// [`STEPS_MAX`] steps.
    pub fn of(
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        step: Step,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Self, FilterError> {
        let to = to.unwrap_or(now);
        let from = from.unwrap_or_else(|| step.before(to));
        if from > to {
            return Err(FilterError::BadPeriod);
        }
        let (mut starts, mut end) = (Vec::new(), step.start(from, zone));
        while end < to || starts.is_empty() {
            if starts.len() == STEPS_MAX {
                return Err(invalid("step", "too_many"));
            }
            starts.push(end);
            end = step.next(end, zone);
        }
        Ok(Self { starts, end })
    }

    /// The period of all steps.
    pub fn period(&self) -> Period {
        Period { from: self.starts.first().copied().unwrap_or(self.end), to: self.end }
    }

    /// Adds counts up in a series: of each step, its start and the sum of the counts whose hours
    /// begin within it.
    pub fn sums<C: Default + Clone>(
        &self,
        hours: impl IntoIterator<Item = (Timestamp, C)>,
        add: impl Fn(&mut C, &C),
    ) -> Vec<(Timestamp, C)> {
        let mut sums: Vec<_> = self.starts.iter().map(|start| (*start, C::default())).collect();
        for (hour, counts) in hours.into_iter().filter(|(hour, _)| self.period().holds(*hour)) {
            let after = self.starts.partition_point(|start| *start <= hour);
            if let Some((_, sum)) = after.checked_sub(1).and_then(|index| sums.get_mut(index)) {
                add(sum, &counts);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::calendar::{lower_bound, upper_bound};

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn steps(from: &str, to: &str, step: Step, name: &str) -> Result<Steps, FilterError> {
        let zone = zone(name);
        let bounds = (lower_bound(from, &zone).ok(), upper_bound(to, &zone).ok());
        Steps::of(bounds, step, &zone, t("2026-11-21T13:00:00Z"))
    }

    #[test]
    fn d16_the_days_of_a_series_are_those_of_the_workspaces_zone() {
        let days = steps("2026-11-20", "2026-11-21", Step::Day, "America/Sao_Paulo").unwrap();
        assert_eq!(days.starts, [t("2026-11-20T03:00:00Z"), t("2026-11-21T03:00:00Z")]);
        assert_eq!(days.end, t("2026-11-22T03:00:00Z"));
        // The clock is put back on 1 November: that day has 25 hours.
        let long = steps("2026-11-01", "2026-11-01", Step::Day, "America/New_York").unwrap();
        assert_eq!(
            (long.starts[0], long.end),
            (t("2026-11-01T04:00:00Z"), t("2026-11-02T05:00:00Z"))
        );
        let hours = steps("2026-11-01", "2026-11-01", Step::Hour, "America/New_York").unwrap();
        assert_eq!(hours.starts.len(), 25);
    }

    #[test]
    fn a_period_within_steps_has_them_whole() {
        let from = "2026-11-21T10:59:59.999Z";
        let hours = steps(from, "2026-11-21T12:00:00Z", Step::Hour, "UTC").unwrap();
        assert_eq!(hours.period().from, t("2026-11-21T10:00:00Z"));
        assert_eq!(hours.period().to, t("2026-11-21T13:00:00Z"));
        assert_eq!(hours.starts.len(), 3);
    }

    #[test]
    fn a_zone_with_minutes_has_hours_and_days_of_utc_hours() {
        let days = steps("2026-11-20", "2026-11-21", Step::Day, "Asia/Kolkata").unwrap();
        assert_eq!(days.starts[1], t("2026-11-20T18:30:00Z"));
        let hours = ["2026-11-20T18:00:00Z", "2026-11-20T19:00:00Z"].map(|hour| (t(hour), 1));
        let sums = days.sums(hours, |sum, more| *sum += more);
        assert_eq!(sums.iter().map(|(_, sum)| *sum).collect::<Vec<i32>>(), [1, 1]);
        let hours = steps("2026-11-20", "2026-11-20", Step::Hour, "Asia/Kolkata").unwrap();
        assert_eq!(hours.starts[0], t("2026-11-19T18:00:00Z"));
    }

    #[test]
    fn a_series_without_a_period_ends_now() {
        let now = t("2026-11-21T13:00:00Z");
        let hours = Steps::of((None, None), Step::Hour, &TimeZone::UTC, now).unwrap();
        assert_eq!((hours.starts.len(), hours.end), (24, now));
        let days = Steps::of((None, None), Step::Day, &TimeZone::UTC, now).unwrap();
        assert_eq!(days.starts.len(), 31);
        let ahead = (Some(t("2026-11-21T13:00:00.001Z")), None);
        let reversed = Steps::of(ahead, Step::Hour, &TimeZone::UTC, now);
        assert_eq!(reversed, Err(FilterError::BadPeriod));
    }

    #[test]
    fn a_series_has_at_most_800_steps() {
        let most = steps("2026-10-19T16:00:00Z", "2026-11-21T23:59:59.999Z", Step::Hour, "UTC");
        assert_eq!(most.map(|it| it.starts.len()), Ok(STEPS_MAX));
        let more = steps("2026-10-19T15:59:59Z", "2026-11-21T23:59:59.999Z", Step::Hour, "UTC");
        assert_eq!(more, Err(invalid("step", "too_many")));
        for at in [Timestamp::MIN, Timestamp::MAX] {
            for step in [Step::Hour, Step::Day] {
                let one = Steps::of((Some(at), Some(at)), step, &zone("Asia/Kolkata"), at).unwrap();
                assert_eq!(one.starts.len(), 1);
            }
        }
    }

    #[test]
    fn te_05_a_series_refuses_what_it_does_not_count_by() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            Step::of(pairs.iter().copied(), &["q"]).map(|(step, rest)| (step, rest.len()))
        };
        assert_eq!(of(&[("step", "day"), ("from", "2026-11-21")]), Ok((Step::Day, 1)));
        assert_eq!(of(&[]), Ok((Step::Hour, 0)));
        assert_eq!(of(&[("step", "week")]), Err(invalid("step", "unknown_value")));
        assert_eq!(of(&[("step", "day"), ("step", "day")]), Err(invalid("step", "duplicate")));
        assert_eq!(of(&[("q", "x")]), Err(invalid("q", "unknown_field")));
    }
}
