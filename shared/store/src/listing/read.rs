//! Reads of a stretch of the history, newest first, without the bodies.

use std::collections::HashMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use gancho_domain::{
    common::ids::{IntegrationId, OriginId, WebhookId, WorkspaceId},
    inbound::{
        filter::Filter,
        webhook::{Received, Run, WebhookKey},
    },
};
use jiff::Timestamp;

use super::{
    Listed, Scope, Window,
    segments::{Found, Most, Segment},
};
use crate::{
    Store, StoreError,
    error::from_sdk,
    history::HistoryRow,
    item::{self, Item},
    keys,
};

/// The attributes of a row except the packed body.
const WITHOUT_BODY: &str = "pk, sk, expires_at, x, i, n, a, #on, r, m, ip, d, l, h, c, t, w, doc";

/// A reader of one shard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) store: &'a Store,
    pub(super) scope: Scope,
    pub(super) shard: u8,
    pub(super) filter: &'a Filter,
    pub(super) now: Timestamp,
    pub(super) below: Option<WebhookId>,
}

impl Read<'_> {
    /// The newest matches of a stretch. `by` gives the size of the pages.
    pub(super) async fn matches(
        &self,
        window: Window,
        most: Most,
        by: Option<Segment>,
    ) -> Result<Found<Listed, WebhookId>, StoreError> {
        let Scope { workspace, origin, .. } = self.scope;
        let end = WebhookId::floor(window.to);
        let upper = self.below.map_or(end, |below| below.min(end));
        let query = self.store.window((workspace, origin, self.shard), &window, self.below);
        let page_size = by.and_then(|segment| page_size(&segment, most));
        let query = narrowed(query, self.filter).set_limit(page_size);
        let mut pages = query.into_paginator().send();
        let mut join = Join::default();
        let mut found = Found { items: Vec::new(), rows: 0, stop: None };
        while let Some(page) = pages.next().await {
            let page = page.map_err(from_sdk)?;
            found.rows += usize::try_from(page.scanned_count).unwrap_or(0);
            let stop = page.last_evaluated_key().and_then(place_of);
            for row in page.items.unwrap_or_default() {
                let listed = join.take(row).filter(|listed| self.takes(listed));
                found.items.extend(listed);
                if found.items.len() == most.items {
                    return Ok(found);
                }
            }
            // A stop moves the list on, even if a webhook has more runs than a page has rows.
            if found.rows >= most.rows && stop.is_none_or(|stop| stop < upper) {
                return Ok(Found { stop, ..found });
            }
        }
        Ok(found)
    }

    /// Reports whether a webhook belongs to the list: it matches, has not ended, and is behind the
    /// cursor.
    pub(super) fn takes(&self, listed: &Listed) -> bool {
        self.now < listed.received.expires_at
            && self.below.is_none_or(|below| listed.id() < below)
            && self.filter.takes(&listed.received, listed.runs.last())
    }
}

/// The place in a list behind the last row that was read: behind a webhook's own row, or before the
/// webhook if only some of its runs were read.
fn place_of(last: &Item) -> Option<WebhookId> {
    let (pk, sk) = (item::text(last, "pk").ok()?, item::text(last, "sk").ok()?);
    let (key, run) = keys::history::parse(pk, sk)?;
    Some(if run.is_some() { key.webhook.above() } else { key.webhook })
}

/// The number of rows of a page: enough to hold the requested matches. A webhook has one row and mostly
/// one run, some have more.
fn page_size(segment: &Segment, most: Most) -> Option<i32> {
    let webhooks = segment.items_for(most.items);
    let rows = webhooks.saturating_mul(2).saturating_add(webhooks / 4).saturating_add(8);
    i32::try_from(rows.min(most.rows as u64)).ok()
}

