//! Deliveries to endpoints end to end (`CATALOGUE` OU), and to integrations as their
//! target (`FACTS D19`).

use std::time::Duration;

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Delivery, Failed, Fault, Outcome, State, StateName},
        endpoint::{Limits, Order, Policy, Preset},
        rule::Target,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{
    hostile_servers::{Deed, HostileServer, body, header, plain},
    outbound::{Outbound, Reply},
};

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A policy without suspension: so many attempts, 30 seconds apart.
fn patient(tries: usize) -> Policy {
    Policy {
        preset: None,
        waits: vec![30; tries],
        jitter_percent: 0,
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

fn quick(tries: usize) -> Policy {
    Policy { timeout_ms: 400, ..patient(tries) }
}

/// An endpoint at a hostile server, with a rule for every event.
async fn sends_to(out: &Outbound, hostile: &HostileServer, policy: Policy) -> EndpointId {
    let url = format!("http://receiver.gancho.localhost:{}/hook", hostile.address().port());
    let id = out.endpoint_at(&url, policy, Limits::default()).await;
    out.rule(Target::Endpoint(id)).await;
    out.later(seconds(6)).await;
    id
}

fn outcomes(delivery: &Delivery) -> Vec<Outcome> {
    delivery.attempts.iter().map(|attempt| attempt.outcome).collect()
}

#[tokio::test]
async fn ou_03_a_refusal_is_retried_by_the_policy_and_then_fails_permanently() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(1)).await;
    for status in [400, 401, 404, 422] {
        out.receiver.answers("/x", Reply::Status(status));
        out.happened([format!("PED-{status}")]).await;
        let all = out.deliveries().await;
        let last = all.last().unwrap();
        assert!(matches!(last.state, State::Retrying { .. }), "{last:?}");
        out.later(seconds(31)).await;
        let all = out.deliveries().await;
        let last = all.last().unwrap();
        assert!(matches!(last.state, State::Failure { reason: Failed::Exhausted, .. }), "{last:?}");
        assert_eq!(outcomes(last), [Outcome::Status(status); 2]);
        let numbers: Vec<u32> = last.attempts.iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [1, 2]);
    }
    out.later(seconds(600)).await;
    assert_eq!(out.receiver.seen("/x").len(), 8, "no further attempt");
}

#[tokio::test]
async fn ou_07_a_late_200_is_ignored_and_the_retry_is_the_same_request_with_another_time() {
    let out = Outbound::new().await;
    let late = Deed::Wait(Duration::from_millis(900));
    let hostile = HostileServer::new(vec![Deed::Read, late, Deed::Write(plain(200))]).await;
    sends_to(&out, &hostile, quick(2)).await;
    out.happened(["PED-1".to_owned()]).await;
    assert!(matches!(out.only().await.state, State::Retrying { .. }));
    tokio::time::sleep(Duration::from_secs(1)).await;
    out.world.settle().await;
    assert_eq!(out.only().await.attempts.len(), 1, "the 200 came too late");
    hostile.change_status(200);
    out.later(seconds(31)).await;
    let delivery = out.only().await;
    assert!(matches!(delivery.state, State::Success { .. }), "{delivery:?}");
    assert_eq!(outcomes(&delivery), [Outcome::Fault(Fault::Timeout), Outcome::Status(200)]);
    assert!(delivery.attempts[0].duration_ms >= 400);
    let requests = hostile.requests();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(header(first, "webhook-id"), header(second, "webhook-id"));
    assert_eq!(body(first), body(second), "the same bytes");
    assert_ne!(header(first, "webhook-timestamp"), header(second, "webhook-timestamp"));
    assert_ne!(header(first, "webhook-signature"), header(second, "webhook-signature"));
}

