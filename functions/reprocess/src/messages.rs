//! Messages to *process* for runs.

use gancho_domain::{
    common::ids::{JobId, OriginId, WebhookId, WorkspaceId},
    inbound::webhook::WebhookKey,
};
use gancho_edge::queue::{ProcessMessage, Queue, QueueError};

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
