//! Disables an endpoint that answers 410, and notifies the recipients once.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::Attempt,
        gate::{DisabledReason, Gate, GateKey, GateState},
        notice::NoticeKind,
        retry,
    },
};
use gancho_store::gates::Transition;
use jiff::Timestamp;

use crate::{App, Error, change::Change, config, notify, probe};

/// Disables the endpoint of a delivery that was answered 410. Of several such answers, also if a
/// record is handled twice, the closure of the gate is notified once: its start names the notice.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let Some(endpoint) = change.new.endpoint() else { return Ok(()) };
    for attempt in change.new_attempts() {
        if retry::is_gone(attempt.outcome)
            && let Some(since) = disabled(app, change.workspace, endpoint, attempt).await?
        {
            notify_of(app, change, endpoint, (since, attempt)).await?;
        }
    }
    Ok(())
}

/// Disables an endpoint, unless a person enabled it after the attempt. Returns the time since when
/// it is disabled because of a 410.
async fn disabled(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    attempt: &Attempt,
) -> Result<Option<Timestamp>, Error> {
    let key = GateKey::Endpoint(endpoint);
    let (health, _) = app.store.health(ws, &key).await?;
    if health.is_forgiven(attempt.started_at) {
        return Ok(None);
    }
    let state = GateState::Disabled { since: app.now(), reason: DisabledReason::EndpointGone };
    let disable = |gate: Gate| {
        let is_disabled = matches!(gate.state, GateState::Disabled { .. });
        std::future::ready(Ok::<_, Error>((!is_disabled).then(|| state.clone())))
    };
    let (Transition::Changed(gate) | Transition::Kept(gate)) =
        app.store.transition_gate(ws, &key, disable).await?;
    Ok(match gate.state {
        GateState::Disabled { since, reason: DisabledReason::EndpointGone } => Some(since),
        GateState::Open
        | GateState::Suspended(_)
        | GateState::Probing { .. }
        | GateState::Disabled { .. } => None,
    })
}

async fn notify_of(
    app: &App,
    change: &Change,
    endpoint: EndpointId,
    (since, attempt): (Timestamp, &Attempt),
) -> Result<(), Error> {
    let ws = change.workspace;
    let failed_attempt = probe::failed_attempt(change, endpoint, attempt);
    let key = GateKey::Endpoint(endpoint);
    let endpoints = config::covered(&app.store, ws, &key).await?;
    let what = notify::What {
        kind: NoticeKind::Gone,
        at: since,
        cause: format!("{} {}", endpoint.key(), since.as_millisecond()),
        endpoints,
        attempts: vec![failed_attempt],
        probe_at: None,
    };
    notify::send(app, ws, what).await
}
