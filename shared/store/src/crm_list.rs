//! Lists of contacts and deals, newest first, and of the webhooks that created or changed one.
//!
//! The index `by-list` holds keys only and spreads a list over buckets. A page queries every bucket
//! for the page's size, merges the results, and reads the rows that remain.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::ids::{ContactId, DealId, OriginId, WebhookId, WorkspaceId},
    crm::{Contact, Deal},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys,
};

/// The index's name.
const INDEX: &str = "by-list";
/// The number of partitions that are queried concurrently.
const AT_ONCE: usize = 16;
/// The number of rows that one call reads.
const BATCH: usize = 100;

/// A webhook that created or changed a contact or deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The origin whose history contains it.
    pub origin: OriginId,
    /// The webhook.
    pub webhook: WebhookId,
}

impl Store {
    /// The next `limit` contacts after one, newest first.
    pub async fn contacts_after(
        &self,
        ws: WorkspaceId,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<Vec<Contact>, StoreError> {
        let lists = (0..keys::crm::BUCKETS).map(|bucket| keys::crm::contacts(ws, bucket));
        let mut rows: Vec<Contact> =
            self.listed(lists.collect(), after.map(|id| id.key()), limit).await?;
        rows.sort_by_key(|contact| std::cmp::Reverse(contact.id));
        Ok(rows)
    }

    /// The next `limit` deals of these origins after one, newest first.
    pub async fn deals_after(
        &self,
        ws: WorkspaceId,
        origins: &[OriginId],
        after: Option<DealId>,
        limit: usize,
    ) -> Result<Vec<Deal>, StoreError> {
        let lists = origins.iter().flat_map(|origin| {
            (0..keys::crm::BUCKETS).map(move |bucket| keys::crm::deals(ws, *origin, bucket))
        });
        let mut rows: Vec<Deal> =
            self.listed(lists.collect(), after.map(|id| id.key()), limit).await?;
        rows.sort_by_key(|deal| std::cmp::Reverse(deal.id));
        Ok(rows)
    }

    /// Deals by their ids, newest first. Deleted ones are omitted.
    pub async fn deals(&self, ws: WorkspaceId, ids: &[DealId]) -> Result<Vec<Deal>, StoreError> {
        let requested = ids.iter().map(|id| item::key(&keys::crm::deal(ws, *id))).collect();
        let mut rows: Vec<Deal> = self.rows(requested).await?;
        rows.sort_by_key(|deal| std::cmp::Reverse(deal.id));
        Ok(rows)
    }

    /// The webhooks that created or changed a contact, newest first.
    pub async fn causes_of_contact(
        &self,
        ws: WorkspaceId,
        id: ContactId,
        now: Timestamp,
    ) -> Result<Vec<Cause>, StoreError> {
        self.causes(keys::lookups::contact(ws, id), now).await
    }

    /// The webhooks that created or changed a deal, newest first.
    pub async fn causes_of_deal(
        &self,
        ws: WorkspaceId,
        id: DealId,
        now: Timestamp,
    ) -> Result<Vec<Cause>, StoreError> {
        self.causes(keys::lookups::deal(ws, id), now).await
    }

    async fn listed<T: DeserializeOwned>(
        &self,
        lists: Vec<String>,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let pages = stream::iter(lists)
            .map(|list| self.keys_after(list, after.clone(), limit))
            .buffer_unordered(AT_ONCE);
        let mut found: Vec<Item> = pages.try_concat().await?;
        found.sort_by(|one, other| sort_text(other).cmp(sort_text(one)));
        found.truncate(limit);
        let requested = found.iter().map(|row| {
            let key = |name: &str| Some((name.to_owned(), row.get(name)?.clone()));
            ["pk", "sk"].into_iter().filter_map(key).collect()
        });
        self.rows(requested.collect()).await
    }

    async fn keys_after(
        &self,
        list: String,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let call = self
            .db
            .query()
            .table_name(&self.tables.crm)
            .index_name(INDEX)
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            // LIST is a reserved word of DynamoDB.
            .expression_attribute_names("#list", "list")
            .expression_attribute_values(":list", AttributeValue::S(list));
        let call = match after {
            None => call.key_condition_expression("#list = :list"),
            Some(after) => call
                .key_condition_expression("#list = :list AND list_sk < :after")
                .expression_attribute_values(":after", AttributeValue::S(after)),
        };
        Ok(call.send().await.map_err(from_sdk)?.items.unwrap_or_default())
    }

    async fn rows<T: DeserializeOwned>(&self, requested: Vec<Item>) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::with_capacity(requested.len());
        for keys in requested.chunks(BATCH) {
            let found = self.batch_get(&self.tables.crm, keys.to_vec()).await?;
            for row in &found {
                rows.push(item::doc(row)?);
            }
        }
        Ok(rows)
    }

    async fn causes(&self, partition: String, now: Timestamp) -> Result<Vec<Cause>, StoreError> {
        let found = self
            .db
            .query()
            .table_name(&self.tables.lookups)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .scan_index_forward(false)
            .limit(i32::try_from(BATCH).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(from_sdk)?;
        Ok(found.items().iter().filter_map(|row| cause(row, now)).collect())
    }
}

fn sort_text(row: &Item) -> &str {
    item::text(row, "list_sk").unwrap_or_default()
}

/// Reads a cause that has not ended. The row's end is rounded up to a second, so it is compared a
/// second early: a webhook that has ended must never be listed (`I17`).
fn cause(row: &Item, now: Timestamp) -> Option<Cause> {
    let ends: i64 = item::number(row, "expires_at")?;
    (now.as_second() < ends - 1).then_some(())?;
    Some(Cause {
        origin: OriginId::from_key(item::text(row, "o").ok()?).ok()?,
        webhook: WebhookId::from_key(item::text(row, "sk").ok()?).ok()?,
    })
}
