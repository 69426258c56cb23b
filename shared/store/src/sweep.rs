//! Reads of the hourly sweep: all origins.

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{common::ids::WorkspaceId, inbound::origin::Origin};

use crate::{Store, StoreError, error::from_sdk, item, keys};

impl Store {
    /// Every origin of every workspace. Reads the whole table of configuration: call it only
    /// hourly.
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
}
