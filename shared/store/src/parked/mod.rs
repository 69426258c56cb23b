//! Entries to be enqueued at a time beyond the delay of a queue. The schedule queries the due
//! entries every minute.

use futures::future::try_join_all;
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::gate::GateKey,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item,
    keys::{self, Key},
};

/// The time for which an entry that was not enqueued is kept after it was due.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

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
    /// The key of an entry until it is due.
    pub fn of(ws: WorkspaceId, due: Timestamp, what: &Parked) -> Self {
        Self(keys::parked::entry(ws, due, &name(what)))
    }

    /// The time at which the entry is due.
    pub fn due(&self) -> Option<Timestamp> {
        keys::parked::due(&self.0.sk)
    }
}

impl Store {
    /// Parks a message until it is due. The same message for the same time is one entry.
    pub async fn park(
        &self,
        ws: WorkspaceId,
        due: Timestamp,
        what: &Parked,
    ) -> Result<(), StoreError> {
        let ParkedKey(key) = ParkedKey::of(ws, due, what);
        let mut row = item::row(&key, what)?;
        item::expires(&mut row, due.checked_add(KEPT).unwrap_or(Timestamp::MAX));
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// The entries that are due at `now`, the longest overdue first, at most `limit`.
    pub async fn parked_due(
        &self,
        ws: WorkspaceId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(ParkedKey, Parked)>, StoreError> {
        let shards = (0..keys::parked::SHARDS).map(|shard| {
            let query = self
                .db
                .query()
                .table_name(&self.tables.coordination)
                .key_condition_expression("pk = :pk AND sk < :above")
                .expression_attribute_values(":pk", item::s(keys::parked::partition(ws, shard)))
                .expression_attribute_values(":above", item::s(keys::parked::above(now)));
            self.some(query, limit)
        });
        let mut due = Vec::new();
        for row in try_join_all(shards).await?.iter().flatten() {
            let key = Key {
                pk: item::text(row, "pk")?.to_owned(),
                sk: item::text(row, "sk")?.to_owned(),
            };
            match item::doc(row) {
                Ok(what) => due.push((ParkedKey(key), what)),
                // An unreadable entry does not block the others.
                Err(error) => {
                    tracing::error!(
                        workspace.id = %ws, row.key = key.sk, error.cause = %error,
                        "a row could not be read"
                    );
                }
            }
        }
        due.sort_by(|(one, _), (other, _)| one.0.sk.cmp(&other.0.sk));
        due.truncate(limit);
        Ok(due)
    }

    /// Removes an entry that was enqueued. Idempotent.
    pub async fn unpark(&self, key: &ParkedKey) -> Result<(), StoreError> {
        let delete = self.db.delete_item().table_name(&self.tables.coordination);
        let delete = delete.set_key(Some(item::key(&key.0)));
        delete.send().await.map_err(from_sdk).map(drop)
    }
}

/// The name that distinguishes an entry from others that are due at the same time.
fn name(what: &Parked) -> String {
    match what {
        Parked::Deliver { delivery, attempt } => {
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
