//! Handles new webhooks from the history's stream: in order within a line of their batch,
//! concurrently across lines.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use gancho_domain::inbound::webhook::Cause;
use gancho_edge::{
    batch::{Arrival, BatchReply, caught, in_lines},
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
    lines::{self, InLine},
    run::{self, Arrived, Task},
};

/// Processes new webhooks. Returns those that could be neither processed nor deferred, and the
/// later ones of their lines.
pub(crate) async fn handle(app: &App, batch: Event, deadline: Timestamp) -> BatchReply {
    let arrivals = batch.records.into_iter().filter_map(arrival).collect();
    let arrivals = lines::plan(app, arrivals).await;
    let until = (&app.deps.clock, deadline);
    let handle = async |webhook: InLine| one(app, webhook.arrived).await;
    let failed = in_lines(arrivals, |webhook| webhook.line, until, handle).await;
    failed.into_iter().collect()
}

/// The new webhook of a record, or `None` for a run or a removal.
fn arrival(record: EventRecord) -> Option<Arrival<StoredWebhook>> {
    if record.event_name != "INSERT" {
        return None;
    }
    let item: Item = record.change.new_image.into();
    match HistoryRow::from_item(item) {
        Ok(HistoryRow::Webhook(webhook)) => {
            Some(Arrival { sequence: record.change.sequence_number?, value: *webhook })
        }
        Ok(HistoryRow::Run(_)) => None,
        Err(error) => {
            // A retry cannot repair a row. The sweep finds it pending and enqueues it by its key.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

/// Processes one webhook or defers it to the retry queue. False if both failed.
async fn one(app: &App, arrived: Arrived) -> bool {
    let task = Task::first(arrived.webhook.received.key);
    let Err(cause) = caught(run::run(app, &task, Some(arrived))).await else { return true };
    let (ws, webhook) = (task.key.workspace, task.key.webhook);
    tracing::warn!(
        workspace.id = %ws, webhook.id = %webhook, run.number = task.number, error.cause = cause,
        "deferred to retry queue"
    );
    let Err(error) = defer(app, &task).await else { return true };
    tracing::error!(
        workspace.id = %ws, webhook.id = %webhook, run.number = task.number, error.cause = %error,
        "not deferred to retry queue"
    );
    false
}

/// Enqueues a task in the retry queue.
async fn defer(app: &App, task: &Task) -> Result<(), QueueError> {
    app.queues.send(Queue::ProcessRetry, &message(task), 0).await?;
    app.deps.metrics.one(Metric::WebhooksDeferred);
    Ok(())
}

/// Enqueues tasks in the retry queue, ten in a call.
pub(crate) async fn defer_all(
    app: &App,
    tasks: impl Iterator<Item = Task>,
) -> Result<(), QueueError> {
    let messages: Vec<ProcessMessage> = tasks.map(|task| message(&task)).collect();
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    app.queues.send_all(Queue::ProcessRetry, messages).await?;
    app.deps.metrics.add(Metric::WebhooksDeferred, count);
    Ok(())
}

fn message(task: &Task) -> ProcessMessage {
    let job = match task.cause {
        Cause::Job(job) => Some(job),
        Cause::Received | Cause::Reprocess => None,
    };
    ProcessMessage::of(task.key, task.number, (job, task.by.clone()))
}
