//! Reads that lag: a read that does not ask for strong consistency gets what it got the first time.
//! A read whose result must be current requests strong consistency (`CATALOGUE SU-06, RE-01`).

use gancho_domain::outbound::{
    delivery::StateName,
    endpoint::{Order, Policy, Preset, Scope, Suspension, Trip},
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use tests::{
    at_rest,
    outbound::{Outbound, Reply},
};

use crate::harness::soon;

fn policy(scope: Scope) -> Policy {
    let trip = Trip::Streak { failures: 3 };
    Policy {
        preset: None,
        waits: Vec::new(),
        timeout_ms: 10_000,
        jitter_percent: 0,
        suspension: Some(Suspension { scope, trip, probe_after: None }),
        ..Preset::StandardWebhooks.policy()
    }
}

/// Makes reads of a function lag.
fn lags(out: &Outbound, function: &str, table: &str) {
    for read in ["GetItem", "BatchGetItem", "Query"] {
        out.world.host.faults().on(read).function(function).table(table).always().stale();
    }
}

#[tokio::test]
async fn su_06_no_request_starts_after_the_stop_though_other_reads_lag() {
    for scope in [Scope::Endpoint, Scope::Url, Scope::Workspace] {
        let out = Outbound::new().await;
        let id = out.sends_to("/x", policy(scope)).await;
        lags(&out, "deliver", "coordination");
        // The gate is read while it is open.
        out.happened(["first".to_owned()]).await;
        let faults = out.world.host.faults();
        let held = faults.on("UpdateItem").function("deliver").table("deliveries").hold_before();
        out.happen("second").await;
        soon(held.reached()).await;
        out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
        held.release();
        out.world.settle().await;
        assert_eq!(out.receiver.seen("/x").len(), 1, "{scope:?}");
        assert_eq!(out.count(StateName::Held).await, 1, "{scope:?}");
    }
}

#[tokio::test]
async fn re_01_a_resend_to_a_stopped_endpoint_is_refused_though_other_reads_lag() {
    let out = Outbound::new().await;
    let id = out.sends_to("/x", policy(Scope::Endpoint)).await;
    out.happened(["PED-0".to_owned()]).await;
    let path = format!("/v1/deliveries/{}/resend", out.only().await.id);
    lags(&out, "deliveries", "coordination");
    let resend = async || out.world.call_as(&out.world.key, Method::POST, &path, None).await;
    resend().await.expect(201);
    out.world.post(&format!("/v1/endpoints/{id}/disable"), json!({})).await.expect(200);
    let refused = resend().await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "endpoint_disabled"));
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/x").len(), 2);
}

/// The rows of gates, lanes, held deliveries and claims are never read from the past: a suspension,
/// a probe and a release in order come to the same end.
#[tokio::test]
async fn su_05_a_suspension_and_its_release_do_not_depend_on_reads_that_lag() {
    for order in [None, Some(Order::Skip)] {
        let out = Outbound::new().await;
        for function in ["dispatch", "deliver", "suspension"] {
            for table in ["coordination", "deliveries", "events"] {
                lags(&out, function, table);
            }
        }
        let id = out.sends_to("/x", Policy { order, ..policy(Scope::Endpoint) }).await;
        out.receiver.answers("/x", Reply::Status(500));
        for n in 0..6 {
            out.happened([format!("PED-{n}")]).await;
        }
        assert_eq!(out.count(StateName::Held).await, 3);
        out.receiver.answers("/x", Reply::Status(200));
        out.enable(id, "all").await;
        for _ in 0..8 {
            out.later(SignedDuration::from_secs(1)).await;
        }
        assert_eq!(out.count(StateName::Success).await, 3, "{order:?}");
        assert_eq!(out.receiver.seen("/x").len(), 6);
        out.minutes(20).await;
        at_rest::holds(&out).await;
    }
}
