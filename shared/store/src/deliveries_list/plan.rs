//! From counters to what is read: the hours that can hold matches, and how many are expected.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::{Day, Period},
        ids::DeliveryId,
    },
    inbound::tally::HOURS,
    outbound::{delivery::StateName, delivery_filter::DeliveryFilter, delivery_tally::StateCounts},
};
use jiff::{SignedDuration, Timestamp};

use super::SKEW;
use crate::{
    delivery_tallies::{DeliveryTallies, DeliveryTallyRow},
    listing::{Part, Window},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// A stream keeps its records as long: what is older, the counters know.
const STREAM: SignedDuration = SignedDuration::from_hours(24);
/// A delivery's id holds its event's time, and it may be written so much later: *dispatch* had to
/// try again, say. What comes later still is listed once it is counted.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// A read that expects so many matches is not made longer: what a page does not need is not read.
const ENOUGH: u64 = 50;

/// A stretch to read, and what the counters expect there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) window: Window,
    /// Matches; at least 1.
    pub(super) expected: u64,
    /// Deliveries, matching or not.
    total: u64,
}

impl Segment {
    /// Rows of a page: as many as should hold what is wanted, by the share of matches.
    pub(super) fn page_size(&self, wanted: usize) -> Option<i32> {
        let total = self.total.max(self.expected);
        let rows = (wanted as u64).saturating_mul(total).div_ceil(self.expected.max(1));
        i32::try_from(rows.saturating_add(rows / 4).saturating_add(8)).ok()
    }
}

/// What is known of one hour.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Deliveries of the rules and receivers that are meant, if the whole hour counts.
    counts: StateCounts,
    /// Deliveries, meant or not.
    total: u64,
    /// The counters may not know all of it yet.
    unsure: bool,
    /// Only a part of the hour counts: a bound of the period or of a retention lies in it.
    edge: bool,
}

/// The hours of a list, by shard and then in order of time.
#[derive(Debug)]
pub(super) struct Plan(BTreeMap<(u8, Day, u8), Known>);

impl Plan {
    pub(super) fn new(tallies: &DeliveryTallies, filter: &DeliveryFilter, now: Timestamp) -> Self {
        let period = filter.period();
        let mut plan = Self(BTreeMap::new());
        for row in &tallies.rows {
            plan.add(row, filter, now);
        }
        let mut day = Day::of(now - STREAM);
        while day <= Day::of(now + SKEW) {
            for shard in 0..DeliveryId::SHARDS {
                plan.add_unsure((day, shard), tallies.marks.get(&(day, shard)).copied(), now);
            }
            day = day.after();
        }
        plan.0.retain(|(_, day, hour), known| {
            let (inside, whole) = overlap(&period, day.hour(*hour));
            known.edge |= !whole;
            inside
        });
        plan
    }

    fn add(&mut self, row: &DeliveryTallyRow, filter: &DeliveryFilter, now: Timestamp) {
        let (day, shard) = row.place;
        let meant = filter.takes_sender(row.rule, row.receiver);
        for (number, hour) in row.day.hours().filter(|(_, hour)| hour.sum() > 0) {
            let life = life(day.hour(number), row.hours, now);
            if life == Life::Over {
                continue;
            }
            let known = self.0.entry((shard, day, number)).or_default();
            known.total += hour.sum();
            if meant {
                known.counts.add_all(&hour);
                known.edge |= life == Life::Ending;
            }
        }
    }

    /// What the counters may not know yet is read in any case.
    fn add_unsure(&mut self, (day, shard): (Day, u8), mark: Option<Timestamp>, now: Timestamp) {
        let from = mark.map_or(Timestamp::MIN, |mark| mark - LATE).max(now - STREAM);
        for hour in 0..HOURS {
            let start = day.hour(hour);
            if from < start + HOUR && start <= now + SKEW {
                self.0.entry((shard, day, hour)).or_default().unsure = true;
            }
        }
    }

    /// Deliveries in the hours that count whole.
    pub(super) fn whole_hours(&self) -> StateCounts {
        let mut sum = StateCounts::default();
        let whole = self.0.values().filter(|known| !known.edge);
        whole.for_each(|known| sum.add_all(&known.counts));
        sum
    }

