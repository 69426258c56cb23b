//! Works on a part of a job: goes through one day and shard, newest to oldest.
//!
//! For each page the worker reads the webhooks that match now, takes their leases, records the runs
//! to enqueue and the counts, and enqueues the runs. A worker that continues after another died
//! enqueues the recorded runs again. So a job runs each webhook that matches when its page is read
//! at most once, and counts it once, even if workers die in between.
//!
//! When an invocation runs out of time, SQS delivers the message again after its visibility
//! timeout. After five times the [`sweep`](crate::sweep) enqueues a new one. The worker enqueues
//! none itself, because Lambda would stop that as a loop.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        code::Code,
        ids::{IntegrationId, OriginId, WebhookId},
        job::{self, PartId, Visit, Worked},
    },
    inbound::integration::Integration,
};
use gancho_edge::{
    batch::BatchReply,
    jobs,
    queue::QueueError,
    queue::{self, JobMessage},
};
use gancho_store::{
    StoreError,
    jobs::{PartKey, StoredJob, StoredPart},
    leases::Lease,
    listing::{Listed, Listing, Page, Part, Scope},
};
use jiff::Timestamp;

use crate::{App, messages};

/// Webhooks in a page.
const PAGE: usize = 50;
/// Leases that are taken concurrently.
const AT_ONCE: usize = 16;

/// A failure that stopped the work on a part.
#[derive(Debug, Clone, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Messages(#[from] QueueError),
}

/// The state in which a worker left a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The message is done: the part is done, the job is cancelled or expired, or another worker
    /// has the part.
    Nothing,
    /// The invocation ran out of time.
    Unfinished,
}

/// Works on parts. The reply lists the messages of unfinished parts.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    let mut reply = BatchReply::default();
    for message in batch.records {
        let id = message.message_id.clone().unwrap_or_default();
        if !one(app, &message, deadline).await {
            reply.again(id);
        }
    }
    reply
}

async fn one(app: &App, message: &SqsMessage, deadline: Timestamp) -> bool {
    let Some(key) = key(message.body.as_deref().unwrap_or_default()) else {
        tracing::error!(message.id = message.message_id, "malformed message");
        return false;
    };
    match work(app, key, deadline).await {
        Ok(Left::Nothing) => true,
        Ok(Left::Unfinished) => {
            tracing::info!(job.id = %key.job, job.part = %key.part, "to be continued");
            false
        }
        Err(error) => {
            tracing::warn!(job.id = %key.job, job.part = %key.part, error.cause = %error, "not worked");
            false
        }
    }
}

/// Parses a message.
fn key(body: &str) -> Option<PartKey> {
    let message: JobMessage = queue::read(body)?;
    Some(PartKey {
        workspace: message.workspace,
        job: message.job,
        part: message.part.parse().ok()?,
    })
}

async fn work(app: &App, key: PartKey, deadline: Timestamp) -> Result<Left, Error> {
    let now = app.clock.now();
    let Some(stored) = app.store.job(key.workspace, key.job, now).await? else {
        tracing::warn!(job.id = %key.job, "the job is forgotten; message dropped");
        return Ok(Left::Nothing);
    };
    if !stored.job.parts.contains(&key.part) {
        return Ok(Left::Nothing);
    }
    // A resend job belongs to another function.
    let Some(origin) = stored.job.origin else { return Ok(Left::Nothing) };
    let scope = Scope { workspace: key.workspace, origin, shards: stored.job.shards };
    let filter = job::within(&stored.job.filter, key.part.day);
    let listing = app.store.listing(scope, &filter, now).await?;
    let worker = Worker { app, key, origin, stored: &stored, listing, writer: app.ids.token() };
    let left = worker.go(deadline).await?;
    let by = (app.clock.now(), worker.writer.as_str());
    jobs::end(&app.store, (key.workspace, key.job), &stored, by).await?;
    Ok(left)
}

/// One worker on one part.
struct Worker<'a> {
    app: &'a App,
    key: PartKey,
    origin: OriginId,
    stored: &'a StoredJob,
    listing: Listing<'a>,
    writer: String,
}

