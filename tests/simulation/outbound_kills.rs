//! A kill at every await of *dispatch*, *deliver* and *suspension*: before and after each AWS
//! call, and while an endpoint has not answered. The result must be that of a clean run, with
//! at most one extra request a delivery (`CATALOGUE 2 K; OF-01, OF-02, OF-04, OF-05, OU-15, I24`).
//!
//! A scene is played in a new world for each kill: the first await is struck, then the second,
//! and so on until a scene ends before the kill. So every await is covered, however many there are.

use std::{collections::BTreeMap, time::Duration};

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        delivery::{Outcome, State},
        endpoint::{Limits, Order, Policy, Preset, Scope, Suspension, Trip},
        gate::{Gate, GateState},
        rule::Target,
    },
};
use gancho_edge::queue::{DeliverMessage, LaneMessage, Queue, VERSION};
use jiff::SignedDuration;
use serde_json::json;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::seconds;

/// Suspends after so many failures in a row; probes after so many seconds, or by a person.
fn policy(waits: &[u32], failures: u16, probe_after: Option<u32>) -> Policy {
    let trip = Trip::Streak { failures };
    Policy {
        preset: None,
        waits: waits.to_vec(),
        // Generous, because a busy machine may be slow to answer; the tests do not measure that.
        timeout_ms: 10_000,
        jitter_percent: 0,
        suspension: Some(Suspension { scope: Scope::Endpoint, trip, probe_after }),
        ..Preset::StandardWebhooks.policy()
    }
}

fn in_order(policy: Policy) -> Policy {
    Policy { order: Some(Order::Skip), ..policy }
}

/// The place of a kill.
#[derive(Debug, Clone, Copy)]
enum Strike {
    /// Before its nth call is sent.
    Before(u64),
    /// After its nth call was done, before it has the reply.
    After(u64),
    /// While its nth request waits for the answer.
    Answer(usize),
}

/// Plays the scene once for each possible kill.
async fn killed<P>(
    function: &str,
    prepare: impl AsyncFn(&Outbound) -> P,
    act: impl AsyncFn(&Outbound, &P),
) {
    let (_, clean) = play(function, None, &prepare, &act).await;
    clean.assert_at_rest();
    let equal = async |strike: Strike| {
        let (hit, fate) = play(function, Some(strike), &prepare, &act).await;
        assert_eq!(fate.lines, clean.lines, "{function}, {strike:?}");
        let most = u32::from(hit && function == "deliver");
        for (id, count) in &fate.repeats {
            assert!(*count <= most, "{function}, {strike:?}: {id} was repeated {count} times");
        }
        hit
    };
    let mut kills = 0;
    for nth in 1.. {
        if !equal(Strike::Before(nth)).await {
            break;
        }
        kills += 1;
        kills += u32::from(equal(Strike::After(nth)).await);
    }
    assert!(kills > 0, "{function} did nothing");
    if function == "deliver" {
        for nth in 1..=clean.requests {
            assert!(equal(Strike::Answer(nth)).await, "request {nth} was not made");
            kills += 1;
        }
    }
    eprintln!("{function}: {kills} kills");
}

const QUEUES: [&str; 7] =
    ["deliver", "deliver-dlq", "slow", "lanes.fifo", "lanes-dlq.fifo", "recover", "jobs-dlq"];

/// The result of a scene.
#[derive(Debug)]
struct Fate {
    /// Deliveries, gates, notices and queues, without ids and times.
    lines: Vec<String>,
    /// Requests that the scene made.
    requests: usize,
    /// By delivery, the number of requests beyond the recorded attempts.
    repeats: BTreeMap<String, u32>,
}

impl Fate {
    /// Asserts that each request was sent once and recorded, and that no message is left.
    fn assert_at_rest(&self) {
        assert!(!self.repeats.is_empty(), "there is no delivery");
        assert!(self.repeats.values().all(|count| *count == 0), "{:?}", self.repeats);
        for queue in QUEUES {
            assert!(self.lines.contains(&format!("{queue}: (0, 0)")), "{queue}: {:?}", self.lines);
        }
    }
}

