//! Every minute: what is parked and due is enqueued, paced; notices that the topic did not take are
//! published.

use std::ops::Range;

use futures::{StreamExt, stream};
use gancho_domain::common::ids::{EndpointId, WorkspaceId};
use gancho_edge::{metrics::Metric, queue::RecoverMessage};
use gancho_store::parked::{Parked, ParkedKey};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, Reply, expire, notify, recover, schedule};

/// The most entries that are enqueued in an invocation, while every workspace has its share.
const AT_MOST: usize = 1_000;
/// The smallest share of a workspace, however many there are.
const LEAST: usize = 20;
/// Entries that are enqueued at the same time.
const SIDE_BY_SIDE: usize = 8;
/// Entries of the coming minute are enqueued now, with the rest of their wait: to the second.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// What is overdue is enqueued at this pace, a second.
const PACE: usize = 100;

/// Rings what is due in every workspace. One that fails keeps no other back.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Error> {
    let workspaces = app.known.workspaces(&app.store, app.now()).await?;
    let share = (AT_MOST / workspaces.len().max(1)).max(LEAST);
    let (mut due, mut told, mut more, mut cut) = (Due::default(), 0, Vec::new(), false);
    // Everybody's share first: who has thousands keeps nobody waiting.
    for ws in workspaces.iter().copied() {
        if app.now() >= deadline {
            cut = true;
            break;
        }
        told += notify::unsent(app, ws).await;
        if due.take(app, (ws, deadline), 0..share).await {
            more.push(ws);
        }
    }
    // Then what room there is goes to those that have more.
    for ws in more {
        let room = AT_MOST.saturating_sub(due.count);
        if room == 0 || app.now() >= deadline {
            cut = true;
            break;
        }
        cut |= due.take(app, (ws, deadline), share..share + room).await;
    }
    // Messages do not wait for what may be very much.
    expire::all(app, std::mem::take(&mut due.expiries), deadline).await;
    if cut || due.cut {
        tracing::warn!(timers.due = due.count, "the timers were cut short");
    }
    app.deps.metrics.add(Metric::TimerLagSeconds, due.overdue.as_secs());
    Ok(Reply::Minute { due: due.count, told })
}

/// What was due.
#[derive(Default)]
struct Due {
    count: usize,
    /// Not all of it was tried.
    cut: bool,
    /// How late the oldest of it was.
    overdue: SignedDuration,
    /// What is held to its end.
    expiries: Vec<Expiry>,
}

/// An entry for what is still held for an endpoint.
type Expiry = (WorkspaceId, ParkedKey, EndpointId);

impl Due {
    /// Rings what is due in a workspace, as many as `places`; whether there may be more.
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
        // Not all at once: seconds until it is due, or its turn among what is overdue.
        let rest = key.due().and_then(|due| schedule::delay(app.now(), due)).unwrap_or(0);
        let turn = i32::try_from(place / PACE).unwrap_or(0);
        messages.push(enqueue(app, ws, (key, parked), rest.max(turn)));
    }
    let (all, mut enqueued, mut failed) = (messages.len(), 0, 0);
    let mut enqueueing = stream::iter(messages).buffer_unordered(SIDE_BY_SIDE);
    // One that cannot be enqueued keeps nobody back, and is there again in the next minute. Where nothing at
    // all can be enqueued, time is better left to others.
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

/// Rings an entry, then takes it away. A lane has no delays: it is enqueued when it is due.
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
            schedule::deliver(app, ws, (&found.delivery, attempt), delay).await?;
        }
        Parked::Lane { endpoint, lane } => {
            if key.due().is_some_and(|due| due > app.now()) {
                return Ok(());
            }
            schedule::lane(app, ws, endpoint, lane).await?;
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
