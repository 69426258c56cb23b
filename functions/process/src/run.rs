//! One run of one webhook: load -> decide -> save. A run is idempotent.

use std::sync::Arc;

use gancho_domain::{
    common::{by::By, code::Code},
    inbound::webhook::{Cause, Received, Remark, Run, Test, Verdict, WebhookKey, status_of},
};
use gancho_store::{
    Store, StoreError, backoff,
    history::{StoredWebhook, WebhookAndRuns},
};
use jiff::Timestamp;

use crate::{
    App,
    apply::{RunContext, Written},
    config::{CacheUse, Config},
    extract::{self, Reading},
    telemetry,
};

/// A run to do: its webhook, its number and its cause.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) key: WebhookKey,
    pub(crate) number: u32,
    pub(crate) cause: Cause,
    /// The author of the request.
    pub(crate) by: Option<By>,
}

/// The result of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunResult {
    /// The run is written, now or by an earlier attempt.
    Written,
    /// The number belongs to a run with another cause. Nothing is to be done.
    Superseded,
    /// The webhook has expired or does not exist. Nothing is to be done.
    Gone,
}

/// A webhook as its stream record has it.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The row of the record.
    pub(crate) webhook: StoredWebhook,
    /// The configuration and the reading, if the body was in the row.
    pub(crate) reading: Option<(Arc<Config>, Reading)>,
}

/// Does a run; tries it up to five times if an error may pass. Only the first attempt uses what
/// has `arrived`.
pub(crate) async fn run(
    app: &App,
    task: &Task,
    mut arrived: Option<Arrived>,
) -> Result<RunResult, StoreError> {
    let writer = (task.key.webhook, app.deps.ids.entropy());
    backoff::retry(writer, || attempt_once(app, task, arrived.take())).await
}

async fn attempt_once(
    app: &App,
    task: &Task,
    arrived: Option<Arrived>,
) -> Result<RunResult, StoreError> {
    let now = app.deps.clock.now();
    let (loaded, reading) = match arrived {
        Some(Arrived { webhook, reading }) => {
            (Some(WebhookAndRuns { webhook, runs: Vec::new() }), reading)
        }
        None => (app.store.webhook(&task.key, now).await?, None),
    };
    let Some(WebhookAndRuns { mut webhook, runs }) = loaded else { return Ok(RunResult::Gone) };
    if now >= webhook.received.expires_at {
        return Ok(RunResult::Gone);
    }
    if let Some(run) = runs.iter().find(|run| run.number == task.number) {
        // The run was written before, but its lookups may be missing.
        app.store.put_lookups(&webhook.received, run).await?;
        return Ok(written_by(run, task));
    }
    let written = work_out(app, task, (&mut webhook, reading), &runs, now).await?;
    telemetry::committed(app, &webhook.received, (&written.run, &written.events));
    app.store.put_lookups(&webhook.received, &written.run).await?;
    Ok(RunResult::Written)
}

/// The result of a task whose run was written before.
fn written_by(run: &Run, task: &Task) -> RunResult {
    let own = (run.number, run.cause) == (task.number, task.cause);
    if own { RunResult::Written } else { RunResult::Superseded }
}

impl Task {
    /// The first run of a webhook.
    pub(crate) fn first(key: WebhookKey) -> Self {
        Self { key, number: 1, cause: Cause::Received, by: None }
    }
}

