//! Suspension of failing endpoints and their recovery (`CATALOGUE SU, OF-03`, `FACTS D1, D5`).

use std::{sync::Arc, time::Duration};

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Delivery, Discarded, Failed, State, StateName},
        endpoint::{Limits, Policy, Preset, Scope, Suspension, Trip},
        gate::{GateKey, GateState},
        notice::NoticeKind,
        rule::Target,
    },
};
use gancho_store::{deliveries::Changed, parked::Parked};
use jiff::SignedDuration;
use local::{AwsError, Call};
use serde_json::json;
use tests::outbound::{Outbound, Reply};
use tokio::sync::Notify;

/// A port without a listener.
const NOBODY: &str = "http://nobody.gancho.localhost:1/";

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// Subjects `PED-0`, `PED-1`, ...
fn orders(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("PED-{n}"))
}

/// A policy with one retry for each wait, and this suspension rule.
fn policy(waits: &[u32], trip: Trip) -> Policy {
    Policy {
        preset: None,
        waits: waits.to_vec(),
        // Generous, because a busy machine may be slow to answer; the tests do not measure that.
        timeout_ms: 10_000,
        jitter_percent: 0,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    }
}

fn streak(failures: u16) -> Policy {
    policy(&[], Trip::Streak { failures })
}

/// The default: more than 30 failures in 30 minutes, at least half of the attempts; no retry.
fn window() -> Policy {
    policy(&[], Trip::Window { more_than: 30, seconds: 1_800, percent: 50 })
}

async fn is_suspended(out: &Outbound, endpoint: EndpointId) -> bool {
    matches!(out.own_gate(endpoint).await.state, GateState::Suspended(_))
}

async fn is_open(out: &Outbound, endpoint: EndpointId) -> bool {
    out.own_gate(endpoint).await.state == GateState::Open
}

/// A person disables an endpoint.
async fn disable(out: &Outbound, endpoint: EndpointId) {
    let path = format!("/v1/endpoints/{endpoint}/disable");
    out.world.post(&path, json!({})).await.expect(200);
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

/// Advances the clock second by second.
async fn slowly(out: &Outbound, count: usize) {
    for _ in 0..count {
        out.later(seconds(1)).await;
    }
}

#[tokio::test]
async fn su_01_many_failures_at_once_are_one_suspension_and_one_notice() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", window()).await;
    out.receiver.answers("/x", Reply::Status(500));
    out.happened(orders(60)).await;
    assert!(is_suspended(&out, id).await);
    assert_eq!(out.own_gate(id).await.generation, 1, "one transition");
    let notices = out.notices_of("suspended").await;
    assert_eq!((notices.len(), notices[0].sent), (1, true));
    let mails = out.world.host.mailbox().all();
    let mails = mails.iter().filter(|mail| mail.attributes["kind"] == "suspended");
    assert_eq!(mails.count(), 1);
    let NoticeKind::Suspended { attempts, .. } = &notices[0].kind else { panic!() };
    assert_eq!(attempts.len(), 31);
    let started = out.receiver.seen("/x").len();
    out.happened(["later".to_owned()]).await;
    assert_eq!(out.receiver.seen("/x").len(), started, "later attempts are not started");
    assert_eq!(out.count(StateName::Held).await, 60 - started + 1);
}

#[tokio::test]
async fn su_02_a_window_slides_and_a_success_ends_a_streak() {
    let out = Outbound::new().await;
    let slides = out.endpoint("/slides", window()).await;
    let row = out.endpoint("/row", streak(10)).await;
    out.rule_for("for.window", Target::Endpoint(slides)).await;
    out.rule_for("for.row", Target::Endpoint(row)).await;
    for path in ["/slides", "/row"] {
        out.receiver.answers(path, Reply::Status(500));
    }
    // The window: 29 failures and one later, then one more 30 minutes after the 29.
    for n in 0..30 {
        if n == 29 {
            out.world.settle().await;
            out.later(seconds(60)).await;
        }
        out.happen_as("for.window", &format!("w{n}"), 0).await;
    }
    out.world.settle().await;
    out.later(seconds(29 * 60 + 1)).await;
    out.happen_as("for.window", "w30", 0).await;
    out.world.settle().await;
    assert!(is_open(&out, slides).await, "two in thirty minutes");
    // The streak: nine failures, a success, one more failure.
    for n in 0..9 {
        out.happen_as("for.row", &format!("r{n}"), 0).await;
    }
    out.world.settle().await;
    out.receiver.next("/row", Reply::Status(200));
    for n in 9..11 {
        out.happen_as("for.row", &format!("r{n}"), 0).await;
        out.world.settle().await;
    }
    assert!(is_open(&out, row).await, "one in a row");
    for n in 11..20 {
        out.happen_as("for.row", &format!("r{n}"), 0).await;
    }
    out.world.settle().await;
    assert!(is_suspended(&out, row).await, "ten in a row");
}

