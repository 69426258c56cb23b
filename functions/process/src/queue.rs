//! Handles the queue of webhooks that were deferred, or that a user or a job reprocesses.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_domain::inbound::webhook::{Cause, WebhookKey};
use gancho_edge::{
    batch::{BatchReply, caught},
    queue::{self, ProcessMessage},
};
use gancho_store::StoreError;
use jiff::Timestamp;

use crate::{
    App,
    run::{self, RunResult, Task},
};

/// Handles messages one by one. A message that fails is delivered again and moves to the
/// dead-letter queue after five deliveries.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    let mut reply = BatchReply::default();
    for message in batch.records {
        let id = message.message_id.clone().unwrap_or_default();
        let late = app.deps.clock.now() >= deadline;
        if late || !one(app, &message).await {
            reply.again(id);
        }
    }
    reply
}

async fn one(app: &App, message: &SqsMessage) -> bool {
    let id = message.message_id.as_deref().unwrap_or_default();
    match read(id, message.body.as_deref().unwrap_or_default()) {
        Some(task) => is_done(app, &task, Box::pin(run::run(app, &task, None))).await,
        None => false,
    }
}

/// True if the work of a message is done. Otherwise the message stays in its queue.
pub(crate) async fn is_done(
    app: &App,
    task: &Task,
    work: impl Future<Output = Result<RunResult, StoreError>>,
) -> bool {
    match caught(settled(app, task, work)).await {
        Ok(RunResult::Written | RunResult::Superseded) => true,
        Ok(RunResult::Gone) => {
            tracing::warn!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number,
                "webhook not found or expired; message dropped"
            );
            true
        }
        Err(cause) => {
            tracing::warn!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number, error.cause = cause,
                "not processed"
            );
            false
        }
    }
}

/// Does the work, and lets a job know of a run that it enqueued and that will not happen.
async fn settled(
    app: &App,
    task: &Task,
    work: impl Future<Output = Result<RunResult, StoreError>>,
) -> Result<RunResult, StoreError> {
    let result = work.await?;
    if let (Cause::Job(job), RunResult::Superseded | RunResult::Gone) = (task.cause, result) {
        app.store.drop_job_run((task.key.workspace, job), task.key.webhook).await?;
    }
    Ok(result)
}

/// Parses a message and logs a malformed one.
pub(crate) fn read(message: &str, body: &str) -> Option<Task> {
    let task = task(body);
    if task.is_none() {
        tracing::error!(message.id = message, "malformed message");
    }
    task
}

fn task(body: &str) -> Option<Task> {
    let message: ProcessMessage = queue::read(body)?;
    let key = WebhookKey {
        workspace: message.workspace,
        origin: message.origin,
        webhook: message.webhook,
    };
    let cause = match message.job {
        Some(job) => Cause::Job(job),
        None if message.run == 1 => Cause::Received,
        None => Cause::Reprocess,
    };
    (message.run > 0).then_some(Task { key, number: message.run, cause, by: message.by })
}
