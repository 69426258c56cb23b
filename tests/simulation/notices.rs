//! Each occurrence is one notice and one publication, though every record of the stream comes up to
//! three times (`FACTS S5.3, D5`).

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use gancho_domain::outbound::{
    endpoint::{Policy, Preset, Scope, Suspension, Trip},
    gate::GateState,
};
use jiff::SignedDuration;
use local::{Function, Misdelivery, functions};
use serde_json::json;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::soon;

async fn repeating(seed: u64) -> Outbound {
    eprintln!("seed {seed}");
    Outbound::with(|builder| builder.misdelivery(Misdelivery::new(seed, 3, false))).await
}

fn policy(trip: Trip) -> Policy {
    Policy {
        preset: None,
        waits: Vec::new(),
        timeout_ms: 10_000,
        jitter_percent: 0,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    }
}

/// The numbers of notices and of publications by kind.
async fn counts(out: &Outbound) -> [BTreeMap<String, usize>; 2] {
    let mut counts = [BTreeMap::new(), BTreeMap::new()];
    for notice in out.notices().await {
        *counts[0].entry(notice.kind.as_str().to_owned()).or_default() += 1;
    }
    for mail in out.world.host.mailbox().all() {
        *counts[1].entry(mail.attributes["kind"].clone()).or_default() += 1;
    }
    counts
}

fn once_each(kinds: &[(&str, usize)]) -> [BTreeMap<String, usize>; 2] {
    let all: BTreeMap<String, usize> =
        kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    [all.clone(), all]
}

#[tokio::test]
async fn s5_3_each_notice_is_written_and_published_once_though_records_are_repeated() {
    for seed in 1..=2 {
        let out = repeating(seed).await;
        let id = out.sends_to("/x", policy(Trip::Streak { failures: 10 })).await;
        out.receiver.answers("/x", Reply::Status(500));
        let mut warned = Vec::new();
        for n in 0..10 {
            out.happened([format!("PED-{n}")]).await;
            warned.push(out.notices_of("warned").await.len());
        }
        assert_eq!(warned, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3], "each failure is counted once");
        assert_eq!(counts(&out).await, once_each(&[("suspended", 1), ("warned", 3)]));
        assert_eq!(out.own_gate(id).await.generation, 1);
        out.happened(["held".to_owned()]).await;
        out.receiver.answers("/x", Reply::Status(200));
        out.enable(id, "all").await;
        out.minutes(2).await;
        let all = [("recovered", 1), ("suspended", 1), ("warned", 3)];
        assert_eq!(counts(&out).await, once_each(&all));
        out.receiver.answers("/x", Reply::Status(410));
        out.happened(["gone".to_owned()]).await;
        let all = [("gone", 1), ("recovered", 1), ("suspended", 1), ("warned", 3)];
        assert_eq!(counts(&out).await, once_each(&all));
        // The schedule finds nothing that is not published.
        out.minutes(5).await;
        assert_eq!(counts(&out).await, once_each(&all));
        at_rest::holds(&out).await;
    }
}

#[tokio::test]
async fn d1_the_end_of_held_deliveries_is_one_notice_though_records_are_repeated() {
    let out = repeating(7).await;
    let id = out.sends_to("/x", policy(Trip::Streak { failures: 10 })).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    out.happened(["PED-0".to_owned(), "PED-1".to_owned()]).await;
    out.later(SignedDuration::from_hours(24 * 30 - 3)).await;
    out.later(SignedDuration::from_hours(2)).await;
    out.minutes(3).await;
    assert_eq!(counts(&out).await, once_each(&[("expired", 1)]));
    at_rest::holds(&out).await;
}

/// Two requests are under way when the endpoint is disabled: it is one occurrence.
#[tokio::test]
async fn ou_04_two_answers_410_are_one_notice() {
    let out = repeating(3).await;
    out.sends_to("/x", policy(Trip::Streak { failures: 10 })).await;
    out.receiver.answers("/x", Reply::Status(410));
    let first = out.receiver.stands(1);
    out.happen("PED-1").await;
    soon(first.reached()).await;
    out.happen("PED-2").await;
    soon(async {
        while out.notices_of("gone").await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    first.release();
    out.world.settle().await;
    let answered = out.deliveries().await.into_iter().map(|it| it.attempts.len()).sum::<usize>();
    assert_eq!((out.receiver.seen("/x").len(), answered), (2, 2));
    assert_eq!(counts(&out).await, once_each(&[("gone", 1)]));
    at_rest::holds(&out).await;
}

/// More than three failures that are at least half of all attempts.
fn half() -> Policy {
    policy(Trip::Window { more_than: 3, seconds: 1_800, percent: 50 })
}

/// Delivers each batch of *suspension* as many times as `times` says.
fn repeat(out: &Outbound, times: &Arc<AtomicUsize>) {
    let host = &out.world.host;
    let real = functions::make("suspension", host.deps_for("suspension").unwrap());
    let (real, times) = (real.unwrap().unwrap(), Arc::clone(times));
    let repeated: Function = Arc::new(move |event, context| {
        let (real, times) = (Arc::clone(&real), times.load(Ordering::SeqCst));
        Box::pin(async move {
            for _ in 1..times {
                _ = real(event.clone(), context.clone()).await;
            }
            real(event, context).await
        })
    });
    host.lambda("suspension").unwrap().replace(repeated);
}

#[tokio::test]
async fn d5_repeated_records_change_the_share_of_failures_in_neither_direction() {
    for (successes, of_success, failures, of_failure, suspended) in
        [(4, 3, 4, 1, true), (6, 1, 4, 3, false), (0, 1, 3, 3, false)]
    {
        let out = Outbound::new().await;
        let id = out.sends_to("/x", half()).await;
        let times = Arc::new(AtomicUsize::new(of_success));
        repeat(&out, &times);
        out.happened((0..successes).map(|n| format!("good-{n}"))).await;
        times.store(of_failure, Ordering::SeqCst);
        out.receiver.answers("/x", Reply::Status(500));
        for n in 0..failures {
            out.happened([format!("bad-{n}")]).await;
        }
        let is = matches!(out.own_gate(id).await.state, GateState::Suspended(_));
        assert_eq!(is, suspended, "{failures} of {}", successes + failures);
    }
}
