//! Opens a gate again. One delivery is sent as the probe; when it succeeds, the held deliveries
//! follow, oldest first, 1, 2, 4 ... 100 a second. Everything stops when the gate closes.
//!
//! One message does one step. A message with an outdated generation of the gate is dropped. The
//! message's step only sets the rate: each step reads the held rows again, so that a slow endpoint
//! slows the ramp. A chain of messages ends before Lambda would stop it as a loop: the rest is
//! parked, and the schedule continues it.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{
        delivery::State,
        endpoint::Endpoint,
        gate::{Gate, GateKey, GateState, Release},
    },
};
use gancho_edge::queue::RecoverMessage;
use gancho_store::{deliveries::StoredDelivery, lanes::LaneKey, parked::Parked};
use jiff::Timestamp;

use crate::{App, Error, config::covered, discard, hold, relane, schedule};

/// Deliveries that are released per second, at most.
const FASTEST: usize = 100;
/// The step of a message from the schedule: the ramp has reached its fastest rate before.
pub(crate) const RESUMED: u32 = 10;
/// Seconds at the fastest rate that one message after the ramp enqueues ahead.
const AHEAD: usize = 10;
/// Steps that follow one another directly; then the schedule continues.
const CHAIN: u32 = 8;
/// Messages that are enqueued concurrently, and held rows that are read at a time.
const SIDE_BY_SIDE: usize = 16;
const PAGE: usize = 100;

/// Does one step for a gate, or discards the held deliveries of a deleted endpoint. `sent` is the
/// time at which the message was enqueued.
pub(crate) async fn step(
    app: &App,
    message: &RecoverMessage,
    sent: Timestamp,
) -> Result<(), Error> {
    let ws = message.workspace;
    if let GateKey::Endpoint(id) = message.gate
        && app.store.endpoint(ws, id).await?.is_none()
    {
        let done = discard::deleted(app, ws, id).await?;
        return if done { Ok(()) } else { schedule::recover(app, message, 1).await };
    }
    let gates = app.store.gates(ws, std::slice::from_ref(&message.gate)).await?;
    let Some(gate) = gates.into_iter().next() else { return Ok(()) };
    if message.generation > gate.generation {
        // The message was enqueued before the change that it depends on.
        return Err(Error::Moved("a gate"));
    }
    let same = message.generation == gate.generation;
    if is_overtaken(message, &gate) && !discard::out(app, message, sent).await? {
        return schedule::recover(app, message, 0).await;
    }
    match &gate.state {
        GateState::Suspended(by) => {
            let due = by.probe_at.is_some_and(|at| at <= app.now());
            if same && due { begin(app, message, gate).await } else { Ok(()) }
        }
        GateState::Probing { delivery: Some(id), .. } => look_after(app, message, &gate, *id).await,
        GateState::Probing { delivery: None, .. } if same => {
            if !discard::out(app, message, sent).await? {
                return schedule::recover(app, message, 0).await;
            }
            choose(app, ws, (&message.gate, &gate)).await
        }
        GateState::Open if same => {
            if !discard::out(app, message, sent).await? {
                return schedule::recover(app, message, 0).await;
            }
            ramp(app, message).await
        }
        GateState::Disabled { .. } | GateState::Probing { .. } | GateState::Open => Ok(()),
    }
}

/// Returns true if a delivery became the probe, or also arrived, before this message of a person's
/// choice was handled. The choice holds: what it leaves out is not released with the others.
fn is_overtaken(message: &RecoverMessage, gate: &Gate) -> bool {
    let changes = match gate.state {
        GateState::Probing { delivery: Some(_), .. } => 1,
        GateState::Open => 2,
        GateState::Probing { delivery: None, .. }
        | GateState::Suspended(_)
        | GateState::Disabled { .. } => return false,
    };
    message.release != Release::All && message.generation + changes == gate.generation
}

/// Starts probing a gate whose pause is over.
async fn begin(app: &App, message: &RecoverMessage, gate: Gate) -> Result<(), Error> {
    let (ws, from) = (message.workspace, gate.generation);
    let GateState::Suspended(suspended) = gate.state.clone() else { return Ok(()) };
    let state = GateState::Probing { delivery: None, suspended, by_person: false };
    let next = gate.into_state(state);
    schedule::recover(app, &schedule::recovery(ws, &message.gate, next.generation), 1).await?;
    if app.store.change_gate(ws, &message.gate, from, &next).await? {
        return choose(app, ws, (&message.gate, &next)).await;
    }
    Ok(())
}

/// Enqueues the chosen probe again if it is still open, else chooses another one.
async fn look_after(
    app: &App,
    message: &RecoverMessage,
    gate: &Gate,
    id: DeliveryId,
) -> Result<(), Error> {
    let ws = message.workspace;
    let found = app.store.delivery(ws, id, app.now()).await?;
    if let Some(found) = found.filter(|found| found.delivery.state.is_open()) {
        schedule::look_again(app, ws, &message.gate, gate.generation).await?;
        return schedule::now(app, ws, &found.delivery).await;
    }
    let GateState::Probing { suspended, by_person, .. } = &gate.state else { return Ok(()) };
    let (suspended, by_person) = (suspended.clone(), *by_person);
    let state = GateState::Probing { delivery: None, suspended, by_person };
    let next = gate.clone().into_state(state);
    schedule::recover(app, &schedule::recovery(ws, &message.gate, next.generation), 1).await?;
    if app.store.change_gate(ws, &message.gate, gate.generation, &next).await? {
        return choose(app, ws, (&message.gate, &next)).await;
    }
    Ok(())
}

