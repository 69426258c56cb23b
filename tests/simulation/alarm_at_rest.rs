//! Tests of the invariants at rest: each effect that is left behind is reported.

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        delivery::{Delivery, State},
        endpoint::{Order, Policy, Preset},
    },
};
use gancho_edge::queue::{DeliverMessage, Queue};
use gancho_store::{
    deliveries::{Changed, Claim, Claimed},
    lanes::{Lane, LaneKey},
    parked::Parked,
};
use jiff::SignedDuration;
use serde_json::json;
use tests::{at_rest, outbound::Outbound};

/// An ordered endpoint and one without order, with one delivery each that arrived.
async fn sound() -> (Outbound, EndpointId, EndpointId) {
    let out = Outbound::new().await;
    let policy = |order| Policy { order, suspension: None, ..Preset::StandardWebhooks.policy() };
    let plain = out.sends_to("/plain", policy(None)).await;
    let ordered = out.sends_to("/ordered", policy(Some(Order::Skip))).await;
    out.happened(["PED-0".to_owned()]).await;
    at_rest::holds(&out).await;
    (out, plain, ordered)
}

async fn of(out: &Outbound, endpoint: EndpointId) -> Delivery {
    out.deliveries().await.into_iter().find(|it| it.endpoint() == Some(endpoint)).unwrap()
}

/// Asserts that the check reports something like this.
async fn reported(out: &Outbound, what: &str) {
    let found = at_rest::violations(out).await;
    assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
}

/// Writes a state as a change that nobody follows.
async fn set(out: &Outbound, id: DeliveryId, state: State) {
    let follow: local::lambda::Function =
        std::sync::Arc::new(|_, _| Box::pin(async { Ok(json!({})) }));
    out.world.host.lambda("suspension").unwrap().replace(follow);
    let read = out.store.delivery(out.ws, id, out.world.now()).await.unwrap().unwrap();
    let changed = Delivery { state, ..read.delivery.clone() };
    let done = out.store.change_delivery(&read, changed, out.world.now()).await.unwrap();
    assert!(matches!(done, Changed::Done(_)));
    out.world.settle().await;
}

#[tokio::test]
async fn a_parked_entry_that_is_overdue_is_noticed() {
    let (out, plain, _) = sound().await;
    let delivery = of(&out, plain).await.id;
    let parked = Parked::Deliver { delivery, attempt: 2, group: None };
    let due = out.world.now() - SignedDuration::from_mins(10);
    out.store.park(out.ws, (due, out.world.now()), &parked).await.unwrap();
    reported(&out, "still parked").await;
}

#[tokio::test]
async fn a_parked_entry_where_no_timer_looks_is_noticed() {
    let (out, plain, _) = sound().await;
    let delivery = of(&out, plain).await.id;
    let parked = Parked::Deliver { delivery, attempt: 2, group: None };
    // The first hour of a clock that is three hours ahead.
    let due = out.world.now() + SignedDuration::from_hours(3);
    out.store.park(out.ws, (due, due), &parked).await.unwrap();
    at_rest::holds(&out).await;
    let due = out.world.now() + SignedDuration::from_mins(20);
    out.store.park(out.ws, (due, out.world.now()), &parked).await.unwrap();
    reported(&out, "where no timer looks").await;
}

#[tokio::test]
async fn a_held_row_without_its_delivery_and_a_delivery_without_its_row_are_noticed() {
    let (out, plain, _) = sound().await;
    let delivery = of(&out, plain).await;
    out.store.put_held(out.ws, plain, &delivery).await.unwrap();
    reported(&out, "has a held row and is not held").await;
    out.store.delete_held(out.ws, plain, delivery.id).await.unwrap();
    at_rest::holds(&out).await;
    set(&out, delivery.id, State::Held { since: out.world.now() }).await;
    reported(&out, "is held without a row").await;
    reported(&out, "is open and holds 1").await;
}

#[tokio::test]
async fn a_place_of_a_delivery_that_is_done_is_noticed() {
    let (out, _, ordered) = sound().await;
    // A new delivery with a place, whose end leaves the place.
    let first = of(&out, ordered).await;
    let new = Delivery {
        id: DeliveryId::new(out.world.now(), &[7; 10]),
        slot: None,
        state: State::Queued,
        attempts: Vec::new(),
        ..first
    };
    let id = new.id;
    out.store.create_in_lanes(out.ws, ordered, vec![new], 1, "test").await.unwrap();
    reported(&out, "is queued and nothing sends it").await;
    set(&out, id, State::Success { at: out.world.now() }).await;
    reported(&out, "which is success").await;
}

#[tokio::test]
async fn a_claim_and_a_lease_that_are_kept_are_noticed() {
    let (out, plain, ordered) = sound().await;
    let id = of(&out, plain).await.id;
    let in_a_minute = out.world.now() + SignedDuration::from_mins(1);
    set(&out, id, State::Retrying { next_at: in_a_minute }).await;
    let claim = Claim { token: "t".to_owned(), until: in_a_minute };
    let claimed = out.store.claim_delivery(out.ws, id, 2, &claim, out.world.now()).await.unwrap();
    assert!(matches!(claimed, Claimed::Granted(_)), "{claimed:?}");
    reported(&out, "is retrying and claimed").await;
    let key = LaneKey { workspace: out.ws, endpoint: ordered, lane: 0 };
    let lane = out.store.take_lane(key, "t", in_a_minute, out.world.now()).await.unwrap();
    assert!(matches!(lane, Lane::Leased { .. }));
    reported(&out, "is leased").await;
}

#[tokio::test]
async fn a_message_that_nothing_needs_and_an_attempt_that_nothing_makes_are_noticed() {
    let (out, plain, _) = sound().await;
    let delivery = of(&out, plain).await;
    let queues = out.world.host.deps_for("suspension").unwrap().queues();
    let message = DeliverMessage::of(out.ws, &delivery, 1);
    queues.send(Queue::Deliver, &message, 600).await.unwrap();
    reported(&out, "1 messages are left for 0 attempts").await;
    queues.send(Queue::DeliverDeadLetters, &message, 0).await.unwrap();
    reported(&out, "1 messages are left in deliver-dlq").await;
    let before = out.world.now() - SignedDuration::from_mins(10);
    set(&out, delivery.id, State::Retrying { next_at: before }).await;
    reported(&out, "is retrying and nothing sends it").await;
}
