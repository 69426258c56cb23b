//! Counters of deliveries by state and hour, and the totals of a list.
//!
//! A row holds the counters of one rule and receiver on one day, by the hour in which a delivery
//! was created. The counts add up to the totals of a list (`FACTS S2.4, D7`), and the hours limit
//! the search for matches.
//!
//! A day is stored as a short byte string: the version, then every hour with a count.

use jiff::Timestamp;

use crate::{
    common::ids::{EndpointId, IntegrationId},
    inbound::tally::{BadTally, HOURS, hour_and_minute, pull, push},
    outbound::{
        delivery::{Delivery, StateName},
        rule::Target,
    },
};

/// The version of the stored form.
const VERSION: u8 = 1;
const STATES: usize = StateName::ALL.len();

/// The receiver of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receiver {
    /// An endpoint, outside Gancho.
    Endpoint(EndpointId),
    /// An integration of the same workspace.
    Integration(IntegrationId),
}

impl From<Target> for Receiver {
    fn from(target: Target) -> Self {
        match target {
            Target::Endpoint(id) => Self::Endpoint(id),
            Target::Integration { integration, .. } => Self::Integration(integration),
        }
    }
}

/// The retention of a delivery in hours, rounded up. Counters are kept apart by retention, so that
/// expired hours can be recognized.
pub fn retention_hours(delivery: &Delivery) -> u32 {
    let kept = delivery.expires_at.duration_since(delivery.id.made_at());
    let millis = u64::try_from(kept.as_millis()).unwrap_or(0);
    u32::try_from(millis.div_ceil(3_600_000)).unwrap_or(u32::MAX)
}

/// Numbers of deliveries by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateCounts([u64; STATES]);

fn place(state: StateName) -> usize {
    match state {
        StateName::Queued => 0,
        StateName::Retrying => 1,
        StateName::Held => 2,
        StateName::Success => 3,
        StateName::Failure => 4,
        StateName::Discarded => 5,
    }
}

impl StateCounts {
    /// Deliveries in a state.
    pub fn of(&self, state: StateName) -> u64 {
        self.0.get(place(state)).copied().unwrap_or(0)
    }

    /// Deliveries in any of some states.
    pub fn of_any(&self, states: impl IntoIterator<Item = StateName>) -> u64 {
        states.into_iter().map(|state| self.of(state)).sum()
    }

    /// Deliveries in any state.
    pub fn sum(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds one delivery in a state.
    pub fn add(&mut self, state: StateName) {
        if let Some(count) = self.0.get_mut(place(state)) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds the counts of `other`.
    pub fn add_all(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }

    fn leave(&mut self, state: StateName) {
        if let Some(count) = self.0.get_mut(place(state)) {
            *count = count.saturating_sub(1);
        }
    }

    /// The tab *with error*: failed for good, or failed and waiting for a retry.
    pub fn with_error(&self) -> u64 {
        self.of(StateName::Failure) + self.of(StateName::Retrying)
    }

    /// The tab *all sent*: success and error, without deliveries that have no answer yet.
    pub fn answered(&self) -> u64 {
        self.with_error() + self.of(StateName::Success)
    }
}

/// A share in percent, to two places: 1 of 3 is 33.33. `None` if `whole` is 0.
#[expect(clippy::cast_precision_loss, reason = "hundredths of a percent are at most 10,000")]
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let hundredths = (part * 10_000 + whole / 2).checked_div(whole)?;
    Some(u64::try_from(hundredths).unwrap_or(u64::MAX) as f64 / 100.0)
}

/// The change of one row of counters by a record of the deliveries' stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryChange {
    /// The creation time of the delivery.
    pub made_at: Timestamp,
    /// The state before; `None` if this row did not count the delivery.
    pub from: Option<StateName>,
    /// The state after; `None` if this row no longer counts the delivery.
    pub to: Option<StateName>,
}

/// The counters of one rule and receiver on one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryDay([StateCounts; HOURS as usize]);

