//! Plans the reads from the counters: the minutes that can hold matches, and the number expected.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::{self, Day, Period},
        ids::WebhookId,
    },
    inbound::{
        filter::Filter,
        tally::{ALL_MINUTES, HOURS, Hour, hour_and_minute},
        webhook::Status,
    },
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Part, SKEW,
    segments::{self, HOUR, Segment, overlap},
};
use crate::tallies::{Tallies, TallyRow};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// The time for which a stream keeps its records: everything older is counted.
const STREAM: SignedDuration = SignedDuration::from_hours(24);
/// The maximum delay between the creation of an id and the commit of its put (the timeout of
/// *ingest*, and a margin).
const COMMIT: SignedDuration = SignedDuration::from_secs(60);
/// The gap up to which two stretches are one read: a query costs more than the rows between.
const GAP: SignedDuration = SignedDuration::from_mins(2);

/// A stretch of a day, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The day in the key of the rows.
    pub(crate) day: Day,
    /// The start, inclusive.
    pub(crate) from: Timestamp,
    /// The end, exclusive.
    pub(crate) to: Timestamp,
}

/// The number of expected matches from which a read is not extended if most rows are no matches, so
/// that a page reads no more than it needs.
const ENOUGH: u64 = 16;

/// Reports whether a read is not to be extended.
fn is_enough(segment: &Segment) -> bool {
    segment.expected >= ENOUGH && segment.expected.saturating_mul(4) < segment.total
}

/// The counts of one hour.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Matches, if the whole hour counts.
    matches: u64,
    /// Webhooks, matching or not.
    total: u64,
    /// Minutes with counted matches.
    minutes: u64,
    /// Minutes with pending webhooks that may have been run a moment ago.
    pending: u64,
    /// Minutes that may not be counted yet.
    unsure: u64,
    /// `true` if only a part of the hour counts: a bound of the period or of a retention lies in it,
    /// or the filter has a part that is not counted.
    edge: bool,
}

/// The hours of a list, by shard and then in order of time.
#[derive(Debug)]
pub(super) struct Plan(BTreeMap<(u8, Day, u8), Known>);

impl Plan {
    pub(super) fn new(tallies: &Tallies, filter: &Filter, shards: u8, now: Timestamp) -> Self {
        let period = filter.period();
        let mut plan = Self(BTreeMap::new());
        for row in tallies.rows.iter().filter(|row| row.shard < shards) {
            plan.add(row, filter, now);
        }
        let mut day = Day::of(now - STREAM);
        while day <= Day::of(now + SKEW) {
            for shard in 0..shards {
                let mark = tallies.marks.get(&(day, shard)).copied();
                plan.add_unsure((day, shard), mark, now);
            }
            day = day.after();
        }
        plan.0.retain(|(_, day, hour), known| {
            let start = day.hour(*hour);
            let (inside, whole) = overlap(&period, start);
            known.edge |= !whole || !filter.is_counted();
            inside
        });
        plan
    }

    fn add(&mut self, row: &TallyRow, filter: &Filter, now: Timestamp) {
        let ended = |at| calendar::expires_at(at, row.months) <= now;
        let last_of_day = row.day.after().start() - SignedDuration::from_millis(1);
        if ended(last_of_day) {
            return;
        }
        // Within a day, later webhooks end later, so most days need one check.
        let all_alive = !ended(row.day.start());
        for (number, hour) in row.tally.hours().filter(|(_, hour)| hour.total() > 0) {
            let start = row.day.hour(number);
            let gone = !all_alive && ended(start + HOUR - SignedDuration::from_millis(1));
            if gone {
                continue;
            }
            let known = self.0.entry((row.shard, row.day, number)).or_default();
            known.total += hour.total();
            if filter.takes_sender(row.integration, &row.application) {
                known.matches += filter.requested().map(|status| hour.count(status)).sum::<u64>();
                known.minutes |= minutes(&hour, filter.requested());
                if start > now - STREAM - HOUR {
                    known.pending |= minutes(&hour, [Status::Pending]);
                }
                known.edge |= !all_alive && ended(start);
            }
        }
    }

    /// Adds the minutes that may not be counted yet: they are always read.
    fn add_unsure(&mut self, (day, shard): (Day, u8), mark: Option<Timestamp>, now: Timestamp) {
        let from = mark.map_or(Timestamp::MIN, |mark| mark - COMMIT).max(now - STREAM);
        for hour in 0..HOURS {
            let start = day.hour(hour);
            if start + HOUR <= from || start > now + SKEW {
                continue;
            }
            let first = if from <= start { 0 } else { hour_and_minute(from).1 };
            self.0.entry((shard, day, hour)).or_default().unsure |=
                ALL_MINUTES & (ALL_MINUTES << first);
        }
    }

