//! Each preset follows its facts (`FACTS D3, S4.4 - S4.7, S5.2, S5.4, S5.7, S5.8`), with a clock
//! moved by hand.

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Delivery, Failed, Outcome, State, StateName},
        endpoint::{Limits, Policy, Preset},
        gate::{GateKey, GateState},
        notice::NoticeKind,
        rule::Target,
    },
};
use jiff::{SignedDuration, Timestamp};
use tests::outbound::{Outbound, Reply};

fn seconds(count: u32) -> SignedDuration {
    SignedDuration::from_secs(count.into())
}

/// The due time of the next attempt of the only delivery.
async fn next_at(out: &Outbound) -> Timestamp {
    match out.only().await.state {
        State::Retrying { next_at } => next_at,
        other @ (State::Queued
        | State::Held { .. }
        | State::Success { .. }
        | State::Failure { .. }
        | State::Discarded { .. }) => panic!("{other:?}"),
    }
}

/// Follows the only delivery through all of its attempts. Each must come when it is due, within two
/// seconds, and after the policy's wait, at most a tenth longer.
async fn every_try(out: &Outbound, policy: &Policy) -> Delivery {
    out.happened(["PED-1".to_owned()]).await;
    for (number, wait) in (1..).zip(&policy.waits) {
        let delivery = out.only().await;
        assert_eq!(delivery.attempts.len(), number, "{delivery:?}");
        let start = delivery.attempts.last().unwrap().started_at;
        let due = next_at(out).await;
        let waited = due.duration_since(start);
        let longest = seconds(*wait) + seconds(*wait) / 100 * i32::from(policy.jitter_percent);
        assert!((seconds(*wait)..=longest).contains(&waited), "try {number}: {waited:?}");
        out.until(due - seconds(2)).await;
        assert_eq!(out.only().await.attempts.len(), number, "not before it is due");
        out.later(seconds(3)).await;
        assert_eq!(out.only().await.attempts.len(), number + 1, "try {} is late", number + 1);
    }
    out.only().await
}

fn numbers(delivery: &Delivery) -> Vec<u32> {
    delivery.attempts.iter().map(|attempt| attempt.number).collect()
}

#[tokio::test]
async fn s4_5_rd_station_makes_six_attempts_and_then_fails_permanently() {
    let out = Outbound::new().await;
    let policy = Preset::RdStation.policy();
    out.sends_to("/rd", policy.clone()).await;
    out.receiver.answers("/rd", Reply::Status(500));
    let last = every_try(&out, &policy).await;
    assert!(matches!(last.state, State::Failure { reason: Failed::Exhausted, .. }), "{last:?}");
    assert_eq!(numbers(&last), [1, 2, 3, 4, 5, 6]);
    out.later(SignedDuration::from_hours(24)).await;
    out.minutes(3).await;
    assert_eq!(out.receiver.seen("/rd").len(), 6, "no further automatic attempt");
    let ids: std::collections::BTreeSet<String> =
        out.receiver.seen("/rd").iter().map(|seen| seen.id().to_owned()).collect();
    assert_eq!(ids.len(), 1, "the same webhook-id at every attempt");
}

#[tokio::test]
async fn s4_7_rd_station_suspends_the_url_after_ten_failures_in_a_row_and_probes_on_its_own() {
    let out = Outbound::new().await;
    let one = out.endpoint("/rd", Preset::RdStation.policy()).await;
    let two = out.endpoint("/rd", Preset::RdStation.policy()).await;
    let other = out.endpoint("/other", Preset::RdStation.policy()).await;
    out.rule(Target::Endpoint(one)).await;
    out.rule_for("for.two", Target::Endpoint(two)).await;
    out.rule_for("for.other", Target::Endpoint(other)).await;
    out.receiver.answers("/rd", Reply::Status(500));
    out.happened((0..9).map(|n| format!("PED-{n}"))).await;
    assert!(out.notices_of("suspended").await.is_empty(), "nine are not ten");
    out.happened(["PED-9".to_owned()]).await;
    let notices = out.notices_of("suspended").await;
    assert_eq!(notices.len(), 1);
    let NoticeKind::Suspended { gate, attempts, .. } = &notices[0].kind else { panic!() };
    assert!(matches!(gate, GateKey::Url(_)));
    assert_eq!(attempts.len(), 10, "the failures that count are named");
    for id in [one, two] {
        assert!(notices[0].text.contains(&id.to_string()), "{}", notices[0].text);
    }
    // Another endpoint with the same URL stops too; one with another URL does not.
    out.happen_as("for.two", "PED-two", 0).await;
    out.happen_as("for.other", "PED-other", 0).await;
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/other").len(), 1);
    assert_eq!(out.count(StateName::Held).await, 1);
    out.receiver.answers("/rd", Reply::Status(200));
    out.minutes(28).await;
    assert_eq!(out.receiver.seen("/rd").len(), 10, "nothing starts while it is suspended");
    assert_eq!(out.count(StateName::Held).await, 11);
    out.minutes(6).await;
    assert_eq!(out.gate(gate).await.state, GateState::Open);
    assert_eq!(out.count(StateName::Success).await, 12);
    assert_eq!(out.notices_of("recovered").await.len(), 1);
}