impl DeliveryDay {
    /// The hours, from 0, with their counts.
    pub fn hours(&self) -> impl Iterator<Item = (u8, StateCounts)> + '_ {
        (0..HOURS).zip(self.0.iter().copied())
    }

    /// Counts a change. Its delivery must be of this day.
    pub fn apply(&mut self, change: &DeliveryChange) {
        let (hour, _) = hour_and_minute(change.made_at);
        let Some(hour) = self.0.get_mut(usize::from(hour)) else { return };
        if let Some(from) = change.from {
            hour.leave(from);
        }
        if let Some(to) = change.to {
            hour.add(to);
        }
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for (number, hour) in self.hours().filter(|(_, hour)| *hour != StateCounts::default()) {
            out.push(number);
            for count in hour.0 {
                push(&mut out, count);
            }
        }
        out
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadTally> {
        let mut day = Self::default();
        let (version, mut rest) = bytes.split_first().ok_or(BadTally)?;
        if *version != VERSION {
            return Err(BadTally);
        }
        while let Some((number, tail)) = rest.split_first() {
            rest = tail;
            let hour = day.0.get_mut(usize::from(*number)).ok_or(BadTally)?;
            for count in &mut hour.0 {
                *count = pull(&mut rest)?;
            }
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn s2_4_a_delivery_is_counted_once_in_the_hour_of_its_creation() {
        let made_at = t("2026-11-21T13:59:59.999Z");
        let mut day = DeliveryDay::default();
        let states = [StateName::Queued, StateName::Retrying, StateName::Held, StateName::Success];
        let mut from = None;
        for to in states {
            day.apply(&DeliveryChange { made_at, from, to: Some(to) });
            from = Some(to);
        }
        let (_, hour) = day.hours().nth(13).unwrap();
        assert_eq!((hour.sum(), hour.of(StateName::Success)), (1, 1));
        day.apply(&DeliveryChange { made_at, from, to: None });
        assert_eq!(day, DeliveryDay::default());
    }

    #[test]
    fn d7_the_tabs_and_their_shares() {
        let mut counts = StateCounts::default();
        for (state, times) in StateName::ALL.into_iter().zip([5, 1, 7, 4, 2, 3]) {
            (0..times).for_each(|_| counts.add(state));
        }
        assert_eq!(counts.with_error(), 3);
        assert_eq!(counts.answered(), 7);
        assert_eq!(percent(counts.with_error(), counts.answered()), Some(42.86));
        assert_eq!(percent(counts.of(StateName::Success), counts.answered()), Some(57.14));
        assert_eq!(counts.sum(), 22);
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(0, 3), Some(0.0));
        assert_eq!(percent(1, 3), Some(33.33));
        assert_eq!(percent(2, 3), Some(66.67));
        assert_eq!(percent(3, 3), Some(100.0));
    }

    #[test]
    fn malformed_bytes_are_an_error() {
        for bytes in [&[][..], &[9], &[VERSION, 24, 0, 0, 0, 0, 0, 0], &[VERSION, 0, 1]] {
            assert_eq!(DeliveryDay::decode(bytes), Err(BadTally), "{bytes:?}");
        }
    }

    fn change() -> impl Strategy<Value = DeliveryChange> {
        let state = proptest::option::of(proptest::sample::select(&StateName::ALL[..]));
        (0i64..86_400_000, state.clone(), state).prop_map(|(ms, from, to)| {
            let day = t("2026-11-21T00:00:00Z").as_millisecond();
            let made_at = Timestamp::from_millisecond(day + ms).unwrap();
            DeliveryChange { made_at, from, to }
        })
    }

    proptest! {
        #[test]
        fn a_stored_day_is_read_back(changes in proptest::collection::vec(change(), 0..200)) {
            let mut day = DeliveryDay::default();
            for change in &changes {
                day.apply(change);
            }
            prop_assert_eq!(DeliveryDay::decode(&day.encode()), Ok(day));
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = DeliveryDay::decode(&bytes);
        }
    }
}
