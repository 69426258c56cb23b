//! Asking *process* for runs, and ourselves for parts of jobs: ids only, in queues.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        ids::{JobId, OriginId, WebhookId, WorkspaceId},
        job::{Job, Kind, PartId},
    },
    inbound::webhook::WebhookKey,
};
use gancho_edge::queue::{self, JobMessage, ProcessMessage, QueueError, VERSION};
use gancho_store::cause;

use crate::App;

/// Messages of one call; SQS takes no more.
const A_CALL: usize = 10;
/// Calls under way at once.
const AT_ONCE: usize = 4;

/// Messages could not be sent; the cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue did not take the messages: {0}")]
pub(crate) struct BatchError(String);

/// Rings one run of a webhook.
pub(crate) async fn run(app: &App, key: WebhookKey, run: u32) -> Result<(), QueueError> {
    queue::enqueue(&app.sqs, &app.process_retry, &process_message(key, run, None)).await
}

/// Rings runs of webhooks for a job.
pub(crate) async fn runs(
    app: &App,
    (workspace, origin, job): (WorkspaceId, OriginId, JobId),
    runs: &[(WebhookId, u32)],
) -> Result<(), BatchError> {
    let messages = runs.iter().map(|(webhook, run)| {
        process_message(WebhookKey { workspace, origin, webhook: *webhook }, *run, Some(job))
    });
    all(app, &app.process_retry, messages.map(|message| text(&message))).await
}

/// Rings parts of a job, in the queue of whoever works on its kind.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, &Job),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), BatchError> {
    let id = job.id;
    let messages = parts
        .into_iter()
        .map(|part| text(&JobMessage { v: VERSION, workspace, job: id, part: part.to_string() }));
    let queue = match job.kind {
        Kind::Reprocess => &app.jobs,
        Kind::Resend => &app.resend,
    };
    all(app, queue, messages).await
}

fn process_message(key: WebhookKey, run: u32, job: Option<JobId>) -> ProcessMessage {
    let WebhookKey { workspace, origin, webhook } = key;
    ProcessMessage { v: VERSION, workspace, origin, webhook, run, job }
}

fn text(message: &impl serde::Serialize) -> Result<String, BatchError> {
    serde_json::to_string(message).map_err(|e| BatchError(e.to_string()))
}

async fn all(
    app: &App,
    queue: &str,
    bodies: impl Iterator<Item = Result<String, BatchError>>,
) -> Result<(), BatchError> {
    let bodies: Vec<String> = bodies.collect::<Result<_, _>>()?;
    let calls: Vec<_> = bodies.chunks(A_CALL).map(|bodies| some(app, queue, bodies)).collect();
    stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await
}

async fn some(app: &App, queue: &str, bodies: &[String]) -> Result<(), BatchError> {
    let entries = bodies.iter().enumerate().map(|(n, body)| {
        let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body);
        entry.build().map_err(|e| BatchError(e.to_string()))
    });
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let call = app.sqs.send_message_batch().queue_url(queue).set_entries(Some(entries));
    let sent = call.send().await.map_err(|e| BatchError(cause(&e)))?;
    match sent.failed().first() {
        None => Ok(()),
        Some(failed) => Err(BatchError(failed.code().to_owned())),
    }
}
