//! Once an hour: what stayed pending is enqueued again, so that nothing depends on one message.

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
use gancho_store::listing::{Listed, Scope};
use jiff::{SignedDuration, Timestamp};

use crate::{App, run::Task, stream::defer};

/// How old a webhook without a run is before the sweep enqueues it: longer than the stream and the
/// queue's own tries take.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Webhooks that are read at a time.
const PAGE: usize = 200;

/// Rings what is pending, the newest first; gives back how many. The counters say where to look,
/// so an hour without anything pending costs a query an origin.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, lambda_runtime::Error> {
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

/// What was pending in an origin.
struct Pending {
    enqueued: usize,
    oldest: SignedDuration,
}

async fn one_origin(
    app: &App,
    workspace: WorkspaceId,
    origin: &Origin,
    deadline: Timestamp,
) -> Result<Pending, lambda_runtime::Error> {
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
        below = page.items.last().map(Listed::id);
        if !page.more || app.deps.clock.now() >= deadline {
            return Ok(pending);
        }
    }
}