#[tokio::test]
async fn ou_07_s4_4_an_endpoint_of_rd_station_has_five_seconds() {
    let out = Outbound::new().await;
    out.sends_to("/slow", Preset::RdStation.policy()).await;
    out.receiver.answers("/slow", Reply::After(Duration::from_millis(6_500), 200));
    out.happened(["PED-1".to_owned()]).await;
    let delivery = out.only().await;
    assert!(matches!(delivery.state, State::Retrying { .. }), "{delivery:?}");
    assert_eq!(outcomes(&delivery), [Outcome::Fault(Fault::Timeout)]);
    assert!((4_900..6_500).contains(&delivery.attempts[0].duration_ms), "{delivery:?}");
}

/// Kills *deliver* after an endpoint has answered and before the result is recorded.
async fn killed_before_the_record(out: &Outbound) {
    // The first change of the delivery's row is the claim, the second the record.
    let record = out.world.host.faults().on("UpdateItem").function("deliver");
    let held = record.table("deliveries").nth(2).hold_before();
    out.happen("PED-1").await;
    tokio::time::timeout(Duration::from_secs(20), held.reached()).await.unwrap();
    out.world.host.kill("deliver").unwrap();
    out.world.host.faults().clear();
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    assert_eq!(out.only().await.state, State::Queued, "nothing was recorded");
    for _ in 0..4 {
        out.later(seconds(45)).await;
    }
}

#[tokio::test]
async fn ou_15_a_killed_deliver_sends_again_and_the_delivery_succeeds_once() {
    for order in [None, Some(Order::Skip)] {
        let out = Outbound::new().await;
        out.sends_to("/x", Policy { order, ..patient(2) }).await;
        killed_before_the_record(&out).await;
        let delivery = out.only().await;
        assert!(matches!(delivery.state, State::Success { .. }), "{order:?}: {delivery:?}");
        assert_eq!(outcomes(&delivery), [Outcome::Status(200)], "one attempt, not charged twice");
        let seen = out.receiver.seen("/x");
        assert_eq!(seen.len(), 2, "{order:?}: at least once");
        assert_eq!((seen[0].id(), &seen[0].body), (seen[1].id(), &seen[1].body));
        assert_eq!(out.depth("deliver-dlq").0 + out.depth("lanes-dlq.fifo").0, 0);
    }
}

#[tokio::test]
async fn of_01_a_record_that_is_throttled_or_whose_reply_is_lost_is_written_once() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(2)).await;
    for (n, lose) in [true, false].into_iter().enumerate() {
        let faults = out.world.host.faults();
        let rule = || faults.on("UpdateItem").function("deliver").table("deliveries").nth(2);
        if lose {
            rule().post_err();
        } else {
            rule().pre_err(local::AwsError::throttling());
        }
        out.happened([format!("PED-{n}")]).await;
        faults.clear();
        assert_eq!(out.receiver.seen("/x").len(), n + 1, "no second request");
        let all = out.deliveries().await;
        assert_eq!(outcomes(all.last().unwrap()), [Outcome::Status(200)]);
        assert_eq!(out.count(StateName::Success).await, n + 1);
    }
}

#[tokio::test]
async fn of_02_a_claim_whose_reply_was_lost_goes_on() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(2)).await;
    let rule = out.world.host.faults().on("UpdateItem").function("deliver");
    rule.table("deliveries").nth(1).post_err();
    out.happened(["PED-1".to_owned()]).await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    assert!(matches!(out.only().await.state, State::Success { .. }));
}

#[tokio::test]
async fn ou_19_the_signed_time_is_the_clocks() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(2)).await;
    for _ in 0..2 {
        out.happened(["PED-1".to_owned()]).await;
        let seen = out.receiver.seen("/x");
        let last = seen.last().unwrap();
        assert_eq!(last.headers["webhook-timestamp"], last.at.as_second().to_string());
        out.later(seconds(600)).await;
    }
}

