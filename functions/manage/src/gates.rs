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
use gancho_store::StoreError;

use crate::{App, endpoint_state as state};

/// The maximum number of tries of a change that conflicts with other changes of the same gate.
const TRIES: u32 = 5;

/// Closes a gate on behalf of a person.
pub(crate) async fn close(app: &App, ws: WorkspaceId, key: &GateKey) -> Result<(), ApiError> {
    for _ in 0..TRIES {
        let gate = state::gate(app, ws, key).await?;
        if matches!(gate.state, GateState::Disabled { .. }) {
            return Ok(());
        }
        let from = gate.generation;
        let disabled =
            GateState::Disabled { since: app.clock.now(), reason: DisabledReason::ByPerson };
        if app.store.change_gate(ws, key, from, &gate.into_state(disabled)).await? {
            log_change(ws, key, "disabled", from + 1);
            return Ok(());
        }
    }
    Err(StoreError::Busy("the endpoint's gate".to_owned()).into())
}

/// Logs a change of a gate, in the same form as *suspension*.
fn log_change(ws: WorkspaceId, key: &GateKey, state: &str, generation: u64) {
    let endpoint = match key {
        GateKey::Endpoint(id) => Some(id.to_string()),
        GateKey::Url(_) | GateKey::Workspace => None,
    };
    tracing::info!(
        workspace.id = %ws,
        endpoint.id = endpoint,
        gate.state = state,
        gate.generation = generation,
        gate.reason = "by_person",
        "gate changed"
    );
}

/// Opens a gate: at once if no delivery is held, else by a probe.
pub(crate) async fn open(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    (release, covered): (Release, &[&Endpoint]),
) -> Result<(), ApiError> {
    for _ in 0..TRIES {
        let gate = state::gate(app, ws, key).await?;
        let suspended = match &gate.state {
            GateState::Open | GateState::Probing { delivery: Some(_), .. } => return Ok(()),
            // An earlier request changed the gate. It may have been killed before it enqueued the
            // message.
            GateState::Probing { delivery: None, .. } => {
                return enqueue(app, ws, (key, &gate), release).await;
            }
            GateState::Suspended(suspended) => suspended.clone(),
            GateState::Disabled { since, .. } => Suspended {
                since: *since,
                reason: Reason::Streak { failures: 0 },
                attempts: Vec::new(),
                probe_at: None,
            },
        };
        let next = if nothing_held(app, ws, covered).await? {
            forgive(app, ws, key).await?;
            GateState::Open
        } else {
            GateState::Probing { delivery: None, suspended, by_person: true }
        };
        let from = gate.generation;
        let next = gate.into_state(next);
        if app.store.change_gate(ws, key, from, &next).await? {
            let opens = next.is_open();
            log_change(ws, key, if opens { "open" } else { "probing" }, next.generation);
            return if opens { Ok(()) } else { enqueue(app, ws, (key, &next), release).await };
        }
    }
    Err(StoreError::Busy("the endpoint's gate".to_owned()).into())
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

/// Marks the earlier failures of a gate as not counted.
async fn forgive(app: &App, ws: WorkspaceId, key: &GateKey) -> Result<(), ApiError> {
    for _ in 0..TRIES {
        let (mut health, from) = app.store.health(ws, key).await?;
        health.forgive(app.clock.now());
        if app.store.put_health(ws, key, &health, from).await? {
            return Ok(());
        }
    }
    Err(StoreError::Busy("the endpoint's health".to_owned()).into())
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
