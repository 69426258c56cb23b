//! The choice of a person who enables an endpoint (`FACTS S5.5`): it is about what was held then,
//! whatever happens before it is carried out.

use std::time::Duration;

use gancho_domain::outbound::{
    delivery::{Delivery, Discarded, State, StateName},
    endpoint::{Policy, Preset, Scope, Suspension, Trip},
    gate::{GateKey, Release},
    rule::Target,
};
use gancho_edge::queue::{Queue, RecoverMessage};
use jiff::SignedDuration;
use serde_json::json;
use tests::outbound::{Outbound, Reply};

fn policy() -> Policy {
    let trip = Trip::Streak { failures: 3 };
    Policy {
        preset: None,
        waits: Vec::new(),
        timeout_ms: 10_000,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    }
}

async fn seconds(out: &Outbound, count: usize) {
    for _ in 0..count {
        out.later(SignedDuration::from_secs(1)).await;
    }
}

/// Waits for a condition that background work fulfils.
async fn soon(what: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if what().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the condition was never met");
}

/// Enables the endpoint and discards what is held; events come before *suspension* has read that.
async fn overtaken(until_open: bool) {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", policy()).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    out.happened((0..3).map(|n| format!("PED-{n}"))).await;
    let standing = out.receiver.stands(1);
    let faults = out.world.host.faults();
    let held = faults.on("GetItem").function("suspension").table("config").hold_before();
    let choice = json!({"held": "none"});
    out.world.post(&format!("/v1/endpoints/{id}/enable"), choice).await.expect(200);
    tokio::time::timeout(Duration::from_secs(20), held.reached()).await.unwrap();
    // The first becomes the probe, the second waits for its result.
    out.happen("new").await;
    standing.reached().await;
    out.happen("later").await;
    soon(async || out.store.held_count(out.ws, id, 9).await.unwrap() == 5).await;
    if until_open {
        standing.release();
        soon(async || out.own_gate(id).await.is_open()).await;
        held.release();
    } else {
        held.release();
        soon(async || out.count(StateName::Discarded).await == 3).await;
        standing.release();
    }
    out.world.settle().await;
    seconds(&out, 10).await;
    let sent: Vec<String> =
        out.receiver.seen("/x").iter().map(|seen| seen.subject().to_owned()).collect();
    assert_eq!(sent, ["new", "later"], "the gate was open before: {until_open}");
    let all = out.deliveries().await;
    let discarded = |it: &&Delivery| {
        matches!(it.state, State::Discarded { reason: Discarded::NotReleased, .. })
    };
    let subjects: Vec<&str> = all.iter().filter(discarded).map(|it| it.subject.as_str()).collect();
    assert_eq!(subjects, ["PED-0", "PED-1", "PED-2"]);
}

#[tokio::test]
async fn s5_5_a_choice_holds_though_an_event_became_the_probe_before_it_was_read() {
    overtaken(false).await;
}

#[tokio::test]
async fn s5_5_a_choice_holds_though_an_event_opened_the_gate_before_it_was_read() {
    overtaken(true).await;
}

#[tokio::test]
async fn s5_5_a_message_of_an_earlier_choice_has_no_effect() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", policy()).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    out.happened((0..20).map(|n| format!("PED-{n}"))).await;
    out.enable(id, "all").await;
    seconds(&out, 2).await;
    assert!(out.own_gate(id).await.is_open());
    let held = out.count(StateName::Held).await;
    assert!(held > 10, "{held} are still held");
    // SQS delivers the message of an earlier generation again.
    let queues = out.world.host.deps_for("manage").unwrap().queues();
    let generation = out.own_gate(id).await.generation - 1;
    let gate = GateKey::Endpoint(id);
    let message = RecoverMessage::of(out.ws, gate, generation, Release::None);
    queues.send(Queue::Recover, &message, 0).await.unwrap();
    out.world.settle().await;
    assert_eq!(out.count(StateName::Discarded).await, 0);
    seconds(&out, 10).await;
    assert_eq!(out.count(StateName::Success).await, 20);
}

#[tokio::test]
async fn s5_5_the_oldest_of_every_endpoint_of_a_shared_gate_is_the_probe() {
    let out = Outbound::new().await;
    let trip = Trip::Streak { failures: 3 };
    let suspension = Some(Suspension { scope: Scope::Workspace, trip, probe_after: None });
    let shared = Policy { suspension, ..policy() };
    let mut endpoints = Vec::new();
    for name in ["a", "b", "c"] {
        let id = out.endpoint(&format!("/{name}"), shared.clone()).await;
        out.rule_for(&format!("for.{name}"), Target::Endpoint(id)).await;
        endpoints.push(id);
        out.receiver.answers(&format!("/{name}"), Reply::Status(500));
    }
    for n in 0..3 {
        out.happen_as("for.a", &format!("bad-{n}"), 0).await;
        out.world.settle().await;
    }
    // The second endpoint's is the oldest.
    for event in ["for.b", "for.a", "for.c"] {
        out.happen_as(event, "held", 0).await;
        out.world.settle().await;
    }
    assert_eq!(out.count(StateName::Held).await, 3);
    let before = out.receiver.all().len();
    for name in ["a", "b", "c"] {
        out.receiver.answers(&format!("/{name}"), Reply::Status(200));
    }
    out.enable(endpoints[0], "all").await;
    seconds(&out, 5).await;
    let sent: Vec<String> = out.receiver.all()[before..].iter().map(|it| it.path.clone()).collect();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(sent[0], "/b");
}
