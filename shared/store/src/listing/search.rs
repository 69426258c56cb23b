//! Lists by webhook id, e-mail, phone or business key: the rows of `lookups` name the webhooks.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{calendar::Day, ids::WebhookId},
    inbound::{filter::Search, webhook::WebhookKey},
};

use super::{AT_ONCE, Listed, Listing, Part, Scope, segments::Lane};
use crate::{Store, StoreError, error::from_sdk, item, keys};

/// The webhooks that a search found, each with its end in seconds, rounded up.
#[derive(Debug, Clone, Default)]
pub(super) struct Found(BTreeMap<WebhookId, i64>);

impl Found {
    pub(super) fn parts(&self) -> Vec<Part> {
        let parts = self.0.keys().map(|id| part_of(*id));
        let mut parts: Vec<Part> = parts.collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.day, part.shard)));
        parts.dedup();
        parts
    }

    pub(super) fn only(&self, part: Part) -> Self {
        let inside = self.0.iter().filter(|(id, _)| part_of(**id) == part);
        Self(inside.map(|(id, end)| (*id, *end)).collect())
    }
}

fn part_of(id: WebhookId) -> Part {
    Part { day: Day::of(id.made_at()), shard: id.shard() }
}

impl Store {
    /// The webhooks that a search finds in an origin, including ended ones.
    pub(super) async fn found(&self, scope: Scope, by: &Search) -> Result<Found, StoreError> {
        match by {
            // Its end is not known here; 0 causes its row to be read.
            Search::Webhook(id) => Ok(Found(BTreeMap::from([(*id, 0)]))),
            Search::Terms(terms) => {
                let all = terms.iter().map(|term| self.found_by(scope, term));
                let all = futures::future::try_join_all(all).await?;
                Ok(Found(all.into_iter().flatten().collect()))
            }
        }
    }

    async fn found_by(
        &self,
        scope: Scope,
        term: &str,
    ) -> Result<Vec<(WebhookId, i64)>, StoreError> {
        let pk = keys::lookups::term(scope.workspace, scope.origin, term);
        let query = self
            .db
            .query()
            .table_name(&self.tables.lookups)
            .key_condition_expression("pk = :pk")
            .projection_expression("sk, expires_at")
            .expression_attribute_values(":pk", AttributeValue::S(pk));
        let mut rows = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(from_sdk)?;
            let id = WebhookId::from_key(item::text(&row, "sk")?);
            let id = id.map_err(|e| StoreError::Corrupt(e.to_string()))?;
            found.push((id, item::number(&row, "expires_at").unwrap_or(0)));
        }
        Ok(found)
    }
}

impl Listing<'_> {
    /// The newest of the found webhooks that pass the filter, at most `limit`.
    pub(super) async fn found_lane(
        &self,
        found: &Found,
        below: Option<WebhookId>,
        limit: usize,
    ) -> Result<Lane<Listed, WebhookId>, StoreError> {
        let mut reads = Vec::new();
        for (id, _) in self.candidates(found) {
            if below.is_none_or(|below| id < below) {
                reads.push(self.taken(id));
            }
        }
        let mut reads = stream::iter(reads).buffered(AT_ONCE.min(limit.max(1)));
        let mut items = Vec::new();
        while let Some(listed) = reads.try_next().await? {
            items.extend(listed);
            if items.len() == limit {
                break;
            }
        }
        Ok(Lane { items, stop: None })
    }

    /// Counts the found webhooks. Without other filters the lookup rows are sufficient, except for
    /// webhooks that end within this second.
    pub(super) async fn count_found(&self, found: &Found) -> Result<u64, StoreError> {
        let second = self.now.as_second();
        let sure = |end: i64| !self.filter.narrows() && second < end - 1;
        let (mut counted, mut reads) = (0, Vec::new());
        for (id, end) in self.candidates(found) {
            if sure(end) {
                counted += 1;
            } else if end == 0 || second <= end {
                reads.push(self.taken(id));
            }
        }
        let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(counted + read.iter().flatten().count() as u64)
    }

    /// The found webhooks inside the period, newest first.
    fn candidates(&self, found: &Found) -> Vec<(WebhookId, i64)> {
        let period = self.filter.period();
        let inside = found.0.iter().rev().map(|(id, end)| (*id, *end));
        let inside = inside.filter(move |(id, _)| period.holds(id.made_at()));
        inside.collect()
    }

    async fn taken(&self, webhook: WebhookId) -> Result<Option<Listed>, StoreError> {
        let Scope { workspace, origin, .. } = self.scope;
        let listed = self.store.listed_webhook(&WebhookKey { workspace, origin, webhook }).await?;
        let read = self.read_of(webhook.shard(), None);
        Ok(listed.filter(|listed| read.takes(listed)))
    }
}
