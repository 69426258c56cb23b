//! Lanes whose holder is paused, is killed or has another clock, and concurrent producers
//! (`CATALOGUE OR-03, OR-04, OR-05`).

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use gancho_domain::outbound::{
    delivery::{Delivery, StateName},
    endpoint::{Order, Policy, Preset},
};
use gancho_edge::clock::{Clock, ManualClock};
use jiff::SignedDuration;
use local::functions;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::soon;

/// Longer than a claim, a lease and a message's visibility.
const LONG: SignedDuration = SignedDuration::from_secs(125);

fn ordered() -> Policy {
    Policy {
        preset: None,
        waits: vec![30],
        timeout_ms: 10_000,
        jitter_percent: 0,
        order: Some(Order::Skip),
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

async fn until(holds: impl Fn() -> bool) {
    let looked = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    soon(looked).await;
}

fn subjects(out: &Outbound) -> Vec<String> {
    out.receiver.seen("/x").iter().map(|seen| seen.subject().to_owned()).collect()
}

/// The ids of the deliveries, in the order of the requests.
fn sent(out: &Outbound) -> Vec<String> {
    out.receiver.seen("/x").iter().map(|seen| seen.id().to_owned()).collect()
}

async fn ended_well(out: &Outbound, deliveries: usize) {
    let all = out.deliveries().await;
    assert_eq!(all.len(), deliveries);
    for delivery in all {
        assert_eq!(delivery.state.name(), StateName::Success, "{delivery:?}");
        assert_eq!(delivery.attempts.len(), 1, "{delivery:?}");
    }
    assert_eq!(out.receiver.most("/x"), 1, "no two at once");
    // A message of a holder that was paused or killed comes again after its visibility timeout.
    out.later(LONG).await;
    out.later(LONG).await;
    at_rest::holds(out).await;
}

#[tokio::test]
async fn or_03_a_holder_paused_before_its_request_makes_none_after_it_resumes() {
    let out = Outbound::new().await;
    out.sends_to("/x", ordered()).await;
    let gates = out.world.host.faults().on("GetItem").function("deliver").table("coordination");
    let paused = gates.hold_before();
    out.happen("PED-0").await;
    soon(paused.reached()).await;
    // Its lease, its claim and its message's visibility end; the next holder makes the request.
    out.world.advance(LONG);
    until(|| out.receiver.seen("/x").len() == 1).await;
    paused.release();
    out.world.settle().await;
    out.happened(["PED-1".to_owned()]).await;
    assert_eq!(subjects(&out), ["PED-0", "PED-1"]);
    ended_well(&out, 2).await;
}

#[tokio::test]
async fn or_03_a_holder_paused_after_its_request_writes_nothing_after_it_resumes() {
    let out = Outbound::new().await;
    out.sends_to("/x", ordered()).await;
    out.receiver.next("/x", Reply::Status(500));
    // The first change is the claim.
    let writes = out.world.host.faults().on("UpdateItem").function("deliver").table("deliveries");
    let paused = writes.nth(2).hold_before();
    out.happen("PED-0").await;
    soon(paused.reached()).await;
    out.happen("PED-1").await;
    out.world.advance(LONG);
    until(|| subjects(&out).len() == 3).await;
    paused.release();
    out.world.settle().await;
    out.later(LONG).await;
    assert_eq!(subjects(&out), ["PED-0", "PED-0", "PED-1"], "repeated by the next holder");
    // The failure of the first holder is not recorded.
    ended_well(&out, 2).await;
}

#[tokio::test]
async fn or_04_the_next_holder_continues_with_a_clock_two_seconds_off() {
    for skew in [-2, 2] {
        let out = Outbound::new().await;
        out.sends_to("/x", ordered()).await;
        let standing = out.receiver.stands(1);
        for subject in ["PED-0", "PED-1", "PED-2"] {
            out.happen(subject).await;
        }
        standing.reached().await;
        let host = &out.world.host;
        host.kill("deliver").unwrap();
        standing.release();
        // The next holder, on another machine.
        let clock = ManualClock::new(out.world.now() + SignedDuration::from_secs(skew));
        let mut deps = host.deps_for("deliver").unwrap();
        deps.clock = Clock::Manual(clock.clone());
        let successor = functions::make("deliver", deps).unwrap().unwrap();
        host.lambda("deliver").unwrap().replace(successor);
        for _ in 0..4 {
            clock.advance(LONG);
            out.later(LONG).await;
        }
        let placed = in_places(&out.deliveries().await);
        assert_eq!(sent(&out)[1..], placed, "skew {skew}");
        assert_eq!(sent(&out)[0], placed[0]);
        ended_well(&out, 3).await;
    }
}

/// The store's test of `OR-05` creates a thousand places; this one follows requests to the end.
#[tokio::test]
async fn or_05_events_of_concurrent_producers_are_sent_in_the_order_of_places_without_gaps() {
    const EVENTS: usize = 240;
    let out = Outbound::new().await;
    out.sends_to("/x", ordered()).await;
    let happens = (0..EVENTS).map(|number| {
        let subject = format!("PED-{number}");
        let out = &out;
        async move { out.happen(&subject).await }
    });
    stream::iter(happens).buffer_unordered(16).collect::<Vec<_>>().await;
    out.world.settle().await;
    // A slow machine's invocation ends with its time limit; its message comes again.
    for _ in 0..20 {
        if out.count(StateName::Success).await == EVENTS {
            break;
        }
        out.later(LONG).await;
    }
    assert_eq!(out.count(StateName::Success).await, EVENTS);
    let (mut sent, placed) = (sent(&out), in_places(&out.deliveries().await));
    let mut known = BTreeSet::new();
    sent.retain(|id| known.insert(id.clone()));
    let differs = sent.iter().zip(&placed).position(|(sent, placed)| sent != placed);
    assert_eq!((sent.len(), differs), (EVENTS, None));
    assert_eq!(out.receiver.most("/x"), 1, "no two at once");
    at_rest::holds(&out).await;
}

/// The ids in the order of their places, which must have no gap.
fn in_places(all: &[Delivery]) -> Vec<String> {
    let mut all: Vec<&Delivery> = all.iter().collect();
    all.sort_by_key(|delivery| delivery.slot.unwrap().seq);
    for pair in all.windows(2) {
        let [before, after] = pair else { unreachable!() };
        assert_eq!(before.slot.unwrap().seq + 1, after.slot.unwrap().seq);
    }
    all.iter().map(|delivery| delivery.id.to_string()).collect()
}
