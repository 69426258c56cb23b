//! Has an endpoint failed too often? The facts of a batch that count together make one write of
//! health; the one that is too many closes the gate, once, and people are told, once.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, StreamExt, stream};
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        delivery::Attempt,
        endpoint::{Endpoint, Suspension, Trip},
        gate::{GateKey, GateState, Suspended},
        health::{self, FailedAttempt, Health, Reason, Verdict},
        notice::NoticeKind,
        outage::{self, Reachability},
        retry,
    },
};
use gancho_edge::{last_response::LastResponse, metrics::Metric};
use gancho_store::parked::Parked;
use jiff::SignedDuration;

use crate::{App, Error, TRIES, config, notify, probe, stream::Change};

/// Gates that are judged at the same time.
const SIDE_BY_SIDE: usize = 4;

/// An attempt, and whose health it counts for.
struct Fact<'c> {
    change: &'c Change,
    attempt: &'c Attempt,
    endpoint: Arc<Endpoint>,
}

impl Fact<'_> {
    fn failed(&self) -> bool {
        retry::is_failure(&self.endpoint.policy, self.attempt.outcome)
    }

    /// Whether it was our own network's fault. Nobody knew so much when it was made: who has answered
    /// since says that the network is there.
    fn not_counted(&self, reached: &LastResponse) -> bool {
        self.attempt.not_counted && !reached.since(self.change.workspace, self.attempt.started_at)
    }

    fn failed_attempt(&self, reached: &LastResponse) -> FailedAttempt {
        let failed_attempt = probe::failed_attempt(self.change, self.endpoint.id, self.attempt);
        FailedAttempt { not_counted: self.not_counted(reached), ..failed_attempt }
    }
}

/// What counts together.
type Gates<'c> = BTreeMap<(WorkspaceId, GateKey), Vec<Fact<'c>>>;

