//! Messages to *process* for runs, and to the workers of jobs for parts.

use gancho_domain::{
    common::{
        ids::{JobId, OriginId, WebhookId, WorkspaceId},
        job::{Job, PartId},
    },
    inbound::webhook::WebhookKey,
};
use gancho_edge::queue::{JobMessage, ProcessMessage, Queue, QueueError};

use crate::App;

/// Enqueues one run of a webhook.
pub(crate) async fn run(app: &App, key: WebhookKey, run: u32) -> Result<(), QueueError> {
    app.queues.send(Queue::ProcessRetry, &ProcessMessage::of(key, run, None), 0).await
}

/// Enqueues runs of webhooks for a job.
pub(crate) async fn runs(
    app: &App,
    (workspace, origin, job): (WorkspaceId, OriginId, JobId),
    runs: &[(WebhookId, u32)],
) -> Result<(), QueueError> {
    let messages = runs.iter().map(|&(webhook, run)| {
        ProcessMessage::of(WebhookKey { workspace, origin, webhook }, run, Some(job))
    });
    app.queues.send_all(Queue::ProcessRetry, messages).await
}

/// Enqueues parts of a job, in the queue of its kind.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, &Job),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), QueueError> {
    let messages = parts.into_iter().map(|part| JobMessage::of(workspace, job.id, part));
    app.queues.send_all(Queue::of_job(job.kind), messages).await
}
