//! Plans the reads from the counters: the hours that can hold matches, and the number expected.

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
    listing::{
        Part, Window,
        segments::{self, HOUR, Segment, overlap},
    },
};

/// The time for which a stream keeps its records: everything older is counted.
const STREAM: SignedDuration = SignedDuration::from_hours(24);
/// The maximum delay between the event's time, which is in the delivery's id, and the write (for
/// example, because *dispatch* retried). Deliveries written later are listed as soon as they are
/// counted.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// The number of expected matches from which a read is not extended, so that a page reads no more
/// than it needs.
const ENOUGH: u64 = 50;

/// The counts of one hour.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// Deliveries of the filter's rules and receivers, if the whole hour counts.
    counts: StateCounts,
    /// All deliveries, matching or not.
    total: u64,
    /// `true` if the counters may be incomplete.
    unsure: bool,
    /// `true` if only a part of the hour counts: a bound of the period or of a retention lies in it,
    /// or the filter has a part that is not counted.
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
            known.edge |= !whole || filter.uncounted().is_some();
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

    /// Adds the hours that may not be counted yet: they are always read.
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

    /// Deliveries, as far as the counters know, among which all matches are, whatever their state.
    pub(super) fn candidates(&self) -> u64 {
        self.0.values().map(|known| known.counts.sum()).sum()
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
            let matches = known.counts.of_any(filter.requested());
            if matches > 0 || known.unsure || are_open(&known.counts) {
                walk.hour((*day, *hour), matches, known.total);
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

/// Reports whether deliveries were counted as open: they may have just reached a state of the
/// filter. (A failure that a person resends is listed in its new state after that is counted.)
fn are_open(counts: &StateCounts) -> bool {
    counts.of_any(StateName::ALL.into_iter().filter(|it| it.is_open())) > 0
}

/// The share of an hour's deliveries that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// All of them.
    Whole,
    /// Perhaps not all of them.
    Ending,
    /// None.
    Over,
}

/// The life of an hour's deliveries at `now`. Their retention is rounded up to hours: the exact one
/// may be shorter by less than an hour.
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

/// Reports whether all deliveries of an hour have ended.
pub(crate) fn has_ended(start: Timestamp, hours: u32, now: Timestamp) -> bool {
    life(start, hours, now) == Life::Over
}

/// Walks through hours, newest first, and collects stretches.
struct Walk {
    period: Period,
    segments: Vec<Segment>,
}

impl Walk {
    fn new(filter: &DeliveryFilter, below: Option<DeliveryId>) -> Self {
        let period = segments::up_to(filter.period(), below.map(|id| id.made_at()));
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
        let (expected, counted) = (matches.max(1), matches > 0);
        match self.segments.last_mut() {
            Some(last)
                if last.counted == counted
                    && follows(&last.window, &window)
                    && last.expected < ENOUGH =>
            {
                last.window.from = from;
                last.expected += expected;
                last.total += total;
            }
            _ => self.segments.push(Segment { window, expected, total, counted }),
        }
    }
}

/// Reports whether two stretches can be one read.
fn follows(newer: &Window, older: &Window) -> bool {
    newer.day == older.day && newer.from == older.to
}

#[cfg(test)]
mod tests;
