//! Entries to be enqueued at a time beyond the delay of a queue.
//!
//! The entries of all workspaces lie together, by the hour in which they are due and by shard. So a
//! run of the timers reads a number of partitions that does not grow with the workspaces. Within a
//! partition they are sorted by minute, then by workspace: a workspace with many is passed over
//! with one query.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::gate::GateKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Item, Store, StoreError,
    error::from_sdk,
    item,
    keys::{self, Key},
};

mod hours;

pub use hours::Hours;
use hours::KEPT;

/// Deletions of one call; DynamoDB accepts no more.
pub const BATCH: usize = 25;
/// Calls for deletions that DynamoDB left unprocessed.
const TRIES: usize = 5;
/// A message to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parked {
    /// An attempt of a delivery.
    Deliver {
        /// The delivery.
        delivery: DeliveryId,
        /// The number of the attempt.
        attempt: u32,
        /// The group of the message: the id of the endpoint or integration.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// A lane.
    Lane {
        /// The endpoint.
        endpoint: EndpointId,
        /// The lane.
        lane: u16,
    },
    /// A suspended gate, to probe whether it can be opened.
    Probe {
        /// The gate.
        gate: GateKey,
        /// The generation that the gate must still have.
        generation: u64,
    },
    /// The deliveries of an endpoint that are still held and end then.
    Expiry {
        /// The endpoint.
        endpoint: EndpointId,
    },
}

/// The key of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedKey(Key);

impl ParkedKey {
    /// Reports whether two entries have the same minute, workspace and partition.
    pub fn is_beside(&self, other: &Self) -> bool {
        let group = |key: &Key| keys::parked::end_of_tenant(&key.sk);
        self.0.pk == other.0.pk && group(&self.0) == group(&other.0)
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The time at which it is due.
    pub due: Timestamp,
    /// The message.
    pub what: Parked,
    /// Its key.
    pub key: ParkedKey,
}

impl Entry {
    /// Reads a row.
    pub fn from_item(row: &Item) -> Result<Self, StoreError> {
        let key = Key { pk: item::text(row, "pk")?.into(), sk: item::text(row, "sk")?.into() };
        let (workspace, due) = keys::parked::parse(&key.sk)
            .ok_or_else(|| StoreError::Corrupt("the key of a parked entry".to_owned()))?;
        Ok(Self { workspace, due, what: item::doc(row)?, key: ParkedKey(key) })
    }

    /// The hour in which the timers find it.
    pub fn hour(&self) -> Option<i64> {
        keys::parked::hour_of(&self.key.0.pk)
    }
}

/// A part of a partition, from after one sort key up to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    partition: String,
    after: String,
    below: String,
}

impl Stretch {
    /// The entries of an hour and shard that are due by the end of the minute of `until`.
    pub fn of(hour: i64, shard: u8, until: Timestamp) -> Self {
        let partition = keys::parked::partition(hour, shard);
        Self { partition, after: "!".to_owned(), below: keys::parked::end_of_minute(until) }
    }

    /// The partitions of an hour.
    pub fn all(hour: i64, until: Timestamp) -> impl Iterator<Item = Self> {
        (0..keys::parked::SHARDS).map(move |shard| Self::of(hour, shard, until))
    }

    /// The rest behind an entry.
    #[must_use]
    pub fn behind(&self, entry: &ParkedKey) -> Self {
        Self { after: entry.0.sk.clone(), ..self.clone() }
    }

    /// The rest behind the entries of an entry's minute and workspace.
    #[must_use]
    pub fn past(&self, entry: &ParkedKey) -> Self {
        Self { after: keys::parked::end_of_tenant(&entry.0.sk), ..self.clone() }
    }

    /// The part that ends with the entries of an entry's minute and workspace.
    #[must_use]
    pub fn within(&self, entry: &ParkedKey) -> Self {
        Self { below: keys::parked::end_of_tenant(&entry.0.sk), ..self.clone() }
    }
}

