//! Counters of the history: exact without transactions.
//!
//! One row for (origin, day, shard, integration, retention) holds the day's hours and the sequence
//! number of the last stream record that it counts. Records of one row come in order; a row is
//! written under the condition that nobody wrote it meanwhile, and what it counts already is left
//! out. So a record that comes twice, in another batch or from a reader that was thought dead,
//! counts once (`CATALOGUE I19`).
//!
//! A **mark** says how far a day and shard are counted for sure. Newer minutes are read from the
//! history itself, whatever the counters say.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    primitives::Blob,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use gancho_domain::{
    calendar::{self, Day},
    ids::{IntegrationId, OriginId, WorkspaceId},
    tally::{Change, DayTally},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

mod activity;
mod recount;

pub use activity::Activity;
pub use recount::Recounted;

/// How often a write may lose against another before it is left to the next delivery.
const TRIES: usize = 10;

/// Which counters: one integration, on one day, in one shard, with one retention.
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
    /// Calendar months that the webhooks are kept.
    pub months: u8,
}

impl TallyKey {
    fn row(&self) -> Key {
        let place = (self.day, self.shard);
        keys::tallies::row(self.workspace, self.origin, place, self.integration, self.months)
    }

    /// When the last webhook that the row can count ends.
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
    /// What it changes.
    pub change: Change,
    /// The webhook's application; a run's record does not say it.
    pub application: Option<String>,
}

/// A sequence number in the form that sorts as text: 40 digits (`DESIGN 4`).
pub fn sequence(number: &str) -> Option<String> {
    let digits = !number.is_empty() && number.len() <= 40;
    let good = digits && number.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| format!("{number:0>40}"))
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
    /// Calendar months that the webhooks are kept.
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
    /// Up to when everything received is counted, by day and shard.
    pub marks: BTreeMap<(Day, u8), Timestamp>,
}

/// A row as it is written: its counters and what protects them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stored {
    tally: DayTally,
    application: String,
    /// The last sequence number that is counted.
    last: String,
    /// Grows by one with every write; 0 where there is no row.
    version: u64,
}

impl Stored {
    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            tally: tally_of(item)?,
            application: item::text(item, "a")?.to_owned(),
            last: item::text(item, "last")?.to_owned(),
            version: item::number(item, "v").unwrap_or(0),
        })
    }

    /// Counts what is not counted yet; `None` where that is nothing.
    fn with(&self, records: &[Counted]) -> Option<Self> {
        let mut next = self.clone();
        for record in records.iter().filter(|record| record.sequence > self.last) {
            next.tally.apply(&record.change);
            next.last.clone_from(&record.sequence);
            if let Some(application) = &record.application {
                next.application.clone_from(application);
            }
        }
        next.version += 1;
        (next.last != self.last).then_some(next)
    }
}

fn tally_of(item: &Item) -> Result<DayTally, StoreError> {
    let bytes = item.get("d").and_then(|value| value.as_b().ok());
    let bytes = bytes.ok_or_else(|| StoreError::Corrupt("no counters".to_owned()))?;
    DayTally::decode(bytes.as_ref()).map_err(|e| StoreError::Corrupt(e.to_string()))
}

impl Store {
    /// Counts records of one row, in the stream's order. Again, or in part again: counted once.
    pub async fn count(&self, key: &TallyKey, records: &[Counted]) -> Result<(), StoreError> {
        let at = key.row();
        let call = self.db.get_item().table_name(&self.tables.tallies);
        let got = call.set_key(Some(item::key(&at))).send().await.map_err(from_sdk)?;
        let mut known = got.item.as_ref().map(Stored::read).transpose()?.unwrap_or_default();
        for _ in 0..TRIES {
            let Some(next) = known.with(records) else { return Ok(()) };
            match self.write_tally(&at, key.expires_at(), &known, &next).await? {
                Written::Done => return Ok(()),
                Written::Beaten(other) => known = *other,
            }
        }
        Err(StoreError::Busy("counters".to_owned()))
    }

    async fn write_tally(
        &self,
        at: &Key,
        expires_at: Timestamp,
        known: &Stored,
        next: &Stored,
    ) -> Result<Written, StoreError> {
        let put = self
            .db
            .update_item()
            .table_name(&self.tables.tallies)
            .set_key(Some(item::key(at)))
            .update_expression("SET d = :d, a = :a, #l = :l, v = :v, expires_at = :x")
            .expression_attribute_names("#l", "last")
            .expression_attribute_values(":d", AttributeValue::B(Blob::new(next.tally.encode())))
            .expression_attribute_values(":a", AttributeValue::S(next.application.clone()))
            .expression_attribute_values(":l", AttributeValue::S(next.last.clone()))
            .expression_attribute_values(":v", number(next.version))
            .expression_attribute_values(":x", number(ceil_seconds(expires_at)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match unless_changed(put, known).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let other = failed.item().map(Stored::read).transpose()?;
                    Ok(Written::Beaten(Box::new(other.unwrap_or_default())))
                }
                _ => Err(from_sdk(error)),
            },
        }
    }

    /// Says that everything of a day and shard that was received by `at` is counted. Never goes
    /// back.
    pub async fn mark(
        &self,
        (ws, origin): (WorkspaceId, OriginId),
        (day, shard): (Day, u8),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::tallies::mark(ws, origin, day, shard);
        let end = calendar::expires_at(day.after().start(), calendar::MAX_MONTHS);
        let put = self.db.update_item().table_name(&self.tables.tallies);
        let put = put
            .set_key(Some(item::key(&key)))
            .update_expression("SET t = :t, expires_at = :x")
            .condition_expression("attribute_not_exists(t) OR t < :t")
            .expression_attribute_values(":t", number(at.as_millisecond()))
            .expression_attribute_values(":x", number(ceil_seconds(end)));
        match put.send().await.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
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
        if let Some(place) = keys::tallies::parse_mark(sk) {
            let at = item::number(item, "t").and_then(|ms| Timestamp::from_millisecond(ms).ok());
            self.marks.extend(at.map(|at| (place, at)));
            return Ok(());
        }
        let lost = || StoreError::Corrupt(format!("no key of counters: {sk}"));
        let (day, shard, integration, months) = keys::tallies::parse(sk).ok_or_else(lost)?;
        let application = item::text(item, "a")?.to_owned();
        let tally = tally_of(item)?;
        self.rows.push(TallyRow { day, shard, integration, months, application, tally });
        Ok(())
    }
}

/// What became of a write.
enum Written {
    Done,
    Beaten(Box<Stored>),
}

fn unless_changed(put: UpdateItemFluentBuilder, known: &Stored) -> UpdateItemFluentBuilder {
    if known.version == 0 {
        return put.condition_expression("attribute_not_exists(v)");
    }
    put.condition_expression("v = :was").expression_attribute_values(":was", number(known.version))
}

fn number<N: ToString + Copy>(number: N) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// TTL knows whole seconds and must not be early.
fn ceil_seconds(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_sort_as_text() {
        let short = sequence("9").unwrap();
        let long = sequence("49590338271490256608559692538361571095921575989136588898")
            .unwrap_or_default();
        assert_eq!(long, "", "longer than any that DynamoDB gives");
        assert!(short < sequence("10").unwrap());
        assert_eq!(short.len(), 40);
        for bad in ["", "x", "-1", "1.0"] {
            assert_eq!(sequence(bad), None);
        }
    }

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
