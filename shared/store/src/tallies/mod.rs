//! Counters of the history: exact without transactions.
//!
//! One row for (origin, day, shard, integration, retention) holds the day's hours; `counted` keeps
//! it exact.
//!
//! A **watermark** is the time up to which a day and shard are counted. Newer minutes are read from
//! the history itself, whatever the counters say.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        calendar::{self, Day},
        ids::{IntegrationId, OriginId, WorkspaceId},
    },
    inbound::tally::{Change, DayTally},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    counted::{Counters, counters, watermark_of},
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

mod activity;
mod recount;
mod series;

pub use crate::counted::sequence;
pub use activity::Activity;
pub use recount::Recounted;

/// The key of a row of counters: one integration, on one day, in one shard, with one retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The scope of the history.
    pub origin: OriginId,
    /// The UTC day of receipt.
    pub day: Day,
    /// The shard of the history.
    pub shard: u8,
    /// The integration.
    pub integration: IntegrationId,
    /// Calendar months of the webhooks' retention.
    pub months: u8,
}

impl TallyKey {
    fn row(&self) -> Key {
        let place = (self.day, self.shard);
        keys::tallies::row(self.workspace, self.origin, place, self.integration, self.months)
    }

    /// The end of the last webhook that the row can count.
    fn expires_at(&self) -> Timestamp {
        let last = self.day.after().start() - SignedDuration::from_millis(1);
        calendar::expires_at(last, self.months)
    }
}

/// A record of the history's stream, as the counters see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The stream's sequence number, padded: see [`sequence`].
    pub sequence: String,
    /// The change of the counters.
    pub change: Change,
    /// The webhook's application; a run's record does not have it.
    pub application: Option<String>,
}

/// A row of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyRow {
    /// The day of receipt.
    pub day: Day,
    /// The shard of the history.
    pub shard: u8,
    /// The integration.
    pub integration: IntegrationId,
    /// Calendar months of the webhooks' retention.
    pub months: u8,
    /// The integration's application, as received.
    pub application: String,
    /// The counters.
    pub tally: DayTally,
}

/// The counters of some days of an origin.
#[derive(Debug, Clone, Default)]
pub struct Tallies {
    /// In the order of days, shards and integrations.
    pub rows: Vec<TallyRow>,
    /// The watermarks by day and shard: everything received until then is counted.
    pub marks: BTreeMap<(Day, u8), Timestamp>,
}

/// The counters of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    tally: DayTally,
    application: String,
}

impl Counters for Counts {
    type Record = Counted;

    fn sequence(record: &Counted) -> &str {
        &record.sequence
    }

    fn take(&mut self, record: &Counted) {
        self.tally.apply(&record.change);
        if let Some(application) = &record.application {
            self.application.clone_from(application);
        }
    }

    fn encode(&self) -> Vec<u8> {
        self.tally.encode()
    }

    fn name(&self) -> &str {
        &self.application
    }

    fn decode(bytes: &[u8], name: &str) -> Result<Self, StoreError> {
        let tally = DayTally::decode(bytes).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(Self { tally, application: name.to_owned() })
    }
}

impl Store {
    /// Counts records of one row, in the stream's order. A repeated record is not counted again.
    pub async fn count(&self, key: &TallyKey, records: &[Counted]) -> Result<(), StoreError> {
        self.count_in::<Counts>(&key.row(), key.expires_at(), records).await
    }

    /// Advances the watermark: everything of a day and shard received at or before `at` is counted.
    /// Never goes back.
    pub async fn watermark(
        &self,
        (ws, origin): (WorkspaceId, OriginId),
        (day, shard): (Day, u8),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::tallies::mark(ws, origin, day, shard);
        let end = calendar::expires_at(day.after().start(), calendar::MAX_MONTHS);
        self.put_watermark(&key, at, end).await
    }

    /// The counters of an origin from one day to another, both included.
    pub async fn tallies(
        &self,
        (ws, origin): (WorkspaceId, OriginId),
        (first, last): (Day, Day),
    ) -> Result<Tallies, StoreError> {
        let (low, high) = keys::tallies::days(first, last);
        let query = self
            .db
            .query()
            .table_name(&self.tables.tallies)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .projection_expression("sk, d, a, t")
            .expression_attribute_values(
                ":pk",
                AttributeValue::S(keys::tallies::partition(ws, origin)),
            )
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high));
        let mut pages = query.into_paginator().items().send();
        let mut tallies = Tallies::default();
        while let Some(item) = pages.next().await {
            tallies.take(&item.map_err(from_sdk)?)?;
        }
        Ok(tallies)
    }
}

impl Tallies {
    fn take(&mut self, item: &Item) -> Result<(), StoreError> {
        let sk = item::text(item, "sk")?;
        if let Some(place) = keys::tallies::parse_watermark(sk) {
            self.marks.extend(watermark_of(item).map(|at| (place, at)));
            return Ok(());
        }
        let lost = || StoreError::Corrupt(format!("no key of counters: {sk}"));
        let (day, shard, integration, months) = keys::tallies::parse(sk).ok_or_else(lost)?;
        let Counts { tally, application } = counters(item)?;
        self.rows.push(TallyRow { day, shard, integration, months, application, tally });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_lives_as_long_as_the_last_webhook_that_it_counts() {
        let at: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let key = TallyKey {
            workspace: WorkspaceId::new(at, &[1; 10]),
            origin: OriginId::new(at, &[1; 10]),
            day: Day::of(at),
            shard: 0,
            integration: IntegrationId::new(at, &[1; 10]),
            months: 3,
        };
        assert_eq!(key.expires_at(), "2027-02-28T23:59:59.999Z".parse().unwrap());
    }
}
