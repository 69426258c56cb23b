//! Reads of a stretch of the deliveries, newest first.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, IntegrationId, RuleId},
    outbound::{delivery::StateName, delivery_filter::DeliveryFilter, delivery_tally::StateCounts},
};

use super::DeliveryListing;
use crate::{
    StoreError,
    deliveries::{StoredDelivery, delivery_from_item},
    error::from_sdk,
    item::{self, Item},
    keys,
    listing::{
        Window,
        segments::{Found, Most, Segment},
    },
};

impl DeliveryListing<'_> {
    /// The newest matches of a stretch.
    pub(super) async fn matches_in(
        &self,
        shard: u8,
        segment: Segment,
        below: Option<DeliveryId>,
        most: Most,
    ) -> Result<Found<StoredDelivery, DeliveryId>, StoreError> {
        let window = segment.window;
        let query = self.window(shard, &window, below);
        let query = narrowed(query, self.filter, true).set_limit(page_size(&segment, most));
        let mut pages = query.into_paginator().send();
        let mut found = Found { items: Vec::new(), rows: 0, stop: None };
        while let Some(page) = pages.next().await {
            let page = page.map_err(from_sdk)?;
            found.rows += usize::try_from(page.scanned_count).unwrap_or(0);
            let last = page.last_evaluated_key().and_then(|key| item::text(key, "sk").ok());
            let stop = last.and_then(|sk| DeliveryId::from_key(sk).ok());
            for row in page.items.unwrap_or_default() {
                let meant = |it: &StoredDelivery| {
                    below.is_none_or(|below| it.delivery.id < below)
                        && self.is_there(it, &window)
                        && self.filter.takes(&it.delivery)
                };
                found.items.extend(read(row).filter(meant));
                if found.items.len() == most.items {
                    return Ok(found);
                }
            }
            if found.rows >= most.rows {
                return Ok(Found { stop, ..found });
            }
        }
        Ok(found)
    }

    /// The number of deliveries of a stretch in each state, whatever states the filter names.
    pub(super) async fn states_in(
        &self,
        shard: u8,
        window: Window,
    ) -> Result<StateCounts, StoreError> {
        let query = narrowed(self.window(shard, &window, None), self.filter, false);
        let mut rows = query.into_paginator().items().send();
        let mut counts = StateCounts::default();
        while let Some(row) = rows.next().await {
            let found = read(row.map_err(from_sdk)?);
            let meant = |it: &StoredDelivery| {
                self.is_there(it, &window) && self.filter.takes_but_for_state(&it.delivery)
            };
            if let Some(found) = found.filter(meant) {
                counts.add(found.delivery.state.name());
            }
        }
        Ok(counts)
    }

    /// Reports whether a delivery has not ended and belongs to this stretch, not to its neighbour.
    fn is_there(&self, stored: &StoredDelivery, window: &Window) -> bool {
        let delivery = &stored.delivery;
        self.now < delivery.expires_at && delivery.id.made_at() < window.to
    }

    fn window(&self, shard: u8, window: &Window, below: Option<DeliveryId>) -> QueryFluentBuilder {
        let (low, high) = (DeliveryId::floor(window.from), DeliveryId::floor(window.to));
        let high = below.map_or(high, |below| below.min(high));
        let pk = keys::deliveries::partition(self.ws, window.day, shard);
        self.store
            .db
            .query()
            .table_name(&self.store.tables.deliveries)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":low", AttributeValue::S(low.key()))
            .expression_attribute_values(":high", AttributeValue::S(high.key()))
            .scan_index_forward(false)
    }
}

/// The number of rows of a page: enough to hold the requested matches, and some more.
fn page_size(segment: &Segment, most: Most) -> Option<i32> {
    let rows = segment.items_for(most.items);
    let rows = rows.saturating_add(rows / 4).saturating_add(8);
    i32::try_from(rows.min(most.rows as u64)).ok()
}

/// Reads a row. An unreadable row is skipped and logged, so that it does not hide all others.
fn read(row: Item) -> Option<StoredDelivery> {
    let place = item::text(&row, "sk").unwrap_or_default().to_owned();
    match delivery_from_item(row) {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::error!(delivery.id = place, error.cause = %error, "record skipped in a list");
            None
        }
    }
}

/// Adds a filter expression: DynamoDB drops the rows that cannot match.
fn narrowed(
    mut query: QueryFluentBuilder,
    filter: &DeliveryFilter,
    states: bool,
) -> QueryFluentBuilder {
    let receivers = filter.endpoints.iter().map(EndpointId::key);
    let receivers = receivers.chain(filter.integrations.iter().map(IntegrationId::key));
    let states = filter.states.iter().filter(|_| states).copied().map(StateName::as_str);
    let any_of: [(&str, Vec<String>); 3] = [
        ("st", states.map(str::to_owned).collect()),
        ("ru", filter.rules.iter().map(RuleId::key).collect()),
        ("ep", receivers.collect()),
    ];
    let mut conditions = Vec::new();
    for (name, values) in any_of.into_iter().filter(|(_, values)| !values.is_empty()) {
        let mut names = Vec::new();
        for (number, value) in values.into_iter().enumerate() {
            let place = format!(":{name}{number}");
            query = query.expression_attribute_values(&place, AttributeValue::S(value));
            names.push(place);
        }
        conditions.push(format!("{name} IN ({})", names.join(", ")));
    }
    if conditions.is_empty() { query } else { query.filter_expression(conditions.join(" AND ")) }
}
