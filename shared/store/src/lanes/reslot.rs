//! Moves of waiting deliveries to the lanes that an endpoint has now (`CATALOGUE OR-07`).

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use gancho_domain::{common::ids::EndpointId, outbound::delivery::Slot};
use jiff::Timestamp;

use super::{LaneKey, TRIES, corrupt, lane_of};
use crate::{
    Store, StoreError, backoff,
    deliveries::{Changed, StoredDelivery, delivery_from_item, document_of},
    error::from_transaction,
    item, keys,
};

impl Store {
    /// Moves a delivery as it was read to the end of its present lane, or out of the lanes if its
    /// endpoint has none any more. Nothing else of it changes.
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
        for tried in 1..=TRIES {
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
                // Another writer advanced the lane's head.
                Some(_) => backoff::wait(tried, (endpoint, id)).await,
            }
        }
        Err(StoreError::Busy("many write to the same lane".to_owned()))
    }

    /// The writes that move a delivery, and the moved delivery.
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
            let delete = Delete::builder()
                .table_name(&self.tables.coordination)
                .set_key(Some(item::key(&at)));
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