#[tokio::test]
async fn d5_the_same_failures_do_not_suspend_if_more_than_half_arrive() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", window()).await;
    out.happened(orders(40)).await;
    out.receiver.answers("/x", Reply::Status(500));
    out.happened((40..78).map(|n| format!("PED-{n}"))).await;
    assert!(is_open(&out, id).await, "38 of 78");
    out.happened((78..83).map(|n| format!("PED-{n}"))).await;
    assert!(is_suspended(&out, id).await, "at least half");
}

#[tokio::test]
async fn su_03_a_request_in_flight_at_the_suspension_counts_as_delivered() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    let let_go = Arc::new(Notify::new());
    out.receiver.next("/x", Reply::Wait(Arc::clone(&let_go), 200));
    out.receiver.answers("/x", Reply::Status(500));
    out.happen("first").await;
    soon(async || out.receiver.seen("/x").len() == 1).await;
    for n in 0..3 {
        out.happen(&format!("bad-{n}")).await;
    }
    soon(async || is_suspended(&out, id).await).await;
    out.happen("held").await;
    let_go.notify_one();
    out.world.settle().await;
    let states: Vec<StateName> =
        out.deliveries().await.iter().map(|delivery| delivery.state.name()).collect();
    let expected = [
        StateName::Success,
        StateName::Failure,
        StateName::Failure,
        StateName::Failure,
        StateName::Held,
    ];
    assert_eq!(states, expected);
    assert_eq!(out.receiver.seen("/x").len(), 4);
}

#[tokio::test]
async fn su_04_deliveries_of_two_days_are_held_and_sent_when_it_is_enabled() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    out.receiver.answers("/x", Reply::Status(500));
    out.happened(orders(3)).await;
    assert!(is_suspended(&out, id).await);
    for day in 0..4 {
        out.later(SignedDuration::from_hours(12)).await;
        out.happened((0..5).map(|n| format!("D{day}-{n}"))).await;
    }
    assert_eq!(out.count(StateName::Held).await, 20);
    assert_eq!(out.receiver.seen("/x").len(), 3);
    let listed = out.world.get("/v1/deliveries?state=held&limit=100").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 20, "visible");
    out.receiver.answers("/x", Reply::Status(200));
    out.enable(id, "all").await;
    slowly(&out, 8).await;
    assert_eq!(out.count(StateName::Success).await, 20);
    assert!(is_open(&out, id).await);
    let sent: Vec<String> =
        out.receiver.seen("/x")[3..].iter().map(|seen| seen.subject().to_owned()).collect();
    assert_eq!(sent[0], "D0-0", "the oldest is the probe");
}

#[tokio::test]
async fn su_05_held_deliveries_follow_a_probe_faster_and_faster() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    out.happened(orders(40)).await;
    assert_eq!(out.count(StateName::Held).await, 40);
    out.enable(id, "all").await;
    let mut sent = vec![out.receiver.seen("/x").len()];
    for _ in 0..6 {
        out.later(seconds(1)).await;
        sent.push(out.receiver.seen("/x").len());
    }
    assert_eq!(sent, [1, 2, 4, 8, 16, 32, 40], "a probe, then 1, 2, 4, 8, 16 a second");
    assert_eq!(out.notices_of("recovered").await.len(), 1);
}

#[tokio::test]
async fn su_05_an_endpoint_that_dies_again_stops_the_ramp_and_nothing_is_lost() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(5)).await;
    disable(&out, id).await;
    out.happened(orders(200)).await;
    // The probe and three more arrive; then the endpoint is dead again.
    for _ in 0..4 {
        out.receiver.next("/x", Reply::Status(200));
    }
    out.receiver.answers("/x", Reply::Status(500));
    out.enable(id, "all").await;
    slowly(&out, 30).await;
    assert!(is_suspended(&out, id).await);
    let started = out.receiver.seen("/x").len();
    assert!((9..=24).contains(&started), "{started}");
    assert_eq!(out.count(StateName::Success).await, 4);
    assert_eq!(out.count(StateName::Failure).await, started - 4);
    assert_eq!(out.count(StateName::Held).await, 200 - started, "none is lost");
    // A failed probe changes no other delivery.
    out.enable(id, "all").await;
    slowly(&out, 5).await;
    assert_eq!(out.receiver.seen("/x").len(), started + 1);
    assert!(is_suspended(&out, id).await);
    out.receiver.answers("/x", Reply::Status(200));
    out.enable(id, "all").await;
    slowly(&out, 15).await;
    assert_eq!(out.count(StateName::Held).await, 0);
    assert_eq!(out.count(StateName::Success).await, 200 - (started - 4) - 1);
}

