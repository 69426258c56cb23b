//! Recounts of a day from the deliveries themselves, after the stream lost records (it keeps them
//! for 24 hours) or when a row of counters is unreadable.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        calendar::Day,
        ids::{DeliveryId, WorkspaceId},
    },
    outbound::delivery_tally::{DeliveryChange, DeliveryDay, retention_hours},
};

use super::DeliveryTallyKey;
use crate::{
    Store, StoreError,
    counted::{Stored, Written},
    deliveries::{StoredDelivery, delivery_from_item},
    error::from_sdk,
    item, keys,
};

type Rows = BTreeMap<DeliveryTallyKey, Stored<DeliveryDay>>;

impl Store {
    /// Recounts a day of a workspace; returns the number of rows that were wrong. For days without
    /// traffic: a committed record that is still in the stream would be counted twice.
    /// [`StoreError::Condition`]: the counters changed meanwhile; retry.
    pub async fn recount_deliveries(&self, ws: WorkspaceId, day: Day) -> Result<u64, StoreError> {
        let mut corrected = 0;
        for shard in 0..DeliveryId::SHARDS {
            let before = self.stored_rows(ws, (day, shard)).await?;
            let mut after = self.counted_anew_in(ws, (day, shard)).await?;
            for key in before.keys() {
                after.entry(*key).or_default();
            }
            for (key, counters) in after {
                let known = before.get(&key).cloned().unwrap_or_default();
                if known.counters == counters {
                    continue;
                }
                let (last, version) = (known.last.clone(), known.version + 1);
                let next = Stored { counters, last, version };
                match self.write_counters(&key.row(), key.expires_at(), &known, &next).await? {
                    Written::Done => corrected += 1,
                    Written::Beaten(_) => return Err(StoreError::Condition),
                }
            }
        }
        Ok(corrected)
    }

    /// The rows of a day and shard. An unreadable row counts nothing and keeps its place.
    async fn stored_rows(
        &self,
        ws: WorkspaceId,
        (day, shard): (Day, u8),
    ) -> Result<Rows, StoreError> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.tallies)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(
                ":pk",
                AttributeValue::S(keys::delivery_tallies::partition(ws)),
            )
            .expression_attribute_values(
                ":sk",
                AttributeValue::S(keys::delivery_tallies::of(day, shard)),
            )
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut rows = Rows::new();
        while let Some(found) = items.next().await {
            let found = found.map_err(from_sdk)?;
            let read = keys::delivery_tallies::parse(item::text(&found, "sk")?);
            let Some((_, (rule, receiver), hours)) = read else { continue };
            let key = DeliveryTallyKey { workspace: ws, day, shard, rule, receiver, hours };
            let stored = Stored::read(&found).unwrap_or_else(|_| Stored {
                counters: DeliveryDay::default(),
                last: item::text(&found, "last").unwrap_or_default().to_owned(),
                version: item::number(&found, "v").unwrap_or(0),
            });
            rows.insert(key, stored);
        }
        Ok(rows)
    }

    async fn counted_anew_in(
        &self,
        ws: WorkspaceId,
        (day, shard): (Day, u8),
    ) -> Result<BTreeMap<DeliveryTallyKey, DeliveryDay>, StoreError> {
        let pk = keys::deliveries::partition(ws, day, shard);
        let query = self
            .db
            .query()
            .table_name(&self.tables.deliveries)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut rows: BTreeMap<DeliveryTallyKey, DeliveryDay> = BTreeMap::new();
        while let Some(found) = items.next().await {
            let StoredDelivery { delivery, .. } = delivery_from_item(found.map_err(from_sdk)?)?;
            let key = DeliveryTallyKey {
                workspace: ws,
                day,
                shard,
                rule: delivery.rule,
                receiver: delivery.target.into(),
                hours: retention_hours(&delivery),
            };
            let (made_at, state) = (delivery.id.made_at(), delivery.state.name());
            let change = DeliveryChange { made_at, from: None, to: Some(state) };
            rows.entry(key).or_default().apply(&change);
        }
        Ok(rows)
    }
}
