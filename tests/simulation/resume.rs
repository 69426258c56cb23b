//! A hundred thousand held deliveries, released to an endpoint that dies again (`CATALOGUE
//! SU-05`): with `GANCHO_SOAK=full`, else a thousand. And thousands that are held to their end.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        delivery::{Delivery, Failed, State, StateName, Trigger},
        endpoint::{Policy, Preset, Scope, Suspension, Trip},
        gate::GateState,
        notice::NoticeKind,
        rule::Target,
    },
};
use jiff::SignedDuration;
use serde_json::json;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::soak;

/// Failures in a row that suspend the endpoint.
const FAILURES: u16 = 5;
/// The maximum that is released in a second.
const PACE: usize = 100;
const PATIENCE: Duration = Duration::from_mins(5);

async fn slowly(out: &Outbound, count: usize) {
    for _ in 0..count {
        out.world.advance(SignedDuration::from_secs(1));
        out.world.host.settle_within(PATIENCE).await.unwrap();
    }
}

/// Writes so many held deliveries of one event, as in the tables after days of waiting.
async fn hold(out: &Outbound, count: usize) {
    let host = &out.world.host;
    let event = out.happen("PED-1").await;
    out.world.settle().await;
    let first = out.only().await;
    // The rows that follow from a held delivery are written here, not by the functions.
    for function in ["suspension", "tally"] {
        let follow: local::lambda::Function = Arc::new(|_, _| Box::pin(async { Ok(json!({})) }));
        host.lambda(function).unwrap().replace(follow);
    }
    let rows = (1..count).map(|number| {
        let mut entropy = [0; 10];
        entropy[2..].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
        let id = DeliveryId::new(out.world.now() + SignedDuration::from_secs(1), &entropy);
        let held = Delivery { id, event, trigger: Trigger::Event, ..first.clone() };
        async move {
            let (store, ws) = (&out.store, out.ws);
            store.create_delivery(ws, &held, "test").await.unwrap();
            store.put_held(ws, held.endpoint().unwrap(), &held).await.unwrap();
        }
    });
    stream::iter(rows).buffer_unordered(32).collect::<Vec<()>>().await;
    host.settle_within(PATIENCE).await.unwrap();
    for function in ["suspension", "tally"] {
        host.cold_start(function).unwrap();
    }
}

/// An endpoint that a person disabled, with so many held deliveries.
async fn harness(all: usize) -> (Outbound, EndpointId) {
    let out = Outbound::new().await;
    let trip = Trip::Streak { failures: FAILURES };
    let policy = Policy {
        preset: None,
        waits: Vec::new(),
        timeout_ms: 10_000,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    };
    let id = out.endpoint("/x", policy).await;
    out.rule(Target::Endpoint(id)).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    out.later(SignedDuration::from_secs(6)).await;
    hold(&out, all).await;
    assert_eq!(out.count(StateName::Held).await, all);
    (out, id)
}

async fn enable(out: &Outbound, id: EndpointId) {
    let path = format!("/v1/endpoints/{id}/enable");
    out.world.post(&path, json!({"held": "all"})).await.expect(200);
    out.world.host.settle_within(PATIENCE).await.unwrap();
}

/// Asserts that each second sends at most the pace, until the endpoint is suspended again.
async fn until_it_dies(out: &Outbound, id: EndpointId) {
    let mut seen = out.receiver.seen("/x").len();
    assert_eq!(seen, 1, "a probe");
    for second in 0..120 {
        slowly(out, 1).await;
        let now = out.receiver.seen("/x").len();
        // After eight steps the schedule continues, which enqueues some seconds ahead.
        let most = if second < 8 { 1 << second.min(7) } else { PACE };
        assert!(now - seen <= most.min(PACE), "second {second}: {seen}, then {now}");
        seen = now;
        if matches!(out.own_gate(id).await.state, GateState::Suspended(_)) {
            return;
        }
    }
    panic!("it was never suspended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn su_05_a_hundred_thousand_held_are_released_paced_and_stopped_and_none_is_lost() {
    let (all, arrive) = if soak::is_full() { (100_000, 1_000) } else { (1_000, 60) };
    let (out, id) = harness(all).await;
    for _ in 0..arrive {
        out.receiver.next("/x", Reply::Status(200));
    }
    out.receiver.answers("/x", Reply::Status(500));
    enable(&out, id).await;
    until_it_dies(&out, id).await;
    slowly(&out, 30).await;
    let started = out.receiver.seen("/x").len();
    // Failures of the second in which it died do not count: the clock stood still for all of them.
    let most = arrive + 2 * PACE;
    assert!((arrive + usize::from(FAILURES)..=most).contains(&started), "{started}");
    assert_eq!(out.count(StateName::Success).await, arrive);
    assert_eq!(out.count(StateName::Failure).await, started - arrive);
    assert_eq!(out.count(StateName::Held).await, all - started, "none is lost");

    out.receiver.answers("/x", Reply::Status(200));
    enable(&out, id).await;
    slowly(&out, 15).await;
    let again = out.receiver.seen("/x").len() - started;
    assert!(again > PACE, "it continues: {again}");
    assert_eq!(out.count(StateName::Success).await, arrive + again);
    assert_eq!(out.count(StateName::Held).await, all - started - again);
    assert!(out.own_gate(id).await.is_open());
    let oldest = out.deliveries().await.swap_remove(0);
    assert!(matches!(oldest.state, State::Success { .. }), "the oldest was the probe");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d1_thousands_held_to_their_end_fail_in_their_hour() {
    const ALL: usize = 2_500;
    let (out, id) = harness(ALL).await;
    out.world.advance(SignedDuration::from_hours(24 * 30 - 3));
    out.world.host.settle_within(PATIENCE).await.unwrap();
    assert_eq!(out.count(StateName::Held).await, ALL, "not yet");
    out.world.advance(SignedDuration::from_hours(2));
    for _ in 0..3 {
        out.world.host.settle_within(PATIENCE).await.unwrap();
        out.world.advance(SignedDuration::from_mins(1));
    }
    for delivery in out.deliveries().await {
        let expired = matches!(delivery.state, State::Failure { reason: Failed::Expired, .. });
        assert!(expired, "{delivery:?}");
    }
    let notices = out.notices_of("expired").await;
    assert_eq!((notices.len(), notices[0].endpoint), (1, Some(id)));
    assert_eq!(notices[0].kind, NoticeKind::Expired { count: 2_500 });
    assert_eq!(out.store.held_count(out.ws, id, 1).await.unwrap(), 0);
    at_rest::holds(&out).await;
}
