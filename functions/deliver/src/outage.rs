//! Detects an outage of Gancho's own network. Unreachable attempts are not counted while it lasts
//! (`CATALOGUE OF-03, I7`). Sources: the attempts of this process, and the health rows of the
//! workspace's endpoints.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::Attempt,
        health::HostTag,
        outage::{self, Reachability},
        retry,
    },
};
use gancho_edge::{cached::Cached, last_response::LastResponse};
use gancho_store::StoreError;
use jiff::Timestamp;

use crate::{App, claim::ClaimedDelivery};

/// Workspaces whose health rows are cached.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// The longest wait for the health rows: the attempt must be recorded before its claim ends.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reachability of hosts, as seen by this process.
#[derive(Debug)]
pub(crate) struct Outages {
    reached: LastResponse,
    failing: Mutex<BTreeMap<WorkspaceId, BTreeMap<HostTag, Timestamp>>>,
    /// The start of the last attempt that was not counted.
    not_counted: Mutex<BTreeMap<WorkspaceId, Timestamp>>,
    rows: Cached<WorkspaceId, Arc<Reachability>>,
}

impl Outages {
    pub(crate) fn new() -> Self {
        Self {
            reached: LastResponse::default(),
            failing: Mutex::default(),
            not_counted: Mutex::default(),
            rows: Cached::new(CAPACITY),
        }
    }

    /// Records an unreachable host; returns those that this process could not reach recently.
    fn failing(
        &self,
        ws: WorkspaceId,
        (host, at): (HostTag, Timestamp),
        now: Timestamp,
    ) -> BTreeMap<HostTag, Timestamp> {
        let mut all = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let since = outage::since(now);
        all.retain(|_, failing| {
            failing.retain(|_, at| *at >= since);
            !failing.is_empty()
        });
        let failing = all.entry(ws).or_default();
        let last = failing.entry(host).or_insert(at);
        *last = at.max(*last);
        failing.clone()
    }

    /// Records the start of an attempt that is not counted.
    fn record_not_counted(&self, ws: WorkspaceId, at: Timestamp, now: Timestamp) {
        let mut all = self.not_counted.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, at| outage::goes_on(*at, now));
        let last = all.entry(ws).or_insert(at);
        *last = at.max(*last);
    }

    /// Returns true if this process detected an outage and no host has answered since.
    fn goes_on(&self, ws: WorkspaceId, now: Timestamp) -> bool {
        let all = self.not_counted.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&ws).is_some_and(|at| outage::goes_on(*at, now) && !self.reached.since(ws, *at))
    }
}

/// Returns true if the attempt failed because of an outage of Gancho's network. If the health rows
/// cannot be read, the attempt counts.
pub(crate) async fn excuses(
    app: &App,
    claimed: &ClaimedDelivery,
    to: EndpointId,
    attempt: &Attempt,
) -> bool {
    let ws = claimed.workspace;
    if outage::is_answer(attempt.outcome) {
        app.outages.reached.record(ws, outage::answered_at(attempt));
    }
    let Some(host) = outage::unreachable_host(attempt) else { return false };
    if retry::is_patience_over(&claimed.delivery.attempts) {
        return false;
    }
    match is_ours(app, ws, (host, attempt.started_at)).await {
        Ok(ours) => {
            if ours {
                app.outages.record_not_counted(ws, attempt.started_at, app.now());
                tracing::warn!(
                    workspace.id = %ws, delivery.id = %claimed.delivery.id, endpoint.id = %to,
                    attempt.number = attempt.number,
                    "many hosts are unreachable: network outage assumed, attempt not counted"
                );
            }
            ours
        }
        Err(error) => {
            tracing::warn!(workspace.id = %ws, error.cause = %error, "outage not evaluated");
            false
        }
    }
}

async fn is_ours(
    app: &App,
    ws: WorkspaceId,
    this: (HostTag, Timestamp),
) -> Result<bool, StoreError> {
    let now = app.now();
    let failing = app.outages.failing(ws, this, now);
    if app.outages.reached.refutes(ws, failing.values().copied(), now) {
        return Ok(false);
    }
    if app.outages.goes_on(ws, now) {
        return Ok(true);
    }
    let rows = rows(app, ws, now).await?;
    Ok(Reachability::clone(&rows).and(failing.into_keys()).is_ours())
}

/// The reachability by the health rows, at most five seconds old.
async fn rows(app: &App, ws: WorkspaceId, now: Timestamp) -> Result<Arc<Reachability>, StoreError> {
    let read = async || {
        let read = tokio::time::timeout(PATIENCE, app.store.all_health(ws)).await;
        let all = read.map_err(|_| StoreError::Unavailable("too late".to_owned()))??;
        Ok(Arc::new(Reachability::of(all.iter().map(|(_, health)| health), now)))
    };
    app.outages.rows.get_or_read(ws, now, read).await
}
