//! A message that cannot be sent after its row was written: whoever repeats the step sends it, and
//! each delivery arrives once (`CATALOGUE IF-06, OR-11`).

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::StateName,
        endpoint::{Order, Policy, Scope, Suspension, Trip},
        gate::GateState,
    },
};
use local::AwsError;
use reqwest::Method;
use serde_json::json;
use tests::{
    Answer, answer, at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::{policy, seconds};

/// Suspends at the first failure.
fn fragile(probe_after: Option<u32>) -> Policy {
    let trip = Trip::Streak { failures: 1 };
    let suspension = Some(Suspension { scope: Scope::Endpoint, trip, probe_after });
    Policy { suspension, ..policy(&[], None) }
}

/// An error of SQS that the SDK does not repeat.
fn refused() -> AwsError {
    AwsError::new(400, "InvalidMessageContents")
}

/// Refuses every message of a function to a queue.
fn refuse(out: &Outbound, function: &str, queue: &str) {
    for operation in ["SendMessage", "SendMessageBatch"] {
        let sends = out.world.host.faults().on(operation).function(function).table(queue);
        sends.always().pre_err(refused());
    }
}

/// Asserts that a function tried to send a message to a queue; then messages are accepted again.
fn accept(out: &Outbound, function: &str, queue: &str) {
    let faults = out.world.host.faults();
    let tried = faults.calls().into_iter().any(|call| {
        call.function == function
            && call.operation.starts_with("SendMessage")
            && call.table() == queue
    });
    assert!(tried, "{function} sent nothing to {queue}");
    faults.clear();
    faults.stop_recording();
}

/// The numbers of attempts of each delivery that succeeded, and of requests.
async fn arrived(out: &Outbound) -> (Vec<usize>, usize) {
    let all = out.deliveries().await;
    let successes = all.iter().filter(|it| it.state.name() == StateName::Success);
    (successes.map(|it| it.attempts.len()).collect(), out.receiver.all().len())
}

#[tokio::test]
async fn if_06_a_delivery_whose_message_cannot_be_sent_is_sent_when_its_event_comes_again() {
    for (order, queue) in [(None, "deliver"), (Some(Order::Skip), "lanes")] {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(&[], order)).await;
        let faults = out.world.host.faults();
        faults.record();
        let sends = faults.on("SendMessage").function("dispatch").table(queue);
        sends.times(3).pre_err(refused());
        out.happened(["PED-0".to_owned()]).await;
        let calls = faults.calls();
        let sent = calls.iter().filter(|it| it.function == "dispatch" && it.table() == queue);
        let statuses: Vec<_> = sent.map(|call| call.status).collect();
        assert_eq!(statuses, [Some(400), Some(400), Some(400), Some(200)], "{queue}");
        assert_eq!(arrived(&out).await, (vec![1], 1), "{queue}");
        at_rest::holds(&out).await;
    }
}

#[tokio::test]
async fn or_11_a_parked_attempt_whose_message_cannot_be_sent_stays_parked() {
    for (order, queue) in [(None, "deliver"), (Some(Order::Skip), "lanes")] {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(&[1_800], order)).await;
        out.receiver.next("/x", Reply::Status(500));
        out.happened(["PED-0".to_owned()]).await;
        out.later(seconds(1_700)).await;
        out.world.host.faults().record();
        refuse(&out, "suspension", queue);
        out.later(seconds(100)).await;
        out.minutes(2).await;
        accept(&out, "suspension", queue);
        assert_eq!(out.receiver.all().len(), 1, "{queue}");
        out.minutes(2).await;
        assert_eq!(arrived(&out).await, (vec![2], 2), "{queue}");
        out.minutes(5).await;
        at_rest::holds(&out).await;
    }
}