/// Plays the scene once; returns if the kill happened, and the result.
async fn play<P>(
    function: &str,
    strike: Option<Strike>,
    prepare: &impl AsyncFn(&Outbound) -> P,
    act: &impl AsyncFn(&Outbound, &P),
) -> (bool, Fate) {
    let out = Outbound::new().await;
    let prepared = prepare(&out).await;
    let host = &out.world.host;
    let before = out.receiver.all().len();
    host.cold_start(function).unwrap();
    let calls = || host.faults().on("*").function(function);
    let struck = async {
        match strike {
            None => std::future::pending().await,
            Some(Strike::Before(nth)) => calls().nth(nth).hold_before().reached().await,
            Some(Strike::After(nth)) => calls().nth(nth).hold_after().reached().await,
            Some(Strike::Answer(nth)) => {
                let standing = out.receiver.stands(nth);
                standing.reached().await;
                host.kill(function).unwrap();
                standing.release();
            }
        }
        host.kill(function).unwrap();
        host.faults().clear();
    };
    let played = act(&out, &prepared);
    let (mut struck, mut played) = (std::pin::pin!(struck), std::pin::pin!(played));
    let hit = tokio::select! {
        // The fault must be set before the first call.
        biased;
        () = &mut struck => true,
        () = &mut played => false,
    };
    if hit {
        played.await;
    }
    recover(&out).await;
    let left = at_rest::violations(&out).await;
    assert!(left.is_empty(), "{function}, {strike:?}: {left:?}");
    (hit, fate(&out, before).await)
}

/// Clears faults and advances the clock until due times, claims and schedules have passed.
async fn recover(out: &Outbound) {
    out.world.host.faults().clear();
    out.world.settle().await;
    for pause in [125, 125, 125, 125, 361, 900, 61, 125, 61] {
        out.later(seconds(pause)).await;
    }
}

/// The result of a scene; `before` is the number of requests before it.
async fn fate(out: &Outbound, before: usize) -> Fate {
    let (mut lines, mut repeats) = (Vec::new(), BTreeMap::new());
    let seen = out.receiver.all();
    for delivery in out.deliveries().await {
        let attempts: Vec<_> =
            delivery.attempts.iter().map(|it| (it.number, answer(it.outcome))).collect();
        let state = word(delivery.state);
        let of_it = seen.iter().filter(|seen| seen.id() == delivery.id.to_string()).count();
        let repeated = u32::try_from(of_it.saturating_sub(delivery.attempts.len())).unwrap();
        repeats.insert(delivery.id.to_string(), repeated);
        let subject = &delivery.subject;
        lines.push(format!("{subject}: {state} {attempts:?} {}", delivery.slot.is_some()));
    }
    for endpoint in out.store.endpoints(out.ws).await.unwrap() {
        let held = out.store.held_count(out.ws, endpoint.id, 100).await.unwrap();
        let gate = gate(&out.own_gate(endpoint.id).await);
        lines.push(format!("{}: {gate}, {held} held", endpoint.url));
    }
    for notice in out.notices().await {
        let sent = if notice.sent { "sent" } else { "not sent" };
        lines.push(format!("notice: {} {sent}", notice.kind.as_str()));
    }
    for queue in QUEUES {
        lines.push(format!("{queue}: {:?}", out.depth(queue)));
    }
    // The port of the receiver differs each time.
    let port = out.receiver.url("");
    let mut lines: Vec<String> = lines.iter().map(|line| line.replace(&port, "")).collect();
    lines.sort();
    Fate { lines, requests: seen.len() - before, repeats }
}

fn word(state: State) -> String {
    let name = state.name().as_str();
    match state {
        State::Failure { reason, .. } => format!("{name} {reason:?}"),
        State::Discarded { reason, .. } => format!("{name} {reason:?}"),
        State::Queued | State::Retrying { .. } | State::Held { .. } | State::Success { .. } => {
            name.to_owned()
        }
    }
}

fn answer(outcome: Outcome) -> String {
    match outcome {
        Outcome::HandedOver(_) => "handed over".to_owned(),
        Outcome::Status(_) | Outcome::Fault(_) => format!("{outcome:?}"),
    }
}

fn gate(gate: &Gate) -> &'static str {
    match gate.state {
        GateState::Open => "open",
        GateState::Suspended(_) => "suspended",
        GateState::Probing { .. } => "probing",
        GateState::Disabled { .. } => "disabled",
    }
}

/// An endpoint for every event.
async fn one(out: &Outbound, policy: Policy) -> EndpointId {
    out.sends_to("/x", policy).await
}

/// An endpoint that fails, with two attempts half a minute apart.
async fn fails(out: &Outbound) -> EndpointId {
    out.receiver.answers("/x", Reply::Status(500));
    one(out, policy(&[30], 200, None)).await
}