/// Makes the oldest held delivery the probe. If none is held, a gate that a person enabled opens,
/// and any other gate waits for the next delivery.
async fn choose(app: &App, ws: WorkspaceId, (key, gate): (&GateKey, &Gate)) -> Result<(), Error> {
    let GateState::Probing { by_person, .. } = &gate.state else { return Ok(()) };
    let mut first: Option<StoredDelivery> = None;
    for endpoint in covered(&app.store, ws, key).await? {
        if !relane::all(app, ws, &endpoint).await? {
            return schedule::recover(app, &schedule::recovery(ws, key, gate.generation), 0).await;
        }
        let oldest = oldest(app, ws, &endpoint).await?;
        let older = |than: &StoredDelivery| {
            first.as_ref().is_none_or(|first| than.delivery.id < first.delivery.id)
        };
        if let Some(oldest) = oldest.filter(older) {
            first = Some(oldest);
        }
    }
    match first {
        Some(first) => {
            let first = hold::front(app, ws, &first.delivery).await?.unwrap_or(first);
            if hold::make_probe(app, ws, (key, gate), first.delivery.id).await? {
                return schedule::now(app, ws, &first.delivery).await;
            }
            // The process that changed the gate continues.
            Ok(())
        }
        None if *by_person => {
            app.store.forgive(ws, key, app.now()).await?;
            let next = gate.clone().into_state(GateState::Open);
            schedule::recover(app, &schedule::recovery(ws, key, next.generation), 1).await?;
            Ok(app.store.change_gate(ws, key, gate.generation, &next).await.map(drop)?)
        }
        None => Ok(()),
    }
}

/// Reads the oldest held delivery of an endpoint.
async fn oldest(
    app: &App,
    ws: WorkspaceId,
    endpoint: &Endpoint,
) -> Result<Option<StoredDelivery>, Error> {
    let mut after = None;
    loop {
        let rows = app.store.held(ws, endpoint.id, after, PAGE).await?;
        for row in &rows {
            let found = app.store.delivery(ws, row.delivery, app.now()).await?;
            let held = |found: &StoredDelivery| matches!(found.delivery.state, State::Held { .. });
            if let Some(found) = found.filter(held) {
                return Ok(Some(found));
            }
        }
        let Some(last) = rows.last() else { return Ok(None) };
        after = Some(last.delivery);
    }
}

/// Releases held deliveries of a gate, one step faster than before.
async fn ramp(app: &App, message: &RecoverMessage) -> Result<(), Error> {
    let (ws, mut more) = (message.workspace, false);
    let endpoints = covered(&app.store, ws, &message.gate).await?;
    for endpoint in endpoints.iter().filter(|_| message.step == 0) {
        if !relane::all(app, ws, endpoint).await? {
            return schedule::recover(app, message, 0).await;
        }
    }
    for endpoint in endpoints {
        more |= release(app, message, &endpoint).await?;
    }
    if !more {
        return Ok(());
    }
    let step = message.step.saturating_add(1);
    if message.step % CHAIN == CHAIN - 1 {
        let parked = Parked::Probe { gate: message.gate.clone(), generation: message.generation };
        let now = app.now();
        return Ok(app.store.park(message.workspace, (now, now), &parked).await?);
    }
    let next = RecoverMessage { step, release: Release::All, ..message.clone() };
    let delay = if message.step < RESUMED { 1 } else { AHEAD };
    schedule::recover(app, &next, i32::try_from(delay).unwrap_or(1)).await
}

/// Enqueues held deliveries of one endpoint; returns true if more are left.
async fn release(app: &App, message: &RecoverMessage, endpoint: &Endpoint) -> Result<bool, Error> {
    let ws = message.workspace;
    let keys = GateKey::of(endpoint);
    let gates = app.store.gates(ws, &keys).await?;
    for (key, gate) in keys.iter().zip(&gates) {
        if matches!(gate.state, GateState::Probing { .. }) {
            // Its probe could not be sent while this gate was closed.
            schedule::recover(app, &schedule::recovery(ws, key, gate.generation), 0).await?;
        }
    }
    if !gates.iter().all(Gate::is_open) {
        return Ok(false);
    }
    match endpoint.lanes() {
        Some(lanes) => every_lane(app, ws, endpoint, lanes).await.map(|()| false),
        None => some(app, message, endpoint).await,
    }
}

/// Enqueues every lane with deliveries: lanes keep their own rate and order.
async fn every_lane(
    app: &App,
    ws: WorkspaceId,
    endpoint: &Endpoint,
    lanes: u16,
) -> Result<(), Error> {
    for lane in 0..lanes {
        let key = LaneKey { workspace: ws, endpoint: endpoint.id, lane };
        if !app.store.lane_front(key, 1).await?.is_empty() {
            app.queues.lane(ws, endpoint.id, lane).await?;
        }
    }
    Ok(())
}

async fn some(app: &App, message: &RecoverMessage, endpoint: &Endpoint) -> Result<bool, Error> {
    let ws = message.workspace;
    let count = if message.step < RESUMED {
        1_usize.checked_shl(message.step).unwrap_or(FASTEST).min(FASTEST)
    } else {
        AHEAD * FASTEST
    };
    let rows = app.store.held(ws, endpoint.id, None, count).await?;
    let ids: Vec<DeliveryId> = rows.iter().map(|row| row.delivery).collect();
    let found = app.store.deliveries_by_id(ws, &ids, app.now()).await?;
    let held = found.iter().filter(|found| matches!(found.delivery.state, State::Held { .. }));
    let messages = held.enumerate().map(|(place, found)| {
        let delay = i32::try_from(place / FASTEST).unwrap_or(0);
        schedule::after(app, ws, &found.delivery, delay)
    });
    let messages: Vec<_> = messages.collect();
    stream::iter(messages).buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<()>>().await?;
    Ok(rows.len() >= count)
}