impl Store {
    fn window(
        &self,
        (ws, origin, shard): (WorkspaceId, OriginId, u8),
        window: &Window,
        below: Option<WebhookId>,
    ) -> QueryFluentBuilder {
        let (low, high) = (WebhookId::floor(window.from), WebhookId::floor(window.to));
        let high = below.map_or(high, |below| below.min(high));
        let pk = keys::history::partition(ws, origin, window.day, shard);
        self.rows_without_body()
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":low", AttributeValue::S(low.key()))
            .expression_attribute_values(":high", AttributeValue::S(high.key()))
            .scan_index_forward(false)
    }

    fn rows_without_body(&self) -> QueryFluentBuilder {
        self.db
            .query()
            .table_name(&self.tables.history)
            .projection_expression(WITHOUT_BODY)
            .expression_attribute_names("#on", "on")
    }

    /// One webhook with its runs, as a list shows it, even if it has ended.
    pub(super) async fn listed_webhook(
        &self,
        key: &WebhookKey,
    ) -> Result<Option<Listed>, StoreError> {
        let at = keys::history::webhook(key);
        let query = self
            .rows_without_body()
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(at.pk))
            .expression_attribute_values(":sk", AttributeValue::S(at.sk))
            .scan_index_forward(false);
        let mut rows = query.into_paginator().items().send();
        let mut join = Join::default();
        while let Some(row) = rows.next().await {
            if let Some(listed) = join.take(row.map_err(from_sdk)?) {
                return Ok(Some(listed));
            }
        }
        Ok(None)
    }

    /// Every webhook of a stretch with its runs, oldest run first, including ended ones.
    pub(crate) async fn each_webhook(
        &self,
        place: (WorkspaceId, OriginId, u8),
        window: &Window,
        mut each: impl FnMut(&Received, &[Run]),
    ) -> Result<(), StoreError> {
        let query = self.window(place, window, None).consistent_read(true);
        let mut rows = query.into_paginator().items().send();
        let mut join = Join::default();
        while let Some(row) = rows.next().await {
            if let Some(listed) = join.take(row.map_err(from_sdk)?) {
                each(&listed.received, &listed.runs);
            }
        }
        Ok(())
    }
}

/// Adds a filter expression: DynamoDB drops the rows that cannot match. A run's row has its
/// integration but not its application.
fn narrowed(mut query: QueryFluentBuilder, filter: &Filter) -> QueryFluentBuilder {
    let mut values = HashMap::new();
    let mut one_of = |prefix: char, texts: &mut dyn Iterator<Item = String>| {
        let names: Vec<String> = texts
            .enumerate()
            .map(|(n, text)| {
                let name = format!(":{prefix}{n}");
                values.insert(name.clone(), AttributeValue::S(text));
                name
            })
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let integrations = one_of('i', &mut filter.integrations.iter().map(IntegrationId::key));
    let applications = one_of('a', &mut filter.applications.iter().cloned());
    let conditions: Vec<String> = integrations
        .map(|names| format!("i IN ({names})"))
        .into_iter()
        .chain(applications.map(|names| format!("(attribute_not_exists(a) OR a IN ({names}))")))
        .collect();
    for (name, value) in values {
        query = query.expression_attribute_values(name, value);
    }
    if conditions.is_empty() { query } else { query.filter_expression(conditions.join(" AND ")) }
}

/// Joins runs to their webhook. Rows arrive newest first, so a webhook's runs come before it.
#[derive(Debug, Default)]
struct Join {
    of: Option<WebhookId>,
    runs: Vec<Run>,
}

impl Join {
    /// Takes the next row. An unreadable row is skipped and logged, so that it does not hide all
    /// others.
    fn take(&mut self, item: Item) -> Option<Listed> {
        let place = item::text(&item, "sk").unwrap_or_default().to_owned();
        match HistoryRow::from_item(item) {
            Ok(HistoryRow::Run(row)) => {
                let webhook = Some(row.key.webhook);
                if self.of != webhook {
                    self.runs.clear();
                    self.of = webhook;
                }
                self.runs.push(row.run);
                None
            }
            Ok(HistoryRow::Webhook(row)) => {
                let received = row.received;
                let mut runs = std::mem::take(&mut self.runs);
                if self.of.take() != Some(received.key.webhook) {
                    runs.clear();
                }
                runs.reverse();
                Some(Listed { received, runs })
            }
            Err(error) => {
                tracing::error!(row.key = place, error.cause = %error, "a row could not be read");
                None
            }
        }
    }
}
