//! One run of one webhook: load -> decide -> save. A run is idempotent.

use gancho_domain::{
    common::{
        by::By,
        code::Code,
        ids::{DealId, EventId},
    },
    crm::{
        decide::{self, Changes, Decision, Known},
        mapping::Mapped,
        normalise::{Email, Phone},
    },
    inbound::webhook::{
        Cause, CrmAction, Preview, Received, Remark, Run, Test, Verdict, WebhookKey, status_of,
    },
    outbound::event::Event,
};
use gancho_store::{
    Store, StoreError, backoff,
    coordination::Claim,
    crm::With,
    history::{StoredWebhook, WebhookAndRuns},
    keys,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    App,
    config::{CacheUse, Config},
    events,
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

/// Does a run; tries it up to five times if an error may pass. `first` is the row from the stream
/// record.
pub(crate) async fn run(
    app: &App,
    task: &Task,
    first: Option<StoredWebhook>,
) -> Result<RunResult, StoreError> {
    let mut preloaded = first.map(|webhook| WebhookAndRuns { webhook, runs: Vec::new() });
    let writer = (task.key.webhook, app.deps.ids.entropy());
    backoff::retry(writer, || attempt_once(app, task, preloaded.take())).await
}

async fn attempt_once(
    app: &App,
    task: &Task,
    preloaded: Option<WebhookAndRuns>,
) -> Result<RunResult, StoreError> {
    let now = app.deps.clock.now();
    let loaded = match preloaded {
        Some(preloaded) => Some(preloaded),
        None => app.store.webhook(&task.key, now).await?,
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
    let written = work_out(app, task, &mut webhook, &runs, now).await?;
    telemetry::committed(app, &webhook.received, (&written.run, &written.events));
    app.store.put_lookups(&webhook.received, &written.run).await?;
    Ok(RunResult::Written)
}

/// The result of a task whose run was written before.
fn written_by(run: &Run, task: &Task) -> RunResult {
    let own = (run.number, run.cause) == (task.number, task.cause);
    if own { RunResult::Written } else { RunResult::Superseded }
}

/// A run that was committed, and the events that were committed with it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) run: Run,
    pub(crate) events: Vec<EventId>,
}

impl Task {
    /// The first run of a webhook.
    pub(crate) fn first(key: WebhookKey) -> Self {
        Self { key, number: 1, cause: Cause::Received, by: None }
    }
}

impl From<Run> for Written {
    fn from(run: Run) -> Self {
        Self { run, events: Vec::new() }
    }
}

/// Reads, decides and commits. Returns the written run.
async fn work_out(
    app: &App,
    task: &Task,
    webhook: &mut StoredWebhook,
    runs: &[Run],
    now: Timestamp,
) -> Result<Written, StoreError> {
    let key = (task.key.workspace, task.key.origin, webhook.received.integration);
    let cache_use = if task.number == 1 { CacheUse::Recent } else { CacheUse::Now };
    let config = app.configs.find(&app.store, key, cache_use, now).await?;
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
    let body = match app.store.body(webhook).await {
        Ok(body) => body,
        Err(error) => {
            let remark = damaged(&error).ok_or(error)?;
            return fail(&app.store, webhook, run, remark).await;
        }
    };
    let reading = extract::read(&config, &webhook.received, &body);
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

/// The result of a preview.
fn preview_of(reading: &Reading, decision: &Decision) -> Result<Preview, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let none = Mapped::default();
    let mapped = reading.fields.as_ref().unwrap_or(&none);
    Ok(Preview {
        contact: serde_json::to_value(&mapped.contact).map_err(corrupt)?,
        deal: serde_json::to_value(&mapped.deal).map_err(corrupt)?,
        keys: mapped.keys.clone(),
        contact_action: decision.contact.map(|(_, action)| action),
        deal_action: decision.deal.map(|(_, action)| action),
    })
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

/// The inputs for applying a reading.
struct RunContext<'a> {
    app: &'a App,
    config: &'a Config,
    received: &'a Received,
    runs: &'a [Run],
    now: Timestamp,
}

impl RunContext<'_> {
    /// Claims the delivery id, decides the changes, and commits both with the run.
    async fn apply(&self, reading: &Reading, mut run: Run) -> Result<Written, StoreError> {
        if self.received.test == Some(Test::Preview) {
            return self.preview(reading, run).await;
        }
        let store = &self.app.store;
        let mut claim = self.claim(reading);
        if let Some(own) = &claim
            && let Some(first) = store.claim(&own.key, self.now).await?
        {
            if first.webhook != own.webhook {
                return self.duplicate(&first, own, run).await;
            }
            // An earlier run of this webhook claimed the id. Its count of duplicates stays.
            claim = None;
        }
        match self.decide(reading, &run).await? {
            Err(failure) => run = Run { verdict: Verdict::Error, failure: Some(failure), ..run },
            Ok((decision, events)) => {
                run.contact = decision.contact;
                run.deal = decision.deal;
                run.warnings.extend(decision.warnings);
                let changes = (&decision.changes, events.as_slice());
                return self.commit(changes, claim.as_ref(), run).await;
            }
        }
        store.put_run(self.received, &run).await?;
        Ok(run.into())
    }

    /// Decides the changes and writes only their description. A preview claims no delivery id: the
    /// sender's webhook with this id is still to come.
    async fn preview(&self, reading: &Reading, run: Run) -> Result<Written, StoreError> {
        let run = match self.decide(reading, &run).await? {
            Err(failure) => Run { verdict: Verdict::Error, failure: Some(failure), ..run },
            Ok((decision, _)) => {
                let mut run = Run { preview: Some(preview_of(reading, &decision)?), ..run };
                run.warnings.extend(decision.warnings);
                run
            }
        };
        match self.app.store.put_run(self.received, &run).await {
            Ok(()) => Ok(run.into()),
            Err(StoreError::TooLarge) => self.too_large(run).await,
            Err(error) => Err(error),
        }
    }

    /// Writes a run whose contact, deal or preview does not fit into a row.
    async fn too_large(&self, run: Run) -> Result<Written, StoreError> {
        let failure = Some(Remark::new(Code::DealTooLarge));
        let (verdict, preview) = (Verdict::Error, None);
        let run = Run { verdict, failure, contact: None, deal: None, preview, ..run };
        self.app.store.put_run(self.received, &run).await?;
        Ok(run.into())
    }

    async fn commit(
        &self,
        (changes, events): (&Changes, &[Event]),
        claim: Option<&Claim>,
        run: Run,
    ) -> Result<Written, StoreError> {
        let with = With { run: Some((self.received, &run)), claim, events };
        match self.app.store.commit(self.received.key.workspace, changes, with).await {
            Ok(()) => Ok(Written { run, events: events.iter().map(|event| event.id).collect() }),
            Err(StoreError::TooLarge | StoreError::Corrupt(_)) => self.too_large(run).await,
            Err(error) => Err(error),
        }
    }

    fn claim(&self, reading: &Reading) -> Option<Claim> {
        let dedupe = self.config.integration.dedupe.as_ref()?;
        let id = reading.delivery_id.as_ref()?;
        let window = SignedDuration::from_hours(i64::from(dedupe.window_hours));
        Some(Claim {
            key: keys::coordination::claim(
                self.received.key.workspace,
                self.received.integration,
                id,
            ),
            webhook: self.received.key.webhook,
            body_sha256: hex::encode(self.received.body_sha256),
            seen: 1,
            until: self.received.received_at().checked_add(window).unwrap_or(Timestamp::MAX),
            now: self.now,
        })
    }

    /// Writes the run of a duplicate, without changes. It names the first webhook with the
    /// delivery id (`FACTS D18`).
    async fn duplicate(&self, first: &Claim, own: &Claim, run: Run) -> Result<Written, StoreError> {
        let mut run = Run { duplicate_of: Some(first.webhook), ..run };
        if first.body_sha256 != own.body_sha256 {
            run.warnings.push(Remark::new(Code::IdReuse));
        }
        self.app.store.commit_duplicate(self.received, &run, &first.key).await?;
        Ok(run.into())
    }

    /// Decides the changes of the webhook and their events.
    async fn decide(
        &self,
        reading: &Reading,
        run: &Run,
    ) -> Result<Result<(Decision, Vec<Event>), Remark>, StoreError> {
        let store = &self.app.store;
        let ws = self.received.key.workspace;
        let Some(mapped) = &reading.fields else { return Ok(Ok(Default::default())) };
        let email = mapped.contact.email.as_ref().map(Email::as_str);
        let phone = mapped.contact.phone.as_ref().map(Phone::as_str);
        let owners = store.owners(ws, email, phone).await?;
        let (chosen, conflict) = decide::choose_contact(owners.email, owners.phone);
        let contact = match chosen {
            Some(id) => store.contact(ws, id).await?,
            None => None,
        };
        let own = self.own_deal();
        let existing = || contact.as_ref().and_then(|c| c.deal_in(self.received.key.origin));
        let deal = match own.or_else(existing) {
            Some(id) => store.deal(ws, id).await?,
            None => None,
        };
        let known = Known {
            webhook: self.received.key.webhook,
            integration: &self.config.integration,
            origin: &self.config.origin,
            mapped,
            contact,
            conflict,
            deal_is_own: own.is_some() && deal.is_some(),
            deal,
            now: self.now,
        };
        Ok(decide::decide(&known).map(|decision| {
            let moment = events::moment(&self.config.workspace, self.received, run);
            let events = events::events(&known, &decision, &moment);
            (decision, events)
        }))
    }

    /// The deal that an earlier run of this webhook created (`FACTS D15`).
    fn own_deal(&self) -> Option<DealId> {
        let deals = self.runs.iter().filter_map(|run| run.deal);
        deals.filter(|(_, action)| *action == CrmAction::Created).map(|(id, _)| id).next()
    }
}