#[tokio::test]
async fn s4_7_a_probe_that_fails_waits_for_the_next_pause() {
    let out = Outbound::new().await;
    out.sends_to("/rd", Preset::RdStation.policy()).await;
    out.receiver.answers("/rd", Reply::Status(500));
    out.happened((0..10).map(|n| format!("PED-{n}"))).await;
    for probes in 1..=2 {
        out.minutes(31).await;
        assert_eq!(out.receiver.seen("/rd").len(), 10 + probes, "one at a time");
    }
    assert_eq!(out.notices_of("suspended").await.len(), 1, "notified once");
}

#[tokio::test]
async fn s5_8_respond_io_tries_at_0_30_90_and_180_seconds_and_then_gives_up() {
    let out = Outbound::new().await;
    out.sends_to("/chat", Preset::RespondIo.policy()).await;
    // S5.4: only 200 counts.
    out.receiver.answers("/chat", Reply::Status(201));
    out.happened(["A".to_owned(), "A".to_owned()]).await;
    let start = out.receiver.seen("/chat")[0].at;
    let [one, two] = out.deliveries().await.try_into().unwrap();
    let (one, two) = (one.id.to_string(), two.id.to_string());
    for second in [30, 90, 180] {
        let before = out.receiver.seen("/chat").len();
        out.until(start + seconds(second) - SignedDuration::from_millis(1_500)).await;
        assert_eq!(out.receiver.seen("/chat").len(), before, "{second}");
        if second == 180 {
            out.receiver.next("/chat", Reply::Status(201));
            out.receiver.answers("/chat", Reply::Status(200));
        }
        out.until(start + seconds(second) + seconds(1)).await;
        let first = out.receiver.seen("/chat").into_iter().filter(|seen| seen.id() == one);
        assert_eq!(first.count(), [30, 90, 180].iter().filter(|s| **s <= second).count() + 1);
    }
    let ids: Vec<String> =
        out.receiver.seen("/chat").iter().map(|seen| seen.id().to_owned()).collect();
    let expected = [&one, &one, &one, &one, &two].map(String::clone);
    assert_eq!(ids, expected, "S5.7: in order");
    let all = out.deliveries().await;
    assert!(matches!(all[0].state, State::Failure { reason: Failed::Exhausted, .. }));
    assert!(matches!(all[1].state, State::Success { .. }));
}

#[tokio::test]
async fn s5_2_eight_events_on_a_dead_endpoint_stop_the_whole_workspace() {
    let out = Outbound::new().await;
    let dead = out.endpoint("/dead", Preset::RespondIo.policy()).await;
    let good = out.endpoint("/good", Preset::RespondIo.policy()).await;
    let apart = out.endpoint("/apart", Preset::StandardWebhooks.policy()).await;
    out.rule(Target::Endpoint(dead)).await;
    for id in [good, apart] {
        out.rule_for("for.others", Target::Endpoint(id)).await;
    }
    out.receiver.answers("/dead", Reply::Status(500));
    out.happened((0..8).map(|n| format!("C-{n}"))).await;
    // Seven events with four attempts each: 28 errors.
    for _ in 0..(7 * 18) {
        out.later(seconds(10)).await;
    }
    assert!(out.notices_of("suspended").await.is_empty());
    out.happen_as("for.others", "before", 0).await;
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/good").len(), 1);
    for _ in 0..24 {
        out.later(seconds(10)).await;
    }
    assert_eq!(out.receiver.seen("/dead").len(), 31, "the 32nd never starts");
    let notices = out.notices_of("suspended").await;
    assert_eq!(notices.len(), 1);
    let NoticeKind::Suspended { gate, attempts, .. } = &notices[0].kind else { panic!() };
    assert_eq!((gate, attempts.len()), (&GateKey::Workspace, 31));
    out.happen_as("for.others", "after", 0).await;
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/good").len(), 1, "the quota is shared");
    assert_eq!(out.receiver.seen("/apart").len(), 2, "S5.9: by choice only");
    // S5.5: a person enables it.
    out.receiver.answers("/dead", Reply::Status(200));
    out.enable(good, "all").await;
    for _ in 0..20 {
        out.later(seconds(1)).await;
    }
    assert_eq!(out.receiver.seen("/good").len(), 2);
    assert_eq!(out.count(StateName::Held).await, 0);
}