async fn tried_twice(out: &Outbound, id: &EndpointId) {
    happens(out, id).await;
    out.later(seconds(31)).await;
}

/// An endpoint that a person disabled, with that many held deliveries.
async fn stopped(out: &Outbound, policy: Policy, held: usize) -> EndpointId {
    let id = one(out, policy).await;
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    for n in 0..held {
        // Two alternating subjects.
        out.happen(&format!("PED-{}", n % 2)).await;
        out.world.settle().await;
    }
    id
}

async fn happens<P>(out: &Outbound, _: &P) {
    out.happen("PED-0").await;
    out.world.settle().await;
}

/// Enables it as a person; the held deliveries are sent second by second.
async fn enabled(out: &Outbound, id: EndpointId, held: &str) {
    out.enable(id, held).await;
    for _ in 0..5 {
        out.later(seconds(1)).await;
    }
}

#[tokio::test]
async fn of_05_dispatch_killed_at_every_await_creates_each_delivery_once() {
    let prepare = async |out: &Outbound| {
        for (path, order) in [("/a", None), ("/b", None), ("/ordered", Some(Order::Skip))] {
            let id = out.endpoint(path, Policy { order, ..policy(&[], 200, None) }).await;
            out.rule(Target::Endpoint(id)).await;
        }
        let gone = EndpointId::new(out.world.now(), &[9; 10]);
        out.rule(Target::Endpoint(gone)).await;
        out.later(seconds(6)).await;
    };
    killed("dispatch", prepare, happens).await;
}

#[tokio::test]
async fn of_01_deliver_killed_at_every_await_of_a_delivery_that_arrives() {
    killed("deliver", async |out| one(out, policy(&[30], 200, None)).await, happens).await;
}

#[tokio::test]
async fn of_01_deliver_killed_at_every_await_of_a_delivery_that_fails_permanently() {
    killed("deliver", fails, tried_twice).await;
}

#[tokio::test]
async fn or_09_deliver_killed_at_every_await_of_a_message_that_is_moved() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::After(Duration::from_millis(1_050), 500));
        one(out, policy(&[30], 200, None)).await
    };
    // Without a kill the second message is moved.
    let out = Outbound::new().await;
    let id = prepare(&out).await;
    out.world.host.faults().record();
    tried_twice(&out, &id).await;
    let calls = out.world.host.faults().calls();
    let moved = calls.iter().filter(|call| call.table() == "slow").count();
    assert_eq!(moved, 1);
    killed("deliver", prepare, tried_twice).await;
}

#[tokio::test]
async fn or_04_deliver_killed_at_every_await_of_a_lane_with_two() {
    let prepare = async |out: &Outbound| one(out, in_order(policy(&[30], 200, None))).await;
    let act = async |out: &Outbound, _: &EndpointId| {
        out.happened(["PED-0".to_owned(), "PED-1".to_owned()]).await;
    };
    killed("deliver", prepare, act).await;
}

#[tokio::test]
async fn or_04_deliver_killed_at_every_await_of_a_lane_whose_front_fails() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::Status(500));
        one(out, in_order(policy(&[5], 200, None))).await
    };
    let act = async |out: &Outbound, _: &EndpointId| {
        out.happened(["PED-0".to_owned()]).await;
        out.happened(["PED-1".to_owned()]).await;
        for _ in 0..3 {
            out.later(seconds(6)).await;
        }
    };
    killed("deliver", prepare, act).await;
}

#[tokio::test]
async fn or_08_deliver_killed_at_every_await_of_an_endpoint_with_few_at_a_time() {
    let prepare = async |out: &Outbound| {
        let limits = Limits { max_concurrency: Some(1), rate_per_second: None };
        let url = out.receiver.url("/x");
        let id = out.endpoint_at(&url, policy(&[30], 200, None), limits).await;
        out.rule(Target::Endpoint(id)).await;
        out.later(seconds(6)).await;
    };
    let act = async |out: &Outbound, (): &()| {
        out.happened(["PED-0".to_owned(), "PED-1".to_owned()]).await;
    };
    killed("deliver", prepare, act).await;
}

#[tokio::test]
async fn d19_deliver_killed_at_every_await_of_a_delivery_to_an_integration() {
    let prepare = async |out: &Outbound| {
        let to = out.world.inbound(json!({})).await;
        let (origin, integration) = (to.origin.parse().unwrap(), to.id.parse().unwrap());
        out.rule(Target::Integration { origin, integration }).await;
        out.later(seconds(6)).await;
    };
    killed("deliver", prepare, happens).await;
}