async fn suspended(out: &Outbound, probe_after: Option<u32>) -> EndpointId {
    let id = out.sends_to("/x", fragile(probe_after)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    out.happened(["PED-1".to_owned(), "PED-2".to_owned()]).await;
    assert_eq!(out.count(StateName::Held).await, 2);
    id
}

#[tokio::test]
async fn s4_7_a_probe_whose_message_cannot_be_sent_stays_parked() {
    let out = Outbound::new().await;
    let id = suspended(&out, Some(1_800)).await;
    out.later(seconds(1_700)).await;
    out.world.host.faults().record();
    refuse(&out, "suspension", "recover");
    out.later(seconds(100)).await;
    out.minutes(3).await;
    accept(&out, "suspension", "recover");
    assert!(matches!(out.own_gate(id).await.state, GateState::Suspended(_)));
    out.minutes(20).await;
    assert_eq!(out.own_gate(id).await.state, GateState::Open);
    assert_eq!(arrived(&out).await, (vec![1, 1], 3));
    assert_eq!(out.notices_of("recovered").await.len(), 1);
    at_rest::holds(&out).await;
}

/// Calls the API with an `Idempotency-Key`.
async fn post(out: &Outbound, path: &str, key: &str) -> Answer {
    let url = format!("{}{path}", out.world.host.base_url());
    let request = out.world.request(Method::POST, &url).bearer_auth(&out.world.key);
    answer(request.header("idempotency-key", key).json(&json!({}))).await
}

#[tokio::test]
async fn su_05_an_enabling_whose_message_cannot_be_sent_is_done_by_the_next_request() {
    for key in ["another", "same"] {
        let out = Outbound::new().await;
        let id = suspended(&out, None).await;
        let path = format!("/v1/endpoints/{id}/enable");
        out.world.host.faults().record();
        refuse(&out, "manage", "recover");
        let got = post(&out, &path, "same").await;
        assert!(got.status.is_server_error(), "{}", got.text());
        accept(&out, "manage", "recover");
        out.minutes(2).await;
        assert_eq!(out.receiver.all().len(), 1, "nothing is released yet");
        post(&out, &path, key).await.expect(200);
        out.world.settle().await;
        out.minutes(20).await;
        assert_eq!(out.own_gate(id).await.state, GateState::Open, "{key}");
        assert_eq!(arrived(&out).await, (vec![1, 1], 3), "{key}");
        at_rest::holds(&out).await;
    }
}

#[tokio::test]
async fn re_02_a_resend_whose_message_cannot_be_sent_is_one_delivery_with_the_next_request() {
    for (order, queue) in [(None, "deliver"), (Some(Order::Skip), "lanes")] {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(&[], order)).await;
        out.happened(["PED-0".to_owned()]).await;
        let path = format!("/v1/deliveries/{}/resend", out.only().await.id);
        out.world.host.faults().record();
        refuse(&out, "deliveries", queue);
        let got = post(&out, &path, "click").await;
        assert!(got.status.is_server_error(), "{}", got.text());
        accept(&out, "deliveries", queue);
        // The reservation of the first request ends.
        out.later(seconds(31)).await;
        post(&out, &path, "click").await.expect(201);
        out.world.settle().await;
        assert_eq!(arrived(&out).await, (vec![1, 1], 2), "{queue}");
        at_rest::holds(&out).await;
    }
}

#[tokio::test]
async fn re_03_a_retry_now_whose_message_cannot_be_sent_is_sent_by_the_next_request() {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(&[1_800], None)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    let path = format!("/v1/deliveries/{}/retry-now", out.only().await.id);
    out.world.host.faults().record();
    refuse(&out, "deliveries", "deliver");
    // Nobody else enqueues it: the change of its time is followed by *suspension*.
    let got = out.world.call_as(&out.world.key, Method::POST, &path, None).await;
    assert!(got.status.is_server_error(), "{}", got.text());
    accept(&out, "deliveries", "deliver");
    let again = out.world.call_as(&out.world.key, Method::POST, &path, None).await;
    assert!([200, 409].contains(&again.status.as_u16()), "{}", again.text());
    out.world.settle().await;
    assert_eq!(arrived(&out).await, (vec![2], 2));
    out.minutes(35).await;
    assert_eq!(out.receiver.all().len(), 2, "the parked attempt has no effect");
    at_rest::holds(&out).await;
}
