//! Handles new webhooks from the history's stream: in order within an integration, concurrently
//! across integrations.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use futures::{FutureExt, StreamExt, stream};
use gancho_domain::{common::ids::IntegrationId, inbound::webhook::Cause};
use gancho_edge::{
    batch::BatchReply,
    metrics::Metric,
    queue::{ProcessMessage, Queue, QueueError},
};
use gancho_store::{
    Item,
    history::{HistoryRow, StoredWebhook},
};
use jiff::Timestamp;

use crate::{
    App,
    run::{self, Task},
};

/// The number of integrations that are processed concurrently.
const CONCURRENCY: usize = 8;

/// A new webhook and its sequence number in the stream.
struct Arrival {
    sequence: String,
    webhook: StoredWebhook,
}

/// Processes new webhooks. Returns those that could be neither processed nor deferred.
pub(crate) async fn handle(app: &App, batch: Event, deadline: Timestamp) -> BatchReply {
    let mut lines: BTreeMap<IntegrationId, Vec<Arrival>> = BTreeMap::new();
    for arrival in batch.records.into_iter().filter_map(arrival) {
        lines.entry(arrival.webhook.received.integration).or_default().push(arrival);
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

/// The new webhook of a record, or `None` for a run or a removal.
fn arrival(record: EventRecord) -> Option<Arrival> {
    if record.event_name != "INSERT" {
        return None;
    }
    let item: Item = record.change.new_image.into();
    match HistoryRow::from_item(item) {
        Ok(HistoryRow::Webhook(webhook)) => {
            Some(Arrival { sequence: record.change.sequence_number?, webhook: *webhook })
        }
        Ok(HistoryRow::Run(_)) => None,
        Err(error) => {
            // A retry cannot repair a row. The sweep finds it pending and enqueues it by its key.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

async fn one_line(app: &App, line: Vec<Arrival>, deadline: Timestamp) -> Vec<String> {
    let mut failed = Vec::new();
    for arrival in line {
        if app.deps.clock.now() >= deadline || one(app, arrival.webhook).await.is_err() {
            failed.push(arrival.sequence);
        }
    }
    failed
}

/// Processes one webhook or defers it to the retry queue. `Err`: both failed.
async fn one(app: &App, webhook: StoredWebhook) -> Result<(), ()> {
    let task = Task { key: webhook.received.key, number: 1, cause: Cause::Received };
    let run = AssertUnwindSafe(run::run(app, task, Some(webhook))).catch_unwind().await;
    let cause = match run {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic".to_owned(),
    };
    let (ws, webhook) = (task.key.workspace, task.key.webhook);
    tracing::warn!(
        workspace.id = %ws, webhook.id = %webhook, run.number = task.number, error.cause = cause,
        "deferred to retry queue"
    );
    defer(app, task).await.map_err(|error| {
        tracing::error!(
            workspace.id = %ws, webhook.id = %webhook, run.number = task.number,
            error.cause = %error,
            "not deferred to retry queue"
        );
    })
}

/// Enqueues a task in the retry queue.
pub(crate) async fn defer(app: &App, task: Task) -> Result<(), QueueError> {
    let job = match task.cause {
        Cause::Job(job) => Some(job),
        Cause::Received | Cause::Reprocess => None,
    };
    let message = ProcessMessage::of(task.key, task.number, job);
    app.queues.send(Queue::ProcessRetry, &message, 0).await?;
    app.deps.metrics.one(Metric::WebhooksDeferred);
    Ok(())
}
