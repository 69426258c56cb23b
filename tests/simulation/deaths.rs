//! Workers that die (`issue 14, F1`). The hand-moved clock measures the time from the death to the
//! next request, and the progress of a lane whose workers die again and again. A time-out and an end
//! for lack of memory are the same to SQS: the message comes back when its visibility timeout ends.

use std::time::Duration;

use gancho_domain::outbound::{
    delivery::StateName,
    endpoint::{Limits, Order, Policy, Preset},
    rule::Target,
};
use gancho_edge::queue::{DeliverMessage, LaneMessage, Queue, VERSION};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::outbound::{Outbound, Reply};

use crate::harness::{seconds, soon};

/// The longest time from a worker's death to the next request.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// The ages at which a worker dies: at its start, in its work, at its time limit.
const AGES: [i64; 4] = [0, 5, 12, 19];

fn policy(order: Option<Order>) -> Policy {
    Policy {
        preset: None,
        waits: vec![5],
        timeout_ms: 10_000,
        jitter_percent: 0,
        order,
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

/// An endpoint with at most one request at a time.
async fn limited(out: &Outbound) {
    let limits = Limits { max_concurrency: Some(1), rate_per_second: None };
    let id = out.endpoint_at(&out.receiver.url("/x"), policy(None), limits).await;
    out.rule(Target::Endpoint(id)).await;
    out.later(seconds(6)).await;
}

/// An endpoint that this process of *deliver* knows as slow.
async fn slow(out: &Outbound) {
    out.sends_to("/x", policy(None)).await;
    out.receiver.next("/x", Reply::After(Duration::from_millis(1_100), 200));
    out.happened(["PED-SLOW".to_owned()]).await;
}

/// Advances the clock by seconds until there is another request; returns the time that it took.
async fn next_request(out: &Outbound, since: Timestamp) -> SignedDuration {
    let before = out.receiver.seen("/x").len();
    while out.receiver.seen("/x").len() == before {
        let waited = out.world.now().duration_since(since);
        assert!(waited < PATIENCE, "nothing was sent within {waited:#}");
        out.later(seconds(1)).await;
    }
    out.receiver.seen("/x")[before].at.duration_since(since)
}

/// Kills the worker of the second of twelve deliveries at this age, and asserts that the rest follows.
async fn goes_on(out: &Outbound, queue: &str, age: i64) {
    let known = out.deliveries().await.len();
    let standing = out.receiver.stands(2);
    for n in 0..12 {
        out.happen(&format!("PED-{n}")).await;
    }
    soon(standing.reached()).await;
    assert!(out.depth(queue).1 > 0, "its message is in flight in {queue}");
    out.world.advance(seconds(age));
    out.world.host.kill("deliver").unwrap();
    standing.release();
    out.world.settle().await;
    let waited = next_request(out, out.world.now()).await;
    eprintln!("{queue}, dead at {age} s: {waited:#}");
    out.later(PATIENCE).await;
    assert_eq!(out.count(StateName::Success).await, known + 12, "{queue}, {age} s");
}

#[tokio::test]
async fn f1_an_ordered_lane_goes_on_within_30_seconds_of_its_workers_death() {
    for age in AGES {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(Some(Order::Skip))).await;
        goes_on(&out, "lanes.fifo", age).await;
        let mut all = out.deliveries().await;
        all.sort_by_key(|delivery| delivery.slot.map(|slot| slot.seq));
        let mut sent: Vec<String> =
            out.receiver.seen("/x").iter().map(|seen| seen.id().to_owned()).collect();
        sent.dedup();
        let placed: Vec<String> = all.iter().map(|delivery| delivery.id.to_string()).collect();
        assert_eq!(sent, placed, "in order, and only the second twice");
        assert_eq!(out.receiver.most("/x"), 1, "no two at once");
    }
}

#[tokio::test]
async fn f1_a_limited_endpoint_goes_on_within_30_seconds_of_its_workers_death() {
    for age in AGES {
        let out = Outbound::new().await;
        limited(&out).await;
        goes_on(&out, "lanes.fifo", age).await;
        assert_eq!(out.receiver.most("/x"), 1, "no two at once");
    }
}

#[tokio::test]
async fn f1_an_unordered_delivery_is_sent_again_within_30_seconds_of_its_workers_death() {
    for age in AGES {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(None)).await;
        goes_on(&out, "deliver", age).await;
    }
}

#[tokio::test]
async fn f1_a_delivery_to_a_slow_endpoint_is_sent_again_within_30_seconds_of_its_workers_death() {
    for age in AGES {
        let out = Outbound::new().await;
        slow(&out).await;
        goes_on(&out, "slow", age).await;
    }
}

#[tokio::test]
async fn f1_work_goes_on_within_30_seconds_after_a_death_before_the_first_call() {
    for order in [None, Some(Order::Skip)] {
        let out = Outbound::new().await;
        out.sends_to("/x", policy(order)).await;
        let first = out.world.host.faults().on("*").function("deliver").hold_before();
        out.happen("PED-0").await;
        soon(first.reached()).await;
        out.world.host.kill("deliver").unwrap();
        out.world.settle().await;
        out.world.host.faults().clear();
        next_request(&out, out.world.now()).await;
    }
}