    /// The stretches, by shard, that are counted by reading them.
    pub(super) fn edges(&self, filter: &DeliveryFilter) -> Vec<(u8, Segment)> {
        let edges = self.0.iter().filter(|(_, known)| known.edge && known.counts.sum() > 0);
        edges
            .flat_map(|((shard, day, hour), known)| {
                let mut walk = Walk::new(filter, None);
                walk.hour((*day, *hour), known.counts.sum(), known.total);
                walk.segments.into_iter().map(|segment| (*shard, segment))
            })
            .collect()
    }

    /// The stretches of a shard to read for a page, newest first.
    pub(super) fn segments(
        &self,
        filter: &DeliveryFilter,
        shard: u8,
        only: Option<Day>,
        below: Option<DeliveryId>,
    ) -> Vec<Segment> {
        let first = only.unwrap_or(Day::of(Timestamp::MIN));
        let last = only.unwrap_or(Day::of(Timestamp::MAX));
        let mut walk = Walk::new(filter, below);
        for ((_, day, hour), known) in self.0.range((shard, first, 0)..=(shard, last, HOURS)).rev()
        {
            if known.unsure || can_hold(&known.counts, filter) {
                walk.hour((*day, *hour), known.counts.of_any(filter.wanted()), known.total);
            }
        }
        walk.segments
    }

    pub(super) fn parts(&self, filter: &DeliveryFilter) -> Vec<Part> {
        let mut parts: Vec<Part> =
            self.0.keys().map(|(shard, day, _)| Part { day: *day, shard: *shard }).collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.day, part.shard)));
        parts.dedup();
        parts.retain(|part| !self.segments(filter, part.shard, Some(part.day), None).is_empty());
        parts
    }
}

/// Whether matches can be there: some were counted, or what was counted as open may have come to
/// a wanted state a moment ago. (A failure that a person tries again is listed in its new state
/// once that is counted.)
fn can_hold(counts: &StateCounts, filter: &DeliveryFilter) -> bool {
    counts.of_any(filter.wanted().chain(StateName::ALL.into_iter().filter(|it| it.is_open()))) > 0
}

/// What is left of the deliveries of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Every one.
    Whole,
    /// Perhaps not every one.
    Ending,
    /// None.
    Over,
}

/// The retention is rounded up to hours: it may be shorter by less than one.
fn life(start: Timestamp, hours: u32, now: Timestamp) -> Life {
    let kept = SignedDuration::from_hours(i64::from(hours));
    let end = start.checked_add(kept).unwrap_or(Timestamp::MAX);
    if now <= end - HOUR {
        Life::Whole
    } else if now < end + HOUR {
        Life::Ending
    } else {
        Life::Over
    }
}

/// Whether an hour lies in a period at all, and whether as a whole.
fn overlap(period: &Period, start: Timestamp) -> (bool, bool) {
    let end = start + HOUR;
    (start < period.to && period.from < end, period.from <= start && end <= period.to)
}

/// Goes through hours, newest first, and collects stretches.
struct Walk {
    period: Period,
    segments: Vec<Segment>,
}

impl Walk {
    fn new(filter: &DeliveryFilter, below: Option<DeliveryId>) -> Self {
        let mut period = filter.period();
        if let Some(below) = below {
            let end = below.made_at() + SignedDuration::from_millis(1);
            period.to = period.to.min(end);
        }
        Self { period, segments: Vec::new() }
    }

    fn hour(&mut self, (day, hour): (Day, u8), matches: u64, total: u64) {
        let start = day.hour(hour);
        let from = start.max(self.period.from);
        let to = (start + HOUR).min(self.period.to);
        if from >= to {
            return;
        }
        let window = Window { day, from, to };
        let expected = matches.max(1);
        match self.segments.last_mut() {
            Some(last) if follows(&last.window, &window) && last.expected < ENOUGH => {
                last.window.from = from;
                last.expected += expected;
                last.total += total;
            }
            _ => self.segments.push(Segment { window, expected, total }),
        }
    }
}

/// Whether two stretches are one read.
fn follows(newer: &Window, older: &Window) -> bool {
    newer.day == older.day && newer.from == older.to
}

#[cfg(test)]
mod tests;
