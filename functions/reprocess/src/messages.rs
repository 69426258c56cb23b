//! Messages to *process* for runs.

use gancho_domain::{
    common::{
        by::By,
        ids::{OriginId, WebhookId, WorkspaceId},
        job::Job,
    },
    inbound::webhook::WebhookKey,
};
use gancho_edge::queue::{ProcessMessage, Queue, QueueError};

use crate::App;

/// Enqueues one run of a webhook.
pub(crate) async fn run(
    app: &App,
    key: WebhookKey,
    run: u32,
    by: Option<By>,
) -> Result<(), QueueError> {
    app.queues.send(Queue::ProcessRetry, &ProcessMessage::of(key, run, (None, by)), 0).await
}

/// Enqueues runs of webhooks for a job.
pub(crate) async fn runs(
    app: &App,
    (workspace, origin, job): (WorkspaceId, OriginId, &Job),
    runs: &[(WebhookId, u32)],
) -> Result<(), QueueError> {
    let messages = runs.iter().map(|&(webhook, run)| {
        let key = WebhookKey { workspace, origin, webhook };
        ProcessMessage::of(key, run, (Some(job.id), job.by.clone()))
    });
    app.queues.send_all(Queue::ProcessRetry, messages).await
}