    /// Matches in the hours that count whole.
    pub(super) fn whole_hours(&self) -> u64 {
        self.0.values().filter(|known| !known.edge).map(|known| known.matches).sum()
    }

    /// Webhooks, as far as the counters know, among which all matches are.
    pub(super) fn candidates(&self) -> u64 {
        self.0.values().map(|known| known.matches).sum()
    }

    /// The stretches, by shard, that are counted by reading them.
    pub(super) fn edges(&self, filter: &Filter) -> Vec<(u8, Segment)> {
        let edges = self.0.iter().filter(|(_, known)| known.edge);
        edges
            .flat_map(|((shard, day, hour), known)| {
                let mut walk = Walk::new(filter, None);
                walk.hour(*day, *hour, known, known.pending);
                walk.segments.into_iter().map(|segment| (*shard, segment))
            })
            .collect()
    }

    /// The stretches of a shard to read for a page, newest first.
    pub(super) fn segments(
        &self,
        filter: &Filter,
        shard: u8,
        only: Option<Day>,
        below: Option<WebhookId>,
    ) -> Vec<Segment> {
        let first = only.unwrap_or(Day::of(Timestamp::MIN));
        let last = only.unwrap_or(Day::of(Timestamp::MAX));
        let mut walk = Walk::new(filter, below);
        for ((_, day, hour), known) in self.0.range((shard, first, 0)..=(shard, last, HOURS)).rev()
        {
            walk.hour(*day, *hour, known, known.pending | known.unsure);
        }
        walk.segments
    }

    pub(super) fn parts(&self, filter: &Filter) -> Vec<Part> {
        let mut parts: Vec<Part> = self
            .0
            .iter()
            .filter(|(_, known)| known.minutes | known.pending | known.unsure != 0)
            .map(|((shard, day, _), _)| Part { day: *day, shard: *shard })
            .collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.day, part.shard)));
        parts.dedup();
        parts.retain(|part| !self.segments(filter, part.shard, Some(part.day), None).is_empty());
        parts
    }
}

/// The minutes with webhooks of some statuses.
fn minutes(hour: &Hour, statuses: impl IntoIterator<Item = Status>) -> u64 {
    let there = |status: Status| if hour.count(status) > 0 { hour.minutes(status) } else { 0 };
    statuses.into_iter().fold(0, |bits, status| bits | there(status))
}

/// Walks through hours, newest first, and collects stretches of minutes.
struct Walk {
    period: Period,
    segments: Vec<Segment>,
}

impl Walk {
    fn new(filter: &Filter, below: Option<WebhookId>) -> Self {
        let period = segments::up_to(filter.period(), below.map(|id| id.made_at()));
        Self { period, segments: Vec::new() }
    }

    /// Adds the minutes of an hour with counted matches, and the `unsure` ones.
    fn hour(&mut self, day: Day, hour: u8, known: &Known, unsure: u64) {
        let start = day.hour(hour);
        let marked = u64::from(known.minutes.count_ones()).max(1);
        let mut end = 60;
        while end > 0 {
            let left = ALL_MINUTES >> (60 - end);
            let Some(top) = ((known.minutes | unsure) & left).checked_ilog2() else { break };
            let counted = known.minutes & (1 << top) != 0;
            let alike = if counted { known.minutes } else { unsure & !known.minutes };
            let low = bottom_of_run(alike & left, top);
            let long = u64::from(top + 1 - low);
            let window = Window {
                day,
                from: start + MINUTE * i32::try_from(low).unwrap_or(0),
                to: start + MINUTE * i32::try_from(top + 1).unwrap_or(60),
            };
            let matches = if counted { (known.matches * long).div_ceil(marked) } else { 0 };
            let total = (known.total * long).div_ceil(60);
            self.push(Segment { window, expected: matches.max(1), total, counted });
            end = low;
        }
    }

    fn push(&mut self, mut segment: Segment) {
        let window = &mut segment.window;
        window.from = window.from.max(self.period.from);
        window.to = window.to.min(self.period.to);
        if window.from >= window.to {
            return;
        }
        match self.segments.last_mut() {
            Some(last)
                if last.counted == segment.counted
                    && near(&last.window, window)
                    && !is_enough(last) =>
            {
                last.window.from = window.from;
                last.expected += segment.expected;
                last.total += segment.total;
            }
            _ => self.segments.push(segment),
        }
    }
}

/// The lowest minute of the unbroken run that ends with `top`.
fn bottom_of_run(bits: u64, top: u32) -> u32 {
    let holes = !bits & ((1 << top) - 1);
    holes.checked_ilog2().map_or(0, |hole| hole + 1)
}

fn near(newer: &Window, older: &Window) -> bool {
    newer.day == older.day && newer.from.duration_since(older.to) <= GAP
}

#[cfg(test)]
mod tests;