/// The entries at the beginning of a stretch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries, sorted by minute, then workspace, then time.
    pub entries: Vec<Entry>,
    /// True if the stretch has no row, not even one that could not be read.
    pub is_empty: bool,
    /// The last row, if more rows may follow it.
    pub last: Option<ParkedKey>,
}

impl Store {
    /// Parks a message until it is due. The same message for the same time is one entry. A time
    /// that is past is kept, but the entry lies where the timers look now.
    pub async fn park(
        &self,
        ws: WorkspaceId,
        (due, now): (Timestamp, Timestamp),
        what: &Parked,
    ) -> Result<(), StoreError> {
        self.begin_parked_hours(&self.parked_begun, now).await?;
        let hour = keys::parked::hour(due.max(now));
        let key = keys::parked::entry(ws, due, hour, &name(what));
        let mut row = item::row(&key, what)?;
        item::expires(&mut row, due.max(now).checked_add(KEPT).unwrap_or(Timestamp::MAX));
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// The first rows of a stretch, at most `limit`. An entry that cannot be read is logged and
    /// left out: it does not block the others.
    pub async fn parked_page(
        &self,
        stretch: &Stretch,
        limit: usize,
        consistent: bool,
    ) -> Result<Page, StoreError> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk BETWEEN :after AND :below")
            .expression_attribute_values(":pk", item::s(&stretch.partition))
            // No key is directly above another one and below this.
            .expression_attribute_values(":after", item::s(format!("{}!", stretch.after)))
            .expression_attribute_values(":below", item::s(&stretch.below))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .consistent_read(consistent);
        let found = query.send().await.map_err(from_sdk)?;
        let last = found.last_evaluated_key.as_ref().map(|row| {
            let text = |name| item::text(row, name).map(str::to_owned);
            Ok::<_, StoreError>(ParkedKey(Key { pk: text("pk")?, sk: text("sk")? }))
        });
        let rows = found.items.unwrap_or_default();
        let mut page =
            Page { is_empty: rows.is_empty(), last: last.transpose()?, entries: Vec::new() };
        for row in rows {
            match Entry::from_item(&row) {
                Ok(entry) => page.entries.push(entry),
                Err(error) => {
                    let key = item::text(&row, "sk").unwrap_or_default();
                    tracing::error!(row.key = key, error.cause = %error, "a row could not be read");
                }
            }
        }
        Ok(page)
    }

    /// Removes entries that were enqueued, 25 in a call. Idempotent.
    pub async fn unpark(&self, keys: &[&ParkedKey]) -> Result<(), StoreError> {
        for some in keys.chunks(BATCH) {
            let deletes = some.iter().map(|ParkedKey(key)| {
                let delete = DeleteRequest::builder().set_key(Some(item::key(key))).build();
                let delete = delete.map_err(|e| StoreError::Corrupt(e.to_string()))?;
                Ok(WriteRequest::builder().delete_request(delete).build())
            });
            self.delete_all(deletes.collect::<Result<_, StoreError>>()?).await?;
        }
        Ok(())
    }

    async fn delete_all(&self, deletes: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut open = HashMap::from([(self.tables.coordination.clone(), deletes)]);
        for _ in 0..TRIES {
            let call = self.db.batch_write_item().set_request_items(Some(open));
            let answer = call.send().await.map_err(from_sdk)?;
            open = answer.unprocessed_items.unwrap_or_default();
            if open.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Busy("unprocessed items".to_owned()))
    }
}

/// The name that distinguishes an entry from others that are due at the same time.
fn name(what: &Parked) -> String {
    match what {
        Parked::Deliver { delivery, attempt, .. } => {
            keys::parked::name(&["deliver", &delivery.key(), &attempt.to_string()])
        }
        Parked::Lane { endpoint, lane } => {
            keys::parked::name(&["lane", &endpoint.key(), &lane.to_string()])
        }
        Parked::Probe { gate, generation } => {
            keys::parked::name(&["probe", &generation.to_string(), &keys::gates::name(gate)])
        }
        Parked::Expiry { endpoint } => keys::parked::name(&["expiry", &endpoint.key()]),
    }
}
