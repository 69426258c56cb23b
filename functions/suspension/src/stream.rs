//! Handles the records of the deliveries' stream: each delivery's in order, then the health of each
//! gate once a batch.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use aws_lambda_events::dynamodb::{Event as Batch, EventRecord};
use futures::{FutureExt, StreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::delivery::{Attempt, Delivery, State},
};
use gancho_edge::batch::BatchReply;
use gancho_store::{Item, deliveries::delivery_from_item};
use jiff::Timestamp;

use crate::{App, Error, gone, health, hold, probe, schedule, telemetry};

/// Deliveries that are handled concurrently.
const SIDE_BY_SIDE: usize = 8;

/// A change of a delivery, from one stream record.
#[derive(Debug)]
pub(crate) struct Change {
    /// The record's sequence number.
    pub(crate) sequence: String,
    /// The row's partition key: records of one partition come in order.
    pub(crate) partition: String,
    pub(crate) workspace: WorkspaceId,
    pub(crate) old: Option<Delivery>,
    pub(crate) new: Delivery,
}

impl Change {
    /// The attempts that this change added.
    pub(crate) fn new_attempts(&self) -> &[Attempt] {
        let known = self.old.as_ref().map_or(0, |old| old.attempts.len());
        self.new.attempts.get(known..).unwrap_or_default()
    }

    /// Returns true if the state changed.
    pub(crate) fn moved(&self) -> bool {
        self.old.as_ref().is_none_or(|old| old.state != self.new.state)
    }

    /// Returns true if the delivery was held before.
    pub(crate) fn was_held(&self) -> bool {
        self.old.as_ref().is_some_and(|old| matches!(old.state, State::Held { .. }))
    }
}

/// Handles a batch. The reply lists the records that failed.
pub(crate) async fn handle(app: &App, batch: Batch, deadline: Timestamp) -> BatchReply {
    let changes: Vec<Change> = batch.records.into_iter().filter_map(change).collect();
    let mut lines: BTreeMap<DeliveryId, Vec<&Change>> = BTreeMap::new();
    for change in &changes {
        lines.entry(change.new.id).or_default().push(change);
    }
    // A list: over a borrowing iterator the future would not be `Send` for every lifetime.
    let lines: Vec<_> = lines.into_values().map(|line| one_line(app, line, deadline)).collect();
    let failed: Vec<Vec<String>> =
        stream::iter(lines).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut failed: BTreeSet<String> = failed.into_iter().flatten().collect();
    failed.extend(health::batch(app, &changes).await);
    let mut reply = BatchReply::default();
    // Lambda retries the batch from the lowest of them.
    for sequence in failed {
        reply.again(sequence);
    }
    reply
}

/// Reads a change from a record; `None` for removals and unreadable rows.
fn change(record: EventRecord) -> Option<Change> {
    if record.event_name == "REMOVE" {
        return None;
    }
    let sequence = record.change.sequence_number?;
    let new: Item = record.change.new_image.into();
    let old: Item = record.change.old_image.into();
    let partition = new.get("pk")?.as_s().ok()?.clone();
    let old = if old.is_empty() { Ok(None) } else { delivery_from_item(old).map(Some) };
    match old.and_then(|old| Ok((old, delivery_from_item(new)?))) {
        Ok((old, new)) => Some(Change {
            sequence,
            partition,
            workspace: new.workspace,
            old: old.map(|old| old.delivery),
            new: new.delivery,
        }),
        Err(error) => {
            // A retry cannot repair a row.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

/// Handles the records of one delivery in order; stops at the first failure. Returns the sequence
/// numbers of the records that failed or were not tried.
async fn one_line(app: &App, line: Vec<&Change>, deadline: Timestamp) -> Vec<String> {
    let mut failed = Vec::new();
    for change in line {
        let late = app.now() >= deadline;
        if late || !failed.is_empty() || !one(app, change).await {
            failed.push(change.sequence.clone());
        }
    }
    failed
}

async fn one(app: &App, change: &Change) -> bool {
    let cause = match AssertUnwindSafe(follow(app, change)).catch_unwind().await {
        Ok(Ok(())) => {
            telemetry::moved(app, change);
            return true;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic".to_owned(),
    };
    tracing::warn!(
        workspace.id = %change.workspace,
        event.id = %change.new.event,
        delivery.id = %change.new.id,
        endpoint.id = change.new.endpoint().map(|id| id.to_string()),
        error.cause = cause,
        "delivery change not handled"
    );
    false
}

async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    hold::follow(app, change).await?;
    schedule::follow(app, change).await?;
    gone::follow(app, change).await?;
    probe::follow(app, change).await
}