#[tokio::test]
async fn su_05_a_long_ramp_goes_on_from_the_schedule() {
    let out = Outbound::new().await;
    // Generous, because a busy machine may miss an answer in time; this test does not measure that.
    let id = out.sends_to("/x", policy(&[10, 10], Trip::Streak { failures: 50 })).await;
    disable(&out, id).await;
    out.happened(orders(500)).await;
    out.enable(id, "all").await;
    // 1, 2, 4 ... 100: 227 in eight seconds, then the schedule continues.
    slowly(&out, 15).await;
    let early = out.receiver.seen("/x").len();
    assert!(early < 400, "{early}");
    out.minutes(4).await;
    assert_eq!(out.count(StateName::Held).await, 0);
    assert_eq!(out.count(StateName::Success).await, 500);
    assert_eq!(out.depth("jobs-dlq"), (0, 0));
}

#[tokio::test]
async fn su_06_no_request_starts_after_the_endpoint_was_stopped() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    // Its configuration and its gate are cached in memory.
    out.happened(["first".to_owned()]).await;
    let faults = out.world.host.faults();
    let held = faults.on("UpdateItem").function("deliver").table("deliveries").hold_before();
    out.happen("second").await;
    tokio::time::timeout(Duration::from_secs(20), held.reached()).await.unwrap();
    disable(&out, id).await;
    held.release();
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
    assert_eq!(out.count(StateName::Held).await, 1);
}

#[tokio::test]
async fn su_07_by_default_one_dead_endpoint_stops_no_other() {
    let out = Outbound::new().await;
    let dead = out.endpoint("/dead", window()).await;
    let good = out.endpoint("/good", window()).await;
    for id in [dead, good] {
        out.rule(Target::Endpoint(id)).await;
    }
    out.receiver.answers("/dead", Reply::Status(500));
    out.happened(orders(31)).await;
    assert!(is_suspended(&out, dead).await && is_open(&out, good).await);
    out.happened(["after".to_owned()]).await;
    assert_eq!((out.receiver.seen("/dead").len(), out.receiver.seen("/good").len()), (31, 32));
}

#[tokio::test]
async fn su_08_deliveries_of_a_deleted_endpoint_are_discarded_and_visible() {
    let out = Outbound::new().await;
    let id = out.endpoint("/x", policy(&[600], Trip::Streak { failures: 100 })).await;
    let rule = out.rule(Target::Endpoint(id)).await;
    out.receiver.answers("/x", Reply::Status(500));
    out.happened(["waits".to_owned()]).await;
    disable(&out, id).await;
    out.happened(["held".to_owned()]).await;
    out.world.delete(&format!("/v1/rules/{rule}")).await.expect(204);
    out.world.delete(&format!("/v1/endpoints/{id}")).await.expect(204);
    out.later(seconds(5)).await;
    out.minutes(11).await;
    for delivery in out.deliveries().await {
        let deleted = matches!(delivery.state, State::Discarded { reason, .. }
            if reason == Discarded::EndpointDeleted);
        assert!(deleted, "{delivery:?}");
    }
    assert_eq!(out.receiver.seen("/x").len(), 1);
}

#[tokio::test]
async fn su_09_the_next_attempt_uses_an_edited_url() {
    let out = Outbound::new().await;
    let id = out.sends_to("/old", policy(&[60], Trip::Streak { failures: 100 })).await;
    out.receiver.answers("/old", Reply::Status(500));
    out.happened(["PED-1".to_owned()]).await;
    let path = format!("/v1/endpoints/{id}");
    out.world.patch(&path, json!({ "url": out.receiver.url("/new") })).await.expect(200);
    out.later(seconds(61)).await;
    assert_eq!((out.receiver.seen("/old").len(), out.receiver.seen("/new").len()), (1, 1));
    let urls: Vec<String> = out.only().await.attempts.into_iter().map(|a| a.url).collect();
    assert!(urls[0].ends_with("/old") && urls[1].ends_with("/new"), "D14: {urls:?}");
}

