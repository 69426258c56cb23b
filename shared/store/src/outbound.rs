//! Outbound configuration: endpoints and rules, and the names of deleted ones.
//!
//! A rule's versions are kept, so that a delivery sends the same bytes at every attempt.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use gancho_domain::{
    common::ids::{EndpointId, RuleId, WorkspaceId},
    outbound::{endpoint::Endpoint, rule::Rule},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    config_write::Writing,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

/// The name of a deleted endpoint or rule (`FACTS D20`).
#[derive(Debug, Serialize, Deserialize)]
struct Gone {
    name: String,
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

impl Store {
    /// An endpoint.
    pub async fn endpoint(
        &self,
        ws: WorkspaceId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.configured(&keys::config::endpoint(ws, id)).await
    }

    /// Every endpoint of a workspace, oldest first.
    pub async fn endpoints(&self, ws: WorkspaceId) -> Result<Vec<Endpoint>, StoreError> {
        self.configured_list(ws, keys::config::ENDPOINTS).await
    }

    /// A rule in its current version.
    pub async fn rule(&self, ws: WorkspaceId, id: RuleId) -> Result<Option<Rule>, StoreError> {
        self.configured(&keys::config::rule(ws, id)).await
    }

    /// Every rule of a workspace, oldest first.
    pub async fn rules(&self, ws: WorkspaceId) -> Result<Vec<Rule>, StoreError> {
        self.configured_list(ws, keys::config::RULES).await
    }

    /// A version of a rule, even after the rule was deleted.
    pub async fn rule_version(
        &self,
        ws: WorkspaceId,
        id: RuleId,
        version: u64,
    ) -> Result<Option<Rule>, StoreError> {
        self.configured(&keys::config::rule_version(ws, id, version)).await
    }

    /// Writes an endpoint: a new one, or one that was read at version `before`. `writer` is new for
    /// every request. [`StoreError::Condition`]: another write was first.
    pub async fn put_endpoint(
        &self,
        ws: WorkspaceId,
        endpoint: &Endpoint,
        before: Option<u64>,
        writer: &str,
    ) -> Result<(), StoreError> {
        let by = Writing { ws, writer };
        let row = self.doc_write(&keys::config::endpoint(ws, endpoint.id), endpoint, before, by)?;
        self.transact(vec![TransactWriteItem::builder().update(row).build()]).await
    }

    /// Writes a rule in the same way, and keeps the version.
    pub async fn put_rule(
        &self,
        ws: WorkspaceId,
        rule: &Rule,
        before: Option<u64>,
        writer: &str,
    ) -> Result<(), StoreError> {
        let by = Writing { ws, writer };
        let row = self.doc_write(&keys::config::rule(ws, rule.id), rule, before, by)?;
        let version = self.kept(&keys::config::rule_version(ws, rule.id, rule.version), rule)?;
        let row = TransactWriteItem::builder().update(row).build();
        self.transact(vec![row, version]).await
    }

    /// Deletes an endpoint as it was read, and keeps its name. Idempotent.
    pub async fn delete_endpoint(
        &self,
        ws: WorkspaceId,
        endpoint: &Endpoint,
    ) -> Result<(), StoreError> {
        let row = self.removal(&keys::config::endpoint(ws, endpoint.id), endpoint.version)?;
        let gone = Gone { name: endpoint.name.clone() };
        let name = self.kept(&keys::config::deleted_endpoint(ws, endpoint.id), &gone)?;
        self.transact(vec![row, name]).await
    }

    /// Deletes a rule in the same way. Its versions remain.
    pub async fn delete_rule(&self, ws: WorkspaceId, rule: &Rule) -> Result<(), StoreError> {
        let row = self.removal(&keys::config::rule(ws, rule.id), rule.version)?;
        let gone = Gone { name: rule.name.clone() };
        let name = self.kept(&keys::config::deleted_rule(ws, rule.id), &gone)?;
        self.transact(vec![row, name]).await
    }

    /// The last name of an endpoint that was deleted.
    pub async fn deleted_endpoint(
        &self,
        ws: WorkspaceId,
        id: EndpointId,
    ) -> Result<Option<String>, StoreError> {
        let gone: Option<Gone> = self.configured(&keys::config::deleted_endpoint(ws, id)).await?;
        Ok(gone.map(|gone| gone.name))
    }

    /// The last name of a rule that was deleted.
    pub async fn deleted_rule(
        &self,
        ws: WorkspaceId,
        id: RuleId,
    ) -> Result<Option<String>, StoreError> {
        let gone: Option<Gone> = self.configured(&keys::config::deleted_rule(ws, id)).await?;
        Ok(gone.map(|gone| gone.name))
    }

    /// Every workspace. Reads the whole table of configuration: cache the result for minutes.
    pub async fn all_workspaces(&self) -> Result<Vec<WorkspaceId>, StoreError> {
        let found = self
            .db
            .scan()
            .table_name(&self.tables.config)
            .filter_expression("sk = :workspace")
            .projection_expression("pk")
            .expression_attribute_values(":workspace", item::s(keys::config::WORKSPACE))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(from_sdk)?;
        let read = |row: &Item| WorkspaceId::from_key(item::text(row, "pk")?).map_err(corrupt);
        found.iter().map(read).collect()
    }

    fn removal(&self, key: &Key, read: u64) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(key)))
            .condition_expression("attribute_not_exists(pk) OR v = :v")
            .expression_attribute_values(":v", item::n(read));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(corrupt)?).build())
    }

    fn kept<T: Serialize>(&self, key: &Key, value: &T) -> Result<TransactWriteItem, StoreError> {
        let put =
            Put::builder().table_name(&self.tables.config).set_item(Some(item::row(key, value)?));
        Ok(TransactWriteItem::builder().put(put.build().map_err(corrupt)?).build())
    }
}
