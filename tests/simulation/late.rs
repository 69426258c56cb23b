//! Messages that come at a wrong time, and records that come again after everything
//! (`CATALOGUE OR-01, OR-03, OR-10, I24`).

use std::sync::{Arc, Mutex};

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Delivery, StateName},
        endpoint::{Order, Policy, Scope, Suspension, Trip},
    },
};
use gancho_edge::queue::{DeliverMessage, Queue};
use local::{Function, functions};
use serde_json::{Value, json};
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::{policy, seconds, soon};

/// Enqueues an attempt as a message that SQS delivers again.
async fn enqueue(out: &Outbound, delivery: &Delivery, attempt: u32) {
    let queues = out.world.host.deps_for("suspension").unwrap().queues();
    let message = DeliverMessage::of(out.ws, delivery, attempt);
    queues.send(Queue::Deliver, &message, 0).await.unwrap();
    out.world.settle().await;
}

#[tokio::test]
async fn or_10_a_message_that_comes_early_starts_no_attempt_before_its_time() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[600], None)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    enqueue(&out, &out.only().await, 2).await;
    out.later(seconds(590)).await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    out.later(seconds(11)).await;
    out.minutes(3).await;
    let seen = out.receiver.seen("/x");
    assert_eq!(seen.len(), 2, "one attempt for both messages");
    let wait = seen[1].at.duration_since(seen[0].at);
    assert!(wait >= seconds(600), "{wait}");
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn or_10_a_message_of_an_attempt_that_was_made_starts_no_other() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[600], None)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    enqueue(&out, &out.only().await, 1).await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    out.later(seconds(601)).await;
    for attempt in 1..=3 {
        enqueue(&out, &out.only().await, attempt).await;
    }
    assert_eq!(out.receiver.seen("/x").len(), 2);
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn su_06_a_message_of_a_held_delivery_changes_nothing_of_it() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", policy(&[], None)).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    out.happened(["PED-0".to_owned()]).await;
    let held = out.only().await;
    assert_eq!(held.state.name(), StateName::Held);
    out.later(seconds(3_600)).await;
    enqueue(&out, &held, 1).await;
    assert_eq!(out.only().await, held, "held since then, without an attempt");
    assert!(out.receiver.all().is_empty());
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn if_26_a_dead_letter_of_an_attempt_that_was_made_is_no_redrive() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[900], None)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    let queues = out.world.host.deps_for("suspension").unwrap().queues();
    let message = DeliverMessage::of(out.ws, &out.only().await, 1);
    queues.send(Queue::DeliverDeadLetters, &message, 0).await.unwrap();
    out.later(seconds(301)).await;
    assert_eq!(out.depth("deliver-dlq"), (0, 0), "it was read");
    assert_eq!((out.only().await.redrives, out.receiver.seen("/x").len()), (0, 1));
    out.later(seconds(600)).await;
    assert_eq!(out.receiver.seen("/x").len(), 2);
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn or_01_a_message_beside_the_lane_passes_no_delivery_that_waits() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[600], Some(Order::Skip))).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened_in_turn(["PED-0".to_owned(), "PED-1".to_owned()]).await;
    let second = out.deliveries().await.remove(1);
    assert_eq!((second.subject.as_str(), second.state.name()), ("PED-1", StateName::Queued));
    enqueue(&out, &second, 1).await;
    out.later(seconds(300)).await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    out.minutes(10).await;
    let sent: Vec<String> =
        out.receiver.seen("/x").iter().map(|seen| seen.subject().to_owned()).collect();
    assert_eq!(sent, ["PED-0", "PED-0", "PED-1"]);
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn or_03_a_worker_without_time_for_the_whole_request_makes_none() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[], None)).await;
    let gates = out.world.host.faults().on("GetItem").function("deliver").table("coordination");
    let paused = gates.hold_before();
    out.happen("PED-0").await;
    soon(paused.reached()).await;
    // The claim of 20 s holds for 8 s more, and the request may take 10.
    out.world.advance(seconds(12));
    paused.release();
    out.world.settle().await;
    assert!(out.receiver.seen("/x").is_empty());
    for _ in 0..3 {
        out.later(seconds(125)).await;
    }
    assert_eq!(out.receiver.seen("/x").len(), 1);
    assert_eq!(out.only().await.attempts.len(), 1);
    at_rest::holds(&out).await;
}