/// Too many failures of an endpoint without a listener; no retry.
const FEW: Trip = Trip::Window { more_than: 3, seconds: 1_800, percent: 0 };

/// Creates six unreachable endpoints, each on its own host or all on one, and a reachable one that
/// is never suspended and so has no health row. The six get the events `for.all`, the reachable one
/// the events `for.well`.
async fn six_that_cannot_be_reached(
    out: &Outbound,
    waits: &[u32],
    host: impl Fn(usize) -> String,
) -> Vec<EndpointId> {
    let well = Policy { suspension: None, ..policy(&[], FEW) };
    let well = out.endpoint("/well", well).await;
    out.rule_for("for.well", Target::Endpoint(well)).await;
    let mut endpoints = Vec::new();
    for n in 0..6 {
        let id = out.endpoint_at(&host(n), policy(waits, FEW), Limits::default()).await;
        out.rule_for("for.all", Target::Endpoint(id)).await;
        endpoints.push(id);
    }
    endpoints
}

fn each(n: usize) -> String {
    NOBODY.replace("nobody", &format!("nobody-{n}"))
}

#[tokio::test]
async fn of_03_if_no_host_can_be_reached_no_endpoint_is_suspended() {
    let out = Outbound::new().await;
    let endpoints = six_that_cannot_be_reached(&out, &[], each).await;
    // Just before, the network was reachable.
    out.happen_as("for.well", "PED-0", 0).await;
    out.world.settle().await;
    // It has answered by then, regardless of the duration.
    out.later(seconds(20)).await;
    assert_eq!(out.receiver.seen("/well").len(), 1);
    for n in 0..8 {
        out.happen_as("for.all", &format!("PED-{n}"), 0).await;
        out.world.settle().await;
    }
    // The first ones used up their only attempt before enough hosts had failed.
    let failed = out.count(StateName::Failure).await;
    assert!(failed < 6, "{failed}");
    assert_eq!(out.count(StateName::Retrying).await, 48 - failed);
    for id in &endpoints {
        assert!(is_open(&out, *id).await);
    }
    assert!(out.notices_of("suspended").await.is_empty());
}

#[tokio::test]
async fn of_03_the_same_failures_of_one_endpoint_suspend_it() {
    let out = Outbound::new().await;
    let alone = out.endpoint_at(NOBODY, policy(&[], FEW), Limits::default()).await;
    out.rule(Target::Endpoint(alone)).await;
    for n in 0..4 {
        out.happened([format!("PED-{n}")]).await;
    }
    assert!(is_suspended(&out, alone).await);
    assert_eq!(out.count(StateName::Failure).await, 4);
}

#[tokio::test]
async fn of_03_one_host_that_is_down_is_no_outage_however_many_endpoints_it_has() {
    let out = Outbound::new().await;
    let endpoints = six_that_cannot_be_reached(&out, &[], |_| NOBODY.to_owned()).await;
    for n in 0..8 {
        out.happen_as("for.all", &format!("PED-{n}"), 0).await;
        out.world.settle().await;
    }
    for id in &endpoints {
        assert!(is_suspended(&out, *id).await);
    }
    assert_eq!(out.count(StateName::Retrying).await, 0);
}

#[tokio::test]
async fn of_03_recording_a_result_does_not_wait_long_for_the_shared_reachability() {
    let out = Outbound::new().await;
    let alone = out.endpoint_at(NOBODY, policy(&[], FEW), Limits::default()).await;
    out.rule(Target::Endpoint(alone)).await;
    let faults = out.world.host.faults();
    let held = faults.on("Query").function("deliver").hold_before();
    faults.record();
    out.happened(["PED-1".to_owned()]).await;
    assert!(held.is_reached());
    // The SDK's own time-out is longer: it would have retried.
    let is_asking = |call: &&Call| call.function == "deliver" && call.operation == "Query";
    assert_eq!(faults.calls().iter().filter(is_asking).count(), 1);
    assert_eq!(out.count(StateName::Failure).await, 1, "the failure counts for the endpoint");
    held.release();
}

