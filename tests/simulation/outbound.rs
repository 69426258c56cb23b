//! Outbound under repeats and shuffles, and with functions that always fail (`CATALOGUE I24,
//! IF-26`).

use gancho_domain::{
    common::ids::{EndpointId, RuleId},
    outbound::{
        delivery::{Failed, Outcome, State, StateName},
        endpoint::{Order, Policy, Preset, Scope, Suspension, Trip},
        rule::Target,
    },
};
use gancho_edge::queue::{LaneMessage, Queue, VERSION};
use local::Misdelivery;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::seconds;

fn policy(waits: &[u32], order: Option<Order>, failures: u16) -> Policy {
    let trip = Trip::Streak { failures };
    Policy {
        preset: None,
        waits: waits.to_vec(),
        // Generous, because a busy machine may be slow to answer; the tests do not measure that.
        timeout_ms: 10_000,
        jitter_percent: 0,
        order,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    }
}

/// Endpoints that answer, one of them ordered, one that fails, and a rule without its endpoint.
async fn harness(out: &Outbound) -> Vec<RuleId> {
    let mut rules = Vec::new();
    for (path, order) in [("/a", None), ("/b", None), ("/ordered", Some(Order::Skip))] {
        let id = out.endpoint(path, policy(&[30], order, 200)).await;
        rules.push(out.rule(Target::Endpoint(id)).await);
    }
    let bad = out.endpoint("/bad", policy(&[30], None, 200)).await;
    rules.push(out.rule(Target::Endpoint(bad)).await);
    let gone = EndpointId::new(out.world.now(), &[9; 10]);
    rules.push(out.rule(Target::Endpoint(gone)).await);
    out.receiver.answers("/bad", Reply::Status(500));
    rules
}

/// The deliveries of a subject, without ids and times.
async fn fate(out: &Outbound, rules: &[RuleId], subject: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for delivery in out.deliveries().await.iter().filter(|it| it.subject == subject) {
        let rule = rules.iter().position(|rule| *rule == delivery.rule);
        let attempts: Vec<(u32, Outcome)> =
            delivery.attempts.iter().map(|it| (it.number, it.outcome)).collect();
        let state = delivery.state.name().as_str();
        lines.push(format!("{rule:?} {state} {attempts:?} {}", delivery.slot.is_some()));
    }
    lines.sort();
    lines
}

/// Clears faults and advances the clock until pending work is done.
async fn recover(out: &Outbound) {
    out.world.host.faults().clear();
    out.world.settle().await;
    for _ in 0..4 {
        out.later(seconds(125)).await;
    }
    out.later(seconds(361)).await;
    out.minutes(2).await;
}

#[tokio::test]
async fn i24_repeated_and_shuffled_batches_have_the_result_of_a_clean_run() {
    let mut fates = Vec::new();
    for seed in 0..3 {
        eprintln!("seed {seed}");
        let out = Outbound::with(|builder| match seed {
            0 => builder,
            seed => builder.misdelivery(Misdelivery::new(seed, 3, true)),
        })
        .await;
        let rules = harness(&out).await;
        out.happened((0..10).map(|n| format!("S-{n}"))).await;
        recover(&out).await;
        let mut all = Vec::new();
        for n in 0..10 {
            all.push(fate(&out, &rules, &format!("S-{n}")).await);
        }
        fates.push(all);
        at_rest::holds(&out).await;
    }
    let clean = fates.remove(0);
    assert!(clean.iter().all(|fate| fate.len() == 5));
    for (seed, fate) in (1..).zip(fates) {
        assert_eq!(fate, clean, "seed {seed}");
    }
}

/// Makes *deliver* fail before it does anything.
fn broken(out: &Outbound) {
    let deliver = out.world.host.lambda("deliver").unwrap();
    deliver.replace(std::sync::Arc::new(|_, _| Box::pin(async { Err("broken".into()) })));
}

#[tokio::test]
async fn if_26_a_delivery_that_cannot_be_handled_is_redriven_three_times_and_then_fails() {
    let out = Outbound::new().await;
    out.sends_to("/a", policy(&[30], None, 200)).await;
    broken(&out);
    out.happened(["S-0".to_owned()]).await;
    // Four times 25 receives, and the schedules that read the dead letters.
    for _ in 0..160 {
        out.later(seconds(25)).await;
    }
    let only = out.only().await;
    assert!(matches!(only.state, State::Failure { reason: Failed::Internal, .. }), "{only:?}");
    assert_eq!((only.redrives, only.attempts.len()), (3, 0), "not charged to the endpoint");
    assert_eq!((out.depth("deliver"), out.depth("deliver-dlq")), ((0, 0), (0, 0)));
    assert!(out.notices().await.is_empty());
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn if_26_a_redriven_delivery_arrives_after_deliver_is_repaired() {
    let out = Outbound::new().await;
    out.sends_to("/a", policy(&[30], None, 200)).await;
    broken(&out);
    out.happened(["S-0".to_owned()]).await;
    for _ in 0..36 {
        out.later(seconds(25)).await;
    }
    out.world.host.cold_start("deliver").unwrap();
    for _ in 0..6 {
        out.later(seconds(121)).await;
    }
    let only = out.only().await;
    assert_eq!((only.state.name(), only.redrives), (StateName::Success, 1), "{only:?}");
    assert_eq!(out.receiver.seen("/a").len(), 1);
    at_rest::holds(&out).await;
}

#[tokio::test]
async fn if_26_a_lane_whose_message_was_dead_lettered_is_re_enqueued() {
    let out = Outbound::new().await;
    let endpoint = out.sends_to("/a", policy(&[30], Some(Order::Skip), 200)).await;
    broken(&out);
    out.happened(["S-0".to_owned()]).await;
    let message = LaneMessage { v: VERSION, workspace: out.ws, endpoint, lane: 0 };
    let queues = out.world.host.deps_for("suspension").unwrap().queues();
    queues.send(Queue::LanesDeadLetters, &message, 0).await.unwrap();
    // Nothing claims the delivery meanwhile, so that its dead letter counts at the first reading.
    out.later(seconds(300)).await;
    assert_eq!(out.depth("lanes-dlq.fifo"), (0, 0));
    assert_eq!(out.only().await.redrives, 1);
    out.world.host.cold_start("deliver").unwrap();
    out.later(seconds(121)).await;
    let only = out.only().await;
    assert_eq!((only.state.name(), only.redrives), (StateName::Success, 1), "{only:?}");
    at_rest::holds(&out).await;
}