/// Two deliveries whose endpoint a person disables while they wait for their next attempt.
async fn stopped_between(out: &Outbound, policy: Policy) {
    out.receiver.answers("/x", Reply::Status(500));
    let id = one(out, policy).await;
    for subject in ["PED-0", "PED-1"] {
        out.happened([subject.to_owned()]).await;
    }
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
}

async fn next_try(out: &Outbound, (): &()) {
    out.later(seconds(31)).await;
}

#[tokio::test]
async fn su_06_deliver_killed_at_every_await_of_a_delivery_that_must_be_held() {
    let prepare = async |out: &Outbound| stopped_between(out, policy(&[30], 200, None)).await;
    killed("deliver", prepare, next_try).await;
}

#[tokio::test]
async fn su_06_deliver_killed_at_every_await_of_a_lane_that_must_be_held() {
    let policy = in_order(policy(&[30], 200, None));
    let prepare = async |out: &Outbound| stopped_between(out, policy.clone()).await;
    killed("deliver", prepare, next_try).await;
}

#[tokio::test]
async fn i24_suspension_killed_at_every_await_of_a_wait_in_the_queue() {
    killed("suspension", fails, tried_twice).await;
}

#[tokio::test]
async fn or_10_suspension_killed_at_every_await_of_a_wait_that_is_parked() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::Status(500));
        one(out, policy(&[1_000], 200, None)).await
    };
    let act = async |out: &Outbound, id: &EndpointId| {
        happens(out, id).await;
        out.later(seconds(930)).await;
        out.minutes(2).await;
    };
    killed("suspension", prepare, act).await;
}

#[tokio::test]
async fn su_01_suspension_killed_at_every_await_of_warnings_and_a_suspension() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::Status(500));
        one(out, policy(&[], 2, None)).await
    };
    let act = async |out: &Outbound, id: &EndpointId| {
        for subject in ["PED-0", "PED-1", "PED-2"] {
            out.happened([subject.to_owned()]).await;
        }
        assert!(out.store.endpoint(out.ws, *id).await.unwrap().is_some());
    };
    killed("suspension", prepare, act).await;
}

#[tokio::test]
async fn ou_04_suspension_killed_at_every_await_of_an_endpoint_that_is_gone() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::Status(410));
        one(out, policy(&[], 200, None)).await
    };
    killed("suspension", prepare, happens).await;
}

#[tokio::test]
async fn su_04_suspension_killed_at_every_await_of_deliveries_at_a_closed_gate() {
    killed("suspension", async |out| stopped(out, policy(&[], 200, None), 0).await, happens).await;
}

#[tokio::test]
async fn su_05_suspension_killed_at_every_await_of_a_probe_that_arrives_and_of_the_ramp() {
    let prepare = async |out: &Outbound| stopped(out, policy(&[], 200, None), 3).await;
    killed("suspension", prepare, async |out, id| enabled(out, *id, "all").await).await;
}

#[tokio::test]
async fn su_05_suspension_killed_at_every_await_of_an_ordered_probe_and_its_successors() {
    let prepare = async |out: &Outbound| stopped(out, in_order(policy(&[], 200, None)), 3).await;
    killed("suspension", prepare, async |out, id| enabled(out, *id, "all").await).await;
}

#[tokio::test]
async fn or_07_suspension_killed_at_every_await_of_a_change_of_order() {
    let prepare = async |out: &Outbound| {
        let id = stopped(out, policy(&[], 200, None), 3).await;
        let ordered = json!({"policy": {"order": "skip"}});
        out.world.patch(&format!("/v1/endpoints/{id}"), ordered).await.expect(200);
        out.later(seconds(6)).await;
        id
    };
    killed("suspension", prepare, async |out, id| enabled(out, *id, "all").await).await;
}

#[tokio::test]
async fn s5_5_suspension_killed_at_every_await_of_discarding_all_but_the_newest() {
    let prepare = async |out: &Outbound| stopped(out, policy(&[], 200, None), 4).await;
    let act = async |out: &Outbound, id: &EndpointId| {
        enabled(out, *id, "newest_per_subject").await;
    };
    killed("suspension", prepare, act).await;
}