/// Judges what a batch says; gives back the records of gates that could not be judged.
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
    for attempt in change.fresh() {
        if outage::is_answer(attempt.outcome) {
            app.reached.note(change.workspace, outage::answered_at(attempt));
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
    let cause = match AssertUnwindSafe(judge(app, ws, &key, &facts)).catch_unwind().await {
        Ok(Ok(())) => return Vec::new(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic".to_owned(),
    };
    let endpoint = facts.first().map(|fact| fact.endpoint.id.to_string());
    tracing::warn!(
        workspace.id = %ws, endpoint.id = endpoint, error.cause = cause,
        "an endpoint was not judged"
    );
    facts.iter().map(|fact| fact.change.sequence.clone()).collect()
}

async fn judge(app: &App, ws: WorkspaceId, key: &GateKey, facts: &[Fact<'_>]) -> Result<(), Error> {
    // Endpoints that share a gate may differ in what they allow: the last one to fail decides.
    let decides = facts.iter().rfind(|fact| fact.failed()).or(facts.last());
    let Some(policy) = decides.and_then(|fact| fact.endpoint.policy.suspension.clone()) else {
        return Ok(());
    };
    let (health, verdict) = noted(app, ws, key, (facts, &policy)).await?;
    let failed = facts.iter().filter(|fact| fact.failed());
    let failures: Vec<FailedAttempt> =
        failed.map(|fact| fact.failed_attempt(&app.reached)).collect();
    if let Verdict::Suspend(reason) = verdict {
        let attempts = health.counted(&policy, app.now());
        let crossed = Crossed { reason, attempts, probe_after: policy.probe_after };
        return close(app, ws, key, (crossed, &failures)).await;
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

/// Notes the facts; what is known now, and what is to be done.
async fn noted(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (facts, policy): (&[Fact<'_>], &Suspension),
) -> Result<(Health, Verdict), Error> {
    for _ in 0..TRIES {
        let (before, version) = app.store.health(ws, key).await?;
        let now = app.now();
        let mut health = before.clone();
        note(&mut health, facts, policy, &app.reached);
        health.forget(policy, now);
        let mut verdict = health::judge(&health, policy, now);
        if matches!(verdict, Verdict::Suspend(_)) && is_ours(app, ws, (&health, policy)).await? {
            tracing::error!(
                workspace.id = %ws,
                "many hosts cannot be reached at once: our own network? not suspended"
            );
            // Not forgotten: it is what the next endpoint to fail is compared with.
            health.excuse(now);
            verdict = Verdict::Keep;
        }
        health.decided(&verdict, policy, now);
        if health == before || app.store.put_health(ws, key, &health, version).await? {
            return Ok((health, verdict));
        }
    }
    Err(Error::Moved("a health row"))
}

fn note(health: &mut Health, facts: &[Fact<'_>], policy: &Suspension, reached: &LastResponse) {
    let shares = matches!(policy.trip, Trip::Window { percent: 1.., .. });
    for fact in facts {
        let at = fact.attempt.started_at;
        let failed = fact.failed();
        if failed {
            health.failed(fact.failed_attempt(reached), policy);
        }
        if fact.not_counted(reached) {
            // Known, for others to be compared with, and counted nowhere.
            continue;
        }
        // A write for each success is dear: where only failures count, and there are none, none.
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

/// Whether nothing could be reached from here: several hosts at once, and nobody answered.
async fn is_ours(
    app: &App,
    ws: WorkspaceId,
    (health, policy): (&Health, &Suspension),
) -> Result<bool, Error> {
    let now = app.now();
    let counted = health.counted(policy, now);
    // Who answered before its failures of this minute began says nothing of the network since then.
    let began = counted
        .iter()
        .map(|failed_attempt| failed_attempt.at)
        .filter(|at| *at >= outage::since(now))
        .min();
    if !counted.iter().all(|failed_attempt| outage::is_unreachable(failed_attempt.outcome))
        || began.is_some_and(|began| app.reached.since(ws, began))
    {
        return Ok(false);
    }
    let mut all = app.store.all_health(ws).await?;
    // Its own row, as it is about to be.
    all.push((GateKey::Workspace, health.clone()));
    Ok(Reachability::of(all.iter().map(|(_, health)| health), now).is_ours())
}

/// What closes a gate.
struct Crossed {
    reason: Reason,
    attempts: Vec<FailedAttempt>,
    probe_after: Option<u32>,
}

/// Closes an open gate. One that these very attempts have closed is told of, should that be missing.
async fn close(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (crossed, failures): (Crossed, &[FailedAttempt]),
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let gates = app.store.gates(ws, std::slice::from_ref(key)).await?;
        let Some(gate) = gates.into_iter().next() else { return Ok(()) };
        match &gate.state {
            GateState::Open => {}
            GateState::Suspended(by)
                if by.attempts.iter().any(|one| failures.iter().any(|it| it.is_same(one))) =>
            {
                return suspended(app, ws, key, by.clone()).await;
            }
            GateState::Suspended(_) | GateState::Probing { .. } | GateState::Disabled { .. } => {
                return Ok(());
            }
        }
        let (since, from) = (app.now(), gate.generation);
        let pause = crossed.probe_after.map(|seconds| SignedDuration::from_secs(seconds.into()));
        let probe_at = pause.and_then(|pause| since.checked_add(pause).ok());
        if let Some(probe_at) = probe_at {
            let parked = Parked::Probe { gate: key.clone(), generation: from + 1 };
            app.store.park(ws, probe_at, &parked).await?;
        }
        let attempts = crossed.attempts.clone();
        let by = Suspended { since, reason: crossed.reason, attempts, probe_at };
        let next = gate.into_state(GateState::Suspended(by.clone()));
        if app.store.change_gate(ws, key, from, &next).await? {
            app.deps.metrics.one(Metric::EndpointsSuspended);
            crate::telemetry::gate(ws, key, &next);
            return suspended(app, ws, key, by).await;
        }
    }
    Err(Error::Moved("a gate"))
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
