//! Sends deliveries in order, or with limited concurrency. A message says that a lane has work; the
//! rows of the lane list its deliveries (`CATALOGUE G`).
//!
//! One message of each lane is kept in a batch. The worker that holds the lane's lease drains it,
//! one request at a time. An ordered lane advances only when its front is terminal. A lane that
//! only limits concurrency passes over waiting deliveries. The message is done when the lane is
//! empty, held, or blocked: the component that opens the lane again enqueues a new one.
//!
//! An ordered lane waits by its message's visibility timeout: a FIFO queue has no delays, and no
//! other delivery may pass anyway. A long wait is parked. While the message is hidden, SQS delivers
//! no other message of the lane, so the lane checks every minute for a `retry-now`. The message of
//! a limited lane must not lock its message group, because new deliveries may be sent at once: the
//! waiting delivery gets a delayed message of its own, and a parked entry in case it is lost.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use gancho_domain::{
    common::ids::DeliveryId,
    outbound::{
        delivery::{Delivery, Failed, Slot, State, StateName},
        endpoint::{Endpoint, Order},
    },
};
use gancho_edge::{
    batch::caught,
    queue::{DeliverMessage, LONGEST_DELAY, LaneMessage, Queue, seconds_until},
};
use gancho_store::{
    lanes::{Lane, LaneKey},
    parked::Parked,
};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::{
    App, Error,
    attempt::{self, Task},
    claim::AttemptResult,
    messages::{Enqueued, Rest, hide},
};

/// Duration of a lease after each renewal: longer than a claim, so that no request of one holder
/// overlaps with the next holder (`CATALOGUE OR-03`), and short, because the lane of a dead holder
/// stands still for as long.
const LEASE: SignedDuration = SignedDuration::from_secs(25);
/// Receives of a lane's message after which it is replaced once the lane has made progress. SQS
/// moves a message to the dead-letter queue after 1,000 receives, the most that it can be set to,
/// and a lane that always has work would reach them.
const WORN: u32 = 500;
/// Time of an invocation reserved beside the request: reading before it, writing after it.
const SPARE: SignedDuration = SignedDuration::from_secs(4);
/// The longest wait for an endpoint's rate limit that the worker sleeps through.
const NAP: Duration = Duration::from_secs(3);
/// Rows of a lane that are read at a time.
const PAGE: usize = 25;
/// Consecutive times that a delivery may have changed since it was read.
const MISSES: u32 = 5;
/// The longest time that an ordered lane's message is hidden: the longest delay of a `retry-now`.
const LOOK: SignedDuration = SignedDuration::from_secs(60);
/// Wait before a lane that could not be drained is tried again.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// The effect of a delivery's state on its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    /// It has ended: the next delivery follows.
    Over,
    /// It may be sent.
    Due,
    /// It waits until this time.
    Wait(Timestamp),
    /// It failed for good, and the lane stops until a person acts (`FACTS D11`).
    Blocked,
}

/// Handles one message a lane; returns the ids of the messages that SQS must deliver again.
pub(crate) async fn handle(
    app: &App,
    messages: Vec<Enqueued<LaneMessage>>,
    deadline: Timestamp,
) -> Vec<String> {
    let mut each = BTreeMap::new();
    for enqueued in messages {
        let LaneMessage { workspace, endpoint, lane, .. } = enqueued.message;
        each.insert((workspace, endpoint, lane), enqueued);
    }
    let each = each.into_values().map(|enqueued| async move {
        let key = LaneKey {
            workspace: enqueued.message.workspace,
            endpoint: enqueued.message.endpoint,
            lane: enqueued.message.lane,
        };
        let drained = drain(app, key, (enqueued.receives, deadline));
        match caught(drained).await {
            Ok(Rest::Done) => return None,
            Ok(Rest::Until(at)) => hide(app, Queue::Lanes, &enqueued, at).await,
            Err(cause) => {
                tracing::warn!(
                    workspace.id = %key.workspace, endpoint.id = %key.endpoint,
                    lane.number = key.lane, error.cause = cause,
                    "a lane was not drained"
                );
                hide(app, Queue::Lanes, &enqueued, app.now() + AGAIN).await;
            }
        }
        Some(enqueued.id)
    });
    join_all(each).await.into_iter().flatten().collect()
}

