//! Maps records of the deliveries' stream to changes of the counters (`FACTS S2.4, D7`).
//!
//! A change of state decrements the old state's counter and increments the new one's. A claim
//! changes no state and no counter. Rows that TTL deletes need no change: counts already exclude
//! expired deliveries.

use std::collections::HashMap;

use aws_lambda_events::dynamodb::EventRecord;
use gancho_domain::{
    common::{calendar::Day, ids::WorkspaceId},
    outbound::{
        delivery::Delivery,
        delivery_tally::{DeliveryChange, retention_hours},
    },
};
use gancho_store::{
    Item,
    deliveries::delivery_from_item,
    delivery_tallies::{DeliveryCounted, DeliveryTallyKey},
    tallies::sequence,
};
use jiff::Timestamp;

/// A change of one row of counters.
#[derive(Debug)]
pub(crate) struct Record {
    /// The row of counters.
    pub(crate) key: DeliveryTallyKey,
    /// The change.
    pub(crate) counted: DeliveryCounted,
    /// The record's sequence number as the stream spells it.
    pub(crate) sequence: String,
    /// The creation time of the delivery, if the record is its creation.
    pub(crate) made_at: Option<Timestamp>,
}

/// Reads a record and returns its changes: two if the delivery moved between rows of counters. An
/// unreadable row is logged and skipped; lists do not show it either.
pub(crate) fn read(record: EventRecord) -> Vec<Record> {
    let Some(number) = record.change.sequence_number else { return Vec::new() };
    let (old, new) = (record.change.old_image, record.change.new_image);
    let image = |item: Item| (!item.is_empty()).then(|| delivery_from_item(item)).transpose();
    let old = image(HashMap::from(old));
    let new = image(HashMap::from(new));
    match (record.event_name.as_str(), old, new) {
        ("INSERT", _, Ok(Some(new))) => {
            let made_at = Some(new.delivery.id.made_at());
            let to = change(&new.delivery, false, true);
            let insert = one(key(new.workspace, &new.delivery), to, &number);
            insert.into_iter().map(|record| Record { made_at, ..record }).collect()
        }
        ("MODIFY", Ok(Some(old)), Ok(Some(new))) => {
            moved(new.workspace, (&old.delivery, &new.delivery), &number)
        }
        ("INSERT" | "MODIFY", Err(error), _) | ("INSERT" | "MODIFY", _, Err(error)) => {
            tracing::error!(error.cause = %error, record.sequence = number, "record skipped");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn moved(ws: WorkspaceId, (old, new): (&Delivery, &Delivery), number: &str) -> Vec<Record> {
    let (from, to) = (key(ws, old), key(ws, new));
    if from != to {
        let left = one(from, change(old, true, false), number);
        return left.into_iter().chain(one(to, change(new, false, true), number)).collect();
    }
    if old.state.name() == new.state.name() {
        return Vec::new();
    }
    let change = DeliveryChange { from: Some(old.state.name()), ..change(new, false, true) };
    one(to, change, number).into_iter().collect()
}

fn change(delivery: &Delivery, leaves: bool, comes: bool) -> DeliveryChange {
    let state = delivery.state.name();
    DeliveryChange {
        made_at: delivery.id.made_at(),
        from: leaves.then_some(state),
        to: comes.then_some(state),
    }
}

fn one(key: DeliveryTallyKey, change: DeliveryChange, number: &str) -> Option<Record> {
    let counted = DeliveryCounted { sequence: sequence(number)?, change };
    Some(Record { key, counted, sequence: number.to_owned(), made_at: None })
}

fn key(workspace: WorkspaceId, delivery: &Delivery) -> DeliveryTallyKey {
    DeliveryTallyKey {
        workspace,
        day: Day::of(delivery.id.made_at()),
        shard: delivery.id.shard(),
        rule: delivery.rule,
        receiver: delivery.target.into(),
        hours: retention_hours(delivery),
    }
}
