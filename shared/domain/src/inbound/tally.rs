//! The counters of one integration on one day, by hour and status.
//!
//! They have two uses. The counts add up to the total of a list (`FACTS S1.8`). The minutes show
//! where matches can be, so that a rare filter over three months reads few rows. A minute is marked
//! when one of its webhooks gets a status and stays marked when the status changes, so there may be
//! false positives but no false negatives.
//!
//! A day is stored as one short byte string: the version, then every hour that is not empty.

use jiff::Timestamp;
use serde::Serialize;

use crate::{common::calendar::Day, inbound::webhook::Status};

/// Hours of a day.
pub const HOURS: u8 = 24;
/// The version of the stored format.
const VERSION: u8 = 1;
/// Every minute of an hour.
pub const ALL_MINUTES: u64 = (1 << 60) - 1;

/// The counters of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    counts: [u64; 3],
    minutes: [u64; 3],
}

fn place(status: Status) -> usize {
    match status {
        Status::Pending => 0,
        Status::Success => 1,
        Status::Error => 2,
    }
}

impl Hour {
    /// Webhooks of a status.
    pub fn count(&self, status: Status) -> u64 {
        self.counts.get(place(status)).copied().unwrap_or(0)
    }

    /// Webhooks of any status.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The minutes with webhooks that have or had a status; bit 0 is the first minute.
    pub fn minutes(&self, status: Status) -> u64 {
        self.minutes.get(place(status)).copied().unwrap_or(0)
    }

    fn arrive(&mut self, status: Status, minute: u8) {
        if let Some(count) = self.counts.get_mut(place(status)) {
            *count = count.saturating_add(1);
        }
        if let Some(minutes) = self.minutes.get_mut(place(status)) {
            *minutes |= 1 << minute.min(59);
        }
    }

    fn leave(&mut self, status: Status) {
        if let Some(count) = self.counts.get_mut(place(status)) {
            *count = count.saturating_sub(1);
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The numbers of webhooks by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StatusCounts {
    /// Webhooks whose last run succeeded.
    pub success: u64,
    /// Webhooks whose last run failed.
    pub error: u64,
    /// Webhooks without a run.
    pub pending: u64,
}

impl StatusCounts {
    /// The numbers of an hour.
    pub fn of(hour: &Hour) -> Self {
        let [success, error, pending] =
            [Status::Success, Status::Error, Status::Pending].map(|status| hour.count(status));
        Self { success, error, pending }
    }

    /// Adds the numbers of `other`.
    pub fn add(&mut self, other: &Self) {
        self.success = self.success.saturating_add(other.success);
        self.error = self.error.saturating_add(other.error);
        self.pending = self.pending.saturating_add(other.pending);
    }
}

/// The change in a record of the history's stream: a new webhook, or a status set by a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Time of receipt of the webhook.
    pub received_at: Timestamp,
    /// The previous status; `None` for a new webhook.
    pub from: Option<Status>,
    /// The new status.
    pub to: Status,
}

impl Change {
    /// The change of a new webhook.
    pub fn came(received_at: Timestamp) -> Self {
        Self { received_at, from: None, to: Status::Pending }
    }
}

/// The counters of one integration on one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayTally {
    hours: [Hour; HOURS as usize],
}

/// Stored counters that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the counters of a day")]
pub struct BadTally;

impl DayTally {
    /// One of its 24 hours.
    pub fn hour(&self, hour: u8) -> Hour {
        self.hours.get(usize::from(hour)).copied().unwrap_or_default()
    }

    /// The hours with their numbers.
    pub fn hours(&self) -> impl Iterator<Item = (u8, Hour)> + '_ {
        (0..HOURS).zip(self.hours.iter().copied())
    }

    /// Counts a change. Its webhook must be of this day.
    pub fn apply(&mut self, change: &Change) {
        let (hour, minute) = hour_and_minute(change.received_at);
        let Some(hour) = self.hours.get_mut(usize::from(hour)) else { return };
        if let Some(from) = change.from {
            hour.leave(from);
        }
        hour.arrive(change.to, minute);
    }

