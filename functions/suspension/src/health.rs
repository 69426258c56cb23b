//! Counts the attempts of endpoints and suspends an endpoint that failed too often. The attempts of
//! a batch that count for the same gate are one write of its health row. The failure that crosses
//! the threshold closes the gate and notifies the recipients once.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        delivery::Attempt,
        endpoint::{Endpoint, Suspension, Trip},
        gate::{Gate, GateKey, GateState, Suspended},
        health::{self, FailedAttempt, Health, Reason, Verdict},
        notice::NoticeKind,
        outage::{self, Reachability},
        retry,
    },
};
use gancho_edge::{batch::caught, last_response::LastResponse, metrics::Metric};
use gancho_store::{gates::Transition, parked::Parked};
use jiff::SignedDuration;

use crate::{App, Error, TRIES, change::Change, config, notify, probe};

/// Gates that are judged concurrently.
const SIDE_BY_SIDE: usize = 4;

/// An attempt, and the endpoint whose health it counts for.
struct Fact<'c> {
    change: &'c Change,
    attempt: &'c Attempt,
    endpoint: Arc<Endpoint>,
}

impl Fact<'_> {
    fn failed(&self) -> bool {
        retry::is_failure(&self.endpoint.policy, self.attempt.outcome)
    }

    /// Returns true if the attempt failed because Gancho's own network was down. An answer of any
    /// host since the attempt proves that it was up.
    fn not_counted(&self, reached: &LastResponse) -> bool {
        self.attempt.not_counted && !reached.since(self.change.workspace, self.attempt.started_at)
    }

    fn failed_attempt(&self, reached: &LastResponse) -> FailedAttempt {
        let failed_attempt = probe::failed_attempt(self.change, self.endpoint.id, self.attempt);
        FailedAttempt { not_counted: self.not_counted(reached), ..failed_attempt }
    }
}

/// The attempts of a batch, by the gate that they count for.
type Gates<'c> = BTreeMap<(WorkspaceId, GateKey), Vec<Fact<'c>>>;

/// Judges the gates of a batch; returns the sequence numbers of records that were not judged.
pub(crate) async fn batch(app: &App, changes: &[Change]) -> Vec<String> {
    let mut gates = Gates::new();
    let mut failed = Vec::new();
    for change in changes {
        if facts(app, change, &mut gates).await.is_err() {
            failed.push(change.sequence.clone());
        }
    }
    // A list: over a borrowing iterator the future would not be `Send` for every lifetime.
    let gates: Vec<_> =
        gates.into_iter().map(|((ws, key), facts)| one(app, ws, key, facts)).collect();
    let judged: Vec<Vec<String>> =
        stream::iter(gates).buffer_unordered(SIDE_BY_SIDE).collect().await;
    failed.extend(judged.into_iter().flatten());
    failed
}

async fn facts<'c>(app: &App, change: &'c Change, gates: &mut Gates<'c>) -> Result<(), Error> {
    let Some(id) = change.new.endpoint() else { return Ok(()) };
    for attempt in change.new_attempts() {
        if outage::is_answer(attempt.outcome) {
            app.reached.record(change.workspace, outage::answered_at(attempt));
        }
        let key = (change.workspace, id);
        let Some(endpoint) = app.known.endpoint(&app.store, key, app.now()).await? else {
            continue;
        };
        if endpoint.policy.suspension.is_some() {
            let gate = (change.workspace, GateKey::judged(&endpoint));
            gates.entry(gate).or_default().push(Fact { change, attempt, endpoint });
        }
    }
    Ok(())
}

async fn one(app: &App, ws: WorkspaceId, key: GateKey, facts: Vec<Fact<'_>>) -> Vec<String> {
    let Err(cause) = caught(judge(app, ws, &key, &facts)).await else { return Vec::new() };
    let endpoint = facts.first().map(|fact| fact.endpoint.id.to_string());
    tracing::warn!(
        workspace.id = %ws, endpoint.id = endpoint, error.cause = cause,
        "endpoint health not evaluated"
    );
    facts.iter().map(|fact| fact.change.sequence.clone()).collect()
}

