//! Counts the changes of deliveries in metrics, and logs one line for each change of a gate.

use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        delivery::State,
        gate::{DisabledReason, Gate, GateKey, GateState},
        health::Reason,
    },
};
use gancho_edge::metrics::Metric;

use crate::{App, change::Change};

/// Counts a delivery that ended or became held.
pub(crate) fn moved(app: &App, change: &Change) {
    if !change.moved() {
        return;
    }
    let state = change.new.state;
    match state {
        State::Held { .. } if change.was_held() => {}
        State::Held { .. } => app.deps.metrics.one(Metric::DeliveriesHeld),
        State::Queued | State::Retrying { .. } => {}
        State::Success { .. } | State::Failure { .. } | State::Discarded { .. } => {
            app.deps.metrics.one_by(Metric::DeliveriesEnded, state.name().as_str());
        }
    }
}

/// Logs the new state of a gate.
pub(crate) fn gate(ws: WorkspaceId, key: &GateKey, gate: &Gate) {
    let (endpoint, scope) = match key {
        GateKey::Endpoint(id) => (Some(id.to_string()), "endpoint"),
        GateKey::Url(_) => (None, "url"),
        GateKey::Workspace => (None, "workspace"),
    };
    let seen = Seen::of(&gate.state);
    tracing::info!(
        workspace.id = %ws,
        endpoint.id = endpoint,
        gate.scope = scope,
        gate.state = seen.state,
        gate.generation = gate.generation,
        gate.reason = seen.reason,
        gate.failures = seen.failures,
        delivery.id = seen.probe,
        "gate changed"
    );
}

/// The log fields of a state.
#[derive(Default)]
struct Seen {
    state: &'static str,
    reason: Option<&'static str>,
    failures: Option<usize>,
    probe: Option<String>,
}

impl Seen {
    fn of(state: &GateState) -> Self {
        match state {
            GateState::Open => Self { state: "open", ..Self::default() },
            GateState::Suspended(by) => Self {
                state: "suspended",
                reason: Some(word(&by.reason)),
                failures: Some(by.attempts.len()),
                probe: None,
            },
            GateState::Probing { delivery, suspended, .. } => Self {
                state: "probing",
                reason: Some(word(&suspended.reason)),
                failures: None,
                probe: delivery.map(|id| id.to_string()),
            },
            GateState::Disabled { reason, .. } => {
                let reason = match reason {
                    DisabledReason::ByPerson => "by_person",
                    DisabledReason::EndpointGone => "endpoint_gone",
                };
                Self { state: "disabled", reason: Some(reason), ..Self::default() }
            }
        }
    }
}

fn word(reason: &Reason) -> &'static str {
    match reason {
        Reason::Window { .. } => "window",
        Reason::Streak { .. } => "streak",
    }
}
