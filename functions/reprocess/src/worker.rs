//! Works on a part of a reprocess job ([`gancho_edge::jobs::worker`]).
//!
//! For each page the worker reads the webhooks that match now, takes their leases, records the runs
//! to enqueue and the counts, and enqueues the runs. A worker that continues after another died
//! enqueues the recorded runs again. So a job runs each webhook that matches when its page is read
//! at most once, and counts it once, even if workers die in between.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsEvent;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        code::Code,
        ids::{IntegrationId, OriginId, WebhookId},
        job::{self, Job, PartId, PartProgress, Visit, Worked},
    },
    inbound::integration::Integration,
};
use gancho_edge::{
    batch::BatchReply,
    jobs::worker::{self, Error, Left, Pages, Worker},
};
use gancho_store::{
    StoreError,
    jobs::PartKey,
    leases::Lease,
    listing::{Listed, Listing, Page, Part, Scope},
};
use jiff::Timestamp;

use crate::{App, messages};

/// Webhooks in a page.
const PAGE: usize = 50;
/// Leases that are taken concurrently.
const AT_ONCE: usize = 16;

/// Works on parts. The reply lists the messages of unfinished parts.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    worker::handle(batch, |key| work(app, key, deadline)).await
}

async fn work(app: &App, key: PartKey, deadline: Timestamp) -> Result<Left, Error> {
    let now = app.deps.clock.now();
    let Some(stored) = worker::job(&app.store, key, now).await? else { return Ok(Left::Nothing) };
    // A resend job belongs to another function.
    let Some(origin) = stored.job.origin else { return Ok(Left::Nothing) };
    let scope = Scope { workspace: key.workspace, origin, shards: stored.job.shards };
    let filter = job::within(&stored.job.filter, key.part.day);
    let listing = app.store.listing(scope, &filter, now).await?;
    let (store, clock, writer) = (&app.store, &app.deps.clock, app.deps.ids.token());
    let worker = Worker { store, clock, key, stored: &stored, writer };
    worker.run(&Runs { app, key, job: &stored.job, origin, listing }, deadline).await
}

/// Runs of the webhooks of a part.
struct Runs<'a> {
    app: &'a App,
    key: PartKey,
    job: &'a Job,
    origin: OriginId,
    listing: Listing<'a>,
}

impl Pages for Runs<'_> {
    /// Enqueues the recorded runs; again, if a worker died after it had enqueued them.
    async fn complete(&self, progress: &PartProgress) -> Result<(), Error> {
        let of = (self.key.workspace, self.origin, self.job);
        Ok(messages::runs(self.app, of, &progress.enqueueing).await?)
    }

    /// Reads a page and decides about each webhook in it.
    async fn page(&self, progress: PartProgress, now: Timestamp) -> Result<PartProgress, Error> {
        let PartId { day, shard } = self.key.part;
        let page = self.listing.page_of(Part { day, shard }, progress.below, PAGE).await?;
        let integrations = self.integrations(&page).await?;
        let mut worked = Worked {
            last: page.items.last().map(Listed::id),
            more: page.next.is_some(),
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
        Ok(progress.after(worked, now))
    }
}

impl Runs<'_> {
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
