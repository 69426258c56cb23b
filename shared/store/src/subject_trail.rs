//! The webhooks of a business key: an order number, a deal or a contact (`DESIGN 5`).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::ids::{ContactId, DealId, OriginId, WebhookId, WorkspaceId},
    inbound::webhook::WebhookKey,
};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    history::WebhookAndRuns,
    item::{self, Item},
    keys,
};

/// The maximum number of concurrent reads.
const AT_ONCE: usize = 8;

impl Store {
    /// The webhooks of a key below one, newest first, at most `limit`: those with any of its lookup
    /// terms in any of these origins. For the id of a deal or contact, also those that created or
    /// changed it. Reads one partition for each term and origin.
    pub async fn webhooks_of(
        &self,
        (ws, origins): (WorkspaceId, &[OriginId]),
        (subject, terms): (&str, &BTreeSet<String>),
        (below, limit): (Option<WebhookId>, usize),
        now: Timestamp,
    ) -> Result<Vec<WebhookAndRuns>, StoreError> {
        let mut reads = Vec::new();
        for (pk, origin) in partitions(ws, origins, (subject, terms)) {
            reads.push(self.named_in(ws, (pk, origin), (below, limit)));
        }
        let found: Vec<Vec<WebhookKey>> =
            stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let mut keys: Vec<WebhookKey> = found.into_iter().flatten().collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.webhook));
        keys.dedup();
        let mut webhooks = Vec::new();
        for key in &keys {
            webhooks.push(self.webhook(key, now));
        }
        let mut webhooks = stream::iter(webhooks).buffered(AT_ONCE);
        let mut alive = Vec::new();
        while let (true, Some(found)) = (alive.len() < limit, webhooks.try_next().await?) {
            alive.extend(found);
        }
        Ok(alive)
    }

    async fn named_in(
        &self,
        ws: WorkspaceId,
        (pk, origin): (String, Option<OriginId>),
        (below, limit): (Option<WebhookId>, usize),
    ) -> Result<Vec<WebhookKey>, StoreError> {
        // `~` is above every digit.
        let below = below.map_or_else(|| "~".to_owned(), |id| id.key());
        let query = self
            .db
            .query()
            .table_name(&self.tables.lookups)
            .key_condition_expression("pk = :pk AND sk < :below")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":below", AttributeValue::S(below))
            .scan_index_forward(false);
        let rows = self.some(query, limit).await?;
        rows.iter().map(|row| key_of(ws, row, origin)).collect()
    }
}

/// The partitions that name webhooks of a key, and their origin if all of them have the same.
fn partitions(
    ws: WorkspaceId,
    origins: &[OriginId],
    (subject, terms): (&str, &BTreeSet<String>),
) -> Vec<(String, Option<OriginId>)> {
    let named = origins.iter().flat_map(|origin| {
        terms.iter().map(|term| (keys::lookups::term(ws, *origin, term), Some(*origin)))
    });
    let deal = subject.parse::<DealId>().ok().map(|id| (keys::lookups::deal(ws, id), None));
    let contact =
        subject.parse::<ContactId>().ok().map(|id| (keys::lookups::contact(ws, id), None));
    named.chain(deal).chain(contact).collect()
}

fn key_of(ws: WorkspaceId, row: &Item, known: Option<OriginId>) -> Result<WebhookKey, StoreError> {
    let corrupt = |e: gancho_domain::common::ids::BadId| StoreError::Corrupt(e.to_string());
    let origin = match known {
        Some(origin) => origin,
        None => OriginId::from_key(item::text(row, "o")?).map_err(corrupt)?,
    };
    let webhook = WebhookId::from_key(item::text(row, "sk")?).map_err(corrupt)?;
    Ok(WebhookKey { workspace: ws, origin, webhook })
}
