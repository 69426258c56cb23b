//! Order, limits and backlogs (`CATALOGUE OR, OF-06`, `FACTS S5.7, D11`).

use std::{sync::Arc, time::Duration};

use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{
        delivery::{Discarded, Failed, State, StateName},
        endpoint::{Limits, Order, Policy, Preset},
        rule::Target,
    },
};
use gancho_store::parked::Parked;
use jiff::SignedDuration;
use local::{AwsError, functions, template::TEMPLATE};
use serde_json::json;
use tests::outbound::{EVENT, Outbound, Reply};
use tokio::sync::Notify;

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn orders(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("PED-{n}"))
}

/// A policy without suspension that retries after these waits.
fn patient(waits: &[u32], order: Option<Order>) -> Policy {
    Policy {
        preset: None,
        waits: waits.to_vec(),
        // Generous, because a busy machine may be slow to answer; the tests do not measure that.
        timeout_ms: 10_000,
        jitter_percent: 0,
        order,
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

fn subjects(out: &Outbound, path: &str) -> Vec<String> {
    out.receiver.seen(path).iter().map(|seen| seen.subject().to_owned()).collect()
}

#[tokio::test]
async fn or_01_the_next_event_starts_only_when_the_one_before_is_done() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[30, 60, 90], Some(Order::Skip))).await;
    for status in [200, 200, 500, 500, 500, 500] {
        out.receiver.next("/x", Reply::Status(status));
    }
    out.happened_in_turn(orders(60)).await;
    assert_eq!(subjects(&out, "/x"), ["PED-0", "PED-1", "PED-2"]);
    for _ in 0..40 {
        out.later(seconds(5)).await;
    }
    let mut expected: Vec<String> = orders(60).collect();
    for _ in 0..3 {
        expected.insert(3, "PED-2".to_owned());
    }
    assert_eq!(subjects(&out, "/x"), expected);
    assert_eq!(out.receiver.most("/x"), 1);
    let all = out.deliveries().await;
    let failed = all.iter().find(|delivery| delivery.subject == "PED-2").unwrap();
    assert!(matches!(failed.state, State::Failure { reason: Failed::Exhausted, .. }), "visible");
    assert_eq!(out.count(StateName::Success).await, 59);
}

#[tokio::test]
async fn re_03_in_an_ordered_lane_a_retry_by_hand_starts_within_a_minute() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[600], Some(Order::Skip))).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened_in_turn(orders(2)).await;
    out.later(seconds(10)).await;
    let waiting = out.deliveries().await.into_iter().find(|one| one.subject == "PED-0").unwrap();
    let retry = format!("/v1/deliveries/{}/retry-now", waiting.id);
    out.world.post(&retry, json!({})).await.expect(200);
    out.later(seconds(50)).await;
    assert_eq!(subjects(&out, "/x"), ["PED-0", "PED-0", "PED-1"]);
    assert_eq!(out.count(StateName::Success).await, 2);
}

#[tokio::test]
async fn or_06_an_endpoint_that_blocks_waits_for_a_person() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[30], Some(Order::Block))).await;
    for status in [500, 500] {
        out.receiver.next("/x", Reply::Status(status));
    }
    out.happened_in_turn(orders(3)).await;
    for _ in 0..30 {
        out.later(seconds(60)).await;
    }
    assert_eq!(subjects(&out, "/x"), ["PED-0", "PED-0"], "blocked");
    assert_eq!(out.count(StateName::Queued).await, 2);
    let all = out.deliveries().await;
    let blocking = all.iter().find(|delivery| delivery.subject == "PED-0").unwrap();
    let path = format!("/v1/deliveries/{}/cancel", blocking.id);
    let key = &out.world.key;
    out.world.call_as(key, reqwest::Method::POST, &path, None).await.expect(200);
    out.world.settle().await;
    assert_eq!(subjects(&out, "/x")[2..], ["PED-1", "PED-2"]);
    assert_eq!(out.count(StateName::Success).await, 2);
}

