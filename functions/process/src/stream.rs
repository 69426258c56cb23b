//! New webhooks, from the history's stream: in order within an integration, side by side across.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use futures::{FutureExt, StreamExt, stream};
use gancho_domain::{common::ids::IntegrationId, inbound::webhook::Cause};
use gancho_edge::{
    batch::BatchReply,
    metrics::Metric,
    queue::{self, ProcessMessage},
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

/// Integrations that are worked on at the same time.
const SIDE_BY_SIDE: usize = 8;

/// A new webhook, and where in the stream it stands.
struct Arrival {
    sequence: String,
    webhook: StoredWebhook,
}

/// Processes what is new; gives back what could neither be processed nor put aside.
pub(crate) async fn handle(app: &App, batch: Event, deadline: Timestamp) -> BatchReply {
    let mut lines: BTreeMap<IntegrationId, Vec<Arrival>> = BTreeMap::new();
    for arrival in batch.records.into_iter().filter_map(arrival) {
        lines.entry(arrival.webhook.received.integration).or_default().push(arrival);
    }
    let lines = lines.into_values().map(|line| one_line(app, line, deadline));
    let failed: Vec<Vec<String>> =
        stream::iter(lines).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut reply = BatchReply::default();
    // Lambda takes the lowest of them as the place to go on from.
    for sequence in failed.into_iter().flatten() {
        reply.again(sequence);
    }
    reply
}

/// What of a record is a new webhook; runs and removals are none.
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
            // Trying again cannot mend a row; the sweep finds it pending and enqueues it by its key.
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

/// Processes one webhook, or puts it aside in the queue. `Err`: neither was possible.
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

/// Rings the queue for a task.
pub(crate) async fn defer(app: &App, task: Task) -> Result<(), queue::QueueError> {
    let queue = app.deps.settings.process_retry_queue.as_deref().unwrap_or_default();
    let job = match task.cause {
        Cause::Job(job) => Some(job),
        Cause::Received | Cause::Reprocess => None,
    };
    let message = ProcessMessage {
        v: queue::VERSION,
        workspace: task.key.workspace,
        origin: task.key.origin,
        webhook: task.key.webhook,
        run: task.number,
        job,
    };
    queue::enqueue(&app.deps.sqs, queue, &message).await?;
    app.deps.metrics.one(Metric::WebhooksDeferred);
    Ok(())
}
