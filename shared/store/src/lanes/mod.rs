//! Lanes of an endpoint: order and pace, with one worker at a time.
//!
//! A delivery gets its place together with its row, in one transaction that advances the lane's
//! head from the place that was read. Places are therefore in the order of commits, without gaps
//! (`CATALOGUE OR-05`). A place is removed when its delivery is done. A lane's lease has its
//! holder's token; the next holder, after the lease has expired, has another one (`OR-03`).

mod lease;
mod reslot;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::delivery::{Delivery, Slot},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError, backoff,
    error::{from_sdk, from_transaction},
    item::{self, Item},
    keys,
};

pub use lease::Lane;

/// The number of deliveries that one transaction places: two rows for each and the head, of at most
/// 100.
const PLACED: usize = 49;
/// The maximum number of tries of a transaction that conflicts with another one.
const TRIES: u32 = 12;
/// The time for which a place outlives its delivery, which may wait for a person, and a lease its
/// holder.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The key of a lane of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The lane, from 0.
    pub lane: u16,
}

/// The lane of a delivery.
pub fn lane_of(id: DeliveryId, lanes: u16) -> u16 {
    // Not the last byte: it is the shard.
    let hash = (u128::from_be_bytes(*id.as_bytes()) >> 16) & 0xffff_ffff;
    u16::try_from(hash % u128::from(lanes.max(1))).unwrap_or(0)
}

impl Store {
    /// Writes new deliveries of an endpoint that has lanes, each with its place. Returns all of
    /// them in their order; existing ones are returned as they are. Safe to retry after any error:
    /// no delivery gets a second place.
    #[expect(clippy::too_many_arguments, reason = "whose, where to, what, how and by whom")]
    pub async fn create_in_lanes(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        deliveries: Vec<Delivery>,
        lanes: u16,
        writer: &str,
    ) -> Result<Vec<Delivery>, StoreError> {
        let order: Vec<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
        let mut done = self.written_before(ws, &order).await?;
        let mut waiting: BTreeMap<u16, BTreeMap<usize, Delivery>> = BTreeMap::new();
        for delivery in deliveries {
            let first = order.iter().position(|id| *id == delivery.id).unwrap_or(0);
            if !done.contains_key(&delivery.id) {
                let lane = waiting.entry(lane_of(delivery.id, lanes)).or_default();
                lane.insert(first, delivery);
            }
        }
        for (lane, waiting) in waiting {
            let key = LaneKey { workspace: ws, endpoint, lane };
            let waiting: Vec<Delivery> = waiting.into_values().collect();
            for some in waiting.chunks(PLACED) {
                done.extend(self.place(key, some, writer).await?);
            }
        }
        Ok(order.iter().filter_map(|id| done.get(id).cloned()).collect())
    }

    /// The deliveries of these that have rows, ended or not.
    async fn written_before(
        &self,
        ws: WorkspaceId,
        ids: &[DeliveryId],
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let found = self.deliveries_by_id(ws, ids, Timestamp::MIN).await?;
        Ok(found.into_iter().map(|stored| (stored.delivery.id, stored.delivery)).collect())
    }