type Events = Arc<Mutex<Vec<Value>>>;

/// Records the batches of the streams that a function gets.
fn recorded(out: &Outbound, function: &str) -> Events {
    let host = &out.world.host;
    let real = functions::make(function, host.deps_for(function).unwrap()).unwrap().unwrap();
    let events = Events::default();
    let recorded: Function = {
        let events = Arc::clone(&events);
        Arc::new(move |event, context| {
            let value: Value = serde_json::from_slice(&event).unwrap();
            if value.pointer("/Records/0/dynamodb").is_some() {
                events.lock().unwrap().push(value);
            }
            real(event, context)
        })
    };
    host.lambda(function).unwrap().replace(recorded);
    events
}

async fn again(out: &Outbound, function: &str, events: &Events) {
    let all = events.lock().unwrap().clone();
    assert!(all.len() > 5, "{function}: {} batches", all.len());
    for event in all {
        out.world.host.invoke(function, event).await.unwrap();
        out.world.settle().await;
    }
}

/// Deliveries, gates, notices, publications, requests and counters.
async fn fate(out: &Outbound, id: EndpointId) -> Vec<String> {
    let mut fate: Vec<String> = Vec::new();
    for delivery in out.deliveries().await {
        fate.push(format!("{} {:?} {:?}", delivery.id, delivery.state, delivery.attempts));
    }
    fate.push(format!("{:?}", out.own_gate(id).await));
    fate.extend(out.notices().await.iter().map(|notice| format!("{} {}", notice.id, notice.sent)));
    fate.push(format!("{} publications", out.world.host.mailbox().all().len()));
    fate.push(format!("{} requests", out.receiver.all().len()));
    for state in ["queued", "retrying", "held", "success", "failure", "discarded"] {
        let list = out.world.get(&format!("/v1/deliveries?state={state}&limit=1")).await;
        fate.push(format!("{state}: {}", list.expect(200)["count"]));
    }
    fate
}

#[tokio::test]
async fn i24_every_record_that_comes_again_after_everything_changes_nothing() {
    let out = Outbound::new().await;
    let trip = Trip::Streak { failures: 3 };
    let suspension = Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None });
    let id = out.sends_to("/x", Policy { suspension, ..policy(&[5], None) }).await;
    let functions = ["dispatch", "suspension", "tally"];
    let events = functions.map(|function| (function, recorded(&out, function)));
    // It is suspended, enabled, gone, and enabled again; deliveries wait, arrive and fail.
    out.receiver.answers("/x", Reply::Status(500));
    for n in 0..3 {
        out.happened([format!("PED-{n}")]).await;
    }
    out.happened(["held".to_owned()]).await;
    out.receiver.answers("/x", Reply::Status(200));
    out.enable(id, "all").await;
    out.minutes(1).await;
    out.receiver.next("/x", Reply::Status(410));
    out.happened(["gone".to_owned()]).await;
    out.later(seconds(1)).await;
    out.enable(id, "all").await;
    out.happened(["last".to_owned()]).await;
    out.minutes(20).await;
    at_rest::holds(&out).await;
    let before = fate(&out, id).await;
    assert!(out.own_gate(id).await.is_open());
    for (function, events) in &events {
        again(&out, function, events).await;
        out.minutes(2).await;
        assert_eq!(fate(&out, id).await, before, "{function}");
    }
    out.minutes(20).await;
    assert_eq!(fate(&out, id).await, before);
    at_rest::holds(&out).await;
}
