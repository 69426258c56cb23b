//! What waits for its endpoint: a small row for each, so that it can be let go in order.
//!
//! A delivery may be written as held while its gate opens. So the gate is read after the row is
//! there: if it is open, nobody else will ring this one; if a probe is wanted, this one is it.

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, State},
        endpoint::Endpoint,
        gate::{Gate, GateKey, GateState},
    },
};
use gancho_store::{deliveries::StoredDelivery, lanes::LaneKey, parked::Parked};

use crate::{App, Error, TRIES, expire, recover, schedule, stream::Change, telemetry};

/// Places of a lane that are looked at for the first one that is still to be sent.
const FRONT: usize = 20;

/// Keeps the rows of what is held.
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
            if change.new.state.is_open() || !change.fresh().is_empty() {
                return Ok(());
            }
            // Somebody gave it up. If it was to be the probe, another one is.
            given_up(app, change.workspace, &change.new).await
        }
    }
}

async fn held(app: &App, change: &Change, endpoint: EndpointId) -> Result<(), Error> {
    let (ws, delivery) = (change.workspace, &change.new);
    app.store.put_held(ws, endpoint, delivery).await?;
    if !change.was_held() {
        // One entry for all that end in the same hour.
        let due = expire::due(delivery.expires_at);
        app.store.park(ws, due, &Parked::Expiry { endpoint }).await?;
    }
    // A new place in a lane is no reason to look: what gave it enqueues it.
    if change.old.as_ref().is_some_and(|old| old.slot != delivery.slot) {
        return Ok(());
    }
    let known = app.known.endpoint(&app.store, (ws, endpoint), app.now()).await?;
    match known {
        // To be discarded, and seen to be.
        None => schedule::now(app, ws, delivery).await,
        Some(endpoint) => look(app, ws, delivery, &endpoint).await,
    }
}

/// Rings what its gates let through, or makes it the probe that one waits for.
async fn look(
    app: &App,
    ws: WorkspaceId,
    delivery: &Delivery,
    endpoint: &Endpoint,
) -> Result<(), Error> {
    let keys = GateKey::of(endpoint);
    let mut id = delivery.id;
    for _ in 0..TRIES {
        let gates = app.store.gates(ws, &keys).await?;
        let wanted = keys.iter().zip(&gates).find(|(_, gate)| wants_a_probe(gate));
        let Some(wanted) = wanted else {
            // In a lane the probe may be another one; its message is the same.
            let admitted = gates.iter().all(|gate| gate.admits(id));
            return if admitted { schedule::now(app, ws, delivery).await } else { Ok(()) };
        };
        id = front(app, ws, delivery).await?.map_or(delivery.id, |first| first.delivery.id);
        make_probe(app, ws, wanted, id).await?;
    }
    Err(Error::Moved("a gate"))
}

fn wants_a_probe(gate: &Gate) -> bool {
    matches!(gate.state, GateState::Probing { delivery: None, .. })
}

/// In a lane the first one that is still to be sent is the probe, for order holds there too.
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
    // Should its message be lost, or the delivery: somebody looks again.
    recover::look_again(app, ws, key, next.generation).await?;
    let changed = app.store.change_gate(ws, key, gate.generation, &next).await?;
    if changed {
        telemetry::gate(ws, key, &next);
    }
    Ok(changed)
}

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
