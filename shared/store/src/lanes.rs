//! Order and pace: an endpoint's lanes, each worked on by one at a time.
//!
//! A delivery gets its place with its row, in one transaction that moves the lane's head on from the
//! place that was read: places are in the order of commits, and none is left out
//! (`CATALOGUE OR-05`). A place goes when its delivery is done. A lane's lease has a token of its
//! holder; whoever comes after it is over has another one (`OR-03`).

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use gancho_domain::{
    delivery::{Delivery, Slot},
    ids::{DeliveryId, EndpointId, WorkspaceId},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    deliveries::{Changed, StoredDelivery, delivery_from_item, document_of},
    error::{from_transaction, met_by_update},
    item::{self, Item},
    keys,
};

/// How many deliveries one transaction places: two rows for each and the head, of at most 100.
const PLACED: usize = 49;
/// How often a transaction that met another one is tried.
const TRIES: u32 = 12;
/// The longest pause before the second try, in milliseconds; it doubles with each, up to the most.
const PAUSE: u64 = 20;
const LONGEST: u64 = 640;
/// How long a place outlives its delivery, which may wait for a person, and a lease its holder.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Which lane of which endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The lane, from 0.
    pub lane: u16,
}

/// Whether a lane may be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// It may.
    Mine {
        /// When the next request may begin, as the holder before left it.
        not_before: Option<Timestamp>,
    },
    /// Another one works on it until then, or longer.
    Held(Timestamp),
}

/// The lane that a delivery falls in.
pub fn lane_of(id: DeliveryId, lanes: u16) -> u16 {
    // Not the last byte: it is the shard.
    let hash = (u128::from_be_bytes(*id.as_bytes()) >> 16) & 0xffff_ffff;
    u16::try_from(hash % u128::from(lanes.max(1))).unwrap_or(0)
}

impl Store {
    /// Writes new deliveries of an endpoint that has lanes, each with its place. Gives all of them
    /// back in their order: those that were there already as they are. May be done again after any
    /// error: no delivery gets a second place.
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

    /// Gives deliveries the next places of a lane; those that turn out to have one keep it.
    async fn place(
        &self,
        key: LaneKey,
        deliveries: &[Delivery],
        writer: &str,
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let ids: Vec<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
        let mut done = HashMap::new();
        for tried in 0..TRIES {
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
                    pause(tried, (key, writer)).await;
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

    /// How many places of a lane were given out.
    async fn head(&self, key: LaneKey) -> Result<u64, StoreError> {
        let at = keys::lanes::head(key.workspace, key.endpoint, key.lane);
        let row = self.get(&self.tables.work, &at).await?;
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
            .table_name(&self.tables.work)
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
        let put = Put::builder().table_name(&self.tables.work).set_item(Some(row));
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
            .table_name(&self.tables.work)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", item::s(pk))
            .expression_attribute_values(":first", item::s(first))
            .expression_attribute_values(":last", item::s(last));
        self.some(query, limit).await?.iter().map(place_of).collect()
    }

    /// Takes a place away whose delivery is done. Twice is the same as once.
    pub async fn remove_from_lane(&self, key: LaneKey, seq: u64) -> Result<(), StoreError> {
        let at = keys::lanes::place(key.workspace, key.endpoint, key.lane, seq);
        let delete = self.db.delete_item().table_name(&self.tables.work);
        let delete = delete.set_key(Some(item::key(&at)));
        delete.send().await.map_err(crate::error::from_sdk).map(drop)
    }

    /// Takes a lane's lease until `until`. `token` is new for every worker; the same takes it again.
    pub async fn take_lane(
        &self,
        key: LaneKey,
        token: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Lane, StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.work)
            .set_key(Some(lease(key)))
            .update_expression("SET lt = :token, lu = :until, expires_at = :end")
            .condition_expression("attribute_not_exists(lt) OR lu <= :now OR lt = :token")
            .expression_attribute_values(":token", item::s(token))
            .expression_attribute_values(":until", item::ms(until))
            .expression_attribute_values(":now", item::ms(now))
            .expression_attribute_values(":end", item::n(later(until).as_second()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(done) => {
                let row = done.attributes.unwrap_or_default();
                Ok(Lane::Mine { not_before: item::moment(&row, "nb") })
            }
            Err(error) => {
                let until = met_by_update(error)?.and_then(|row| item::moment(&row, "lu"));
                Ok(Lane::Held(until.unwrap_or(now)))
            }
        }
    }

    /// Keeps a lane's lease for longer. `false`: another one has taken it.
    pub async fn keep_lane(
        &self,
        key: LaneKey,
        token: &str,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.work)
            .set_key(Some(lease(key)))
            .update_expression("SET lu = :until, expires_at = :end")
            .condition_expression("lt = :token")
            .expression_attribute_values(":token", item::s(token))
            .expression_attribute_values(":until", item::ms(until))
            .expression_attribute_values(":end", item::n(later(until).as_second()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => met_by_update(error).map(|_| false),
        }
    }

    /// Gives a lane's lease back; `not_before` is when the next request may begin. Somebody else's
    /// is left alone.
    pub async fn free_lane(
        &self,
        key: LaneKey,
        token: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.work)
            .set_key(Some(lease(key)))
            .condition_expression("lt = :token")
            .expression_attribute_values(":token", item::s(token));
        let update = match not_before {
            None => update.update_expression("REMOVE lt, lu, nb"),
            Some(at) => update
                .update_expression("SET nb = :nb REMOVE lt, lu")
                .expression_attribute_values(":nb", item::ms(at)),
        };
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => met_by_update(error).map(drop),
        }
    }

