//! Deliveries side by side: one bell, one attempt. A bell that means nothing any more is dropped.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, future::join_all};
use gancho_domain::{delivery::Slot, ids::EndpointId};
use gancho_edge::queue::{self, DeliverBell, LONGEST_DELAY, LaneBell, VERSION};
use gancho_store::parked::Parked;
use jiff::{SignedDuration, Timestamp};

use crate::{
    App, Trouble,
    attempt::{self, Done, Task},
    messages::Rung,
    slow_queue,
};

/// What must be left of an invocation: the longest request, and what is read and written around it.
const ROOM: SignedDuration = SignedDuration::from_secs(14);

/// Handles bells side by side; gives back the messages that must come again.
pub(crate) async fn handle(
    app: &App,
    bells: Vec<Rung<DeliverBell>>,
    deadline: Timestamp,
) -> Vec<String> {
    if app.now() + ROOM > deadline {
        // Too late to begin a request.
        return bells.into_iter().map(|rung| rung.id).collect();
    }
    let each = bells.iter().map(|rung| async {
        let handled = AssertUnwindSafe(one(app, &rung.bell)).catch_unwind().await;
        (!is_handled(handled, &rung.bell)).then(|| rung.id.clone())
    });
    join_all(each).await.into_iter().flatten().collect()
}

fn is_handled(handled: std::thread::Result<Result<(), Trouble>>, bell: &DeliverBell) -> bool {
    match handled {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(
                workspace.id = %bell.workspace, delivery.id = %bell.delivery,
                attempt.number = bell.attempt, error.cause = %error,
                "not attempted"
            );
            false
        }
        Err(_) => {
            tracing::error!(
                workspace.id = %bell.workspace, delivery.id = %bell.delivery,
                attempt.number = bell.attempt, error.cause = "panic",
                "not attempted"
            );
            false
        }
    }
}

async fn one(app: &App, bell: &DeliverBell) -> Result<(), Trouble> {
    if slow_queue::moved(app, bell).await {
        return Ok(());
    }
    let DeliverBell { workspace, delivery, attempt: number, .. } = *bell;
    match attempt::make(app, Task { workspace, delivery, number, slot: None }).await? {
        // Whoever holds the claim has a message of its own.
        Done::Recorded(_) | Done::Stale | Done::Busy(_) => Ok(()),
        Done::Early(at) => ring_again(app, bell, at).await,
        Done::Elsewhere(slot) => ring_lane(app, bell, slot).await,
    }
}

/// Rings for the rest of a wait.
async fn ring_again(app: &App, bell: &DeliverBell, at: Timestamp) -> Result<(), Trouble> {
    let left = seconds_until(at, app.now());
    if left > LONGEST_DELAY {
        let what = Parked::Deliver { delivery: bell.delivery, attempt: bell.attempt };
        return Ok(app.store.park(bell.workspace, at, &what).await?);
    }
    ring_later(app, &DeliverBell { slow: false, ..bell.clone() }, left).await
}

/// Rings for an attempt after a delay in seconds.
pub(crate) async fn ring_later(app: &App, bell: &DeliverBell, delay: i32) -> Result<(), Trouble> {
    let queue = app.deps.settings.deliver_queue.as_deref().ok_or(Trouble::NoQueue("deliveries"))?;
    Ok(queue::ring_attempt(&app.deps.sqs, queue, bell, delay).await?)
}

/// A delivery that lies in a lane is its lane's.
async fn ring_lane(app: &App, bell: &DeliverBell, slot: Option<Slot>) -> Result<(), Trouble> {
    let stored = app.store.delivery(bell.workspace, bell.delivery, app.now()).await?;
    let endpoint: Option<EndpointId> = stored.and_then(|stored| stored.delivery.endpoint());
    let (Some(endpoint), Some(slot)) = (endpoint, slot) else { return Ok(()) };
    let queue = app.deps.settings.lanes_queue.as_deref().ok_or(Trouble::NoQueue("lanes"))?;
    let lane = LaneBell { v: VERSION, workspace: bell.workspace, endpoint, lane: slot.lane };
    Ok(queue::ring_lane(&app.deps.sqs, queue, &lane, &app.token()).await?)
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
