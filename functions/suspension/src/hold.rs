//! Keeps a small row for each held delivery, so that they are released in order.
//!
//! A delivery may be written as held while its gate opens. So the gate is read after the row was
//! written. If it is open, no other component enqueues this delivery: this one does. If the gate
//! waits for a probe, this delivery becomes the probe.

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, State},
        endpoint::Endpoint,
        gate::{Gate, GateKey, GateState},
    },
};
use gancho_store::{deliveries::StoredDelivery, lanes::LaneKey, parked::Parked};

use crate::{App, Error, TRIES, change::Change, expire, schedule};

/// Rows of a lane that are searched for the first open delivery.
const FRONT: usize = 20;

/// Writes or deletes the row of a delivery that became, or was, held.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let Some(endpoint) = change.new.endpoint() else { return Ok(()) };
    match change.new.state {
        State::Held { .. } => held(app, change, endpoint).await,
        State::Queued
        | State::Retrying { .. }
        | State::Success { .. }
        | State::Failure { .. }
        | State::Discarded { .. } => {
            if !change.was_held() {
                return Ok(());
            }
            app.store.delete_held(change.workspace, endpoint, change.new.id).await?;
            if change.new.state.is_open() || !change.new_attempts().is_empty() {
                return Ok(());
            }
            // It ended without an attempt. If it was the probe, another one is chosen.
            given_up(app, change.workspace, &change.new).await
        }
    }
}

async fn held(app: &App, change: &Change, endpoint: EndpointId) -> Result<(), Error> {
    let (ws, delivery) = (change.workspace, &change.new);
    app.store.put_held(ws, endpoint, delivery).await?;
    if !change.was_held() {
        // One entry for all deliveries that end in the same hour.
        let due = expire::due(delivery.expires_at);
        app.store.park(ws, (due, app.now()), &Parked::Expiry { endpoint }).await?;
    }
    // A new place in a lane needs no check: the component that moved the delivery enqueues it.
    if change.old.as_ref().is_some_and(|old| old.slot != delivery.slot) {
        return Ok(());
    }
    let known = app.known.endpoint(&app.store, (ws, endpoint), app.now()).await?;
    match known {
        // The endpoint was deleted: the attempt will discard the delivery.
        None => schedule::now(app, ws, delivery).await,
        Some(endpoint) => check_gates(app, ws, delivery, &endpoint).await,
    }
}

/// Enqueues a delivery that its gates admit, or makes it the probe that a gate waits for.
async fn check_gates(
    app: &App,
    ws: WorkspaceId,
    delivery: &Delivery,
    endpoint: &Endpoint,
) -> Result<(), Error> {
    let keys = GateKey::of(endpoint);
    let mut id = delivery.id;
    for _ in 0..TRIES {
        let gates = app.store.gates(ws, &keys).await?;
        let probing = keys.iter().zip(&gates).find(|(_, gate)| needs_probe(gate));
        let Some(probing) = probing else {
            // In a lane the probe may be another delivery; the lane's message is the same.
            let admitted = gates.iter().all(|gate| gate.admits(id));
            return if admitted { schedule::now(app, ws, delivery).await } else { Ok(()) };
        };
        id = front(app, ws, delivery).await?.map_or(delivery.id, |first| first.delivery.id);
        make_probe(app, ws, probing, id).await?;
    }
    Err(Error::Moved("a gate"))
}

fn needs_probe(gate: &Gate) -> bool {
    matches!(gate.state, GateState::Probing { delivery: None, .. })
}

/// The first open delivery of a delivery's lane: it is the probe, so that the order is kept.
pub(crate) async fn front(
    app: &App,
    ws: WorkspaceId,
    delivery: &Delivery,
) -> Result<Option<StoredDelivery>, Error> {
    let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) else {
        return Ok(None);
    };
    let key = LaneKey { workspace: ws, endpoint, lane: slot.lane };
    for (_, id) in app.store.lane_front(key, FRONT).await? {
        let found = app.store.delivery(ws, id, app.now()).await?;
        if let Some(found) = found.filter(|found| found.delivery.state.is_open()) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Lets one delivery through a gate that is being probed. `false`: the gate moved.
pub(crate) async fn make_probe(
    app: &App,
    ws: WorkspaceId,
    (key, gate): (&GateKey, &Gate),
    probe: DeliveryId,
) -> Result<bool, Error> {
    let GateState::Probing { suspended, by_person, .. } = &gate.state else { return Ok(false) };
    let (suspended, by_person) = (suspended.clone(), *by_person);
    let state = GateState::Probing { delivery: Some(probe), suspended, by_person };
    let next = gate.clone().into_state(state);
    // The gate is checked again later, in case the message or the delivery is lost.
    schedule::look_again(app, ws, key, next.generation).await?;
    Ok(app.store.change_gate(ws, key, gate.generation, &next).await?)
}

/// Starts the choice of another probe, if the delivery was the probe of a gate.
async fn given_up(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Error> {
    let Some(endpoint) = delivery.endpoint() else { return Ok(()) };
    let known = app.known.endpoint(&app.store, (ws, endpoint), app.now()).await?;
    let Some(endpoint) = known else { return Ok(()) };
    let keys = GateKey::of(&endpoint);
    let gates = app.store.gates(ws, &keys).await?;
    for (key, gate) in keys.iter().zip(gates) {
        let is_probe = matches!(gate.state, GateState::Probing { delivery: Some(probe), .. }
            if probe == delivery.id);
        if is_probe {
            schedule::recover(app, &schedule::recovery(ws, key, gate.generation), 0).await?;
        }
    }
    Ok(())
}