#[tokio::test]
async fn i7_no_retry_is_used_up_while_no_host_can_be_reached_and_all_deliveries_arrive_later() {
    let out = Outbound::new().await;
    // Two attempts, half a minute apart.
    let endpoints = six_that_cannot_be_reached(&out, &[30], each).await;
    for n in 0..3 {
        out.happen_as("for.all", &format!("PED-{n}"), 0).await;
    }
    for _ in 0..20 {
        out.later(seconds(31)).await;
    }
    assert_eq!(out.count(StateName::Retrying).await, 18);
    let tried = out.deliveries().await;
    assert!(tried.iter().all(|delivery| delivery.attempts.len() > 2));
    for id in &endpoints {
        assert!(is_open(&out, *id).await);
        let back = json!({ "url": out.receiver.url("/back") });
        out.world.patch(&format!("/v1/endpoints/{id}"), back).await.expect(200);
    }
    out.minutes(20).await;
    assert_eq!(out.count(StateName::Success).await, 18);
    assert!(out.notices_of("suspended").await.is_empty());
    let detail = out.world.get(&format!("/v1/deliveries/{}", tried[0].id)).await.expect(200);
    let attempts = detail["attempts"].as_array().unwrap();
    let used = attempts.iter().filter(|attempt| attempt["counts_as_retry"] == true).count();
    assert!((1..=2).contains(&used), "{attempts:?}");
}

#[tokio::test]
async fn of_03_unreachable_endpoints_are_suspended_while_another_one_answers() {
    let out = Outbound::new().await;
    let endpoints = six_that_cannot_be_reached(&out, &[], each).await;
    for n in 0..8 {
        out.happen_as("for.well", &format!("PED-{n}"), 0).await;
        out.happen_as("for.all", &format!("PED-{n}"), 0).await;
        out.world.settle().await;
    }
    assert_eq!(out.receiver.seen("/well").len(), 8);
    for id in &endpoints {
        assert!(is_suspended(&out, *id).await);
    }
    assert_eq!(out.notices_of("suspended").await.len(), 6);
}

#[tokio::test]
async fn d1_released_deliveries_cause_no_notice_at_the_end_of_their_retention() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    out.happened(orders(3)).await;
    let expiries = async || {
        let parked = out.parked().await;
        parked.iter().filter(|entry| matches!(entry.what, Parked::Expiry { .. })).count()
    };
    assert_eq!(expiries().await, 1, "one for all of an hour");
    out.enable(id, "all").await;
    slowly(&out, 5).await;
    assert_eq!(out.count(StateName::Success).await, 3);
    out.later(SignedDuration::from_hours(24 * 30 - 1)).await;
    out.minutes(2).await;
    assert_eq!(out.count(StateName::Success).await, 3);
    assert_eq!((expiries().await, out.notices_of("expired").await.len()), (0, 0));
}

#[tokio::test]
async fn d1_a_delivery_held_to_the_end_of_its_retention_fails_and_people_are_notified() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    out.happened(orders(3)).await;
    out.later(SignedDuration::from_hours(24 * 30 - 3)).await;
    out.minutes(2).await;
    assert_eq!(out.count(StateName::Held).await, 3, "not yet");
    out.later(SignedDuration::from_hours(2)).await;
    out.minutes(2).await;
    for delivery in out.deliveries().await {
        let expired = matches!(delivery.state, State::Failure { reason: Failed::Expired, .. });
        assert!(expired, "{delivery:?}");
    }
    let notices = out.notices_of("expired").await;
    assert_eq!((notices.len(), notices[0].endpoint), (1, Some(id)));
    assert_eq!(notices[0].kind, NoticeKind::Expired { count: 3 });
    assert!(out.receiver.seen("/x").is_empty());
}

#[tokio::test]
async fn s5_5_enabling_may_send_only_the_newest_of_each_subject() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    let mut newest = Vec::new();
    for _ in 0..3 {
        newest.clear();
        for subject in ["A", "B", "C"] {
            newest.push(out.happen(subject).await.to_string());
        }
    }
    out.world.settle().await;
    out.enable(id, "newest_per_subject").await;
    slowly(&out, 5).await;
    let mut sent: Vec<String> =
        out.receiver.seen("/x").iter().map(|seen| seen.body["id"].to_string()).collect();
    sent.sort();
    assert_eq!(sent.len(), 3, "{sent:?}");
    for (sent, expected) in sent.iter().zip(&newest) {
        assert!(sent.contains(expected), "{sent} is not {expected}");
    }
    let left = out.deliveries().await;
    let left = left.iter().filter(|delivery| {
        matches!(delivery.state, State::Discarded { reason: Discarded::NotReleased, .. })
    });
    assert_eq!(left.count(), 6);
}

