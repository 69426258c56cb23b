//! Storing a webhook while tables and processes fail: the response matches the stored state.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{FutureExt, StreamExt, stream};
use gancho_edge::clock::{Clock, ManualClock};
use jiff::SignedDuration;
use local::{AwsError, Function, functions};
use serde_json::json;
use tests::checker::text;

use crate::harness::{Harness, large, name, person, soon};

#[tokio::test]
async fn if_01_a_put_that_is_throttled_three_times_is_accepted_within_five_seconds() {
    let harness = Harness::new().await;
    for error in [AwsError::throttling(), AwsError::throughput_exceeded()] {
        harness.on("ingest", "PutItem").table("history").times(3).pre_err(error);
    }
    let began = Instant::now();
    harness.send(1).await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(5));
    harness.world.settle().await;
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_02_a_table_that_never_accepts_the_row_is_a_503_and_nothing_is_listed() {
    let harness = Harness::new().await;
    for (n, error) in [AwsError::throttling(), AwsError::internal()].into_iter().enumerate() {
        harness.on("ingest", "PutItem").always().pre_err(error);
        let answer = harness.send(u32::try_from(n).unwrap()).await;
        assert_eq!(answer.code(), "storage_unavailable", "{}", answer.text());
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(
            answer
                .json()
                .get("detail")
                .is_none_or(|detail| !detail.to_string().contains("as a fault says"))
        );
        harness.faults().clear();
    }
    harness.recover().await;
    assert_eq!(harness.listed().await, 0);
    harness.one_deal_each(0).await;
}