fn verifies(
    secret: &str,
    headers: &std::collections::BTreeMap<String, String>,
    body: &Value,
) -> bool {
    let signer = standardwebhooks::Webhook::new(secret).unwrap();
    let second = headers["webhook-timestamp"].parse().unwrap();
    let signed = signer.sign(&headers["webhook-id"], second, body.to_string().as_bytes()).unwrap();
    headers["webhook-signature"].split(' ').any(|one| one == signed)
}

#[tokio::test]
async fn ou_20_two_rotations_while_deliveries_wait_leave_every_attempt_verifiable() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", patient(6)).await;
    out.receiver.answers("/x", Reply::Status(500));
    out.happened((0..20).map(|n| format!("PED-{n}"))).await;
    let mut secrets = vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()];
    for _ in 0..2 {
        let path = format!("/v1/endpoints/{id}/rotate-secret");
        let created = out.world.post(&path, json!({})).await.expect(200);
        secrets.push(created["secret"].as_str().unwrap().to_owned());
        let before = out.receiver.seen("/x").len();
        out.later(seconds(31)).await;
        for seen in &out.receiver.seen("/x")[before..] {
            let signatures = seen.headers["webhook-signature"].split(' ').count();
            assert_eq!(signatures, secrets.len());
            for secret in &secrets {
                assert!(verifies(secret, &seen.headers, &seen.body), "{secret}");
            }
            assert!(!verifies("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &seen.headers, &seen.body));
        }
    }
    out.receiver.answers("/x", Reply::Status(200));
    out.later(seconds(31)).await;
    assert_eq!(out.count(StateName::Success).await, 20);
}

#[tokio::test]
async fn f11_nothing_older_than_a_new_secret_signs_if_there_is_no_overlap() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", patient(2)).await;
    let path = format!("/v1/endpoints/{id}/rotate-secret");
    out.world.post(&path, json!({})).await.expect(200);
    let newest = out.world.post(&path, json!({"overlap_hours": 0})).await.expect(200);
    assert_eq!(newest["previous_until"], Value::Null);
    out.later(seconds(6)).await;
    out.happened(["PED-1".to_owned()]).await;
    let seen = out.receiver.seen("/x").remove(0);
    assert_eq!(seen.headers["webhook-signature"].split(' ').count(), 1);
    assert!(verifies(newest["secret"].as_str().unwrap(), &seen.headers, &seen.body));
}

#[tokio::test]
async fn d19_a_rule_sends_an_event_to_an_integration_and_both_histories_have_it() {
    let out = Outbound::new().await;
    let to = out.world.inbound(json!({})).await;
    let (origin, integration) = (to.origin.parse().unwrap(), to.id.parse().unwrap());
    out.rule(Target::Integration { origin, integration }).await;
    out.later(seconds(6)).await;
    // Killed after the webhook was written: the retry creates no second webhook.
    let record = out.world.host.faults().on("UpdateItem").function("deliver");
    let held = record.table("deliveries").nth(2).hold_before();
    out.happen("PED-1").await;
    tokio::time::timeout(Duration::from_secs(20), held.reached()).await.unwrap();
    out.world.host.kill("deliver").unwrap();
    out.world.host.faults().clear();
    for _ in 0..4 {
        out.later(seconds(45)).await;
    }
    let delivery = out.only().await;
    assert!(matches!(delivery.state, State::Success { .. }), "{delivery:?}");
    let [Outcome::HandedOver(webhook)] = outcomes(&delivery)[..] else { panic!("{delivery:?}") };
    let list = out.world.webhooks(&to.origin, "").await;
    assert_eq!((&list["count"], &list["items"][0]["id"]), (&json!(1), &json!(webhook.to_string())));
    let payload: Value =
        serde_json::from_slice(&out.world.payload(&to, &webhook.to_string()).await).unwrap();
    assert_eq!(payload["data"]["order_number"], "PED-1");
    let shown = out.world.webhook(&to, &webhook.to_string()).await.to_string();
    for header in ["gancho-hops", "gancho-event", &delivery.event.to_string()] {
        assert!(shown.contains(header), "{header} in {shown}");
    }
}

