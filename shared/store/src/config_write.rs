//! Writes of the configuration. Every write is conditional on the version that was read, so that of
//! two concurrent changes one gets a conflict (`CATALOGUE TE-06`). Rows that must agree are written
//! in one transaction.
//!
//! A row stores its writer (`w`): a write whose reply was lost meets its own row and succeeds.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use gancho_domain::{
    common::{
        by::{By, Changed},
        ids::{IntegrationId, KeyId, OriginId, WorkspaceId},
        workspace::{Role, Workspace},
    },
    crm::mapping::Mapping,
    inbound::{integration::Integration, origin::Origin},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError, backoff,
    config::TokenTarget,
    error::from_transaction,
    item,
    keys::{self, Key},
};

/// The maximum number of tries of a transaction that conflicts with another one.
const TRIES: u32 = 5;

/// An API key as it is stored: by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its display name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// See [`gancho_domain::common::token::hash`].
    pub hash: String,
    /// The key or person that created it. The first key of a workspace was created by the
    /// deployment's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<By>,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// The time of its creation.
    pub created_at: Timestamp,
}

/// The name of a deleted integration, kept for the rows that it created (`FACTS D20`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedIntegration {
    /// The integration.
    pub id: IntegrationId,
    /// The origin that it belonged to.
    pub origin: OriginId,
    /// Its last name.
    pub name: String,
    /// Its application.
    pub application: String,
    /// The time of its deletion.
    pub deleted_at: Timestamp,
}

/// An origin, and the condition that its row must still meet when it is deleted.
#[derive(Debug, Clone)]
pub struct Deletable {
    /// The origin as it was read.
    pub origin: Origin,
    /// The integration that was created in it last.
    newest: Option<String>,
}

/// A mapping that another one replaces.
#[derive(Debug, Clone)]
pub struct ReplacedMapping<'a> {
    /// Its version.
    pub version: u32,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// The time and author of that version, if they are known.
    pub changed: Option<Changed>,
}

/// The tokens of an integration after a rotation.
#[derive(Debug, Clone)]
pub struct Rotation<'a> {
    /// The new token.
    pub new: &'a str,
    /// The previous token.
    pub old: &'a str,
    /// The time until which the previous token works.
    pub old_until: Timestamp,
}

/// A workspace and a writer, for the writes of one request.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// The tenant.
    pub ws: WorkspaceId,
    /// New for every request.
    pub writer: &'a str,
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

fn number(n: u64) -> AttributeValue {
    AttributeValue::N(n.to_string())
}