/// Reads, decides and commits. Returns the written run.
async fn work_out(
    app: &App,
    task: &Task,
    (webhook, reading): (&mut StoredWebhook, Option<(Arc<Config>, Reading)>),
    runs: &[Run],
    now: Timestamp,
) -> Result<Written, StoreError> {
    let (config, reading) = match reading {
        Some((config, reading)) => (Some(config), Some(reading)),
        None => (config(app, task, &webhook.received, now).await?, None),
    };
    let mut run = blank(task, runs, now);
    let Some(config) = config else {
        return fail(&app.store, webhook, run, Remark::new(Code::IntegrationDeleted)).await;
    };
    // The first run uses the state at receipt, later runs the current one (`FACTS D9, S1.6`).
    let active = if task.number == 1 { webhook.received.active } else { config.integration.active };
    // A preview changes nothing, so it may run before the integration is used.
    if !active && webhook.received.test != Some(Test::Preview) {
        return fail(&app.store, webhook, run, Remark::new(Code::IntegrationInactive)).await;
    }
    run.mapping_version = Some(config.integration.mapping_version);
    let reading = match reading {
        Some(reading) => reading,
        None => read(&app.store, &config, webhook).await?,
    };
    run.found_by = reading.found_by();
    run.warnings.clone_from(&reading.warnings);
    let in_payload = webhook.received.delivery_id.is_none();
    run.delivery_id = reading.delivery_id.clone().filter(|_| in_payload);
    if let Some(failure) = reading.failure {
        return fail(&app.store, webhook, run, failure).await;
    }
    let context = RunContext { app, config: &config, received: &webhook.received, runs, now };
    context.apply(&reading, run).await
}

/// The configuration of a run.
async fn config(
    app: &App,
    task: &Task,
    received: &Received,
    now: Timestamp,
) -> Result<Option<Arc<Config>>, StoreError> {
    let key = (task.key.workspace, task.key.origin, received.integration);
    let cache_use = if task.number == 1 { CacheUse::Recent } else { CacheUse::Now };
    app.configs.find(&app.store, key, cache_use, now).await
}

/// Reads a webhook's body. A damaged one is a reading that failed.
pub(crate) async fn read(
    store: &Store,
    config: &Config,
    webhook: &mut StoredWebhook,
) -> Result<Reading, StoreError> {
    match store.body(webhook).await {
        Ok(body) => Ok(extract::read(config, &webhook.received, &body)),
        Err(error) => Ok(Reading::failed(damaged(&error).ok_or(error)?)),
    }
}

/// The failure for a stored body that is missing or changed: users see it, and it is not retried.
fn damaged(error: &StoreError) -> Option<Remark> {
    match error {
        StoreError::BodyMissing => Some(Remark::new(Code::PayloadMissing)),
        StoreError::BodyChanged => Some(Remark::new(Code::ChecksumMismatch)),
        StoreError::Condition
        | StoreError::Busy(_)
        | StoreError::TooLarge
        | StoreError::Corrupt(_)
        | StoreError::Unavailable(_) => None,
    }
}

fn blank(task: &Task, runs: &[Run], now: Timestamp) -> Run {
    Run {
        number: task.number,
        previous: status_of(runs.last()),
        verdict: Verdict::Success,
        cause: task.cause,
        by: task.by.clone(),
        failure: None,
        warnings: Vec::new(),
        contact: None,
        deal: None,
        preview: None,
        duplicate_of: None,
        delivery_id: None,
        mapping_version: None,
        finished_at: now,
        found_by: Vec::new(),
    }
}

/// Writes a failed run without changes.
async fn fail(
    store: &Store,
    webhook: &StoredWebhook,
    run: Run,
    failure: Remark,
) -> Result<Written, StoreError> {
    let run = Run { verdict: Verdict::Error, failure: Some(failure), ..run };
    store.put_run(&webhook.received, &run).await?;
    Ok(run.into())
}

/// Writes the run that ends a webhook as `processing_failed`.
pub(crate) async fn give_up(app: &App, task: &Task) -> Result<RunResult, StoreError> {
    let now = app.deps.clock.now();
    let Some(found) = app.store.webhook(&task.key, now).await? else { return Ok(RunResult::Gone) };
    if let Some(run) = found.runs.iter().find(|run| run.number >= task.number) {
        // The run is written, but its lookups may be missing.
        app.store.put_lookups(&found.webhook.received, run).await?;
        return Ok(written_by(run, task));
    }
    let run = blank(task, &found.runs, now);
    let failure = Remark::new(Code::ProcessingFailed);
    match fail(&app.store, &found.webhook, run, failure).await {
        Ok(written) => {
            tracing::error!(
                workspace.id = %task.key.workspace, webhook.id = %task.key.webhook,
                run.number = task.number,
                "a webhook was given up"
            );
            telemetry::committed(app, &found.webhook.received, (&written.run, &written.events));
            Ok(RunResult::Written)
        }
        Err(error) => Err(error),
    }
}