#[tokio::test]
async fn i8_a_limit_without_order_lets_a_delivery_pass_a_waiting_one() {
    let out = Outbound::new().await;
    let limits = Limits { max_concurrency: Some(1), rate_per_second: None };
    let policy = Policy { waits: vec![120, 3_600], ..patient(2) };
    let id = out.endpoint_at(&out.receiver.url("/x"), policy, limits).await;
    out.rule(Target::Endpoint(id)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.receiver.next("/x", Reply::Status(500));
    out.receiver.takes(Duration::from_millis(5));
    out.happened(["FIRST".to_owned(), "SECOND".to_owned()]).await;
    out.happened((0..5).map(|n| format!("PED-{n}"))).await;
    assert_eq!(out.count(StateName::Success).await, 5, "the two that failed delay no other");
    assert_eq!(out.count(StateName::Retrying).await, 2);
    // The short wait ends when its message becomes visible, not before.
    out.receiver.next("/x", Reply::Status(500));
    out.later(seconds(110)).await;
    assert_eq!(out.receiver.seen("/x").len(), 7);
    out.later(seconds(15)).await;
    assert_eq!((out.receiver.seen("/x").len(), out.count(StateName::Success).await), (9, 6));
    // The long wait is parked, and the schedule enqueues it.
    out.minutes(58).await;
    assert_eq!(out.receiver.seen("/x").len(), 9);
    out.minutes(4).await;
    assert_eq!((out.receiver.seen("/x").len(), out.count(StateName::Success).await), (10, 7));
    assert_eq!(out.receiver.most("/x"), 1);
}

#[tokio::test]
async fn a_pace_is_kept_within_a_lane() {
    let out = Outbound::new().await;
    let limits = Limits { max_concurrency: None, rate_per_second: Some(2) };
    let id = out.endpoint_at(&out.receiver.url("/x"), patient(0), limits).await;
    out.rule(Target::Endpoint(id)).await;
    out.later(seconds(6)).await;
    let begun = std::time::Instant::now();
    out.happened((0..7).map(|n| format!("PED-{n}"))).await;
    for _ in 0..4 {
        out.later(seconds(5)).await;
    }
    assert_eq!(out.count(StateName::Success).await, 7);
    // One of two lanes has at least four requests, a second apart.
    assert!(begun.elapsed() >= Duration::from_millis(2_800), "{:?}", begun.elapsed());
}

/// An invocation of *deliver* with a lane's message from a queue without another reader.
fn enqueued(out: &Outbound, endpoint: EndpointId, number: usize) -> Value {
    let message = json!({"v": 1, "workspace": out.ws, "endpoint": endpoint, "lane": 0});
    json!({"Records": [{
        "messageId": format!("m{number}"),
        "receiptHandle": "nobody's",
        "body": message.to_string(),
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:lanes.fifo",
        "awsRegion": "us-east-1",
        "attributes": {},
        "messageAttributes": {},
    }]})
}

#[tokio::test]
async fn or_02_twenty_workers_of_one_lane_never_overlap() {
    let out = Outbound::new().await;
    let policy = Policy { order: Some(Order::Skip), ..patient(2) };
    let id = out.sends_to("/x", policy).await;
    out.receiver.takes(Duration::from_millis(20));
    for n in 0..10 {
        out.happen(&format!("PED-{n}")).await;
    }
    for round in 0..5 {
        let workers =
            (0..20).map(|n| out.world.host.invoke("deliver", enqueued(&out, id, round * 20 + n)));
        let ended = futures::future::join_all(workers).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    }
    out.world.settle().await;
    out.later(seconds(31)).await;
    out.later(seconds(130)).await;
    assert_eq!(out.count(StateName::Success).await, 10);
    assert_eq!((out.receiver.seen("/x").len(), out.receiver.most("/x")), (10, 1));
}
