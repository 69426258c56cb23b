//! The JSON of a webhook, in the caller's language.

use std::collections::{BTreeMap, BTreeSet};

use gancho_domain::{
    common::{
        by::By,
        code::{Code, Language, message},
        ids::{ContactId, DealId, IntegrationId, JobId, WebhookId, WorkspaceId},
    },
    inbound::{
        applications,
        webhook::{Cause, CrmAction, Preview, Received, Remark, Run, Status, status_of},
    },
};
use gancho_edge::problem::ApiError;
use gancho_store::listing::Listed;
use jiff::Timestamp;
use serde::Serialize;

use crate::App;

/// A webhook as a list shows it, with the number of its runs.
pub(crate) type ListedWebhook<'a> = WebhookView<'a, usize>;

/// The fields that a list and the details share. `R`: the number of runs, or the runs.
#[derive(Debug, Serialize)]
pub(crate) struct WebhookView<'a, R> {
    id: WebhookId,
    received_at: Timestamp,
    application: ApplicationView<'a>,
    integration: IntegrationView<'a>,
    status: Status,
    /// True while a requested run has not ended.
    reprocessing: bool,
    active: bool,
    /// True for a test that Gancho sent.
    test: bool,
    method: &'a str,
    size: usize,
    error: Option<RemarkView<'a>>,
    warnings: Vec<RemarkView<'a>>,
    contact: Option<Effect<ContactId>>,
    deal: Option<Effect<DealId>>,
    runs: R,
    duplicate_of: Option<WebhookId>,
    expires_at: Timestamp,
}

/// Key, name and icon. An application that left the catalogue is shown by its key.
#[derive(Debug, Serialize)]
struct ApplicationView<'a> {
    key: &'a str,
    name: &'a str,
    /// The path of its icon.
    icon: Option<String>,
}

#[derive(Debug, Serialize)]
struct IntegrationView<'a> {
    id: IntegrationId,
    name: &'a str,
}

/// A remark with its localized message.
#[derive(Debug, Serialize)]
struct RemarkView<'a> {
    code: Code,
    message: String,
    params: &'a BTreeMap<String, String>,
}

/// A contact or deal, and the action of the run on it.
#[derive(Debug, Serialize)]
struct Effect<I> {
    id: I,
    action: CrmAction,
}

/// A run as the details show it.
#[derive(Debug, Serialize)]
pub(crate) struct RunView<'a> {
    number: u32,
    previous: Status,
    status: Status,
    cause: CauseView<'a>,
    error: Option<RemarkView<'a>>,
    warnings: Vec<RemarkView<'a>>,
    contact: Option<Effect<ContactId>>,
    deal: Option<Effect<DealId>>,
    preview: Option<&'a Preview>,
    duplicate_of: Option<WebhookId>,
    mapping_version: Option<u32>,
    found_by: &'a [String],
    finished_at: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum CauseView<'a> {
    Received,
    Reprocess { by: Option<&'a By> },
    Job { job: JobId, by: Option<&'a By> },
}

/// The current names of integrations. A deleted integration has its last name (`FACTS D20`).
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<IntegrationId, Option<String>>);

impl Names {
    /// The names of the integrations of some webhooks.
    pub(crate) async fn of(app: &App, ws: WorkspaceId, items: &[Listed]) -> Result<Self, ApiError> {
        let mut names = Self::default();
        names.learn(app, ws, items.iter().map(|item| &item.received)).await?;
        Ok(names)
    }

