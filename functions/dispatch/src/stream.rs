//! Handles new events from the stream: in order within a subject, concurrently across subjects.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use aws_lambda_events::dynamodb::{Event as Batch, EventRecord};
use futures::{FutureExt, StreamExt, stream};
use gancho_domain::{common::ids::WorkspaceId, outbound::event::Event};
use gancho_edge::batch::BatchReply;
use gancho_store::{Item, events::event_from_item};
use jiff::Timestamp;

use crate::{App, commit};

/// The number of subjects that are processed concurrently.
const CONCURRENCY: usize = 8;

/// A new event and its sequence number in the stream.
struct Arrival {
    sequence: String,
    workspace: WorkspaceId,
    event: Event,
}

/// Dispatches new events. Returns those that were not dispatched to all targets.
pub(crate) async fn handle(app: &App, batch: Batch, deadline: Timestamp) -> BatchReply {
    let mut lines: BTreeMap<(WorkspaceId, String), Vec<Arrival>> = BTreeMap::new();
    for arrival in batch.records.into_iter().filter_map(arrival) {
        let line = (arrival.workspace, arrival.event.subject.clone());
        lines.entry(line).or_default().push(arrival);
    }
    let lines = lines.into_values().map(|line| one_line(app, line, deadline));
    let failed: Vec<Vec<String>> =
        stream::iter(lines).buffer_unordered(CONCURRENCY).collect().await;
    let mut reply = BatchReply::default();
    // Lambda retries from the lowest sequence number.
    for sequence in failed.into_iter().flatten() {
        reply.again(sequence);
    }
    reply
}

/// The new event of a record.
fn arrival(record: EventRecord) -> Option<Arrival> {
    if record.event_name != "INSERT" {
        return None;
    }
    let item: Item = record.change.new_image.into();
    match event_from_item(item) {
        Ok((workspace, event)) => {
            Some(Arrival { sequence: record.change.sequence_number?, workspace, event })
        }
        Err(error) => {
            // A retry cannot repair a row.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

/// Dispatches the events of one subject. Events after a failed one wait for it.
async fn one_line(app: &App, line: Vec<Arrival>, deadline: Timestamp) -> Vec<String> {
    let mut failed = Vec::new();
    for arrival in line {
        let late = app.deps.clock.now() >= deadline;
        if late || !failed.is_empty() || !one(app, &arrival).await {
            failed.push(arrival.sequence);
        }
    }
    failed
}

async fn one(app: &App, arrival: &Arrival) -> bool {
    let run = commit::dispatch(app, arrival.workspace, &arrival.event);
    let cause = match AssertUnwindSafe(run).catch_unwind().await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic".to_owned(),
    };
    tracing::warn!(
        workspace.id = %arrival.workspace,
        webhook.id = arrival.event.cause.webhook().map(|id| id.to_string()),
        event.id = %arrival.event.id,
        error.cause = cause,
        "not dispatched to all"
    );
    false
}