#[tokio::test]
async fn or_07_order_is_switched_on_at_a_barrier_and_off_again() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", patient(&[30], None)).await;
    let path = format!("/v1/endpoints/{id}");
    let disable = async || {
        out.world.post(&format!("{path}/disable"), json!({})).await.expect(200);
    };
    disable().await;
    out.happened(orders(10)).await;
    let ordered = json!({"policy": {"order": "skip"}});
    out.world.patch(&path, ordered).await.expect(200);
    out.later(seconds(6)).await;
    out.happened((10..15).map(|n| format!("PED-{n}"))).await;
    out.receiver.takes(Duration::from_millis(5));
    out.enable(id, "all").await;
    for _ in 0..10 {
        out.later(seconds(1)).await;
    }
    assert_eq!(out.receiver.most("/x"), 1, "no two at once");
    let mut sent = subjects(&out, "/x");
    assert_eq!((sent.len(), out.count(StateName::Success).await), (15, 15));
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 15, "each once");
    // Off again, with a full lane.
    disable().await;
    out.happened((15..25).map(|n| format!("PED-{n}"))).await;
    out.world.patch(&path, json!({"policy": {"order": null}})).await.expect(200);
    out.later(seconds(6)).await;
    out.enable(id, "all").await;
    for _ in 0..10 {
        out.later(seconds(1)).await;
    }
    assert_eq!(out.count(StateName::Success).await, 25);
    assert!(
        out.deliveries().await.iter().filter(|d| d.subject == "PED-20").all(|d| d.slot.is_none())
    );
}

#[tokio::test]
async fn or_08_the_receiver_never_sees_a_fourth_request_at_once() {
    let out = Outbound::new().await;
    let limits = Limits { max_concurrency: Some(3), rate_per_second: None };
    let id = out.endpoint_at(&out.receiver.url("/x"), patient(&[30], None), limits).await;
    out.rule(Target::Endpoint(id)).await;
    out.receiver.takes(Duration::from_millis(60));
    out.happened(orders(90)).await;
    out.minutes(2).await;
    assert_eq!(out.count(StateName::Success).await, 90);
    assert_eq!(out.receiver.seen("/x").len(), 90);
    let most = out.receiver.most("/x");
    assert!((2..=3).contains(&most), "concurrent, and never four: {most}");
}

#[tokio::test]
async fn or_09_a_dead_endpoint_with_a_backlog_delays_no_other() {
    // Two concurrent batches of ten, both occupied by the endpoint that hangs.
    let few = TEMPLATE.replace("MaximumConcurrency: 50", "MaximumConcurrency: 2");
    assert_ne!(few, TEMPLATE);
    let out = Outbound::with(|builder| builder.template(&few)).await;
    let dead = out.endpoint("/dead", patient(&[3_600], None)).await;
    let good = out.endpoint("/good", patient(&[3_600], None)).await;
    out.rule_for("for.dead", Target::Endpoint(dead)).await;
    out.rule_for("for.good", Target::Endpoint(good)).await;
    let let_go = Arc::new(Notify::new());
    out.receiver.answers("/dead", Reply::Wait(Arc::clone(&let_go), 500));
    for n in 0..200 {
        out.happen_as("for.dead", &format!("D-{n}"), 0).await;
    }
    let taken = || u64::try_from(out.receiver.seen("/dead").len()).unwrap();
    until(|| taken() > 0 && out.depth("deliver") == (200 - taken(), taken())).await;
    for n in 0..5 {
        out.happen_as("for.good", &format!("G-{n}"), 0).await;
    }
    until(|| out.depth("deliver").0 == 205 - taken()).await;
    let_go.notify_waiters();
    until(|| out.receiver.seen("/good").len() == 5).await;
    assert!(taken() <= 40, "{} of the backlog were sent before the last event", taken());
    out.receiver.answers("/dead", Reply::Status(500));
    let settled = out.world.settle();
    tokio::pin!(settled);
    while tokio::time::timeout(Duration::from_millis(20), &mut settled).await.is_err() {
        let_go.notify_waiters();
    }
    assert_eq!(out.receiver.seen("/dead").len(), 200);
    assert_eq!(out.count(StateName::Success).await, 5);
    assert_eq!(out.count(StateName::Retrying).await, 200);
}

