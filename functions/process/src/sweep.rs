//! Re-enqueues webhooks that stayed pending, every hour, so that no webhook depends on one message.

use std::collections::BTreeSet;

use gancho_domain::{
    common::ids::WorkspaceId,
    inbound::{
        filter::Filter,
        origin::Origin,
        webhook::{Cause, Status},
    },
};
use gancho_edge::metrics::Metric;
use gancho_store::listing::Scope;
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, run::Task, stream::defer};

/// The age from which the sweep enqueues a webhook without a run: longer than the retries of the
/// stream and the queue take.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The number of webhooks per page.
const PAGE: usize = 200;

/// Enqueues pending webhooks, the newest first, and returns their number. The counters show where
/// webhooks are pending, so an hour without any costs one query per origin.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, Error> {
    let (mut enqueued, mut oldest) = (0, SignedDuration::ZERO);
    for (workspace, origin) in app.store.all_origins().await? {
        let pending = one_origin(app, workspace, &origin, deadline).await?;
        enqueued += pending.enqueued;
        oldest = oldest.max(pending.oldest);
        if app.deps.clock.now() >= deadline {
            tracing::warn!(sweep.enqueued = enqueued, "the sweep was cut short");
            break;
        }
    }
    app.deps.metrics.add(Metric::OldestPendingSeconds, oldest.as_secs());
    tracing::info!(sweep.enqueued = enqueued, pending.age_s = oldest.as_secs(), "sweep finished");
    Ok(enqueued)
}

/// The pending webhooks of an origin.
struct Pending {
    enqueued: usize,
    oldest: SignedDuration,
}

async fn one_origin(
    app: &App,
    workspace: WorkspaceId,
    origin: &Origin,
    deadline: Timestamp,
) -> Result<Pending, Error> {
    let now = app.deps.clock.now();
    let scope = Scope { workspace, origin: origin.id, shards: origin.read_shards };
    let filter = Filter {
        to: Some(now - PENDING_FOR),
        statuses: BTreeSet::from([Status::Pending]),
        ..Filter::default()
    };
    let listing = app.store.listing(scope, &filter, now).await?;
    let (mut pending, mut below) = (Pending { enqueued: 0, oldest: SignedDuration::ZERO }, None);
    loop {
        let page = listing.page(below, PAGE).await?;
        for webhook in &page.items {
            let key = webhook.received.key;
            pending.oldest = pending.oldest.max(now.duration_since(key.webhook.made_at()));
            defer(app, Task { key, number: 1, cause: Cause::Received }).await?;
            pending.enqueued += 1;
        }
        below = page.next;
        if below.is_none() || app.deps.clock.now() >= deadline {
            return Ok(pending);
        }
    }
}
