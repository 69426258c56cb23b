//! Runs every minute: enqueues parked entries that are due, at a limited rate, and publishes
//! notices that SNS has not accepted yet.

use std::ops::Range;

use futures::{StreamExt, stream};
use gancho_domain::common::ids::{EndpointId, WorkspaceId};
use gancho_edge::{
    metrics::Metric,
    queue::{DeliverMessage, Queue, RecoverMessage, seconds_until},
    trigger::Reply,
};
use gancho_store::parked::{Parked, ParkedKey};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, expire, notify, recover, schedule};

/// Entries that are enqueued in one invocation, at most. Each workspace has a share.
const AT_MOST: usize = 1_000;
/// The smallest share of a workspace, for any number of workspaces.
const LEAST: usize = 20;
/// Entries that are enqueued concurrently.
const SIDE_BY_SIDE: usize = 8;
/// Entries due within this time are enqueued now, with the rest of their wait as the delay.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// Overdue entries that are enqueued per second.
const PACE: usize = 100;

/// Enqueues the due entries of every workspace. A workspace that fails does not delay the others.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Error> {
    let workspaces = app.known.workspaces(&app.store, app.now()).await?;
    let share = (AT_MOST / workspaces.len().max(1)).max(LEAST);
    let (mut due, mut published, mut more, mut cut) = (Due::default(), 0, Vec::new(), false);
    // Every workspace's share first: one with thousands of entries does not delay the others.
    for ws in workspaces.iter().copied() {
        if app.now() >= deadline {
            cut = true;
            break;
        }
        published += notify::unsent(app, ws).await;
        if due.take(app, (ws, deadline), 0..share).await {
            more.push(ws);
        }
    }
    // The rest of the room goes to the workspaces with more entries.
    for ws in more {
        let room = AT_MOST.saturating_sub(due.count);
        if room == 0 || app.now() >= deadline {
            cut = true;
            break;
        }
        cut |= due.take(app, (ws, deadline), share..share + room).await;
    }
    // Expiries come last: they may be many, and messages do not wait for them.
    expire::all(app, std::mem::take(&mut due.expiries), deadline).await;
    if cut || due.cut {
        tracing::warn!(timers.due = due.count, "the timers were cut short");
    }
    app.deps.metrics.add(Metric::TimerLagSeconds, due.overdue.as_secs());
    Ok(Reply::counts([("due", due.count), ("notified", published)]))
}

/// The entries that were due.
#[derive(Default)]
struct Due {
    count: usize,
    /// True if some entries were not tried.
    cut: bool,
    /// The lag of the oldest entry.
    overdue: SignedDuration,
    /// Entries for held deliveries that expire.
    expiries: Vec<Expiry>,
}

/// An entry for the expiring held deliveries of an endpoint.
type Expiry = (WorkspaceId, ParkedKey, EndpointId);

impl Due {
    /// Enqueues up to `places` due entries of a workspace; returns true if there may be more.
    async fn take(
        &mut self,
        app: &App,
        (ws, deadline): (WorkspaceId, Timestamp),
        places: Range<usize>,
    ) -> bool {
        let room = places.len();
        match one(app, (ws, deadline), places).await {
            Ok(found) => {
                self.count += found.count;
                self.cut |= found.cut;
                self.overdue = self.overdue.max(found.overdue);
                self.expiries.extend(found.expiries);
                found.count == room
            }
            Err(error) => {
                tracing::error!(workspace.id = %ws, error.cause = %error, "not enqueued");
                false
            }
        }
    }
}

async fn one(
    app: &App,
    (ws, deadline): (WorkspaceId, Timestamp),
    places: Range<usize>,
) -> Result<Due, Error> {
    let until = app.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let entries = app.store.parked_due(ws, until, places.len()).await?;
    let late = entries.iter().filter_map(|(key, _)| Some(app.now().duration_since(key.due()?)));
    let overdue = late.max().unwrap_or_default().max(SignedDuration::ZERO);
    let (mut expiries, mut messages) = (Vec::new(), Vec::new());
    for (place, (key, parked)) in places.zip(entries) {
        if let Parked::Expiry { endpoint } = parked {
            expiries.push((ws, key, endpoint));
            continue;
        }
        // The delay: seconds until the entry is due, or its turn among the overdue entries.
        let rest = key.due().map_or(0, |due| seconds_until(due, app.now()));
        let turn = i32::try_from(place / PACE).unwrap_or(0);
        messages.push(enqueue(app, ws, (key, parked), rest.max(turn)));
    }
    let (all, mut enqueued, mut failed) = (messages.len(), 0, 0);
    let mut enqueueing = stream::iter(messages).buffer_unordered(SIDE_BY_SIDE);
    // An entry that cannot be enqueued does not delay the others, and is tried again in the next
    // minute. If none can be enqueued, the time is left to the other workspaces.
    while (enqueued > 0 || failed < SIDE_BY_SIDE)
        && app.now() < deadline
        && let Some(done) = enqueueing.next().await
    {
        match done {
            Ok(()) => enqueued += 1,
            Err(error) => {
                tracing::error!(workspace.id = %ws, error.cause = %error, "not enqueued");
                failed += 1;
            }
        }
    }
    let (count, cut) = (enqueued + failed + expiries.len(), enqueued + failed < all);
    Ok(Due { count, cut, overdue, expiries })
}

/// Enqueues an entry, then deletes it. A lane has no delays: it is enqueued when it is due.
async fn enqueue(
    app: &App,
    ws: WorkspaceId,
    (key, parked): (ParkedKey, Parked),
    delay: i32,
) -> Result<(), Error> {
    match parked {
        Parked::Deliver { delivery, attempt } => {
            let Some(found) = app.store.delivery(ws, delivery, app.now()).await? else {
                return Ok(app.store.unpark(&key).await?);
            };
            let message = DeliverMessage::of(ws, &found.delivery, attempt);
            app.queues.send(Queue::Deliver, &message, delay).await?;
        }
        Parked::Lane { endpoint, lane } => {
            if key.due().is_some_and(|due| due > app.now()) {
                return Ok(());
            }
            app.queues.lane(ws, endpoint, lane).await?;
        }
        Parked::Probe { gate, generation } => {
            let message = schedule::recovery(ws, &gate, generation);
            let message = RecoverMessage { step: recover::RESUMED, ..message };
            schedule::recover(app, &message, delay).await?;
        }
        Parked::Expiry { .. } => return Ok(()),
    }
    Ok(app.store.unpark(&key).await?)
}