#[tokio::test]
async fn or_10_standard_webhooks_tries_ten_times_over_three_days() {
    let out = Outbound::new().await;
    let policy = Preset::StandardWebhooks.policy();
    out.sends_to("/std", policy.clone()).await;
    out.receiver.answers("/std", Reply::Status(503));
    let last = every_try(&out, &policy).await;
    assert_eq!(numbers(&last), (1..=10).collect::<Vec<_>>());
    assert_eq!(out.depth("deliver-dlq"), (0, 0));
}

#[tokio::test]
async fn or_10_twenty_long_waits_need_no_chain_of_messages_and_none_is_dead_lettered() {
    let out = Outbound::new().await;
    let policy = Policy {
        preset: None,
        waits: vec![1_200; 20],
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    };
    out.sends_to("/long", policy.clone()).await;
    out.receiver.answers("/long", Reply::Status(500));
    let last = every_try(&out, &policy).await;
    assert_eq!(last.attempts.len(), 21);
    assert!(matches!(last.state, State::Failure { reason: Failed::Exhausted, .. }));
    assert_eq!((out.depth("deliver"), out.depth("deliver-dlq")), ((0, 0), (0, 0)));
}

#[tokio::test]
async fn ou_05_retry_after_delays_and_never_hastens() {
    for (retry_after, expected) in [(1, 60..=66), (100, 100..=101), (9_999, 120..=120)] {
        let out = Outbound::new().await;
        out.sends_to("/busy", Preset::RdStation.policy()).await;
        out.receiver.next("/busy", Reply::RetryAfter(503, retry_after));
        out.happened(["PED-1".to_owned()]).await;
        let start = out.only().await.attempts[0].started_at;
        let waited = next_at(&out).await.duration_since(start).as_secs();
        assert!(expected.contains(&waited), "{retry_after}: {waited}");
        out.until(next_at(&out).await + seconds(1)).await;
        assert!(matches!(out.only().await.state, State::Success { .. }));
    }
}

/// Sends one event to an endpoint that answers 410, then another.
async fn gone(out: &Outbound) -> EndpointId {
    let id = out.sends_to("/gone", Preset::StandardWebhooks.policy()).await;
    out.receiver.answers("/gone", Reply::Status(410));
    out.happened(["PED-1".to_owned()]).await;
    out.happened(["PED-2".to_owned()]).await;
    id
}

#[tokio::test]
async fn ou_04_an_endpoint_that_answers_410_is_disabled_and_later_deliveries_are_held() {
    let out = Outbound::new().await;
    let id = gone(&out).await;
    let all = out.deliveries().await;
    assert!(matches!(all[0].state, State::Failure { reason: Failed::EndpointGone, .. }));
    assert!(matches!(all[1].state, State::Held { .. }), "{:?}", all[1]);
    assert_eq!(all[0].attempts[0].outcome, Outcome::Status(410));
    assert!(matches!(out.own_gate(id).await.state, GateState::Disabled { .. }));
    let notices = out.notices_of("gone").await;
    assert_eq!((notices.len(), notices[0].endpoint), (1, Some(id)));
    // A person enables it nevertheless.
    out.receiver.answers("/gone", Reply::Status(200));
    out.enable(id, "all").await;
    for _ in 0..5 {
        out.later(seconds(1)).await;
    }
    assert_eq!(out.own_gate(id).await.state, GateState::Open);
    assert_eq!(out.count(StateName::Success).await, 1);
}

#[tokio::test]
async fn d2_without_a_limit_no_delivery_is_delayed() {
    let out = Outbound::new().await;
    let url = out.receiver.url("/plain");
    let policy = Preset::StandardWebhooks.policy();
    let id = out.endpoint_at(&url, policy, Limits::default()).await;
    out.rule(Target::Endpoint(id)).await;
    out.later(seconds(6)).await;
    out.happened((0..30).map(|n| format!("PED-{n}"))).await;
    assert_eq!(out.receiver.seen("/plain").len(), 30);
    assert_eq!(out.count(StateName::Success).await, 30);
}