#[tokio::test]
async fn s5_5_suspension_killed_at_every_await_of_discarding_everything() {
    let prepare = async |out: &Outbound| stopped(out, policy(&[], 200, None), 2).await;
    killed("suspension", prepare, async |out, id| enabled(out, *id, "none").await).await;
}

/// An endpoint suspended by its first failure, with another delivery; probed after ten minutes.
async fn suspended(out: &Outbound) -> EndpointId {
    out.receiver.answers("/x", Reply::Status(500));
    let id = one(out, policy(&[], 1, Some(600))).await;
    out.happened(["PED-0".to_owned()]).await;
    out.happened(["PED-1".to_owned(), "PED-2".to_owned()]).await;
    out.later(seconds(500)).await;
    id
}

async fn pause_ends<P>(out: &Outbound, _: &P) {
    for _ in 0..4 {
        out.later(seconds(61)).await;
    }
}

#[tokio::test]
async fn s4_7_suspension_killed_at_every_await_of_an_automatic_probe_that_arrives() {
    let prepare = async |out: &Outbound| {
        suspended(out).await;
        out.receiver.answers("/x", Reply::Status(200));
    };
    killed("suspension", prepare, pause_ends).await;
}

#[tokio::test]
async fn su_05_suspension_killed_at_every_await_of_a_persons_probe_that_fails() {
    let prepare = async |out: &Outbound| {
        out.receiver.answers("/x", Reply::Status(500));
        let id = one(out, policy(&[], 1, None)).await;
        out.happened(["PED-0".to_owned()]).await;
        out.happened(["PED-1".to_owned(), "PED-2".to_owned()]).await;
        id
    };
    killed("suspension", prepare, async |out, id| enabled(out, *id, "all").await).await;
}

#[tokio::test]
async fn d1_suspension_killed_at_every_await_of_a_delivery_held_to_its_end() {
    let prepare = async |out: &Outbound| {
        stopped(out, policy(&[], 200, None), 2).await;
        out.later(SignedDuration::from_hours(24 * 30 - 3)).await;
        out.minutes(2).await;
    };
    let act = async |out: &Outbound, (): &()| {
        out.later(SignedDuration::from_hours(2)).await;
        out.minutes(2).await;
    };
    killed("suspension", prepare, act).await;
}

#[tokio::test]
async fn su_08_suspension_killed_at_every_await_of_a_deleted_endpoint() {
    let prepare = async |out: &Outbound| {
        let id = out.endpoint("/x", policy(&[], 200, None)).await;
        let rule = out.rule(Target::Endpoint(id)).await;
        out.later(seconds(6)).await;
        out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
        out.happened(["PED-0".to_owned(), "PED-1".to_owned()]).await;
        out.world.delete(&format!("/v1/rules/{rule}")).await.expect(204);
        id
    };
    let act = async |out: &Outbound, id: &EndpointId| {
        out.world.delete(&format!("/v1/endpoints/{id}")).await.expect(204);
        out.world.settle().await;
        out.later(seconds(5)).await;
    };
    killed("suspension", prepare, act).await;
}

/// Two deliveries whose messages are dead letters, because *deliver* was replaced; one is ordered.
async fn dead_lettered(out: &Outbound) {
    let deliver = out.world.host.lambda("deliver").unwrap();
    deliver.replace(std::sync::Arc::new(|_, _| Box::pin(async { Ok(json!({})) })));
    let id = out.endpoint("/ordered", in_order(policy(&[], 200, None))).await;
    out.rule(Target::Endpoint(id)).await;
    one(out, policy(&[], 200, None)).await;
    out.happened(["PED-0".to_owned()]).await;
    out.world.host.cold_start("deliver").unwrap();
    let (workspace, queues) = (out.ws, out.world.host.deps_for("suspension").unwrap().queues());
    for delivery in out.deliveries().await {
        let (v, endpoint) = (VERSION, delivery.endpoint().unwrap());
        if delivery.slot.is_some() {
            let message = LaneMessage { v, workspace, endpoint, lane: 0 };
            queues.send(Queue::LanesDeadLetters, &message, 0).await.unwrap();
        } else {
            let message = DeliverMessage::of(workspace, &delivery, 1);
            queues.send(Queue::DeliverDeadLetters, &message, 0).await.unwrap();
        }
    }
}

#[tokio::test]
async fn if_26_suspension_killed_at_every_await_of_its_dead_letters() {
    let act = async |out: &Outbound, (): &()| {
        out.later(seconds(301)).await;
    };
    killed("suspension", dead_lettered, act).await;
}