async fn drain(
    app: &App,
    key: LaneKey,
    (receives, deadline): (u32, Timestamp),
) -> Result<Rest, Error> {
    let (now, token) = (app.now(), app.token());
    let not_before = match app.store.take_lane(key, &token, now + LEASE, now).await? {
        Lane::Held(until) => return Ok(Rest::Until(until)),
        Lane::Leased { not_before } => not_before,
    };
    let next = not_before.and_then(|at| ahead(at, now));
    let mut worker = Worker { app, key, token, receives, deadline, not_before, next };
    let rest = worker.run().await;
    if let Err(error) = app.store.free_lane(key, &worker.token, worker.not_before).await {
        tracing::warn!(endpoint.id = %key.endpoint, error.cause = %error, "a lease was not freed");
    }
    rest
}

/// Converts `at` to the monotonic clock of this process.
fn ahead(at: Timestamp, now: Timestamp) -> Option<Instant> {
    let left = Duration::try_from(at.duration_since(now)).ok()?;
    Instant::now().checked_add(left)
}

/// The holder of a lane's lease.
struct Worker<'a> {
    app: &'a App,
    key: LaneKey,
    token: String,
    /// Receives of the lane's message.
    receives: u32,
    deadline: Timestamp,
    /// The earliest start of the next request, for the next holder.
    not_before: Option<Timestamp>,
    /// The same, by the monotonic clock of this process.
    next: Option<Instant>,
}

/// The next step of a lane.
#[derive(Debug)]
enum Pick {
    /// This delivery may be sent.
    One(Box<Delivery>),
    /// Ended deliveries were removed from the lane: read it again.
    Again,
    /// Every delivery waits, at least until this time.
    Wait(Timestamp),
    /// The lane is empty, or its front failed for good and blocks it.
    Nothing,
}