#[tokio::test]
async fn if_02_configuration_that_cannot_be_read_is_a_503_too() {
    let harness = Harness::new().await;
    harness.always("ingest", "GetItem", AwsError::internal());
    let answer = harness.send(1).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    harness.recover().await;
    harness.send(1).await.expect(200);
    harness.world.settle().await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_03_a_put_whose_reply_was_lost_meets_its_own_row_and_is_accepted() {
    let harness = Harness::new().await;
    harness.on("ingest", "PutItem").table("history").post_err();
    harness.send(1).await.expect(200);
    harness.world.settle().await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_04_every_reply_lost_is_a_503_and_one_webhook_that_a_retry_does_not_repeat() {
    let harness = Harness::new().await;
    harness.on("ingest", "PutItem").table("history").times(5).post_err();
    assert_eq!(harness.send(1).await.status, 503);
    harness.recover().await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
    // The sender retries with the same delivery id.
    let again = harness.received(1).await;
    let shown = harness.shown(&again).await;
    assert_eq!(shown["status"], "success");
    assert!(shown["duplicate_of"].is_string(), "{shown}");
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_04_without_a_delivery_id_the_retry_is_a_second_webhook() {
    let harness = Harness::of(json!({"dedupe": null, "action": "create_deal"})).await;
    harness.on("ingest", "PutItem").table("history").times(5).post_err();
    assert_eq!(harness.send(1).await.status, 503);
    harness.recover().await;
    harness.received(1).await;
    assert_eq!(harness.listed().await, 2);
    assert_eq!(harness.world.deals(&harness.to.origin).await.len(), 2);
    harness.holds().await;
}

#[tokio::test]
async fn if_07_a_kill_after_the_commit_is_a_5xx_and_one_webhook() {
    let harness = Harness::new().await;
    let held = harness.on("ingest", "PutItem").table("history").hold_after();
    let killed = async {
        soon(held.reached()).await;
        harness.world.host.kill("ingest").unwrap();
    };
    let (answer, ()) = tokio::join!(harness.send(1), killed);
    assert!(answer.status.is_server_error(), "{}", answer.status);
    harness.recover().await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
    let again = harness.received(1).await;
    assert!(harness.shown(&again).await["duplicate_of"].is_string());
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_08_a_kill_before_the_commit_is_a_5xx_and_no_webhook() {
    let harness = Harness::new().await;
    let held = harness.on("ingest", "PutItem").table("history").hold_before();
    let killed = async {
        soon(held.reached()).await;
        harness.world.host.kill("ingest").unwrap();
    };
    let (answer, ()) = tokio::join!(harness.send(1), killed);
    assert!(answer.status.is_server_error(), "{}", answer.status);
    harness.recover().await;
    assert_eq!(harness.listed().await, 0);
    harness.received(1).await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
}

fn function<F>(code: impl Fn() -> F + Send + Sync + 'static) -> Function
where
    F: Future<Output = serde_json::Value> + Send + 'static,
{
    Arc::new(move |_, _| code().map(Ok).boxed())
}

#[tokio::test]
async fn if_09_a_process_that_does_not_start_is_a_5xx_and_never_a_2xx() {
    let harness = Harness::new().await;
    let ingest = harness.world.host.lambda("ingest").unwrap();
    ingest.replace(Arc::new(|_, _| async { Err("Runtime.ExitError".into()) }.boxed()));
    assert_eq!(harness.send(1).await.status, 500);
    ingest.replace(function(|| async { panic!("no such setting") }));
    assert_eq!(harness.send(1).await.status, 500);
    harness.world.host.cold_start("ingest").unwrap();
    // A slow start is no failure.
    harness.on("ingest", "GetItem").delay(Duration::from_millis(300));
    harness.received(1).await;
    assert_eq!(harness.listed().await, 1);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_09_a_time_out_is_a_5xx() {
    let quick = local::template::TEMPLATE.replace("Timeout: 15", "Timeout: 1");
    let harness = Harness::with(json!({}), |builder| builder.template(&quick)).await;
    let ingest = harness.world.host.lambda("ingest").unwrap();
    ingest.replace(function(std::future::pending));
    let answer = harness.send(1).await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    harness.world.host.cold_start("ingest").unwrap();
    harness.received(1).await;
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_10_a_chunk_that_cannot_be_written_is_a_503_and_nothing_is_listed() {
    let harness = Harness::new().await;
    harness.on("ingest", "PutItem").table("bodies").nth(2).times(5).pre_err(AwsError::internal());
    let (world, recorded_calls) = (&harness.world, &harness.recorded_calls);
    let answer = recorded_calls.send(world, &harness.to, &name(1), &large(1)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    harness.recover().await;
    assert_eq!(harness.rows("TABLE_BODIES").await.len(), 1, "the first chunk, an orphan");
    assert_eq!(harness.listed().await, 0);
    harness.one_deal_each(0).await;
    recorded_calls.accepted(world, &harness.to, &name(1), &large(1)).await;
    world.settle().await;
    assert_eq!(harness.rows("TABLE_BODIES").await.len(), 4);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_11_chunks_without_a_row_are_a_503_and_expire() {
    let harness = Harness::new().await;
    harness.on("ingest", "PutItem").table("history").times(5).pre_err(AwsError::internal());
    let (world, recorded_calls) = (&harness.world, &harness.recorded_calls);
    let answer = recorded_calls.send(world, &harness.to, &name(1), &large(1)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    harness.recover().await;
    assert_eq!(harness.listed().await, 0);
    assert_eq!(harness.rows("TABLE_BODIES").await.len(), 3);
    harness.holds().await;
    world.advance(SignedDuration::from_hours(24 * 93));
    world.host.sweep_ttl().await.unwrap();
    assert_eq!(harness.rows("TABLE_BODIES").await.len(), 0);
}

/// 3 000 writes in a second, with a limit of 1 000 for one key; both reduced
/// by a factor of ten.
#[tokio::test]
async fn if_13_a_busy_integration_is_spread_over_the_shards_of_its_origin_and_listed_whole() {
    const WRITES: usize = 300;
    const A_KEY: usize = 100;
    let harness = Harness::by_hand().await;
    let origin = format!("/v1/origins/{}", harness.to.origin);
    harness.world.patch(&origin, json!({"read_shards": 8})).await.expect(200);
    harness.world.advance(SignedDuration::from_secs(6));
    harness.world.patch(&origin, json!({"write_shards": 8})).await.expect(200);
    harness.world.advance(SignedDuration::from_secs(6));
    let sends = (0..WRITES).map(|n| harness.send(u32::try_from(n).unwrap()));
    let answers: Vec<_> = stream::iter(sends).buffer_unordered(16).collect().await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let mut keys = std::collections::BTreeMap::<String, usize>::new();
    for row in harness.rows("TABLE_HISTORY").await {
        *keys.entry(text(&row, "pk").to_owned()).or_default() += 1;
    }
    let throttled: usize = keys.values().map(|taken| taken.saturating_sub(A_KEY)).sum();
    assert_eq!((keys.len(), throttled), (8, 0), "{keys:?}");
    assert_eq!(harness.listed().await, WRITES);
}

#[tokio::test]
async fn if_13_a_throttled_key_is_retried_and_no_sender_notices() {
    let harness = Harness::new().await;
    for nth in [2, 5, 9] {
        let rule = harness.on("ingest", "PutItem").table("history").nth(nth);
        rule.pre_err(AwsError::throughput_exceeded());
    }
    for n in 0..8 {
        harness.send(n).await.expect(200);
    }
    harness.world.settle().await;
    harness.one_deal_each(8).await;
}

/// Gives *ingest* a separate clock, `by` away from the other functions' clock.
fn skew(harness: &Harness, by: SignedDuration) -> ManualClock {
    let clock = ManualClock::new(harness.world.now() + by);
    let mut deps = harness.world.host.deps_for("ingest").unwrap();
    deps.clock = Clock::Manual(clock.clone());
    let code = functions::make("ingest", deps).unwrap().unwrap();
    harness.world.host.lambda("ingest").unwrap().replace(code);
    clock
}

#[tokio::test]
async fn if_14_a_clock_that_is_ahead_or_steps_back_loses_no_webhook() {
    let harness = Harness::new().await;
    // Close to midnight, so that the days of the two clocks differ.
    harness.later(SignedDuration::from_mins(10 * 60 + 55)).await;
    let clock = skew(&harness, SignedDuration::from_mins(10));
    for n in 0..4 {
        harness.accepted(n).await;
    }
    clock.advance(SignedDuration::from_mins(-25));
    for n in 4..8 {
        harness.accepted(n).await;
    }
    harness.world.settle().await;
    assert_eq!(harness.listed().await, 8);
    harness.one_deal_each(8).await;
    harness.later(SignedDuration::from_mins(15)).await;
    let newest = harness.world.webhooks(&harness.to.origin, "?limit=4").await;
    let times: Vec<String> = newest["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["received_at"].to_string())
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    harness.one_deal_each(8).await;
}

#[tokio::test]
async fn if_14_ids_of_one_millisecond_are_unique() {
    let harness = Harness::by_hand().await;
    let sends = (0..200).map(|n| harness.accepted(n));
    let ids: Vec<String> = stream::iter(sends).buffered(16).collect().await;
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), 200);
    assert_eq!(harness.listed().await, 200);
    assert_eq!(harness.world.payload(&harness.to, &ids[7]).await, person(7));
}