    /// Gives deliveries the next places of a lane. A delivery that has one already keeps it.
    async fn place(
        &self,
        key: LaneKey,
        deliveries: &[Delivery],
        writer: &str,
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let ids: Vec<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
        let mut done = HashMap::new();
        for tried in 1..=TRIES {
            let head = self.head(key).await?;
            let missing = deliveries.iter().filter(|one| !done.contains_key(&one.id));
            let placed: Vec<Delivery> = missing
                .zip(head + 1..)
                .map(|(one, seq)| Delivery {
                    slot: Some(Slot { lane: key.lane, seq }),
                    ..one.clone()
                })
                .collect();
            if placed.is_empty() {
                return Ok(done);
            }
            let all = self.placing(key, head, &placed, writer)?;
            let call = self.db.transact_write_items().set_transact_items(Some(all));
            match call.send().await.map_err(from_transaction) {
                Ok(_) => {
                    done.extend(placed.into_iter().map(|one| (one.id, one)));
                    return Ok(done);
                }
                Err(StoreError::Condition | StoreError::Busy(_)) => {
                    backoff::wait(tried, (key, writer)).await;
                    done = self.written_before(key.workspace, &ids).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Busy("many write to the same lane".to_owned()))
    }

    fn placing(
        &self,
        key: LaneKey,
        head: u64,
        placed: &[Delivery],
        writer: &str,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let count = u64::try_from(placed.len()).unwrap_or(u64::MAX);
        let mut all = vec![self.head_update(key, head, count)?];
        for delivery in placed {
            let put = self.delivery_put(key.workspace, delivery, writer)?;
            all.push(TransactWriteItem::builder().put(put).build());
            all.push(self.place_put(key, delivery)?);
        }
        Ok(all)
    }

    /// The number of places given out in a lane.
    async fn head(&self, key: LaneKey) -> Result<u64, StoreError> {
        let at = keys::lanes::head(key.workspace, key.endpoint, key.lane);
        let row = self.get(&self.tables.coordination, &at).await?;
        Ok(row.and_then(|row| item::number(&row, "seq")).unwrap_or(0))
    }

    fn head_update(
        &self,
        key: LaneKey,
        head: u64,
        count: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        let at = keys::lanes::head(key.workspace, key.endpoint, key.lane);
        let update = Update::builder()
            .table_name(&self.tables.coordination)
            .set_key(Some(item::key(&at)))
            .update_expression("SET seq = :seq")
            .expression_attribute_values(":seq", item::n(head + count));
        let update = match head {
            0 => update.condition_expression("attribute_not_exists(seq)"),
            _ => update
                .condition_expression("seq = :head")
                .expression_attribute_values(":head", item::n(head)),
        };
        Ok(TransactWriteItem::builder().update(update.build().map_err(corrupt)?).build())
    }

    fn place_put(
        &self,
        key: LaneKey,
        delivery: &Delivery,
    ) -> Result<TransactWriteItem, StoreError> {
        let seq = delivery.slot.map_or(0, |slot| slot.seq);
        let at = keys::lanes::place(key.workspace, key.endpoint, key.lane, seq);
        let mut row = item::key(&at);
        row.insert("d".to_owned(), item::s(delivery.id.key()));
        item::expires(&mut row, later(delivery.expires_at));
        let put = Put::builder().table_name(&self.tables.coordination).set_item(Some(row));
        Ok(TransactWriteItem::builder().put(put.build().map_err(corrupt)?).build())
    }

    /// The first places of a lane that are not done, strongly consistent.
    pub async fn lane_front(
        &self,
        key: LaneKey,
        limit: usize,
    ) -> Result<Vec<(u64, DeliveryId)>, StoreError> {
        self.lane_rows(key, 0, limit).await
    }

    /// The places of a lane after one, at most `limit`, strongly consistent.
    pub async fn lane_rows(
        &self,
        key: LaneKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, DeliveryId)>, StoreError> {
        let (first, last) = keys::lanes::after(after);
        let pk = keys::lanes::partition(key.workspace, key.endpoint, key.lane);
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", item::s(pk))
            .expression_attribute_values(":first", item::s(first))
            .expression_attribute_values(":last", item::s(last));
        self.some(query, limit).await?.iter().map(place_of).collect()
    }

    /// Removes the place of a finished delivery. Idempotent.
    pub async fn remove_from_lane(&self, key: LaneKey, seq: u64) -> Result<(), StoreError> {
        let at = keys::lanes::place(key.workspace, key.endpoint, key.lane, seq);
        let delete = self.db.delete_item().table_name(&self.tables.coordination);
        let delete = delete.set_key(Some(item::key(&at)));
        delete.send().await.map_err(from_sdk).map(drop)
    }
}

fn later(at: Timestamp) -> Timestamp {
    at.checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

fn place_of(row: &Item) -> Result<(u64, DeliveryId), StoreError> {
    let seq = item::text(row, "sk")?.parse().map_err(corrupt)?;
    Ok((seq, DeliveryId::from_key(item::text(row, "d")?).map_err(corrupt)?))
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