async fn judge(app: &App, ws: WorkspaceId, key: &GateKey, facts: &[Fact<'_>]) -> Result<(), Error> {
    // Endpoints that share a gate may have different policies: the last one to fail decides.
    let decides = facts.iter().rfind(|fact| fact.failed()).or(facts.last());
    let Some(policy) = decides.and_then(|fact| fact.endpoint.policy.suspension.clone()) else {
        return Ok(());
    };
    let (health, verdict) = record(app, ws, key, (facts, &policy)).await?;
    let failed = facts.iter().filter(|fact| fact.failed());
    let failures: Vec<FailedAttempt> =
        failed.map(|fact| fact.failed_attempt(&app.reached)).collect();
    if let Verdict::Suspend(reason) = verdict {
        let attempts = health.counted(&policy, app.now());
        let crossed = Crossed { reason, attempts, probe_after: policy.probe_after };
        return close(app, ws, key, (&crossed, &failures)).await;
    }
    let of_this_batch = |it: &FailedAttempt| health.warned_for == Some((it.delivery, it.attempt));
    match failures.iter().find(|it| of_this_batch(it)) {
        Some(last) if health.warned > 0 => {
            let attempts = health.counted(&policy, app.now());
            warn(app, ws, key, (health.warned, *last, attempts)).await
        }
        Some(_) | None => Ok(()),
    }
}

/// Records the attempts in the health row; returns the new health and the verdict.
async fn record(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (facts, policy): (&[Fact<'_>], &Suspension),
) -> Result<(Health, Verdict), Error> {
    for _ in 0..TRIES {
        let (before, version) = app.store.health(ws, key).await?;
        let now = app.now();
        let mut health = before.clone();
        count(&mut health, facts, policy, &app.reached);
        health.forget(policy, now);
        let mut verdict = health::judge(&health, policy, now);
        if matches!(verdict, Verdict::Suspend(_)) && is_ours(app, ws, (&health, policy)).await? {
            tracing::error!(
                workspace.id = %ws,
                "many hosts are unreachable: network outage assumed, endpoint not suspended"
            );
            // The failures stay in the row: the next endpoint to fail is compared with them.
            health.discount(now);
            verdict = Verdict::Keep;
        }
        health.decided(&verdict, policy, now);
        if health == before || app.store.put_health(ws, key, &health, version).await? {
            return Ok((health, verdict));
        }
    }
    Err(Error::Moved("a health row"))
}

/// Adds the attempts to the health.
fn count(health: &mut Health, facts: &[Fact<'_>], policy: &Suspension, reached: &LastResponse) {
    let shares = matches!(policy.trip, Trip::Window { percent: 1.., .. });
    for fact in facts {
        let at = fact.attempt.started_at;
        let failed = fact.failed();
        if failed {
            health.failed(fact.failed_attempt(reached), policy);
        }
        if fact.not_counted(reached) {
            // Stays in the row, so that other endpoints are compared with it; it is not counted.
            continue;
        }
        // Saves writes: a success changes nothing if only failures count and there are none.
        let counts = shares || (!failed && !health.failures.is_empty());
        let (partition, sequence) = (&fact.change.partition, &fact.change.sequence);
        if counts && health.first_seen(partition, sequence) {
            if failed {
                health.failed_too(at);
            } else {
                health.succeeded(at, 1);
            }
        }
    }
}

/// Returns true if Gancho's own network is down: several hosts are unreachable at once, and none
/// answers.
async fn is_ours(
    app: &App,
    ws: WorkspaceId,
    (health, policy): (&Health, &Suspension),
) -> Result<bool, Error> {
    let now = app.now();
    let counted = health.counted(policy, now);
    let failures = counted.iter().map(|failed_attempt| failed_attempt.at);
    if !counted.iter().all(|failed_attempt| outage::is_unreachable(failed_attempt.outcome))
        || app.reached.refutes(ws, failures, now)
    {
        return Ok(false);
    }
    let mut all = app.store.all_health(ws).await?;
    // The gate's own row, with the changes that are not written yet.
    all.push((GateKey::Workspace, health.clone()));
    Ok(Reachability::of(all.iter().map(|(_, health)| health), now).is_ours())
}

/// The reason to close a gate.
struct Crossed {
    reason: Reason,
    attempts: Vec<FailedAttempt>,
    probe_after: Option<u32>,
}

/// Closes an open gate and notifies the recipients once. If an earlier execution closed the gate
/// for the same attempts, only a missing notice is sent.
async fn close(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (crossed, failures): (&Crossed, &[FailedAttempt]),
) -> Result<(), Error> {
    let suspend = |gate: Gate| async move {
        if gate.state != GateState::Open {
            return Ok(None);
        }
        let since = app.now();
        let pause = crossed.probe_after.map(|seconds| SignedDuration::from_secs(seconds.into()));
        let probe_at = pause.and_then(|pause| since.checked_add(pause).ok());
        if let Some(probe_at) = probe_at {
            let parked = Parked::Probe { gate: key.clone(), generation: gate.generation + 1 };
            app.store.park(ws, (probe_at, app.now()), &parked).await?;
        }
        let attempts = crossed.attempts.clone();
        let by = Suspended { since, reason: crossed.reason, attempts, probe_at };
        Ok::<_, Error>(Some(GateState::Suspended(by)))
    };
    let is_same = |by: &Suspended| {
        by.attempts.iter().any(|one| failures.iter().any(|failure| failure.is_same(one)))
    };
    match app.store.transition_gate(ws, key, suspend).await? {
        Transition::Changed(Gate { state: GateState::Suspended(by), .. }) => {
            app.deps.metrics.one(Metric::EndpointsSuspended);
            suspended(app, ws, key, by).await
        }
        Transition::Kept(Gate { state: GateState::Suspended(by), .. }) if is_same(&by) => {
            suspended(app, ws, key, by).await
        }
        Transition::Changed(_) | Transition::Kept(_) => Ok(()),
    }
}

async fn suspended(app: &App, ws: WorkspaceId, key: &GateKey, by: Suspended) -> Result<(), Error> {
    let (gate, attempts) = (key.clone(), by.attempts.clone());
    let cause = notify::suspension(&by);
    let what = notify::What {
        kind: NoticeKind::Suspended { gate, reason: by.reason, attempts },
        at: by.since,
        cause,
        endpoints: config::covered(&app.store, ws, key).await?,
        attempts: by.attempts,
        probe_at: by.probe_at,
    };
    notify::send(app, ws, what).await
}

async fn warn(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (percent, last, attempts): (u8, FailedAttempt, Vec<FailedAttempt>),
) -> Result<(), Error> {
    let what = notify::What {
        kind: NoticeKind::Warned { percent },
        at: last.at,
        cause: format!("{percent} {} {}", last.delivery, last.attempt),
        endpoints: config::covered(&app.store, ws, key).await?,
        attempts,
        probe_at: None,
    };
    notify::send(app, ws, what).await
}
