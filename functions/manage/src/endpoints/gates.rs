//! Transitions of gates on behalf of a person, and their messages to *suspension*.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        endpoint::Endpoint,
        gate::{DisabledReason, Gate, GateKey, GateState, Release, Suspended},
        health::Reason,
    },
};
use gancho_edge::{
    problem::ApiError,
    queue::{Queue, RecoverMessage},
};
use gancho_store::gates::Transition;

use crate::App;

/// Closes a gate on behalf of a person.
pub(crate) async fn close(app: &App, ws: WorkspaceId, key: &GateKey) -> Result<(), ApiError> {
    let state =
        GateState::Disabled { since: app.deps.clock.now(), reason: DisabledReason::ByPerson };
    let disable = |gate: Gate| {
        let is_disabled = matches!(gate.state, GateState::Disabled { .. });
        std::future::ready(Ok::<_, ApiError>((!is_disabled).then(|| state.clone())))
    };
    app.store.transition_gate(ws, key, disable).await.map(drop)
}

/// Opens a gate: at once if no delivery is held, else by a probe.
pub(crate) async fn open(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (release, covered): (Release, &[&Endpoint]),
) -> Result<(), ApiError> {
    let release_held = |gate: Gate| async move {
        let suspended = match gate.state {
            GateState::Open | GateState::Probing { .. } => return Ok(None),
            GateState::Suspended(suspended) => suspended,
            GateState::Disabled { since, .. } => Suspended {
                since,
                reason: Reason::Streak { failures: 0 },
                attempts: Vec::new(),
                probe_at: None,
            },
        };
        if nothing_held(app, ws, covered).await? {
            app.store.forgive(ws, key, app.deps.clock.now()).await?;
            return Ok(Some(GateState::Open));
        }
        let state = GateState::Probing { delivery: None, suspended, by_person: true };
        Ok::<_, ApiError>(Some(state))
    };
    match app.store.transition_gate(ws, key, release_held).await? {
        // A gate that kept this state: an earlier request changed it, and may have been killed
        // before it enqueued the message.
        Transition::Changed(gate) | Transition::Kept(gate)
            if matches!(gate.state, GateState::Probing { delivery: None, .. }) =>
        {
            enqueue(app, ws, (key, &gate), release).await
        }
        Transition::Changed(_) | Transition::Kept(_) => Ok(()),
    }
}

/// Releases the held deliveries of an endpoint whose gates are others after a change, if these are
/// open.
pub(crate) async fn after_a_move(
    app: &App,
    ws: WorkspaceId,
    endpoint: &Endpoint,
) -> Result<(), ApiError> {
    let gates = app.store.gates(ws, &GateKey::of(endpoint)).await?;
    if nothing_held(app, ws, &[endpoint]).await? || !gates.iter().all(Gate::is_open) {
        return Ok(());
    }
    let own = GateKey::Endpoint(endpoint.id);
    let gate = gates.into_iter().next().unwrap_or_default();
    enqueue(app, ws, (&own, &gate), Release::All).await
}

/// Enqueues the message that discards the held deliveries of an endpoint (`CATALOGUE SU-08`). It is
/// enqueued before the deletion and received after it, so that it cannot be lost between the two.
pub(crate) async fn before_deletion(
    app: &App,
    workspace: WorkspaceId,
    endpoint: EndpointId,
) -> Result<(), ApiError> {
    let gate = GateKey::Endpoint(endpoint);
    // No generation: if the endpoint is not deleted after all, the message has no effect.
    let message = RecoverMessage::of(workspace, gate, 0, Release::All);
    Ok(app.queues.send(Queue::Recover, &message, 2).await?)
}

async fn nothing_held(
    app: &App,
    ws: WorkspaceId,
    endpoints: &[&Endpoint],
) -> Result<bool, ApiError> {
    for endpoint in endpoints {
        if app.store.held_count(ws, endpoint.id, 1).await? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn enqueue(
    app: &App,
    workspace: WorkspaceId,
    (key, gate): (&GateKey, &Gate),
    release: Release,
) -> Result<(), ApiError> {
    let message = RecoverMessage::of(workspace, key.clone(), gate.generation, release);
    Ok(app.queues.send(Queue::Recover, &message, 0).await?)
}
