//! Every minute: what is parked and due is rung, paced; notices that the topic did not take are
//! published.

use gancho_domain::ids::WorkspaceId;
use gancho_edge::{bells::RecoverBell, metrics::Metric};
use gancho_store::parked::{Parked, ParkedKey};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Reply, Trouble, expire, recover, tell, wait};

/// The most entries that are rung in an invocation.
const AT_MOST: usize = 1_000;
/// Entries of the coming minute are rung now, with the rest of their wait: to the second.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// What is overdue is rung at this pace, a second.
const PACE: usize = 100;

/// Rings what is due in every workspace. One that fails keeps no other back.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Trouble> {
    let (mut due, mut told, mut overdue) = (0, 0, SignedDuration::ZERO);
    for ws in app.known.workspaces(&app.store, app.now()).await?.iter().copied() {
        if app.now() >= deadline || due >= AT_MOST {
            tracing::warn!(minute.due = due, "the minute was cut short");
            break;
        }
        told += tell::unsent(app, ws).await;
        match one(app, ws, AT_MOST - due).await {
            Ok(found) => {
                due += found.count;
                overdue = overdue.max(found.overdue);
            }
            Err(error) => {
                tracing::error!(workspace.id = %ws, error.cause = %error, "not rung");
            }
        }
    }
    app.deps.metrics.add(Metric::OldestDueSeconds, overdue.as_secs());
    Ok(Reply::Minute { due, told })
}

/// What was due in a workspace.
struct Due {
    count: usize,
    /// How late the oldest of it is.
    overdue: SignedDuration,
}

async fn one(app: &App, ws: WorkspaceId, room: usize) -> Result<Due, Trouble> {
    let until = app.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let entries = app.store.parked_due(ws, until, room).await?;
    let late = entries.iter().filter_map(|(key, _)| Some(app.now().duration_since(key.due()?)));
    let overdue = late.max().unwrap_or_default().max(SignedDuration::ZERO);
    let (count, mut expiries) = (entries.len(), Vec::new());
    for (place, (key, parked)) in entries.into_iter().enumerate() {
        if let Parked::Expiry { endpoint, delivery } = parked {
            expiries.push((key, endpoint, delivery));
            continue;
        }
        // Not all at once: seconds until it is due, or its turn among what is overdue.
        let rest = key.due().and_then(|due| wait::delay(app.now(), due)).unwrap_or(0);
        let turn = i32::try_from(place / PACE).unwrap_or(0);
        ring(app, ws, (&key, parked), rest.max(turn)).await?;
    }
    expire::run(app, ws, expiries).await?;
    Ok(Due { count, overdue })
}

/// Rings an entry, then takes it away. A lane has no delays: it is rung when it is due.
async fn ring(
    app: &App,
    ws: WorkspaceId,
    (key, parked): (&ParkedKey, Parked),
    delay: i32,
) -> Result<(), Trouble> {
    match parked {
        Parked::Deliver { delivery, attempt } => {
            let Some(found) = app.store.delivery(ws, delivery, app.now()).await? else {
                return Ok(app.store.unpark(key).await?);
            };
            let group = wait::group(&found.delivery);
            wait::deliver(app, (ws, delivery, attempt), &group, delay).await?;
        }
        Parked::Lane { endpoint, lane } => {
            if key.due().is_some_and(|due| due > app.now()) {
                return Ok(());
            }
            wait::lane(app, ws, endpoint, lane).await?;
        }
        Parked::Probe { gate, generation } => {
            let bell = wait::recovery(ws, &gate, generation);
            let bell = RecoverBell { step: recover::RESUMED, ..bell };
            wait::recover(app, &bell, delay).await?;
        }
        Parked::Expiry { .. } => return Ok(()),
    }
    Ok(app.store.unpark(key).await?)
}
