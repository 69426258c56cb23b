//! Repeats and shuffles come to what a clean run comes to (`I24`).

use jiff::SignedDuration;
use local::{AwsError, Misdelivery};
use serde_json::json;
use tests::checker::Digest;

use crate::harness::{Ground, HIDDEN};

/// Ten people, one of them twice, an error, a reprocess; some commits fail and go by the queue.
async fn scenario(misdelivery: Misdelivery, faults: bool) -> Digest {
    let ground = Ground::with(json!({}), |builder| builder.misdelivery(misdelivery)).await;
    if faults {
        let conflict = AwsError::transaction_cancelled(&["None", "TransactionConflict"]);
        ground.on("process", "TransactWriteItems").nth(2).times(6).pre_err(conflict);
        ground.on("process", "TransactWriteItems").nth(9).post_err();
        ground.on("process", "PutItem").table("lookups").nth(4).post_err();
        ground.on("tally", "UpdateItem").nth(3).post_err();
        ground.on("ingest", "PutItem").nth(5).duplicate();
    }
    let first = ground.accepted(0).await;
    for n in 1..10 {
        ground.accepted(n).await;
    }
    ground.accepted(3).await;
    ground.ledger.accepted(&ground.world, &ground.to, "bad", b"[1, 2").await;
    ground.world.settle().await;
    for _ in 0..6 {
        ground.later(HIDDEN).await;
    }
    ground.ring("process-retry", &ground.bell(&first, 2));
    ground.recover().await;
    ground.holds().await;
    let digest = ground.digest().await;
    // Now the counters are asked, not the rows: once more, for what they counted twice.
    ground.later(SignedDuration::from_hours(72)).await;
    ground.holds().await;
    digest
}

#[tokio::test]
async fn i24_repeated_and_shuffled_deliveries_come_to_the_clean_digest() {
    let clean = scenario(Misdelivery::default(), false).await;
    assert_eq!((clean.webhooks.len(), clean.deals.len()), (12, 10));
    for (seed, faults) in [(11, false), (12, true)] {
        eprintln!("seed {seed}, faults: {faults}");
        assert_eq!(scenario(Misdelivery::new(seed, 5, true), faults).await, clean, "seed {seed}");
    }
}

#[tokio::test]
async fn i17_when_the_retention_has_ended_nothing_is_left_to_read_whether_deleted_or_not() {
    let ground = Ground::new().await;
    let body = crate::harness::large(1);
    ground.ledger.accepted(&ground.world, &ground.to, "large", &body).await;
    ground.received(2).await;
    // Three calendar months from 21 November, to the second.
    let end: jiff::Timestamp = "2027-02-21T13:00:00Z".parse().unwrap();
    ground.world.clock.set(end - SignedDuration::from_secs(60));
    ground.world.settle().await;
    ground.holds().await;
    assert_eq!(ground.listed().await, 2);
    ground.later(SignedDuration::from_secs(61)).await;
    ground.holds().await;
    assert_eq!(ground.listed().await, 0);
    ground.later(SignedDuration::from_mins(10)).await;
    ground.world.host.sweep_ttl().await.unwrap();
    ground.world.settle().await;
    assert!(ground.rows("TABLE_HISTORY").await.is_empty());
    assert!(ground.rows("TABLE_BODIES").await.is_empty());
    ground.holds().await;
}