impl Worker<'_> {
    async fn go(&self, deadline: Timestamp) -> Result<Left, Error> {
        let mut part = self.app.store.job_part(self.key).await?;
        while !part.progress.done {
            self.enqueue(&part).await?;
            if self.is_over().await? {
                return Ok(Left::Nothing);
            }
            let now = self.app.clock.now();
            let next = if part.progress.read {
                part.progress.clone().finished(now)
            } else if now >= deadline {
                return Ok(Left::Unfinished);
            } else {
                let worked = self.work_out(&part, now).await?;
                part.progress.clone().after(worked, now)
            };
            let by = (self.writer.as_str(), self.stored.job.expires_at());
            match self.app.store.move_part(self.key, &part, next, by).await? {
                Some(moved) => part = moved,
                // Another worker has moved the part, and continues it.
                None => return Ok(Left::Nothing),
            }
        }
        Ok(Left::Nothing)
    }

    /// Enqueues the recorded runs; again, if a worker died after it had enqueued them.
    async fn enqueue(&self, part: &StoredPart) -> Result<(), QueueError> {
        let of = (self.key.workspace, self.origin, self.key.job);
        messages::runs(self.app, of, &part.progress.enqueueing).await
    }

    /// Returns true if the job has ended, for example because it was cancelled.
    async fn is_over(&self) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        let stored = self.app.store.job(self.key.workspace, self.key.job, now).await?;
        Ok(stored.is_none_or(|stored| stored.ended.is_some()))
    }

    /// Reads a page and decides about each webhook in it.
    async fn work_out(&self, part: &StoredPart, now: Timestamp) -> Result<Worked, StoreError> {
        let PartId { day, shard } = self.key.part;
        let place = Part { day, shard };
        let page = self.listing.page_of(place, part.progress.below, PAGE).await?;
        let integrations = self.integrations(&page).await?;
        let mut worked = Worked {
            last: page.items.last().map(Listed::id),
            more: page.more,
            ..Worked::default()
        };
        let mut runs = Vec::new();
        for item in &page.items {
            let integration = integrations.get(&item.received.integration);
            let integration = integration.and_then(Option::as_ref);
            match job::visit(self.key.job, (&item.received, &item.runs), integration, now) {
                Visit::Enqueue(run) => runs.push((item.id(), run)),
                Visit::Skip(code) => worked.skipped.push(code),
                Visit::Already => {}
            }
        }
        self.lease(runs, &mut worked, now).await?;
        Ok(worked)
    }

    /// Reads the current integrations of a page.
    async fn integrations(
        &self,
        page: &Page,
    ) -> Result<BTreeMap<IntegrationId, Option<Integration>>, StoreError> {
        let mut found = BTreeMap::new();
        for item in &page.items {
            let id = item.received.integration;
            if let std::collections::btree_map::Entry::Vacant(place) = found.entry(id) {
                place.insert(self.app.store.integration(self.key.workspace, id).await?);
            }
        }
        Ok(found)
    }

    /// Takes the leases of runs, in the order of the page.
    async fn lease(
        &self,
        runs: Vec<(WebhookId, u32)>,
        worked: &mut Worked,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // The same for all workers of the job, so that the next one may take over these leases.
        let writer = self.key.job.to_string();
        let tries: Vec<_> = runs
            .into_iter()
            .map(|enqueue| {
                self.take(enqueue, Lease { run: enqueue.1, writer: writer.clone() }, now)
            })
            .collect();
        let tries: Vec<_> = stream::iter(tries).buffered(AT_ONCE).try_collect().await?;
        for (enqueue, tried) in tries {
            match tried {
                Ok(true) => worked.enqueueing.push(enqueue),
                Ok(false) => worked.skipped.push(Code::ReprocessInProgress),
                Err(error) => {
                    tracing::error!(webhook.id = %enqueue.0, error.cause = %error, "cannot be enqueued");
                    worked.failed += 1;
                }
            }
        }
        Ok(())
    }

    /// Tries to take a lease. A permanent error concerns only this webhook.
    async fn take(
        &self,
        enqueue: (WebhookId, u32),
        lease: Lease,
        now: Timestamp,
    ) -> Result<Tried, StoreError> {
        match self.app.store.take_lease((self.key.workspace, enqueue.0), &lease, now).await {
            Err(error) if error.may_pass() => Err(error),
            tried => Ok((enqueue, tried)),
        }
    }
}

/// A run, with `true` if its lease was taken.
type Tried = ((WebhookId, u32), Result<bool, StoreError>);
