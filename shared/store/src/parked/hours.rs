//! The hours whose parked entries the timers read: one small row for the deployment.
//!
//! An hour is closed once: after it is over and all its partitions were read empty. Until then the
//! row names it, so that entries that were left are read first in the next run, however old they
//! are. The row exists before the first entry, so that no entry lies before the first hour.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Store, StoreError, error::from_sdk, item, keys};

/// The time for which an entry that was not enqueued is kept after it was due.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The time after the end of an hour in which an entry may still be written to it: by a machine
/// whose clock is late, or by a write that is repeated.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The hours that the timers read, each as its number since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// The first hour of which it is not yet known whether entries are left in it. All later ones
    /// are read.
    from: i64,
    /// The earlier hours that still hold entries.
    left: BTreeSet<i64>,
    /// Counts the changes.
    version: u64,
}

impl Hours {
    /// The hours of a deployment without an earlier entry.
    pub fn beginning(now: Timestamp) -> Self {
        let from = keys::parked::hour(now.checked_sub(MARGIN).unwrap_or(now));
        Self { from, left: BTreeSet::new(), version: 1 }
    }

    /// The hours to read, oldest first, up to that of `until`.
    pub fn to_read(&self, until: Timestamp) -> impl Iterator<Item = i64> + '_ {
        self.left.iter().copied().chain(self.from..=keys::parked::hour(until))
    }

    /// Reports whether no entry can be written to an hour any more.
    pub fn is_over(hour: i64, now: Timestamp) -> bool {
        keys::parked::hour(now.checked_sub(MARGIN).unwrap_or(now)) > hour
    }

    /// The hours after a run that read `empty` as empty, strongly consistent; `None` if nothing
    /// changed. An hour that is over and was not read empty is kept until its last entry has
    /// expired.
    pub fn after(&self, empty: &BTreeSet<i64>, now: Timestamp) -> Option<Self> {
        let from = keys::parked::hour(now.checked_sub(MARGIN).unwrap_or(now)).max(self.from);
        let oldest = keys::parked::hour(now.checked_sub(KEPT).unwrap_or(now)) - 1;
        let over = (self.from..from).chain(self.left.iter().copied());
        let left: BTreeSet<i64> =
            over.filter(|hour| *hour >= oldest && !empty.contains(hour)).collect();
        let changed = from != self.from || left != self.left;
        changed.then(|| Self { from, left, version: self.version + 1 })
    }

    /// Reports whether the timers read an hour.
    pub fn holds(&self, hour: i64) -> bool {
        hour >= self.from || self.left.contains(&hour)
    }
}

impl Store {
    /// The hours that the timers read. `None`: nothing was ever parked.
    pub async fn parked_hours(&self) -> Result<Option<Hours>, StoreError> {
        let row = self.get(&self.tables.coordination, &keys::parked::hours()).await?;
        item::maybe_doc(row)
    }

    /// Writes the hours after a run. `false`: another run was first, and its hours hold.
    pub async fn put_parked_hours(&self, hours: &Hours) -> Result<bool, StoreError> {
        self.write_hours(hours, hours.version.saturating_sub(1)).await
    }

    /// Writes the row before the first entry of this process, if it does not exist.
    pub(super) async fn begin_parked_hours(
        &self,
        begun: &AtomicBool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !begun.load(Ordering::Relaxed) {
            self.write_hours(&Hours::beginning(now), 0).await?;
            begun.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Writes the row over version `from`; 0: it does not exist.
    async fn write_hours(&self, hours: &Hours, from: u64) -> Result<bool, StoreError> {
        let mut row = item::row(&keys::parked::hours(), hours)?;
        row.insert("v".to_owned(), item::n(hours.version));
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        let put = match from {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            _ => put
                .condition_expression("v = :from")
                .expression_attribute_values(":from", item::n(from)),
        };
        match put.send().await.map_err(from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-21T{text}Z").parse().unwrap()
    }

    fn read(hours: &Hours, until: &str) -> Vec<i64> {
        let first = keys::parked::hour(at("00:00:00"));
        hours.to_read(at(until)).map(|hour| hour - first).collect()
    }

    #[test]
    fn or_11_an_hour_is_read_until_it_is_over_by_a_margin_and_was_read_empty() {
        let first = keys::parked::hour(at("00:00:00"));
        let hours = Hours::beginning(at("10:30:00"));
        assert_eq!(read(&hours, "10:31:00"), [10]);
        assert_eq!(read(&hours, "12:01:00"), [10, 11, 12], "after an outage of the schedule");
        let empty = BTreeSet::from([first + 10]);
        assert_eq!(hours.after(&empty, at("11:04:59")), None, "a late clock may still write to it");
        assert_eq!(read(&hours.after(&empty, at("11:05:00")).unwrap(), "11:05:00"), [11]);
        // Entries are left in one hour, and the next was not reached.
        let later = hours.after(&BTreeSet::from([first + 12]), at("13:05:00")).unwrap();
        assert_eq!(read(&later, "13:05:00"), [10, 11, 13]);
        assert_eq!(later.after(&BTreeSet::new(), at("13:06:00")), None, "nothing to write");
        let last = later.after(&BTreeSet::from([first + 10]), at("13:06:00")).unwrap();
        assert_eq!(read(&last, "13:06:00"), [11, 13]);
        assert!(last.holds(first + 11) && last.holds(first + 99) && !last.holds(first + 12));
    }

    #[test]
    fn an_hour_whose_entries_have_expired_is_no_longer_read() {
        let hours = Hours::beginning(at("10:30:00"));
        let month = at("10:30:00") + KEPT;
        let hour = SignedDuration::from_hours(1);
        let later = hours.after(&BTreeSet::new(), month + hour).unwrap();
        assert_eq!(later.to_read(month + hour).next(), Some(keys::parked::hour(at("10:00:00"))));
        let later = hours.after(&BTreeSet::new(), month + hour + hour).unwrap();
        assert_eq!(later.to_read(month).next(), Some(keys::parked::hour(at("11:00:00"))));
    }

    #[test]
    fn the_beginning_lies_before_every_entry_that_a_late_clock_parks() {
        let hours = Hours::beginning(at("11:02:00"));
        assert!(hours.holds(keys::parked::hour(at("10:58:00"))));
        let clock_set_back = hours.after(&BTreeSet::new(), at("09:00:00"));
        assert_eq!(clock_set_back, None, "the first hour never moves back");
    }
}
