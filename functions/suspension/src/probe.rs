//! Evaluates the result of a probe: opens its gate, or suspends it again.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::Attempt,
        endpoint::Endpoint,
        gate::{self, Gate, GateKey, GateState},
        health::FailedAttempt,
        notice::NoticeKind,
        outage, retry,
    },
};
use gancho_store::{gates::Transition, parked::Parked};
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, change::Change, config, notify, schedule};

/// A gate whose probe succeeded.
struct Arrived<'a> {
    key: &'a GateKey,
    gate: &'a Gate,
    /// The time of the probe's response.
    at: Timestamp,
}

/// Opens the gate if its probe succeeded, else suspends it again.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    // Only a held delivery can be a probe.
    if !change.was_held() || change.new_attempts().is_empty() {
        return Ok(());
    }
    let Some(id) = change.new.endpoint() else { return Ok(()) };
    let known = app.known.endpoint(&app.store, (change.workspace, id), app.now()).await?;
    let Some(endpoint) = known else { return Ok(()) };
    for attempt in change.new_attempts() {
        for key in GateKey::of(&endpoint) {
            judge(app, change, attempt, (&endpoint, &key)).await?;
        }
    }
    Ok(())
}

async fn judge(
    app: &App,
    change: &Change,
    attempt: &Attempt,
    (endpoint, key): (&Endpoint, &GateKey),
) -> Result<(), Error> {
    let ws = change.workspace;
    let failed = retry::is_failure(&endpoint.policy, attempt.outcome);
    let pause = endpoint.policy.suspension.as_ref().and_then(|policy| policy.probe_after);
    let follow = |gate: Gate| async move {
        let after = gate::after_probe(&gate, change.new.id, failed, (app.now(), pause));
        let Some(state) = after else { return Ok(None) };
        if state == GateState::Open {
            let took = SignedDuration::from_millis(attempt.duration_ms.try_into().unwrap_or(0));
            let at = attempt.started_at.checked_add(took).unwrap_or(attempt.started_at);
            prepare(app, ws, &Arrived { key, gate: &gate, at }).await?;
        }
        if let GateState::Suspended(again) = &state
            && let Some(probe_at) = again.probe_at
        {
            let generation = gate.generation + 1;
            let parked = Parked::Probe { gate: key.clone(), generation };
            app.store.park(ws, (probe_at, app.now()), &parked).await?;
        }
        Ok::<_, Error>(Some(state))
    };
    if let Transition::Changed(_) = app.store.transition_gate(ws, key, follow).await? {
        notify::unsent_of(app, ws).await;
    }
    Ok(())
}

/// Prepares the opening of a gate: enqueues the message that releases held deliveries, resets the
/// health and writes the notice. Runs before the gate opens, so that none of them is lost; the
/// message waits for the opening.
async fn prepare(app: &App, ws: WorkspaceId, arrived: &Arrived<'_>) -> Result<(), Error> {
    let GateState::Probing { suspended, .. } = &arrived.gate.state else { return Ok(()) };
    let message = schedule::recovery(ws, arrived.key, arrived.gate.generation + 1);
    schedule::recover(app, &message, 1).await?;
    app.store.forgive(ws, arrived.key, app.now()).await?;
    let what = notify::What {
        kind: NoticeKind::Recovered,
        at: arrived.at,
        cause: notify::suspension(suspended),
        endpoints: config::covered(&app.store, ws, arrived.key).await?,
        attempts: Vec::new(),
        probe_at: None,
    };
    notify::write(app, ws, what).await
}

/// Builds the failed attempt for suspensions and notices.
pub(crate) fn failed_attempt(
    change: &Change,
    endpoint: EndpointId,
    attempt: &Attempt,
) -> FailedAttempt {
    FailedAttempt {
        at: attempt.started_at,
        endpoint,
        delivery: change.new.id,
        attempt: attempt.number,
        outcome: attempt.outcome,
        unreachable: outage::unreachable_host(attempt),
        not_counted: false,
    }
}
