//! Deliveries side by side: one message, one attempt. A message that means nothing any more is dropped.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, future::join_all};
use gancho_domain::{common::ids::EndpointId, outbound::delivery::Slot};
use gancho_edge::queue::{self, DeliverMessage, LONGEST_DELAY, LaneMessage, VERSION};
use gancho_store::parked::Parked;
use jiff::{SignedDuration, Timestamp};

use crate::{
    App, Error,
    attempt::{self, AttemptResult, Task},
    messages::Enqueued,
    slow_queue,
};

/// What must be left of an invocation: the longest request, and what is read and written around it.
const ROOM: SignedDuration = SignedDuration::from_secs(14);

/// Handles messages side by side; gives back the messages that must come again.
pub(crate) async fn handle(
    app: &App,
    messages: Vec<Enqueued<DeliverMessage>>,
    deadline: Timestamp,
) -> Vec<String> {
    if app.now() + ROOM > deadline {
        // Too late to begin a request.
        return messages.into_iter().map(|enqueued| enqueued.id).collect();
    }
    let each = messages.iter().map(|enqueued| async {
        let handled = AssertUnwindSafe(one(app, &enqueued.message)).catch_unwind().await;
        (!is_handled(handled, &enqueued.message)).then(|| enqueued.id.clone())
    });
    join_all(each).await.into_iter().flatten().collect()
}

fn is_handled(handled: std::thread::Result<Result<(), Error>>, message: &DeliverMessage) -> bool {
    match handled {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(
                workspace.id = %message.workspace, delivery.id = %message.delivery,
                attempt.number = message.attempt, error.cause = %error,
                "not attempted"
            );
            false
        }
        Err(_) => {
            tracing::error!(
                workspace.id = %message.workspace, delivery.id = %message.delivery,
                attempt.number = message.attempt, error.cause = "panic",
                "not attempted"
            );
            false
        }
    }
}

async fn one(app: &App, message: &DeliverMessage) -> Result<(), Error> {
    if slow_queue::moved(app, message).await {
        return Ok(());
    }
    let DeliverMessage { workspace, delivery, attempt: number, .. } = *message;
    match attempt::make(app, Task { workspace, delivery, number, slot: None }).await? {
        // Whoever holds the claim has a message of its own.
        AttemptResult::Recorded(_) | AttemptResult::Stale | AttemptResult::Busy(_) => Ok(()),
        AttemptResult::Early(at) => enqueue_again(app, message, at).await,
        AttemptResult::Elsewhere(slot) => enqueue_lane(app, message, slot).await,
    }
}

/// Rings for the rest of a wait.
async fn enqueue_again(app: &App, message: &DeliverMessage, at: Timestamp) -> Result<(), Error> {
    let left = seconds_until(at, app.now());
    if left > LONGEST_DELAY {
        let what = Parked::Deliver { delivery: message.delivery, attempt: message.attempt };
        return Ok(app.store.park(message.workspace, at, &what).await?);
    }
    enqueue_later(app, &DeliverMessage { slow: false, ..message.clone() }, left).await
}

/// Rings for an attempt after a delay in seconds.
pub(crate) async fn enqueue_later(
    app: &App,
    message: &DeliverMessage,
    delay: i32,
) -> Result<(), Error> {
    let queue = app.deps.settings.deliver_queue.as_deref().ok_or(Error::NoQueue("deliveries"))?;
    Ok(queue::enqueue_attempt(&app.deps.sqs, queue, message, delay).await?)
}

/// A delivery that lies in a lane is its lane's.
async fn enqueue_lane(
    app: &App,
    message: &DeliverMessage,
    slot: Option<Slot>,
) -> Result<(), Error> {
    let stored = app.store.delivery(message.workspace, message.delivery, app.now()).await?;
    let endpoint: Option<EndpointId> = stored.and_then(|stored| stored.delivery.endpoint());
    let (Some(endpoint), Some(slot)) = (endpoint, slot) else { return Ok(()) };
    let queue = app.deps.settings.lanes_queue.as_deref().ok_or(Error::NoQueue("lanes"))?;
    let lane = LaneMessage { v: VERSION, workspace: message.workspace, endpoint, lane: slot.lane };
    Ok(queue::enqueue_lane(&app.deps.sqs, queue, &lane, &app.token()).await?)
}

/// Whole seconds from `now`, rounded up, never negative.
pub(crate) fn seconds_until(at: Timestamp, now: Timestamp) -> i32 {
    let millis = u128::try_from(at.duration_since(now).as_millis()).unwrap_or(0);
    i32::try_from(millis.div_ceil(1_000)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_seconds_and_never_negative() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        for (until, expected) in [(1, 1), (1_000, 1), (1_001, 2), (0, 0), (-5, 0), (900_000, 900)] {
            assert_eq!(seconds_until(at(until), at(0)), expected, "{until}");
        }
    }
}