/// A worker dies while a second message of the same attempt waits in `queue`.
async fn meets_a_claim(queue: Queue, name: &str) {
    let out = Outbound::new().await;
    out.sends_to("/x", policy(None)).await;
    let standing = out.receiver.stands(1);
    out.happen("PED-0").await;
    soon(standing.reached()).await;
    // SQS delivers a message twice now and then.
    let claimed = out.only().await;
    let queues = out.world.host.deps_for("deliver").unwrap().queues();
    let slow = queue == Queue::Slow;
    let message = DeliverMessage { slow, ..DeliverMessage::of(out.ws, &claimed, 1) };
    let hides = out.world.host.faults().on("ChangeMessageVisibility").function("deliver");
    let hidden = hides.hold_after();
    queues.send(queue, &message, 0).await.unwrap();
    soon(hidden.reached()).await;
    let died = out.world.now();
    out.world.host.kill("deliver").unwrap();
    out.world.host.faults().clear();
    standing.release();
    out.world.settle().await;
    let in_flight = if slow { 1 } else { 2 };
    assert_eq!(out.depth(name), (0, in_flight), "it waits for the end of the claim");
    let waited = next_request(&out, died).await;
    assert!(waited <= seconds(20), "the claim, not the visibility timeout: {waited:#}");
    out.later(PATIENCE).await;
    assert_eq!(out.only().await.state.name(), StateName::Success);
    assert_eq!((out.receiver.seen("/x").len(), out.depth(name)), (2, (0, 0)));
}

#[tokio::test]
async fn f1_a_message_that_meets_the_claim_of_a_worker_that_dies_is_sent_when_the_claim_ends() {
    meets_a_claim(Queue::Deliver, "deliver").await;
    meets_a_claim(Queue::Slow, "slow").await;
}

#[tokio::test]
async fn f1_a_lane_whose_workers_die_every_40_seconds_makes_progress_in_each_life() {
    const LIVES: usize = 10;
    let out = Outbound::new().await;
    out.sends_to("/x", policy(Some(Order::Skip))).await;
    let mut arrived = 0;
    let mut standing = out.receiver.stands(4);
    for n in 0..4 * LIVES {
        out.happen(&format!("PED-{n}")).await;
    }
    soon(standing.reached()).await;
    for life in 1..=LIVES {
        // The worker has sent three when it dies with the fourth.
        out.world.host.kill("deliver").unwrap();
        standing.release();
        out.world.settle().await;
        let now = out.count(StateName::Success).await;
        assert_eq!(now, arrived + 3, "life {life}");
        arrived = now;
        standing = out.receiver.stands(4);
        let dies_at = out.world.now() + seconds(40);
        loop {
            out.world.advance(seconds(5));
            // Either the next worker has sent three, or nobody works.
            tokio::select! {
                () = standing.reached() => break,
                () = out.world.settle() => assert!(out.world.now() < dies_at, "life {life}"),
            }
        }
        // Within its time limit, or another worker would be right to take the lane over.
        let left = dies_at.duration_since(out.world.now());
        out.world.advance(left.min(seconds(10)));
    }
    assert_eq!(out.depth("lanes-dlq.fifo"), (0, 0));
}

#[tokio::test]
async fn f1_a_worn_message_of_a_lane_is_replaced_after_progress_and_is_not_dead_lettered() {
    for (receives, sent) in [(500, 3), (501, 1)] {
        let out = Outbound::new().await;
        let endpoint = out.sends_to("/x", policy(Some(Order::Skip))).await;
        let deliver = out.world.host.lambda("deliver").unwrap();
        deliver.replace(std::sync::Arc::new(|_, _| Box::pin(async { Err("broken".into()) })));
        out.happened((0..3).map(|n| format!("PED-{n}"))).await;
        out.world.host.cold_start("deliver").unwrap();
        let message = LaneMessage { v: VERSION, workspace: out.ws, endpoint, lane: 0 };
        let record = json!({
            "eventSource": "aws:sqs", "messageId": "worn", "receiptHandle": "1.worn",
            "body": serde_json::to_string(&message).unwrap(),
            "attributes": { "ApproximateReceiveCount": receives.to_string() },
        });
        let (visible, in_flight) = out.depth("lanes.fifo");
        let reply = deliver.invoke(&json!({ "Records": [record] })).await.unwrap();
        assert_eq!(reply["batchItemFailures"], json!([]), "its message is deleted");
        assert_eq!(out.receiver.seen("/x").len(), sent, "{receives} receives");
        let new = u64::from(receives > 500);
        assert_eq!(out.depth("lanes.fifo"), (visible + new, in_flight), "{receives} receives");
        out.later(PATIENCE).await;
        assert_eq!(out.count(StateName::Success).await, 3, "{receives} receives");
    }
}
