//! Reads of the configuration: one partition per workspace, one document per resource.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use gancho_domain::{
    common::{
        ids::{IntegrationId, OriginId, WorkspaceId},
        workspace::Workspace,
    },
    inbound::{integration::Integration, origin::Origin},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

/// The maximum number of rows that one page of a query reads.
const PAGE: usize = 1_000;

/// The target of an ingest token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTarget {
    /// The integration.
    pub integration: IntegrationId,
    /// The generation of the integration's token.
    pub generation: u32,
    /// The time until which a rotated token works; `None` while it is current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Store {
    /// A workspace.
    pub async fn workspace(&self, ws: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        self.configured(&keys::config::workspace(ws)).await
    }

    /// An origin.
    pub async fn origin(
        &self,
        ws: WorkspaceId,
        id: OriginId,
    ) -> Result<Option<Origin>, StoreError> {
        self.configured(&keys::config::origin(ws, id)).await
    }

    /// An integration with its current mapping.
    pub async fn integration(
        &self,
        ws: WorkspaceId,
        id: IntegrationId,
    ) -> Result<Option<Integration>, StoreError> {
        self.configured(&keys::config::integration(ws, id)).await
    }

    /// The target of an ingest token.
    pub async fn token(
        &self,
        ws: WorkspaceId,
        token: &str,
    ) -> Result<Option<TokenTarget>, StoreError> {
        self.configured(&keys::config::token(ws, token)).await
    }

    /// A document of the configuration, read strongly consistently.
    pub(crate) async fn configured<T: DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        item::maybe_doc(self.get(&self.tables.config, key).await?)
    }

    /// A row, read strongly consistently.
    pub(crate) async fn get(&self, table: &str, key: &Key) -> Result<Option<Item>, StoreError> {
        let call = self.db.get_item().table_name(table).set_key(Some(item::key(key)));
        let got = call.consistent_read(true).send().await.map_err(from_sdk)?;
        Ok(got.item)
    }

    /// The rows that a query finds, at most `limit`, strongly consistent.
    pub(crate) async fn some(
        &self,
        query: QueryFluentBuilder,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let page = i32::try_from(limit.clamp(1, PAGE)).unwrap_or(1);
        let mut rows = query.consistent_read(true).limit(page).into_paginator().items().send();
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(row) = rows.next().await else { break };
            found.push(row.map_err(from_sdk)?);
        }
        Ok(found)
    }

    /// The documents of a workspace whose sort keys begin with `prefix`, in key order.
    pub async fn configured_list<T: DeserializeOwned>(
        &self,
        ws: WorkspaceId,
        prefix: &str,
    ) -> Result<Vec<T>, StoreError> {
        let pages = self
            .db
            .query()
            .table_name(&self.tables.config)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::config::partition(ws)))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.map_err(from_sdk)?;
        items.iter().map(item::doc).collect()
    }
}
