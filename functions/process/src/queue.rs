//! Webhooks to process again: put aside, asked for by a person or a job, or given up.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::FutureExt;
use gancho_domain::webhook::{Cause, WebhookKey};
use gancho_edge::{
    batch::BatchReply,
    bells::{ProcessBell, VERSION},
};
use jiff::Timestamp;

use crate::{
    App,
    work::{self, Done, Task},
};

/// How the name of every dead-letter queue ends.
const DEAD_LETTERS: &str = "-dlq";

/// Handles messages one by one; those that could not be handled come again, and end in the
/// dead-letter queue after five times.
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
    let Some(task) = task(message.body.as_deref().unwrap_or_default()) else {
        tracing::error!(message.id = message.message_id, "a message is no bell");
        return false;
    };
    let source = message.event_source_arn.as_deref().unwrap_or_default();
    let dead = source.split(':').next_back().is_some_and(|queue| queue.contains(DEAD_LETTERS));
    let done = async {
        if dead { work::give_up(app, task).await } else { work::run(app, task, None).await }
    };
    match AssertUnwindSafe(done).catch_unwind().await {
        Ok(Ok(Done::Written)) => true,
        Ok(Ok(Done::Gone)) => {
            tracing::warn!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number,
                "the webhook has ended; bell dropped"
            );
            true
        }
        Ok(Err(error)) => {
            tracing::warn!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number, error.cause = %error,
                "not processed"
            );
            false
        }
        Err(_) => {
            tracing::error!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number, error.cause = "panic",
                "not processed"
            );
            false
        }
    }
}

/// Reads a bell; versions that are not known are not guessed at.
fn task(body: &str) -> Option<Task> {
    let bell: ProcessBell = serde_json::from_str(body).ok()?;
    let key = WebhookKey { workspace: bell.workspace, origin: bell.origin, webhook: bell.webhook };
    let cause = match bell.job {
        Some(job) => Cause::Job(job),
        None if bell.run == 1 => Cause::Received,
        None => Cause::Reprocess,
    };
    (bell.v == VERSION && bell.run > 0).then_some(Task { key, number: bell.run, cause })
}
