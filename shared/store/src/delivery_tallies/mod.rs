//! Counters of deliveries: exact without transactions (`FACTS S2.4, D7`).
//!
//! One row for (day, shard, rule, receiver, retention) holds the day's hours, each with a count for
//! every state; `counted` keeps it exact. A delivery is counted in the hour of its creation, in its
//! present state: a change in the stream moves it from its old state to the new one.
//!
//! A **watermark** is the time up to which all deliveries of a day and shard are counted. Lists
//! read newer deliveries from the table itself. Totals and counts use the counters only, a few
//! seconds behind (`FACTS D21`).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        calendar::Day,
        ids::{RuleId, WorkspaceId},
    },
    outbound::delivery_tally::{DeliveryChange, DeliveryDay, Receiver},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    counted::{Counters, counters, watermark_of},
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

mod recount;
mod series;

/// The key of a row of counters: one rule and receiver, on one day, in one shard, with one
/// retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryTallyKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The UTC day in which the deliveries were created.
    pub day: Day,
    /// The shard of that day.
    pub shard: u8,
    /// The rule.
    pub rule: RuleId,
    /// The receiver of the deliveries.
    pub receiver: Receiver,
    /// Hours of retention, rounded up.
    pub hours: u32,
}

impl DeliveryTallyKey {
    fn row(&self) -> Key {
        let (place, sender) = ((self.day, self.shard), (self.rule, self.receiver));
        keys::delivery_tallies::row(self.workspace, place, sender, self.hours)
    }

    /// The end of the last delivery that the row can count.
    fn expires_at(&self) -> Timestamp {
        let kept = SignedDuration::from_hours(i64::from(self.hours));
        self.day.after().start().checked_add(kept).unwrap_or(Timestamp::MAX)
    }
}

/// A record of the deliveries' stream, as the counters see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryCounted {
    /// The stream's sequence number, padded: see [`sequence`](crate::tallies::sequence).
    pub sequence: String,
    /// The change of the counters.
    pub change: DeliveryChange,
}

impl Counters for DeliveryDay {
    type Record = DeliveryCounted;

    fn sequence(record: &DeliveryCounted) -> &str {
        &record.sequence
    }

    fn take(&mut self, record: &DeliveryCounted) {
        self.apply(&record.change);
    }

    fn encode(&self) -> Vec<u8> {
        Self::encode(self)
    }

    fn name(&self) -> &'static str {
        ""
    }

    fn decode(bytes: &[u8], _: &str) -> Result<Self, StoreError> {
        Self::decode(bytes).map_err(|e| StoreError::Corrupt(e.to_string()))
    }
}

/// A row of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryTallyRow {
    /// The day and shard.
    pub place: (Day, u8),
    /// The rule.
    pub rule: RuleId,
    /// The receiver of the deliveries.
    pub receiver: Receiver,
    /// Hours of retention, rounded up.
    pub hours: u32,
    /// The counters.
    pub day: DeliveryDay,
}

/// The counters of some days of a workspace.
#[derive(Debug, Clone, Default)]
pub struct DeliveryTallies {
    /// In the order of days and shards.
    pub rows: Vec<DeliveryTallyRow>,
    /// The watermarks by day and shard: everything created until then is counted.
    pub marks: BTreeMap<(Day, u8), Timestamp>,
}

impl Store {
    /// Counts records of one row, in the stream's order. A repeated record is not counted again.
    pub async fn count_deliveries(
        &self,
        key: &DeliveryTallyKey,
        records: &[DeliveryCounted],
    ) -> Result<(), StoreError> {
        self.count_in::<DeliveryDay>(&key.row(), key.expires_at(), records).await
    }

    /// Advances the watermark: every delivery of a day and shard created at or before `at` is
    /// counted. Never goes back.
    pub async fn mark_deliveries(
        &self,
        ws: WorkspaceId,
        (day, shard): (Day, u8),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // Only the newest day's watermark is ever read.
        let end = day.after().start() + SignedDuration::from_hours(7 * 24);
        self.put_watermark(&keys::delivery_tallies::mark(ws, day, shard), at, end).await
    }

    /// The counters of a workspace from one day to another, both included.
    pub async fn delivery_tallies(
        &self,
        ws: WorkspaceId,
        (first, last): (Day, Day),
    ) -> Result<DeliveryTallies, StoreError> {
        let (low, high) = keys::tallies::days(first, last);
        let pk = keys::delivery_tallies::partition(ws);
        let query = self
            .db
            .query()
            .table_name(&self.tables.tallies)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .projection_expression("sk, d, t")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high));
        let mut pages = query.into_paginator().items().send();
        let mut tallies = DeliveryTallies::default();
        while let Some(item) = pages.next().await {
            tallies.take(&item.map_err(from_sdk)?)?;
        }
        Ok(tallies)
    }
}

impl DeliveryTallies {
    fn take(&mut self, item: &Item) -> Result<(), StoreError> {
        let sk = item::text(item, "sk")?;
        if let Some(place) = keys::tallies::parse_watermark(sk) {
            self.marks.extend(watermark_of(item).map(|at| (place, at)));
            return Ok(());
        }
        let lost = || StoreError::Corrupt(format!("no key of counters: {sk}"));
        let (place, (rule, receiver), hours) =
            keys::delivery_tallies::parse(sk).ok_or_else(lost)?;
        let day = counters(item)?;
        self.rows.push(DeliveryTallyRow { place, rule, receiver, hours, day });
        Ok(())
    }
}