impl Worker<'_> {
    async fn run(&mut self) -> Result<Rest, Error> {
        let mut misses = 0;
        loop {
            let now = self.app.now();
            if now + SPARE > self.deadline {
                return Ok(Rest::Until(now));
            }
            let id = (self.key.workspace, self.key.endpoint);
            let endpoint = self.app.configs.endpoint(&self.app.store, id, now).await?;
            let order = endpoint.as_ref().and_then(|endpoint| endpoint.policy.order);
            let delivery = match self.pick(order, now).await? {
                Pick::One(delivery) => delivery,
                Pick::Again => continue,
                Pick::Wait(at) => return self.wait(order, at).await,
                Pick::Nothing => return Ok(Rest::Done),
            };
            match self.send(&delivery, endpoint.as_deref()).await? {
                Step::On if self.receives > WORN => return self.replace().await,
                Step::On => misses = 0,
                Step::Missed if misses < MISSES => misses += 1,
                Step::Missed => return Ok(Rest::Until(now + AGAIN)),
                Step::Rest(rest) => return Ok(rest),
            }
        }
    }

    /// Replaces the lane's message by a new one, which has no receives yet.
    async fn replace(&self) -> Result<Rest, Error> {
        let LaneKey { workspace, endpoint, lane } = self.key;
        self.app.queues.lane(workspace, endpoint, lane).await?;
        Ok(Rest::Done)
    }

    /// Reads the front of an ordered lane, or the first rows of a limited one.
    async fn pick(&self, order: Option<Order>, now: Timestamp) -> Result<Pick, Error> {
        let reach = if order.is_some() { 1 } else { PAGE };
        let rows = self.app.store.lane_front(self.key, reach).await?;
        let ids: Vec<DeliveryId> = rows.iter().map(|(_, id)| *id).collect();
        let mut found = self.app.store.deliveries_by_id(self.key.workspace, &ids, now).await?;
        let (mut removed, mut soonest) = (false, None::<Timestamp>);
        for (seq, id) in rows {
            let slot = Some(Slot { lane: self.key.lane, seq });
            let place = found.iter().position(|d| d.delivery.id == id && d.delivery.slot == slot);
            // A missing delivery has ended, or was moved elsewhere.
            let delivery = place.map(|place| found.swap_remove(place).delivery);
            match delivery.as_ref().map_or(Front::Over, |d| front(d.state, order, now)) {
                Front::Due => return Ok(delivery.map_or(Pick::Again, |d| Pick::One(Box::new(d)))),
                Front::Over => {
                    self.app.store.remove_from_lane(self.key, seq).await?;
                    removed = true;
                }
                Front::Wait(at) => soonest = Some(soonest.map_or(at, |known| known.min(at))),
                Front::Blocked => return Ok(Pick::Nothing),
            }
        }
        Ok(if removed { Pick::Again } else { soonest.map_or(Pick::Nothing, Pick::Wait) })
    }

    /// Makes an attempt of the delivery that is next.
    async fn send(
        &mut self,
        delivery: &Delivery,
        endpoint: Option<&Endpoint>,
    ) -> Result<Step, Error> {
        let Some(slot) = delivery.slot else { return Ok(Step::Missed) };
        if let Some(rest) = self.make_ready(endpoint).await? {
            return Ok(Step::Rest(rest));
        }
        let workspace = self.key.workspace;
        let (number, slot) = (delivery.next_attempt(), Some(slot));
        let task = Task { workspace, delivery: delivery.id, number, slot };
        match attempt::make(self.app, task).await? {
            AttemptResult::Recorded(State::Held { .. }) => Ok(Step::Rest(self.hold_rest().await?)),
            AttemptResult::Recorded(state) => {
                let order = endpoint.and_then(|endpoint| endpoint.policy.order);
                self.after(delivery, state, order).await.map(|()| Step::On)
            }
            AttemptResult::Early(at) => {
                let order = endpoint.and_then(|endpoint| endpoint.policy.order);
                Ok(Step::Rest(self.wait(order, at).await?))
            }
            AttemptResult::Busy(until) => Ok(Step::Rest(Rest::Until(until))),
            AttemptResult::Elsewhere(_) | AttemptResult::Stale => Ok(Step::Missed),
        }
    }

    /// Removes an ended delivery from the lane; enqueues a delayed message for one that waits in a
    /// limited lane.
    async fn after(
        &self,
        delivery: &Delivery,
        state: State,
        order: Option<Order>,
    ) -> Result<(), Error> {
        let now = self.app.now();
        match (front(state, order, now), order, delivery.slot) {
            (Front::Over, _, Some(slot)) => {
                Ok(self.app.store.remove_from_lane(self.key, slot.seq).await?)
            }
            (Front::Wait(at), None, _) if seconds_until(at, now) <= LONGEST_DELAY => {
                let attempt = delivery.next_attempt() + 1;
                let message = DeliverMessage::of(self.key.workspace, delivery, attempt);
                self.app.queues.wake_at(&self.app.store, &message, (at, now)).await
            }
            _ => Ok(()),
        }
    }

    /// Waits by the message's visibility timeout, or parks the lane.
    async fn wait(&self, order: Option<Order>, at: Timestamp) -> Result<Rest, Error> {
        let now = self.app.now();
        if order.is_some() && seconds_until(at, now) <= LONGEST_DELAY {
            return Ok(Rest::Until(at.min(now + LOOK)));
        }
        let what = Parked::Lane { endpoint: self.key.endpoint, lane: self.key.lane };
        self.app.store.park(self.key.workspace, (at, now), &what).await?;
        Ok(Rest::Done)
    }

    /// Waits for the endpoint's rate limit, checks the time left and renews the lease. `Some`: the
    /// worker stops.
    async fn make_ready(&mut self, endpoint: Option<&Endpoint>) -> Result<Option<Rest>, Error> {
        let pace = endpoint.map_or(0, Endpoint::lane_pace_ms);
        if let (1.., Some(next)) = (pace, self.next) {
            let left = next.saturating_duration_since(Instant::now());
            if left > NAP {
                return Ok(Some(Rest::Until(self.not_before.unwrap_or_else(|| self.app.now()))));
            }
            tokio::time::sleep(left).await;
        }
        let now = self.app.now();
        let request = endpoint.map_or(0, |endpoint| endpoint.policy.timeout_ms);
        if now + SignedDuration::from_millis(request.into()) + SPARE > self.deadline {
            return Ok(Some(Rest::Until(now)));
        }
        if !self.app.store.keep_lane(self.key, &self.token, now + LEASE).await? {
            return Ok(Some(Rest::Until(now + LEASE)));
        }
        self.start_pace(now, pace);
        Ok(None)
    }

    fn start_pace(&mut self, now: Timestamp, pace: u64) {
        let pace = Duration::from_millis(pace);
        let later = SignedDuration::try_from(pace).ok().and_then(|pace| now.checked_add(pace).ok());
        self.not_before = later.filter(|_| !pace.is_zero());
        self.next = Instant::now().checked_add(pace).filter(|_| !pace.is_zero());
    }

    /// Marks every waiting delivery of the lane as held. The rows stay, in order.
    async fn hold_rest(&self) -> Result<Rest, Error> {
        let (ws, mut after) = (self.key.workspace, 0);
        loop {
            let rows = self.app.store.lane_rows(self.key, after, PAGE).await?;
            let Some((last, _)) = rows.last().copied() else { return Ok(Rest::Done) };
            let ids: Vec<DeliveryId> = rows.into_iter().map(|(_, id)| id).collect();
            let now = self.app.now();
            if now + SPARE > self.deadline {
                return Ok(Rest::Until(now));
            }
            let found = self.app.store.deliveries_by_id(ws, &ids, now).await?;
            let waiting = found.into_iter().filter(|stored| {
                matches!(stored.delivery.state.name(), StateName::Queued | StateName::Retrying)
            });
            // A concurrent change of a delivery wins.
            let held = waiting.map(|stored| async move {
                let state = State::Held { since: now };
                let held = Delivery { state, ..stored.delivery.clone() };
                self.app.store.change_delivery(&stored, held, now).await
            });
            for changed in join_all(held).await {
                changed?;
            }
            after = last;
        }
    }
}

