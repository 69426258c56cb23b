//! Disables an endpoint that answers 410, and notifies the recipients once.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::{Attempt, Outcome},
        gate::{DisabledReason, GateKey, GateState},
        notice::NoticeKind,
    },
};

use crate::{App, Error, TRIES, change::Change, config, notify, probe, telemetry};

/// Disables the endpoint of a delivery that was answered 410.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let Some(endpoint) = change.new.endpoint() else { return Ok(()) };
    for attempt in change.new_attempts() {
        if attempt.outcome == Outcome::Status(410) {
            disable(app, change.workspace, endpoint, attempt).await?;
            notify_of(app, change, endpoint, attempt).await?;
        }
    }
    Ok(())
}

async fn disable(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    attempt: &Attempt,
) -> Result<(), Error> {
    let key = GateKey::Endpoint(endpoint);
    let (health, _) = app.store.health(ws, &key).await?;
    if health.is_forgiven(attempt.started_at) {
        // A person enabled it since.
        return Ok(());
    }
    for _ in 0..TRIES {
        let gates = app.store.gates(ws, std::slice::from_ref(&key)).await?;
        let Some(gate) = gates.into_iter().next() else { return Ok(()) };
        if matches!(gate.state, GateState::Disabled { .. }) {
            return Ok(());
        }
        let from = gate.generation;
        let state = GateState::Disabled { since: app.now(), reason: DisabledReason::EndpointGone };
        let next = gate.into_state(state);
        if app.store.change_gate(ws, &key, from, &next).await? {
            telemetry::gate(ws, &key, &next);
            return Ok(());
        }
    }
    Err(Error::Moved("a gate"))
}

async fn notify_of(
    app: &App,
    change: &Change,
    endpoint: EndpointId,
    attempt: &Attempt,
) -> Result<(), Error> {
    let ws = change.workspace;
    let failed_attempt = probe::failed_attempt(change, endpoint, attempt);
    let key = GateKey::Endpoint(endpoint);
    let endpoints = config::covered(&app.store, ws, &key).await?;
    let what = notify::What {
        kind: NoticeKind::Gone,
        at: attempt.started_at,
        cause: format!("{} {}", change.new.id, attempt.number),
        endpoints,
        attempts: vec![failed_attempt],
        probe_at: None,
    };
    notify::send(app, ws, what).await
}
