//! Messages: now, after a wait that a queue can hold, or parked until the schedule enqueues them.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        delivery::{Delivery, State},
        gate::{GateKey, Release},
    },
};
use gancho_edge::queue::{self, DeliverMessage, LONGEST_DELAY, LaneMessage, RecoverMessage};
use gancho_store::parked::Parked;
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error, stream::Change};

/// Rings the next attempt of a delivery that is not in a lane, or parks it. A lane waits by itself.
pub(crate) async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    let State::Retrying { next_at } = change.new.state else { return Ok(()) };
    if change.new.slot.is_some() || !change.moved() {
        return Ok(());
    }
    let attempt = change.new.next_attempt();
    let Some(delay) = delay(app.now(), next_at) else {
        let parked = Parked::Deliver { delivery: change.new.id, attempt };
        return Ok(app.store.park(change.workspace, next_at, &parked).await?);
    };
    deliver(app, change.workspace, (&change.new, attempt), delay).await
}

/// Seconds until `due`, rounded up; `None`: longer than a queue holds a message back.
pub(crate) fn delay(now: Timestamp, due: Timestamp) -> Option<i32> {
    let wait = due.duration_since(now).max(SignedDuration::ZERO);
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    i32::try_from(seconds).ok().filter(|seconds| *seconds <= LONGEST_DELAY)
}

/// Rings a delivery, or its lane, now.
pub(crate) async fn now(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Error> {
    after(app, ws, delivery, 0).await
}

/// Rings a delivery after some seconds; a lane is enqueued now.
pub(crate) async fn after(
    app: &App,
    ws: WorkspaceId,
    delivery: &Delivery,
    delay: i32,
) -> Result<(), Error> {
    if let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) {
        return lane(app, ws, endpoint, slot.lane).await;
    }
    deliver(app, ws, (delivery, delivery.next_attempt()), delay).await
}

/// Rings an attempt.
pub(crate) async fn deliver(
    app: &App,
    ws: WorkspaceId,
    (delivery, attempt): (&Delivery, u32),
    delay: i32,
) -> Result<(), Error> {
    let queue = app.deps.settings.deliver_queue.as_deref().unwrap_or_default();
    let message = DeliverMessage::of(ws, delivery, attempt);
    Ok(queue::enqueue_attempt(&app.deps.sqs, queue, &message, delay).await?)
}

/// Rings a lane.
pub(crate) async fn lane(
    app: &App,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    lane: u16,
) -> Result<(), Error> {
    let queue = app.deps.settings.lanes_queue.as_deref().unwrap_or_default();
    let message = LaneMessage { v: queue::VERSION, workspace, endpoint, lane };
    let enqueue = format!("{:032x}", u128::from_be_bytes(app.deps.ids.secret()));
    Ok(queue::enqueue_lane(&app.deps.sqs, queue, &message, &enqueue).await?)
}

/// The message that goes on with a gate which has this generation, or is about to have it.
pub(crate) fn recovery(workspace: WorkspaceId, gate: &GateKey, generation: u64) -> RecoverMessage {
    let (v, release) = (queue::VERSION, Release::All);
    RecoverMessage { v, workspace, gate: gate.clone(), generation, release, step: 0 }
}

/// Rings the recovery of a gate after some seconds.
pub(crate) async fn recover(app: &App, message: &RecoverMessage, delay: i32) -> Result<(), Error> {
    let queue = app.deps.settings.recover_queue.as_deref().unwrap_or_default();
    Ok(queue::enqueue_later(&app.deps.sqs, queue, message, delay).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_10_a_wait_is_rounded_up_to_seconds_and_a_long_one_is_parked() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(delay(at(1_000), at(1_000)), Some(0));
        assert_eq!(delay(at(5_000), at(1_000)), Some(0), "the time has passed");
        assert_eq!(delay(at(1_000), at(1_001)), Some(1));
        assert_eq!(delay(at(0), at(900_000)), Some(900));
        assert_eq!(delay(at(0), at(900_001)), None);
        assert_eq!(delay(at(0), Timestamp::MAX), None);
    }
}
