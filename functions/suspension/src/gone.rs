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

use crate::{App, Error, change::Change, config, notify, probe};

/// Disables the endpoint of a delivery that was answered 410.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let Some(endpoint) = change.new.endpoint() else { return Ok(()) };
    for attempt in change.new_attempts() {
        if retry::is_gone(attempt.outcome) {
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
    let state = GateState::Disabled { since: app.now(), reason: DisabledReason::EndpointGone };
    let disable = |gate: Gate| {
        let is_disabled = matches!(gate.state, GateState::Disabled { .. });
        std::future::ready(Ok::<_, Error>((!is_disabled).then(|| state.clone())))
    };
    app.store.transition_gate(ws, &key, disable).await.map(drop)
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
