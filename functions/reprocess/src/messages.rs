//! Asking *process* for runs, and ourselves for parts of jobs: ids only, in queues.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    ids::{JobId, OriginId, WebhookId, WorkspaceId},
    job::{Job, Kind, PartId},
    webhook::WebhookKey,
};
use gancho_edge::queue::{self, BellError, JobBell, ProcessBell, VERSION};
use gancho_store::cause;

use crate::App;

/// Messages of one call; SQS takes no more.
const A_CALL: usize = 10;
/// Calls under way at once.
const AT_ONCE: usize = 4;

/// Messages could not be sent; the cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue did not take the bells: {0}")]
pub(crate) struct NotRung(String);

/// Rings one run of a webhook.
pub(crate) async fn run(app: &App, key: WebhookKey, run: u32) -> Result<(), BellError> {
    queue::ring(&app.sqs, &app.process_retry, &process_bell(key, run, None)).await
}

/// Rings runs of webhooks for a job.
pub(crate) async fn runs(
    app: &App,
    (workspace, origin, job): (WorkspaceId, OriginId, JobId),
    runs: &[(WebhookId, u32)],
) -> Result<(), NotRung> {
    let bells = runs.iter().map(|(webhook, run)| {
        process_bell(WebhookKey { workspace, origin, webhook: *webhook }, *run, Some(job))
    });
    all(app, &app.process_retry, bells.map(|bell| text(&bell))).await
}

/// Rings parts of a job, in the queue of whoever works on its kind.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, &Job),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), NotRung> {
    let id = job.id;
    let bells = parts
        .into_iter()
        .map(|part| text(&JobBell { v: VERSION, workspace, job: id, part: part.to_string() }));
    let queue = match job.kind {
        Kind::Reprocess => &app.jobs,
        Kind::Resend => &app.resend,
    };
    all(app, queue, bells).await
}

fn process_bell(key: WebhookKey, run: u32, job: Option<JobId>) -> ProcessBell {
    let WebhookKey { workspace, origin, webhook } = key;
    ProcessBell { v: VERSION, workspace, origin, webhook, run, job }
}

fn text(bell: &impl serde::Serialize) -> Result<String, NotRung> {
    serde_json::to_string(bell).map_err(|e| NotRung(e.to_string()))
}

async fn all(
    app: &App,
    queue: &str,
    bodies: impl Iterator<Item = Result<String, NotRung>>,
) -> Result<(), NotRung> {
    let bodies: Vec<String> = bodies.collect::<Result<_, _>>()?;
    let calls: Vec<_> = bodies.chunks(A_CALL).map(|bodies| some(app, queue, bodies)).collect();
    stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await
}

async fn some(app: &App, queue: &str, bodies: &[String]) -> Result<(), NotRung> {
    let entries = bodies.iter().enumerate().map(|(n, body)| {
        let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body);
        entry.build().map_err(|e| NotRung(e.to_string()))
    });
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let call = app.sqs.send_message_batch().queue_url(queue).set_entries(Some(entries));
    let sent = call.send().await.map_err(|e| NotRung(cause(&e)))?;
    match sent.failed().first() {
        None => Ok(()),
        Some(failed) => Err(NotRung(failed.code().to_owned())),
    }
}