    /// Encodes the stored format. Nearly every minute with a webhook also has a success, so only
    /// the difference of the two is stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for (number, hour) in self.hours().filter(|(_, hour)| !hour.is_empty()) {
            out.push(number);
            for count in hour.counts {
                push(&mut out, count);
            }
            let [pending, success, error] = hour.minutes;
            for bits in [pending, success ^ pending, error] {
                push(&mut out, bits);
            }
        }
        out
    }

    /// Decodes the stored format.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadTally> {
        let mut tally = Self::default();
        let (version, mut rest) = bytes.split_first().ok_or(BadTally)?;
        if *version != VERSION {
            return Err(BadTally);
        }
        while let Some((number, tail)) = rest.split_first() {
            rest = tail;
            let hour = tally.hours.get_mut(usize::from(*number)).ok_or(BadTally)?;
            for count in &mut hour.counts {
                *count = pull(&mut rest)?;
            }
            for minutes in &mut hour.minutes {
                *minutes = pull(&mut rest)?;
            }
            let [pending, success, _] = &mut hour.minutes;
            *success ^= *pending;
        }
        Ok(tally)
    }
}

/// The hour of the day and the minute of the hour, in UTC.
pub fn hour_and_minute(at: Timestamp) -> (u8, u8) {
    let minutes = at.duration_since(Day::of(at).start()).as_mins();
    let minutes = u16::try_from(minutes).unwrap_or(0);
    let part = |number: u16| u8::try_from(number).unwrap_or(0);
    (part(minutes / 60), part(minutes % 60))
}

/// Appends a number with seven bits per byte, the lowest first.
pub(crate) fn push(out: &mut Vec<u8>, mut number: u64) {
    while let Some(low) = u8::try_from(number & 0x7f).ok().filter(|_| number > 0x7f) {
        out.push(low | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

pub(crate) fn pull(rest: &mut &[u8]) -> Result<u64, BadTally> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first().ok_or(BadTally)?;
        *rest = tail;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(BadTally)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn s1_8_a_status_change_does_not_count_a_webhook_again() {
        let at = t("2026-11-21T13:59:59.999Z");
        let mut tally = DayTally::default();
        tally.apply(&Change::came(at));
        assert_eq!(tally.hour(13).count(Status::Pending), 1);
        tally.apply(&Change { received_at: at, from: Some(Status::Pending), to: Status::Error });
        tally.apply(&Change { received_at: at, from: Some(Status::Error), to: Status::Success });
        let hour = tally.hour(13);
        assert_eq!((hour.total(), hour.count(Status::Success)), (1, 1));
        for status in [Status::Pending, Status::Error, Status::Success] {
            assert_eq!(hour.minutes(status), 1 << 59);
        }
        assert_eq!(tally.hour(14).total(), 0);
    }

    #[test]
    fn bytes_that_are_not_a_tally_are_an_error() {
        let cut = [VERSION, 3, 0x80];
        for bytes in [&[][..], &[9], &[VERSION, 24, 0, 0, 0, 0, 0, 0], &cut, &[VERSION, 0, 1]] {
            assert_eq!(DayTally::decode(bytes), Err(BadTally), "{bytes:?}");
        }
        assert_eq!(DayTally::decode(&[VERSION]), Ok(DayTally::default()));
    }

    #[test]
    fn a_busy_day_of_one_integration_fits_in_one_write_unit() {
        let mut tally = DayTally::default();
        for minute in 0..24 * 60 {
            let received_at = t("2026-11-21T00:00:00Z") + jiff::SignedDuration::from_mins(minute);
            for to in [Status::Success, Status::Success, Status::Error] {
                tally.apply(&Change::came(received_at));
                tally.apply(&Change { received_at, from: Some(Status::Pending), to });
            }
        }
        assert!(tally.encode().len() < 700, "{}", tally.encode().len());
    }

    fn change() -> impl Strategy<Value = Change> {
        let status = prop_oneof![Just(Status::Pending), Just(Status::Success), Just(Status::Error)];
        (0i64..86_400_000, proptest::option::of(status.clone()), status).prop_map(
            |(ms, from, to)| {
                let day = t("2026-11-21T00:00:00Z").as_millisecond();
                Change { received_at: Timestamp::from_millisecond(day + ms).unwrap(), from, to }
            },
        )
    }

    proptest! {
        #[test]
        fn a_tally_is_decoded_as_it_was_encoded(changes in proptest::collection::vec(change(), 0..300)) {
            let mut tally = DayTally::default();
            for change in &changes {
                tally.apply(change);
            }
            prop_assert_eq!(DayTally::decode(&tally.encode()), Ok(tally));
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = DayTally::decode(&bytes);
        }
    }
}
