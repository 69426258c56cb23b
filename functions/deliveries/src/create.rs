//! Where does a new delivery go now, and how is it written down and enqueued? (`FACTS S2.7`)
//!
//! What people send by hand goes the same road as what *dispatch* sends: gates are read strongly
//! consistently, a suspended endpoint's deliveries are written as held, a disabled one's are
//! refused; deliveries to an endpoint with lanes get the last place of a lane (`CATALOGUE RE-04`).

use gancho_domain::{
    common::{
        code::Code,
        ids::{DeliveryId, WorkspaceId},
        workspace::Workspace,
    },
    outbound::{
        delivery::{Delivery, State, Trigger},
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

/// How often Gancho passes an event on to itself (`FACTS D19`).
const HOPS: u8 = 3;

/// Where a rule's deliveries go now.
#[derive(Debug)]
pub(crate) enum Receiver {
    /// To a URL outside.
    Endpoint(Box<Endpoint>, EndpointState),
    /// To an integration of the same workspace.
    Integration,
}

/// Whether an endpoint may be sent to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointState {
    /// It may.
    Open,
    /// Not now: what comes is held.
    Suspended,
    /// Not until a person enables it.
    Disabled,
}

/// The road of a rule as it is now; 409 where there is none.
pub(crate) async fn receiver(
    app: &App,
    ws: WorkspaceId,
    rule: &Rule,
    event: &Event,
) -> Result<Receiver, ApiError> {
    let deleted = || ApiError::new(409, Code::EndpointDeleted);
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
        Target::Integration { .. } if event.hops >= HOPS => {
            Err(ApiError::new(409, Code::LoopDetected))
        }
        Target::Integration { integration, .. } => {
            app.store.integration(ws, integration).await?.ok_or_else(deleted)?;
            Ok(Receiver::Integration)
        }
    }
}

impl Receiver {
    /// The endpoint, when it leads to one.
    pub(crate) fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Endpoint(endpoint, _) => Some(endpoint),
            Self::Integration => None,
        }
    }

    /// 409 where a person has to enable the endpoint first (`CATALOGUE RE-01`).
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
        match self {
            Self::Endpoint(_, EndpointState::Suspended | EndpointState::Disabled) => {
                State::Held { since: now }
            }
            Self::Endpoint(_, EndpointState::Open) | Self::Integration => State::Queued,
        }
    }
}

/// What a new delivery is made of.
#[derive(Debug)]
pub(crate) struct NewDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) event: &'a Event,
    pub(crate) event_type: EventType,
    pub(crate) subject_status: Option<String>,
    pub(crate) rule: &'a Rule,
    pub(crate) trigger: Trigger,
}

/// The delivery, as it would be written.
pub(crate) fn delivery(
    workspace: &Workspace,
    wanted: NewDelivery<'_>,
    receiver: &Receiver,
    now: Timestamp,
) -> Delivery {
    let NewDelivery { id, event, event_type, subject_status, rule, trigger } = wanted;
    Delivery {
        id,
        event: event.id,
        event_type,
        subject: event.subject.clone(),
        subject_status,
        rule: rule.id,
        rule_version: rule.version,
        target: rule.target,
        trigger,
        slot: None,
        state: receiver.first_state(now),
        attempts: Vec::new(),
        redrives: 0,
        hops: event.hops,
        expires_at: workspace.outbound_ends(id.made_at()),
    }
}

/// Writes a delivery down and enqueues it. One that is there already, from a try that was killed, is
/// enqueued again.
pub(crate) async fn create(
    app: &App,
    ws: WorkspaceId,
    delivery: Delivery,
    receiver: &Receiver,
) -> Result<Delivery, ApiError> {
    let writer = app.writer();
    // First: a delivery that nobody finds by its subject would be worse than a lookup of none.
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
                let now = app.clock.now();
                let found = app.store.delivery(ws, delivery.id, now).await?;
                found.ok_or_else(ApiError::not_found)?.delivery
            }
        },
    };
    // What is held is let go by whoever opens the gate.
    if matches!(made.state, State::Queued | State::Retrying { .. }) {
        messages::delivery(app, ws, &made).await?;
    }
    tracing::info!(
        workspace.id = %ws, event.id = %made.event, rule.id = %made.rule, delivery.id = %made.id,
        "a delivery was made by hand"
    );
    Ok(made)
}