#[tokio::test]
async fn s5_5_enabling_may_discard_everything_that_was_held() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    out.happened(orders(5)).await;
    out.enable(id, "none").await;
    slowly(&out, 3).await;
    assert!(is_open(&out, id).await);
    assert_eq!(out.count(StateName::Discarded).await, 5);
    assert!(out.receiver.seen("/x").is_empty());
    out.happened(["new".to_owned()]).await;
    assert_eq!(out.receiver.seen("/x").len(), 1);
}

#[tokio::test]
async fn a_cancelled_probe_is_followed_by_another_one() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", streak(3)).await;
    disable(&out, id).await;
    out.happened(orders(3)).await;
    let faults = out.world.host.faults();
    let held = faults.on("UpdateItem").function("deliver").table("deliveries").hold_before();
    let path = format!("/v1/endpoints/{id}/enable");
    out.world.post(&path, json!({"held": "all"})).await.expect(200);
    tokio::time::timeout(Duration::from_secs(20), held.reached()).await.unwrap();
    let GateState::Probing { delivery: Some(probe), .. } = out.own_gate(id).await.state else {
        panic!("no probe")
    };
    let now = out.world.now();
    let read = out.store.delivery(out.ws, probe, now).await.unwrap().unwrap();
    let state = State::Discarded { at: now, reason: Discarded::ByPerson };
    let given_up = Delivery { state, ..read.delivery.clone() };
    let changed = out.store.change_delivery(&read, given_up, now).await.unwrap();
    assert!(matches!(changed, Changed::Done(_)));
    held.release();
    out.world.settle().await;
    slowly(&out, 5).await;
    assert!(is_open(&out, id).await);
    assert_eq!(out.count(StateName::Success).await, 2);
}

#[tokio::test]
async fn people_are_warned_at_50_70_and_90_percent_in_their_language() {
    let out = Outbound::new().await;
    let changed = json!({ "notice_language": "en" });
    out.world.patch("/v1/workspace", changed).await.expect(200);
    out.sends_to("/x", streak(10)).await;
    out.receiver.answers("/x", Reply::Status(500));
    let mut warnings = Vec::new();
    for n in 0..10 {
        out.happened([format!("PED-{n}")]).await;
        warnings.push(out.notices_of("warned").await.len());
    }
    assert_eq!(warnings, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]);
    let percents: Vec<NoticeKind> =
        out.notices_of("warned").await.into_iter().map(|notice| notice.kind).collect();
    let expected = [50, 70, 90].map(|percent| NoticeKind::Warned { percent });
    assert_eq!(percents, expected);
    let last = out.notices_of("suspended").await.remove(0);
    assert!(last.title.starts_with("Sending suspended"), "{}", last.title);
    assert!(last.text.contains("10 failures in a row"), "{}", last.text);
    let listed = out.world.get("/v1/notices").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_schedule_publishes_a_notice_that_the_topic_refused() {
    let out = Outbound::new().await;
    out.sends_to("/x", streak(1)).await;
    out.receiver.answers("/x", Reply::Status(500));
    let faults = out.world.host.faults();
    faults.on("Publish").always().pre_err(AwsError::new(400, "InternalError"));
    out.happened(["PED-1".to_owned()]).await;
    assert!(!out.notices_of("suspended").await[0].sent);
    assert!(out.world.host.mailbox().all().is_empty());
    faults.clear();
    out.minutes(2).await;
    assert!(out.notices_of("suspended").await[0].sent);
    assert_eq!(out.world.host.mailbox().all().len(), 1);
}

#[tokio::test]
async fn s4_7_gates_by_url_differ_for_different_queries() {
    let out = Outbound::new().await;
    let by_url =
        Suspension { scope: Scope::Url, trip: Trip::Streak { failures: 2 }, probe_after: None };
    let policy = Policy { suspension: Some(by_url), ..streak(2) };
    let one = out.endpoint("/x?loja=1", policy.clone()).await;
    let two = out.endpoint("/x?loja=2", policy).await;
    out.rule_for("for.one", Target::Endpoint(one)).await;
    out.rule_for("for.two", Target::Endpoint(two)).await;
    out.receiver.answers("/x", Reply::Status(500));
    for n in 0..2 {
        out.happen_as("for.one", &format!("PED-{n}"), 0).await;
    }
    out.world.settle().await;
    let endpoint = out.store.endpoint(out.ws, one).await.unwrap().unwrap();
    let key = GateKey::judged(&endpoint);
    assert!(matches!(out.gate(&key).await.state, GateState::Suspended(_)));
    out.happen_as("for.two", "PED-two", 0).await;
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/x").len(), 3);
}