#[tokio::test]
async fn or_09_a_slow_endpoint_has_its_own_queue_and_takes_no_capacity_of_others() {
    let few = TEMPLATE.replace("MaximumConcurrency: 50", "MaximumConcurrency: 2");
    let out = Outbound::with(|builder| builder.template(&few)).await;
    let dead = out.endpoint("/dead", patient(&[3_600], None)).await;
    let good = out.endpoint("/good", patient(&[3_600], None)).await;
    out.rule_for("for.dead", Target::Endpoint(dead)).await;
    out.rule_for("for.good", Target::Endpoint(good)).await;
    // It is known as slow after it took over a second.
    out.receiver.next("/dead", Reply::After(Duration::from_millis(1_100), 500));
    out.happen_as("for.dead", "D-0", 0).await;
    out.world.settle().await;
    let let_go = Arc::new(Notify::new());
    out.receiver.answers("/dead", Reply::Wait(Arc::clone(&let_go), 500));
    for n in 1..=40 {
        out.happen_as("for.dead", &format!("D-{n}"), 0).await;
    }
    // Two batches, full or not, hang in the slow queue.
    let taken = || u64::try_from(out.receiver.seen("/dead").len() - 1).unwrap();
    let hangs = || {
        let taken = taken();
        out.depth("slow") == (40 - taken, taken) && out.depth("deliver") == (0, 0)
    };
    until(|| taken() >= 2 && hangs()).await;
    let before = taken();
    assert!(before <= 20, "{before}");
    // The dead endpoint has not answered meanwhile.
    for n in 0..20 {
        out.happen_as("for.good", &format!("G-{n}"), 0).await;
    }
    until(|| out.receiver.seen("/good").len() == 20).await;
    until(hangs).await;
    assert_eq!(taken(), before);
    // It answers again: each delivery of the backlog is sent once, from either queue.
    out.receiver.answers("/dead", Reply::Status(200));
    let_go.notify_waiters();
    out.world.settle().await;
    assert_eq!(taken(), 40);
    assert_eq!((out.depth("slow"), out.depth("deliver")), ((0, 0), (0, 0)));
    let failed = usize::try_from(1 + before).unwrap();
    assert_eq!(out.count(StateName::Success).await, 20 + 41 - failed);
    assert_eq!(out.count(StateName::Retrying).await, failed);
}

#[tokio::test]
async fn or_09_a_message_that_cannot_be_moved_is_handled_in_its_queue() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[3_600], None)).await;
    out.receiver.next("/x", Reply::After(Duration::from_millis(1_100), 500));
    out.happened(orders(1)).await;
    let faults = out.world.host.faults();
    let move_it = || faults.on("SendMessage").function("deliver").table("slow");
    move_it().pre_err(AwsError::new(400, "AccessDenied"));
    out.happened(orders(1)).await;
    assert_eq!(out.receiver.seen("/x").len(), 2);
    let held = move_it().hold_before();
    faults.record();
    out.happened(orders(1)).await;
    assert!(held.is_reached());
    // The SDK's own time-out is longer: its retry would have moved the message.
    assert_eq!(faults.calls().iter().filter(|call| call.table() == "slow").count(), 1);
    assert_eq!((out.receiver.seen("/x").len(), out.depth("slow")), (3, (0, 0)));
    held.release();
}

/// Waits for a condition in real time, independent of the test's clock.
async fn until(holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_mins(1), async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.unwrap();
}

#[tokio::test]
async fn or_10_a_workspace_with_thousands_due_delays_no_other() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[1_800], None)).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(orders(1)).await;
    let due = out.world.now() + seconds(1_800);
    for name in ["Loja do Rui", "Loja da Bia"] {
        let ws: WorkspaceId = out.world.new_workspace(name).await.0.parse().unwrap();
        for n in 0..1_100_u16 {
            let [high, low] = n.to_be_bytes();
            let delivery = DeliveryId::new(due, &[high, low, 0, 0, 0, 0, 0, 0, 0, 0]);
            let message = Parked::Deliver { delivery, attempt: 2, group: None };
            // Overdue before the delivery of the quiet workspace is due.
            out.store.park(ws, (due - seconds(60), due), &message).await.unwrap();
        }
    }
    out.later(seconds(1_800)).await;
    assert_eq!(out.receiver.seen("/x").len(), 2, "its retry came in its minute");
    assert_eq!(out.parked().await, [], "a run is bounded by its time");
}

/// Replaces *suspension* by one whose schedule does nothing.
fn without_schedule(out: &Outbound) {
    let deps = out.world.host.deps_for("suspension").unwrap();
    let real = functions::make("suspension", deps).unwrap().unwrap();
    let lambda = out.world.host.lambda("suspension").unwrap();
    lambda.replace(Arc::new(move |event, context| {
        let is_batch = String::from_utf8_lossy(&event).contains("\"Records\"");
        if is_batch { real(event, context) } else { Box::pin(async { Ok(json!({})) }) }
    }));
}

#[tokio::test]
async fn or_11_after_an_hour_without_the_schedule_each_due_event_is_sent_once() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[1_800], None)).await;
    for _ in 0..150 {
        out.receiver.next("/x", Reply::Status(500));
    }
    without_schedule(&out);
    out.happened(orders(150)).await;
    assert_eq!(out.count(StateName::Retrying).await, 150);
    out.minutes(90).await;
    assert_eq!(out.receiver.seen("/x").len(), 150, "nothing was enqueued");
    out.world.host.cold_start("suspension").unwrap();
    // Two invocations at once.
    let schedule = || out.world.host.run_schedule("minute");
    let (one, two) = tokio::join!(schedule(), schedule());
    assert!(one.is_ok() && two.is_ok());
    out.world.settle().await;
    let caught_up = out.receiver.seen("/x").len() - 150;
    assert!((100..150).contains(&caught_up), "paced: {caught_up} at once");
    for _ in 0..6 {
        out.later(seconds(1)).await;
    }
    assert_eq!(out.receiver.seen("/x").len(), 300, "each once");
    assert_eq!(out.count(StateName::Success).await, 150);
    out.minutes(2).await;
    assert_eq!(out.receiver.seen("/x").len(), 300);
}

