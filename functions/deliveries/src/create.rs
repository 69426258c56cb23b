//! Creates deliveries that are sent by hand (`FACTS S2.7`).
//!
//! They are handled like those of *dispatch*: gates are read strongly consistently, and deliveries
//! to a suspended endpoint are written as held. Deliveries to a disabled endpoint are refused.
//! Deliveries to an endpoint with lanes get the last place of a lane (`CATALOGUE RE-04`).

use gancho_domain::{
    common::{
        by::By,
        code::Code,
        ids::{DeliveryId, WorkspaceId},
        workspace::Workspace,
    },
    outbound::{
        delivery::{Delivery, NewDelivery, State, Trigger},
        endpoint::Endpoint,
        event::{Event, EventType},
        gate::{GateKey, GateState},
        rule::{Rule, Target},
    },
};
use gancho_edge::problem::ApiError;
use gancho_store::deliveries::Created;
use jiff::Timestamp;

use crate::{App, messages};

/// The target of a rule's deliveries, with its present state.
#[derive(Debug)]
pub(crate) enum Receiver {
    /// An endpoint: an external URL.
    Endpoint(Box<Endpoint>, EndpointState),
    /// An integration of the same workspace.
    Integration,
}

/// The state of an endpoint's gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointState {
    /// Deliveries are sent.
    Open,
    /// New deliveries are held.
    Suspended,
    /// New deliveries are refused until a person enables the endpoint.
    Disabled,
}

/// The target of a rule as it is now. 409 if the endpoint or integration is deleted, or if the
/// event has reached the maximum number of hops.
pub(crate) async fn receiver(
    app: &App,
    ws: WorkspaceId,
    rule: &Rule,
    event: &Event,
) -> Result<Receiver, ApiError> {
    let deleted = || ApiError::new(409, Code::EndpointDeleted);
    if event.has_looped() {
        return Err(ApiError::new(409, Code::LoopDetected));
    }
    match rule.target {
        Target::Endpoint(id) => {
            let endpoint = app.store.endpoint(ws, id).await?.ok_or_else(deleted)?;
            let gates = app.store.gates(ws, &GateKey::of(&endpoint)).await?;
            let disabled = |state: &GateState| matches!(state, GateState::Disabled { .. });
            let endpoint_state = if gates.iter().any(|gate| disabled(&gate.state)) {
                EndpointState::Disabled
            } else if gates.iter().all(gancho_domain::outbound::gate::Gate::is_open) {
                EndpointState::Open
            } else {
                EndpointState::Suspended
            };
            Ok(Receiver::Endpoint(Box::new(endpoint), endpoint_state))
        }
        Target::Integration { integration, .. } => {
            app.store.integration(ws, integration).await?.ok_or_else(deleted)?;
            Ok(Receiver::Integration)
        }
    }
}

impl Receiver {
    /// The endpoint, if the target is one.
    pub(crate) fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Endpoint(endpoint, _) => Some(endpoint),
            Self::Integration => None,
        }
    }

    /// 409 if the endpoint is disabled: a person has to enable it first (`CATALOGUE RE-01`).
    pub(crate) fn passable(&self) -> Result<(), ApiError> {
        match self {
            Self::Endpoint(_, EndpointState::Disabled) => {
                Err(ApiError::new(409, Code::EndpointDisabled))
            }
            Self::Endpoint(_, EndpointState::Open | EndpointState::Suspended)
            | Self::Integration => Ok(()),
        }
    }

    fn first_state(&self, now: Timestamp) -> State {
        let is_open = match self {
            Self::Endpoint(_, state) => *state == EndpointState::Open,
            Self::Integration => true,
        };
        State::first(is_open, now)
    }
}

/// A delivery to create by hand.
#[derive(Debug)]
pub(crate) struct ManualDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) event: &'a Event,
    pub(crate) event_type: EventType,
    pub(crate) subject_status: Option<String>,
    pub(crate) rule: &'a Rule,
    pub(crate) trigger: Trigger,
    pub(crate) by: Option<By>,
}

/// Builds the delivery without writing it.
pub(crate) fn delivery(
    workspace: &Workspace,
    manual: ManualDelivery<'_>,
    receiver: &Receiver,
    now: Timestamp,
) -> Delivery {
    let ManualDelivery { id, event, event_type, subject_status, rule, trigger, by } = manual;
    let state = receiver.first_state(now);
    let expires_at = workspace.outbound_ends(id.made_at());
    let new = NewDelivery { id, event_type, subject_status, trigger, by, state, expires_at };
    Delivery::new(event, rule, new)
}

/// Writes a delivery and enqueues it. If it already exists because an earlier try was killed, it is
/// enqueued again.
pub(crate) async fn create(
    app: &App,
    ws: WorkspaceId,
    delivery: Delivery,
    receiver: &Receiver,
) -> Result<Delivery, ApiError> {
    let writer = app.deps.ids.token();
    // The lookup is written first: a lookup without a delivery does no harm, but a delivery without
    // a lookup cannot be found by its subject.
    app.store.put_subject_lookup(ws, &delivery).await?;
    let lanes = receiver.endpoint().and_then(|endpoint| Some((endpoint.id, endpoint.lanes()?)));
    let made = match lanes {
        Some((endpoint, lanes)) => {
            let all = vec![delivery];
            let mut made = app.store.create_in_lanes(ws, endpoint, all, lanes, &writer).await?;
            made.pop().ok_or_else(|| ApiError::internal("a lane took nothing"))?
        }
        None => match app.store.create_delivery(ws, &delivery, &writer).await? {
            Created::New => delivery,
            Created::Existing => {
                let now = app.deps.clock.now();
                let found = app.store.delivery(ws, delivery.id, now).await?;
                found.ok_or_else(ApiError::not_found)?.delivery
            }
        },
    };
    // Held deliveries are enqueued when the gate opens.
    if matches!(made.state, State::Queued | State::Retrying { .. }) {
        messages::delivery(app, ws, &made).await?;
    }
    tracing::info!(
        workspace.id = %ws, event.id = %made.event, rule.id = %made.rule, delivery.id = %made.id,
        "a delivery was made by hand"
    );
    Ok(made)
}
