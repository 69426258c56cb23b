//! Handles the records of the deliveries' stream: each delivery's in order, then the health of each
//! gate once a batch.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use aws_lambda_events::dynamodb::Event as Batch;
use futures::{FutureExt, StreamExt, stream};
use gancho_domain::common::ids::DeliveryId;
use gancho_edge::batch::BatchReply;
use jiff::Timestamp;

use crate::{
    App, Error,
    change::{self, Change},
    gone, health, hold, probe, schedule, telemetry,
};

/// Deliveries that are handled concurrently.
const SIDE_BY_SIDE: usize = 8;

/// Handles a batch. The reply lists the records that failed.
pub(crate) async fn handle(app: &App, batch: Batch, deadline: Timestamp) -> BatchReply {
    let changes: Vec<Change> = batch.records.into_iter().filter_map(change::read).collect();
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