    /// Moves a delivery as it was read to the end of the lane that it falls in now, or out of the
    /// lanes where its endpoint has none any more. Nothing else of it changes.
    pub async fn reslot(
        &self,
        read: &StoredDelivery,
        endpoint: EndpointId,
        lanes: Option<u16>,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        if read.claim.as_ref().is_some_and(|claim| now < claim.until) {
            return Ok(Changed::Busy);
        }
        let id = read.delivery.id;
        let workspace = read.workspace;
        let key = lanes.map(|lanes| LaneKey { workspace, endpoint, lane: lane_of(id, lanes) });
        for tried in 0..TRIES {
            let (writes, done) = self.moving(read, endpoint, key, now).await?;
            let call = self.db.transact_write_items().set_transact_items(Some(writes));
            match call.send().await.map_err(from_transaction) {
                Ok(_) => return Ok(Changed::Done(done)),
                Err(StoreError::Condition | StoreError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
            let at = keys::deliveries::delivery(workspace, id);
            let row = self.get(&self.tables.deliveries, &at).await?;
            match row.map(delivery_from_item).transpose()? {
                None => return Ok(Changed::Moved),
                Some(met) if met == done => return Ok(Changed::Done(done)),
                Some(met) if met.claim.as_ref().is_some_and(|claim| now < claim.until) => {
                    return Ok(Changed::Busy);
                }
                Some(met) if met.version != read.version => return Ok(Changed::Moved),
                // Another one moved the lane's head.
                Some(_) => pause(tried, (endpoint, id)).await,
            }
        }
        Err(StoreError::Busy("many write to the same lane".to_owned()))
    }

    /// The writes that move a delivery, and the delivery moved.
    async fn moving(
        &self,
        read: &StoredDelivery,
        endpoint: EndpointId,
        to: Option<LaneKey>,
        now: Timestamp,
    ) -> Result<(Vec<TransactWriteItem>, StoredDelivery), StoreError> {
        let mut moved = read.delivery.clone();
        let mut writes = Vec::new();
        if let Some(slot) = moved.slot.take() {
            let at = keys::lanes::place(read.workspace, endpoint, slot.lane, slot.seq);
            let delete =
                Delete::builder().table_name(&self.tables.work).set_key(Some(item::key(&at)));
            let delete = delete.build().map_err(corrupt)?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        if let Some(key) = to {
            let head = self.head(key).await?;
            moved.slot = Some(Slot { lane: key.lane, seq: head + 1 });
            writes.push(self.head_update(key, head, 1)?);
            writes.push(self.place_put(key, &moved)?);
        }
        let done = StoredDelivery {
            workspace: read.workspace,
            delivery: moved,
            version: read.version + 1,
            claim: None,
        };
        writes.push(self.delivery_moved(read.version, &done, now)?);
        Ok((writes, done))
    }

    fn delivery_moved(
        &self,
        read: u64,
        done: &StoredDelivery,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let at = keys::deliveries::delivery(done.workspace, done.delivery.id);
        let (name, other, document) = document_of(&done.delivery)?;
        let update = Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(item::key(&at)))
            .update_expression(format!("SET {name} = :doc, v = :v REMOVE {other}, ct, busy"))
            .condition_expression("v = :read AND (attribute_not_exists(ct) OR busy <= :now)")
            .expression_attribute_values(":doc", document)
            .expression_attribute_values(":v", item::n(done.version))
            .expression_attribute_values(":read", item::n(read))
            .expression_attribute_values(":now", item::ms(now));
        Ok(TransactWriteItem::builder().update(update.build().map_err(corrupt)?).build())
    }
}

fn lease(key: LaneKey) -> Item {
    item::key(&keys::lanes::lease(key.workspace, key.endpoint, key.lane))
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

/// Waits a little, each writer differently, so that two that met do not meet again.
async fn pause(tried: u32, who: impl Hash) {
    let mut hash = DefaultHasher::new();
    (tried, who).hash(&mut hash);
    let most = PAUSE.saturating_mul(1 << tried.min(10)).min(LONGEST);
    tokio::time::sleep(Duration::from_millis(1 + hash.finish() % most)).await;
}
