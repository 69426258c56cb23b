//! What the hourly sweep reads: every origin there is, and what of a partition stayed pending.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    calendar::Day,
    ids::{OriginId, WebhookId, WorkspaceId},
    origin::Origin,
};
use jiff::Timestamp;

use crate::{Store, StoreError, error::from_sdk, item, keys};

impl Store {
    /// Every origin of every workspace. Reads the whole table of configuration: once an hour.
    pub async fn all_origins(&self) -> Result<Vec<(WorkspaceId, Origin)>, StoreError> {
        let found = self
            .db
            .scan()
            .table_name(&self.tables.config)
            .filter_expression("begins_with(sk, :origins)")
            .expression_attribute_values(
                ":origins",
                AttributeValue::S(keys::config::ORIGINS.to_owned()),
            )
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(from_sdk)?;
        let read = |item: &crate::Item| {
            let workspace = WorkspaceId::from_key(item::text(item, "pk")?);
            let workspace = workspace.map_err(|e| StoreError::Corrupt(e.to_string()))?;
            Ok((workspace, item::doc(item)?))
        };
        found.iter().map(read).collect()
    }

    /// The webhooks of a day and shard that came before `before` and have no run.
    pub async fn pending(
        &self,
        (ws, origin, day, shard): (WorkspaceId, OriginId, Day, u8),
        before: Timestamp,
    ) -> Result<Vec<WebhookId>, StoreError> {
        let partition = keys::history::partition(ws, origin, day, shard);
        let found = self
            .db
            .query()
            .table_name(&self.tables.history)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .expression_attribute_values(
                ":before",
                AttributeValue::S(WebhookId::floor(before).key()),
            )
            .projection_expression("pk, sk")
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(from_sdk)?;
        let mut pending = BTreeSet::new();
        for item in &found {
            let place = keys::history::parse(item::text(item, "pk")?, item::text(item, "sk")?);
            match place {
                Some((key, None)) => pending.insert(key.webhook),
                Some((key, Some(_))) => pending.remove(&key.webhook),
                None => false,
            };
        }
        Ok(pending.into_iter().collect())
    }
}
