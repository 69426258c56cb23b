//! The deliveries' records: each delivery's in order, then what counts together once a batch.

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

/// Deliveries that are worked on at the same time.
const SIDE_BY_SIDE: usize = 8;

/// What a record says: how a delivery was, and how it is.
#[derive(Debug)]
pub(crate) struct Change {
    /// Where in the stream it stands.
    pub(crate) sequence: String,
    /// The row's partition: records of one come in order.
    pub(crate) partition: String,
    pub(crate) workspace: WorkspaceId,
    pub(crate) old: Option<Delivery>,
    pub(crate) new: Delivery,
}

impl Change {
    /// Attempts that were not there before.
    pub(crate) fn fresh(&self) -> &[Attempt] {
        let known = self.old.as_ref().map_or(0, |old| old.attempts.len());
        self.new.attempts.get(known..).unwrap_or_default()
    }

    /// Whether the state is another one than before.
    pub(crate) fn moved(&self) -> bool {
        self.old.as_ref().is_none_or(|old| old.state != self.new.state)
    }

    /// Whether it waited for its endpoint before.
    pub(crate) fn was_held(&self) -> bool {
        self.old.as_ref().is_some_and(|old| matches!(old.state, State::Held { .. }))
    }
}

/// Follows a batch; gives back what could not be followed.
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
    // Lambda takes the lowest of them as the place to go on from.
    for sequence in failed {
        reply.again(sequence);
    }
    reply
}

/// What of a record is a delivery; removals are none.
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
            // Trying again cannot mend a row.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

/// The records of one delivery; what comes after one that failed waits for it.
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
