//! The history of deliveries, and the actions of people on them (`FACTS S2`, `CATALOGUE RE`).

mod actions;
mod lists;
mod notices;

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, EventId, RuleId},
    outbound::{
        delivery::{Attempt, Delivery, Outcome, State, StateName, Trigger},
        event::EventType,
        gate::{DisabledReason, GateKey, GateState},
        rule::Target,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{
    Answer,
    outbound::{EVENT, Outbound},
};

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn list(out: &Outbound, query: &str) -> Value {
    out.world.get(&format!("/v1/deliveries{query}")).await.expect(200)
}

async fn one(out: &Outbound, id: &str) -> Value {
    out.world.get(&format!("/v1/deliveries/{id}")).await.expect(200)
}

async fn act(out: &Outbound, id: &str, what: &str) -> Answer {
    out.world.post(&format!("/v1/deliveries/{id}/{what}"), json!({})).await
}

/// Every page of a list; each page's count must be the same.
async fn paged(out: &Outbound, query: &str) -> (Vec<String>, u64) {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(out, &format!("{query}{cursor}")).await;
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (seen, page["count"].as_u64().unwrap()),
        }
    }
}

/// A delivery row in any state.
fn row(n: u8, at: Timestamp, (rule, endpoint): (RuleId, EndpointId), state: State) -> Delivery {
    let mut entropy = [n; 10];
    entropy[9] = n;
    let id = DeliveryId::new(at, &entropy);
    let attempt = Attempt {
        number: 1,
        started_at: at,
        duration_ms: 12,
        url: "https://loja.example/hook".to_owned(),
        outcome: Outcome::Status(if state.name() == StateName::Success { 200 } else { 500 }),
        excerpt: String::new(),
        retry_after: None,
        not_counted: false,
    };
    let tried = !matches!(state, State::Queued | State::Held { .. });
    Delivery {
        id,
        event: EventId::new(at, &entropy),
        event_type: EventType::parse(EVENT).unwrap(),
        subject: format!("P-{n}"),
        subject_status: None,
        rule,
        rule_version: 1,
        target: Target::Endpoint(endpoint),
        trigger: Trigger::Event,
        by: None,
        slot: None,
        state,
        attempts: tried.then_some(attempt).into_iter().collect(),
        redrives: 0,
        hops: 0,
        expires_at: at + SignedDuration::from_hours(30 * 24),
    }
}

async fn write(out: &Outbound, delivery: &Delivery) {
    out.store.put_subject_lookup(out.ws, delivery).await.unwrap();
    out.store.create_delivery(out.ws, delivery, "test").await.unwrap();
}

async fn set_gate(out: &Outbound, endpoint: EndpointId, state: GateState) {
    let key = GateKey::Endpoint(endpoint);
    let gate = out.gate(&key).await;
    let generation = gate.generation;
    let next = gate.into_state(state);
    assert!(out.store.change_gate(out.ws, &key, generation, &next).await.unwrap());
}

fn disabled(since: Timestamp) -> GateState {
    GateState::Disabled { since, reason: DisabledReason::ByPerson }
}