    /// Reads the names that are not known yet.
    pub(crate) async fn learn<'a>(
        &mut self,
        app: &App,
        ws: WorkspaceId,
        webhooks: impl Iterator<Item = &'a Received>,
    ) -> Result<(), ApiError> {
        let all: BTreeSet<IntegrationId> = webhooks.map(|it| it.integration).collect();
        let mut reads = Vec::new();
        for id in all.into_iter().filter(|id| !self.0.contains_key(id)) {
            reads.push(present_name(app, ws, id));
        }
        self.0.extend(futures::future::try_join_all(reads).await?);
        Ok(())
    }

    /// The name to show.
    pub(crate) fn name<'a>(&'a self, received: &'a Received) -> &'a str {
        let present = self.0.get(&received.integration).and_then(Option::as_deref);
        present.unwrap_or(&received.integration_name)
    }

    /// A webhook as a list shows it.
    pub(crate) fn item<'a>(
        &'a self,
        listed: &'a Listed,
        requested: &Requested,
        language: Language,
    ) -> ListedWebhook<'a> {
        let reprocessing = requested.is_under_way(listed.id(), &listed.runs);
        let shown = (listed.runs.len(), reprocessing);
        self.summary(&listed.received, &listed.runs, shown, language)
    }

    /// The fields that a list and the details share, with the runs as they are shown.
    pub(crate) fn summary<'a, R>(
        &'a self,
        received: &'a Received,
        runs: &'a [Run],
        (shown, reprocessing): (R, bool),
        language: Language,
    ) -> WebhookView<'a, R> {
        let last = runs.last();
        WebhookView {
            id: received.key.webhook,
            received_at: received.received_at(),
            application: ApplicationView::of(&received.application),
            integration: IntegrationView { id: received.integration, name: self.name(received) },
            status: status_of(last),
            reprocessing,
            active: received.active,
            test: received.test.is_some(),
            method: &received.method,
            size: received.body_size,
            error: last.and_then(|run| error(run, language)),
            warnings: last.map_or_else(Vec::new, |run| warnings(run, language)),
            contact: last.and_then(|run| run.contact).map(Effect::from),
            deal: last.and_then(|run| run.deal).map(Effect::from),
            runs: shown,
            duplicate_of: last.and_then(|run| run.duplicate_of),
            expires_at: received.expires_at,
        }
    }
}

/// The runs that were requested last, by webhook.
#[derive(Debug)]
pub(crate) struct Requested(BTreeMap<WebhookId, u32>);

impl Requested {
    /// Reads the requests for some webhooks.
    pub(crate) async fn of(
        app: &App,
        ws: WorkspaceId,
        webhooks: &[WebhookId],
    ) -> Result<Self, ApiError> {
        let requested = app.store.requested_runs(ws, webhooks, app.deps.clock.now());
        Ok(Self(requested.await?))
    }

    /// True if the run that was requested last is not among the runs of a webhook.
    pub(crate) fn is_under_way(&self, webhook: WebhookId, runs: &[Run]) -> bool {
        let last = runs.last().map_or(0, |run| run.number);
        self.0.get(&webhook).is_some_and(|requested| *requested > last)
    }
}

async fn present_name(
    app: &App,
    ws: WorkspaceId,
    id: IntegrationId,
) -> Result<(IntegrationId, Option<String>), ApiError> {
    if let Some(present) = app.store.integration(ws, id).await? {
        return Ok((id, Some(present.name)));
    }
    let deleted = app.store.deleted(ws, id).await?;
    Ok((id, deleted.map(|deleted| deleted.name)))
}

impl<'a> ApplicationView<'a> {
    fn of(key: &'a str) -> Self {
        match applications::find(key) {
            Some(known) => Self { key, name: &known.name, icon: Some(known.icon_path()) },
            None => Self { key, name: key, icon: None },
        }
    }
}

impl<I> From<(I, CrmAction)> for Effect<I> {
    fn from((id, action): (I, CrmAction)) -> Self {
        Self { id, action }
    }
}

impl<'a> RemarkView<'a> {
    fn new(remark: &'a Remark, language: Language) -> Self {
        let message = message(remark.code, &remark.params, language);
        Self { code: remark.code, message, params: &remark.params }
    }
}

fn error(run: &Run, language: Language) -> Option<RemarkView<'_>> {
    run.failure.as_ref().map(|it| RemarkView::new(it, language))
}

fn warnings(run: &Run, language: Language) -> Vec<RemarkView<'_>> {
    run.warnings.iter().map(|it| RemarkView::new(it, language)).collect()
}

impl<'a> RunView<'a> {
    /// The view of a run.
    pub(crate) fn new(run: &'a Run, language: Language) -> Self {
        Self {
            number: run.number,
            previous: run.previous,
            status: run.verdict.into(),
            cause: CauseView::of(run),
            error: error(run, language),
            warnings: warnings(run, language),
            contact: run.contact.map(Effect::from),
            deal: run.deal.map(Effect::from),
            preview: run.preview.as_ref(),
            duplicate_of: run.duplicate_of,
            mapping_version: run.mapping_version,
            found_by: &run.found_by,
            finished_at: run.finished_at,
        }
    }
}

impl<'a> CauseView<'a> {
    fn of(run: &'a Run) -> Self {
        let by = run.by.as_ref();
        match run.cause {
            Cause::Received => Self::Received,
            Cause::Reprocess => Self::Reprocess { by },
            Cause::Job(job) => Self::Job { job, by },
        }
    }
}