/// The next step of the drain loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Continue with the next front.
    On,
    /// Read the same front again: the delivery has changed meanwhile.
    Missed,
    /// Stop.
    Rest(Rest),
}

fn front(state: State, order: Option<Order>, now: Timestamp) -> Front {
    match state {
        State::Retrying { next_at } if now < next_at => Front::Wait(next_at),
        State::Queued | State::Held { .. } | State::Retrying { .. } => Front::Due,
        State::Failure { reason: Failed::Expired, .. } => Front::Over,
        State::Failure { .. } if order == Some(Order::Block) => Front::Blocked,
        State::Failure { .. } | State::Success { .. } | State::Discarded { .. } => Front::Over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gancho_domain::outbound::delivery::Discarded;

    #[test]
    fn or_06_a_failed_front_is_passed_over_or_blocks_as_the_endpoint_says() {
        let at = Timestamp::UNIX_EPOCH;
        let failed = State::Failure { at, reason: Failed::Exhausted };
        assert_eq!(front(failed, Some(Order::Skip), at), Front::Over);
        assert_eq!(front(failed, Some(Order::Block), at), Front::Blocked);
        assert_eq!(front(failed, None, at), Front::Over);
        let discarded = State::Discarded { at, reason: Discarded::ByPerson };
        assert_eq!(front(discarded, Some(Order::Block), at), Front::Over);
        let expired = State::Failure { at, reason: Failed::Expired };
        assert_eq!(front(expired, Some(Order::Block), at), Front::Over);
    }

    #[test]
    fn or_01_a_waiting_front_blocks_later_deliveries() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let waiting = State::Retrying { next_at: at(30) };
        assert_eq!(front(waiting, Some(Order::Skip), at(29)), Front::Wait(at(30)));
        assert_eq!(front(waiting, Some(Order::Skip), at(30)), Front::Due);
        assert_eq!(front(State::Held { since: at(0) }, None, at(1)), Front::Due);
    }
}
