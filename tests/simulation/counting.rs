//! Counters that cannot be written: nothing is lost, and lists do not rely on them meanwhile
//! (`CATALOGUE HI-10, I19`, `FACTS D21`).

use std::time::Duration;

use jiff::SignedDuration;
use local::{AwsError, faults::Rule};

use crate::harness::{Harness, soon};

/// The writes of counters, without those of watermarks.
fn writes(harness: &Harness) -> Rule {
    harness.on("tally", "UpdateItem").table("tallies").containing("SET d = :d")
}

async fn count(harness: &Harness) -> u64 {
    let list = harness.world.webhooks(&harness.to.origin, "?limit=1").await;
    list["count"].as_u64().unwrap()
}

#[tokio::test]
async fn hi_10_a_counter_that_cannot_be_written_is_written_when_its_records_come_again() {
    let harness = Harness::new().await;
    writes(&harness).times(40).pre_err(AwsError::internal());
    for n in 1..=3 {
        harness.accepted(n).await;
    }
    harness.world.settle().await;
    // A later webhook moves the watermark on: the others are known from the counters alone.
    for n in 4..=5 {
        harness.later(SignedDuration::from_mins(10)).await;
        harness.received(n).await;
    }
    harness.later(SignedDuration::from_mins(10)).await;
    assert_eq!(count(&harness).await, 5);
    harness.holds().await;
}

#[tokio::test]
async fn d21_no_watermark_passes_a_record_that_is_not_counted() {
    let harness = Harness::new().await;
    // The first record is counted; the others wait behind it and come in one batch.
    let held = harness.on("tally", "GetItem").table("tallies").hold_before();
    harness.accepted(1).await;
    soon(held.reached()).await;
    for n in 2..=3 {
        harness.world.advance(SignedDuration::from_mins(10));
        harness.accepted(n).await;
    }
    writes(&harness).nth(2).always().pre_err(AwsError::internal());
    harness.faults().record();
    held.release();
    let failures = || {
        let calls = harness.faults().calls();
        let failed = calls.iter().filter(|it| it.function == "tally" && it.status == Some(500));
        failed.count()
    };
    soon(async {
        while failures() < 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    harness.world.advance(SignedDuration::from_mins(10));
    assert_eq!(harness.listed().await, 3, "each is read from the history itself");
    harness.faults().clear();
    harness.world.settle().await;
    harness.holds().await;
}
