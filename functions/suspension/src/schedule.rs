//! Enqueues messages now or with a delay that SQS supports, or parks them until the schedule
//! enqueues them.

use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        delivery::{Delivery, State},
        gate::{GateKey, Release},
    },
};
use gancho_edge::queue::{DeliverMessage, Queue, RecoverMessage};
use gancho_store::parked::Parked;
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, change::Change};

/// Enqueues or parks the next attempt of a delivery outside of lanes. A lane waits by itself.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let State::Retrying { next_at } = change.new.state else { return Ok(()) };
    if change.new.slot.is_some() || !change.moved() {
        return Ok(());
    }
    let message = DeliverMessage::of(change.workspace, &change.new, change.new.next_attempt());
    app.queues.wake_at(&app.store, &message, (next_at, app.now())).await
}

/// Enqueues a delivery, or its lane, now.
pub(crate) async fn now(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Error> {
    after(app, ws, delivery, 0).await
}

/// Enqueues a delivery with a delay in seconds, or its lane without a delay.
pub(crate) async fn after(
    app: &App,
    ws: WorkspaceId,
    delivery: &Delivery,
    delay: i32,
) -> Result<(), Error> {
    Ok(app.queues.next_attempt(ws, delivery, delay).await?)
}

/// The message that continues the recovery of a gate with this generation, or soon with it.
pub(crate) fn recovery(workspace: WorkspaceId, gate: &GateKey, generation: u64) -> RecoverMessage {
    RecoverMessage::of(workspace, gate.clone(), generation, Release::All)
}

/// Enqueues the recovery of a gate with a delay in seconds.
pub(crate) async fn recover(app: &App, message: &RecoverMessage, delay: i32) -> Result<(), Error> {
    Ok(app.queues.send(Queue::Recover, message, delay).await?)
}

/// Time after which a probe without a result is checked.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// Parks a check of a gate, in case its probe has no result.
pub(crate) async fn look_again(
    app: &App,
    ws: WorkspaceId,
    key: &GateKey,
    generation: u64,
) -> Result<(), Error> {
    let now = app.now();
    let due = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    let parked = Parked::Probe { gate: key.clone(), generation };
    Ok(app.store.park(ws, (due, now), &parked).await?)
}