fn update(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

fn put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

fn delete(delete: Delete) -> TransactWriteItem {
    TransactWriteItem::builder().delete(delete).build()
}

impl Store {
    /// Creates a workspace and its first API key. [`StoreError::Condition`]: it exists already.
    pub async fn create_workspace(
        &self,
        workspace: &Workspace,
        key: &ApiKey,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let row = self.doc_write(&keys::config::workspace(by.ws), workspace, None, by)?;
        let first = self.doc_write(&keys::config::api_key(by.ws, key.id), key, None, by)?;
        self.transact(vec![update(row), update(first)]).await
    }

    /// Changes a workspace that was read at version `read`.
    pub async fn save_workspace(
        &self,
        workspace: &Workspace,
        read: u64,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let row = self.doc_write(&keys::config::workspace(by.ws), workspace, Some(read), by)?;
        self.transact(vec![update(row)]).await
    }

    /// Writes an origin: a new one, or one that was read at version `read`.
    pub async fn save_origin(
        &self,
        origin: &Origin,
        read: Option<u64>,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let row = self.doc_write(&keys::config::origin(by.ws, origin.id), origin, read, by)?;
        self.transact(vec![update(row)]).await
    }

    /// An origin with the condition for [`Store::delete_origin`]. Read it before the rows that
    /// depend on it.
    pub async fn deletable_origin(
        &self,
        ws: WorkspaceId,
        id: OriginId,
    ) -> Result<Option<Deletable>, StoreError> {
        let found = self.get(&self.tables.config, &keys::config::origin(ws, id)).await?;
        let Some(row) = found else { return Ok(None) };
        let newest = item::text(&row, "newest").ok().map(str::to_owned);
        Ok(Some(Deletable { origin: item::doc(&row)?, newest }))
    }

    /// Deletes an origin, unless it was changed or got an integration since it was read.
    pub async fn delete_origin(&self, ws: WorkspaceId, read: &Deletable) -> Result<(), StoreError> {
        let key = keys::config::origin(ws, read.origin.id);
        let call = Delete::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(&key)))
            .expression_attribute_values(":v", number(read.origin.version));
        let call = match &read.newest {
            None => call.condition_expression(
                "attribute_not_exists(pk) OR (v = :v AND attribute_not_exists(newest))",
            ),
            Some(newest) => call
                .condition_expression("attribute_not_exists(pk) OR (v = :v AND newest = :newest)")
                .expression_attribute_values(":newest", AttributeValue::S(newest.clone())),
        };
        self.transact(vec![delete(call.build().map_err(corrupt)?)]).await
    }

    /// Creates an integration and its first token, unless its origin is deleted.
    pub async fn create_integration(
        &self,
        integration: &Integration,
        token: &str,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let key = keys::config::integration(by.ws, integration.id);
        let row = self.doc_write(&key, integration, None, by)?;
        // The origin stores the newest integration, so that its deletion cannot miss it.
        let origin = Update::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(&keys::config::origin(by.ws, integration.origin))))
            .update_expression("SET newest = :newest")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":newest", AttributeValue::S(integration.id.key()));
        let target = TokenTarget {
            integration: integration.id,
            generation: integration.token_generation,
            until: None,
        };
        let token = self.token_put(by.ws, token, &target)?;
        self.transact(vec![update(row), update(origin.build().map_err(corrupt)?), put(token)]).await
    }

    /// Changes an integration that was read at version `read`. `replaced` is the previous mapping,
    /// if the mapping changes.
    pub async fn save_integration(
        &self,
        integration: &Integration,
        read: u64,
        replaced: Option<ReplacedMapping<'_>>,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let key = keys::config::integration(by.ws, integration.id);
        let mut writes = vec![update(self.doc_write(&key, integration, Some(read), by)?)];
        if let Some(replaced) = replaced {
            let key = keys::config::mapping(by.ws, integration.id, replaced.version);
            let mut row = item::row(&key, replaced.mapping)?;
            if let Some(changed) = replaced.changed {
                row.insert("changed".to_owned(), item::s(item::json(&changed)?));
            }
            let old = Put::builder().table_name(&self.tables.config).set_item(Some(row));
            writes.push(put(old.build().map_err(corrupt)?));
        }
        self.transact(writes).await
    }

    /// Gives an integration that was read at version `read` a new token.
    pub async fn rotate_token(
        &self,
        integration: &Integration,
        read: u64,
        tokens: &Rotation<'_>,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let key = keys::config::integration(by.ws, integration.id);
        let row = self.doc_write(&key, integration, Some(read), by)?;
        let generation = integration.token_generation;
        let target =
            |generation, until| TokenTarget { integration: integration.id, generation, until };
        let new = self.token_put(by.ws, tokens.new, &target(generation, None))?;
        let old = target(generation.saturating_sub(1), Some(tokens.old_until));
        let old = self.token_put(by.ws, tokens.old, &old)?;
        self.transact(vec![update(row), put(new), put(old)]).await
    }

    /// Deletes an integration that was read at version `read`, with the rows of `tokens`, and keeps
    /// its name (`FACTS D20`).
    pub async fn delete_integration(
        &self,
        deleted: &DeletedIntegration,
        read: u64,
        tokens: &[String],
        ws: WorkspaceId,
    ) -> Result<(), StoreError> {
        let row = Delete::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(&keys::config::integration(ws, deleted.id))))
            .condition_expression("attribute_not_exists(pk) OR v = :v")
            .expression_attribute_values(":v", number(read));
        let mut writes = vec![delete(row.build().map_err(corrupt)?)];
        for token in tokens {
            let row = Delete::builder()
                .table_name(&self.tables.config)
                .set_key(Some(item::key(&keys::config::token(ws, token))));
            writes.push(delete(row.build().map_err(corrupt)?));
        }
        let key = keys::config::deleted(ws, deleted.id);
        let name = Put::builder()
            .table_name(&self.tables.config)
            .set_item(Some(item::row(&key, deleted)?));
        writes.push(put(name.build().map_err(corrupt)?));
        self.transact(writes).await
    }

    /// The name of a deleted integration.
    pub async fn deleted(
        &self,
        ws: WorkspaceId,
        id: IntegrationId,
    ) -> Result<Option<DeletedIntegration>, StoreError> {
        self.configured(&keys::config::deleted(ws, id)).await
    }

    /// A previous mapping of an integration.
    pub async fn old_mapping(
        &self,
        ws: WorkspaceId,
        id: IntegrationId,
        version: u32,
    ) -> Result<Option<Mapping>, StoreError> {
        self.configured(&keys::config::mapping(ws, id, version)).await
    }

    /// An API key; a revoked one has no row.
    pub async fn api_key(&self, ws: WorkspaceId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        self.configured(&keys::config::api_key(ws, id)).await
    }

    /// Writes an API key: a new one, or one that was read at version `read`.
    pub async fn save_api_key(
        &self,
        key: &ApiKey,
        read: Option<u64>,
        by: Writing<'_>,
    ) -> Result<(), StoreError> {
        let row = self.doc_write(&keys::config::api_key(by.ws, key.id), key, read, by)?;
        self.transact(vec![update(row)]).await
    }

    /// Revokes an API key that was read: deletes its row at once. The gateway's cached answers
    /// expire within 60 s.
    pub async fn delete_api_key(&self, ws: WorkspaceId, key: &ApiKey) -> Result<(), StoreError> {
        let row = Delete::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(&keys::config::api_key(ws, key.id))))
            .condition_expression("attribute_not_exists(pk) OR v = :v")
            .expression_attribute_values(":v", number(key.version));
        self.transact(vec![delete(row.build().map_err(corrupt)?)]).await
    }

    /// Writes a document: a new row, or one whose version is `read`. Other attributes stay.
    pub(crate) fn doc_write<T: Serialize>(
        &self,
        key: &Key,
        value: &T,
        read: Option<u64>,
        by: Writing<'_>,
    ) -> Result<Update, StoreError> {
        let call = Update::builder()
            .table_name(&self.tables.config)
            .set_key(Some(item::key(key)))
            .update_expression("SET doc = :doc, v = :new, w = :w")
            .expression_attribute_values(":doc", AttributeValue::S(item::json(value)?))
            .expression_attribute_values(":new", number(read.unwrap_or(0) + 1))
            .expression_attribute_values(":w", AttributeValue::S(by.writer.to_owned()));
        let call = match read {
            None => call.condition_expression("attribute_not_exists(pk) OR w = :w"),
            Some(version) => call
                .condition_expression("v = :read OR w = :w")
                .expression_attribute_values(":read", number(version)),
        };
        call.build().map_err(corrupt)
    }

    fn token_put(
        &self,
        ws: WorkspaceId,
        token: &str,
        target: &TokenTarget,
    ) -> Result<Put, StoreError> {
        let mut row = item::row(&keys::config::token(ws, token), target)?;
        if let Some(until) = target.until {
            item::expires(&mut row, until);
        }
        let call = Put::builder().table_name(&self.tables.config).set_item(Some(row));
        call.build().map_err(corrupt)
    }

    /// Writes all items or none. Retries after a conflict with another transaction.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let mut tried = 0;
        loop {
            let call = self.db.transact_write_items().set_transact_items(Some(writes.clone()));
            tried += 1;
            match call.send().await.map_err(from_transaction) {
                Err(StoreError::Busy(_)) if tried < TRIES => {
                    backoff::wait(tried, format!("{writes:?}")).await;
                }
                other => return other.map(drop),
            }
        }
    }
}