#[tokio::test]
async fn or_11_a_message_that_cannot_be_enqueued_delays_no_other() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[1_800], None)).await;
    for _ in 0..30 {
        out.receiver.next("/x", Reply::Status(500));
    }
    out.happened(orders(30)).await;
    let faults = out.world.host.faults();
    // An entry that SQS refuses each time: its group is too long.
    let delivery = out.deliveries().await[0].id;
    let refused = Parked::Deliver { delivery, attempt: 2, group: Some("g".repeat(129)) };
    let due = out.world.now() + seconds(1_700);
    out.store.park(out.ws, (due, out.world.now()), &refused).await.unwrap();
    // The first call fails at once, before the others.
    let call = faults.on("SendMessageBatch").function("suspension");
    call.pre_err(AwsError::new(400, "ValidationException"));
    out.later(seconds(1_800)).await;
    let delayed = out.count(StateName::Retrying).await;
    assert!((9..=10).contains(&delayed), "those of one call wait for the next minute: {delayed}");
    out.minutes(1).await;
    assert_eq!(out.count(StateName::Success).await, 30, "the next minute enqueues them");
    let left: Vec<Parked> = out.parked().await.into_iter().map(|entry| entry.what).collect();
    assert_eq!(left, [refused], "it stays, and stands in nobody's way");
}

#[tokio::test]
async fn of_06_an_event_after_three_hops_is_discarded_with_its_reason() {
    let out = Outbound::new().await;
    out.sends_to("/x", patient(&[], None)).await;
    for hops in 0..4 {
        out.happen_as(EVENT, &format!("hops-{hops}"), hops).await;
    }
    out.world.settle().await;
    assert_eq!(subjects(&out, "/x").len(), 3);
    let all = out.deliveries().await;
    let last = all.iter().find(|delivery| delivery.subject == "hops-3").unwrap();
    let looped = matches!(last.state, State::Discarded { reason: Discarded::LoopDetected, .. });
    assert!(looped, "{last:?}");
    let mut hops: Vec<String> =
        out.receiver.seen("/x").iter().map(|seen| seen.headers["gancho-hops"].clone()).collect();
    hops.sort();
    assert_eq!(hops, ["1", "2", "3"]);
}

#[tokio::test]
async fn of_05_an_event_for_five_hundred_endpoints_makes_five_hundred_deliveries() {
    let out = Outbound::new().await;
    let policy = patient(&[20, 20, 20], None);
    for n in 0..500 {
        let id = out.endpoint(&format!("/many/{n}"), policy.clone()).await;
        out.rule(Target::Endpoint(id)).await;
    }
    out.happen("PED-1").await;
    out.world.host.settle_within(Duration::from_mins(5)).await.unwrap();
    let rules: std::collections::BTreeSet<_> =
        out.deliveries().await.into_iter().map(|delivery| delivery.rule).collect();
    assert_eq!((rules.len(), out.deliveries().await.len()), (500, 500));
    // Generous, because a busy machine may miss an answer in time.
    out.minutes(2).await;
    assert_eq!(out.count(StateName::Success).await, 500);
    assert!((0..500).all(|n| !out.receiver.seen(&format!("/many/{n}")).is_empty()));
}

#[tokio::test]
async fn d11_a_failure_that_was_passed_over_does_not_block_and_has_ended() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", patient(&[], Some(Order::Skip))).await;
    out.receiver.next("/x", Reply::Status(500));
    out.happened(["PED-0".to_owned()]).await;
    let failed = out.only().await.id;
    // From now on failures block, and this one is at the front of nothing.
    let path = format!("/v1/endpoints/{id}");
    out.world.post(&format!("{path}/disable"), json!({})).await.expect(200);
    out.world.patch(&path, json!({"policy": {"order": "block"}})).await.expect(200);
    out.enable(id, "all").await;
    for action in ["retry-now", "cancel"] {
        let path = format!("/v1/deliveries/{failed}/{action}");
        let got = out.world.call_as(&out.world.key, reqwest::Method::POST, &path, None).await;
        assert_eq!((got.status.as_u16(), got.code().as_str()), (409, "delivery_ended"), "{action}");
    }
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    assert_eq!(out.count(StateName::Failure).await, 1);
}
