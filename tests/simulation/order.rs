//! Repeats and shuffles have the result of a clean run (`I24`).

use jiff::SignedDuration;
use local::{AwsError, Misdelivery};
use serde_json::json;
use tests::checker::Digest;

use crate::harness::{HIDDEN, Harness};

/// Ten people, one of them twice, an error, a reprocess; some failed commits go through the queue.
async fn scenario(misdelivery: Misdelivery, faults: bool) -> Digest {
    let harness = Harness::with(json!({}), |builder| builder.misdelivery(misdelivery)).await;
    if faults {
        let conflict = AwsError::transaction_cancelled(&["None", "TransactionConflict"]);
        harness.on("process", "TransactWriteItems").nth(2).times(6).pre_err(conflict);
        harness.on("process", "TransactWriteItems").nth(9).post_err();
        harness.on("process", "PutItem").table("lookups").nth(4).post_err();
        harness.on("tally", "UpdateItem").nth(3).post_err();
        harness.on("ingest", "PutItem").nth(5).duplicate();
    }
    let first = harness.accepted(0).await;
    for n in 1..10 {
        harness.accepted(n).await;
    }
    harness.accepted(3).await;
    harness.recorded_calls.accepted(&harness.world, &harness.to, "bad", b"[1, 2").await;
    harness.world.settle().await;
    for _ in 0..6 {
        harness.later(HIDDEN).await;
    }
    harness.enqueue("process-retry", &harness.message(&first, 2));
    harness.recover().await;
    harness.holds().await;
    let digest = harness.digest().await;
    // Now counts come from the counters, not from the rows: check again for double counts.
    harness.later(SignedDuration::from_hours(72)).await;
    harness.holds().await;
    digest
}

#[tokio::test]
async fn i24_repeated_and_shuffled_deliveries_have_the_clean_digest() {
    let clean = scenario(Misdelivery::default(), false).await;
    assert_eq!((clean.webhooks.len(), clean.deals.len()), (12, 10));
    for (seed, faults) in [(11, false), (12, true)] {
        eprintln!("seed {seed}, faults: {faults}");
        assert_eq!(scenario(Misdelivery::new(seed, 5, true), faults).await, clean, "seed {seed}");
    }
}

#[tokio::test]
async fn i17_after_the_retention_nothing_can_be_read_even_before_it_is_deleted() {
    let harness = Harness::new().await;
    let body = crate::harness::large(1);
    harness.recorded_calls.accepted(&harness.world, &harness.to, "large", &body).await;
    harness.received(2).await;
    // Three calendar months from 21 November, to the second.
    let end: jiff::Timestamp = "2027-02-21T13:00:00Z".parse().unwrap();
    harness.world.clock.set(end - SignedDuration::from_secs(60));
    harness.world.settle().await;
    harness.holds().await;
    assert_eq!(harness.listed().await, 2);
    harness.later(SignedDuration::from_secs(61)).await;
    harness.holds().await;
    assert_eq!(harness.listed().await, 0);
    harness.later(SignedDuration::from_mins(10)).await;
    harness.world.host.sweep_ttl().await.unwrap();
    harness.world.settle().await;
    assert!(harness.rows("TABLE_HISTORY").await.is_empty());
    assert!(harness.rows("TABLE_BODIES").await.is_empty());
    harness.holds().await;
}
