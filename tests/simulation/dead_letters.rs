//! Messages that could not be handled: dead letters, final failures, and a redrive a week later.

use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};

use crate::harness::{HIDDEN, Harness, LETTERS};

/// Makes every commit of a webhook fail, until faults are cleared.
fn nothing_commits(harness: &Harness) {
    let conflict = AwsError::transaction_cancelled(&["TransactionConflict"]);
    harness.always("process", "TransactWriteItems", conflict);
}

/// A webhook that ended as `processing_failed`; its id.
async fn given_up(harness: &Harness, n: u32) -> String {
    nothing_commits(harness);
    let id = harness.received(n).await;
    for _ in 0..6 {
        harness.later(HIDDEN).await;
    }
    harness.faults().clear();
    harness.later(LETTERS).await;
    id
}

fn run(shown: &Value, place: usize) -> (&Value, &Value) {
    (&shown["runs"][place]["status"], &shown["runs"][place]["error"]["code"])
}

#[tokio::test]
async fn if_21_a_permanent_failure_ends_as_processing_failed_and_can_be_reprocessed() {
    let harness = Harness::new().await;
    let id = given_up(&harness, 1).await;
    let shown = harness.shown(&id).await;
    assert_eq!(shown["runs"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(run(&shown, 0), (&json!("error"), &json!("processing_failed")));
    assert_eq!(
        (harness.depth("process-retry"), harness.depth("process-retry-dlq")),
        ((0, 0), (0, 0))
    );
    harness.one_deal_each(0).await;
    let path = format!("/v1/origins/{}/webhooks/{id}/reprocess", harness.to.origin);
    harness.world.post(&path, Value::Null).await.expect(202);
    harness.world.settle().await;
    let shown = harness.shown(&id).await;
    assert_eq!(run(&shown, 1), (&json!("success"), &Value::Null));
    harness.one_deal_each(1).await;
}

/// The run is committed, but every attempt to write its lookups fails.
#[tokio::test]
async fn if_21_a_run_whose_lookups_failed_permanently_is_found_after_its_dead_letter_is_read() {
    let harness = Harness::new().await;
    harness
        .on("process", "PutItem")
        .table("lookups")
        .always()
        .pre_err(AwsError::new(400, "ValidationException"));
    let id = harness.received(1).await;
    for _ in 0..5 {
        harness.later(HIDDEN).await;
    }
    harness.faults().clear();
    // The visibility of the fifth receive ends; then the dead letter is read.
    harness.later(HIDDEN).await;
    harness.later(LETTERS).await;
    assert_eq!(harness.depth("process-retry-dlq"), (0, 0));
    assert_eq!(run(&harness.shown(&id).await, 0).0, "success");
    let found = harness.world.webhooks(&harness.to.origin, "?q=pessoa1@example.com").await;
    assert_eq!(found["count"], 1, "{found}");
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn i4_the_sweep_finds_a_webhook_without_a_message() {
    let harness = Harness::new().await;
    let process = harness.world.host.lambda("process").unwrap();
    // A stream's reader that loses its records: it reports success.
    process.replace(std::sync::Arc::new(|_, _| Box::pin(async { Ok(json!({})) })));
    harness.received(1).await;
    harness.world.host.cold_start("process").unwrap();
    assert_eq!(harness.world.webhooks(&harness.to.origin, "?status=pending").await["count"], 1);
    // By itself, in the next hourly sweep.
    harness.later(SignedDuration::from_mins(61)).await;
    assert_eq!(harness.world.webhooks(&harness.to.origin, "?status=pending").await["count"], 0);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_26_a_thousand_dead_letters_a_week_later_have_no_second_effect() {
    let harness = Harness::new().await;
    let dead = given_up(&harness, 0).await;
    let mut ids = vec![dead.clone()];
    for n in 1..20 {
        ids.push(harness.accepted(n).await);
    }
    harness.world.settle().await;
    let before = harness.digest().await;
    harness.later(SignedDuration::from_hours(24 * 7)).await;
    for n in 0..1_000 {
        // Most of them became dead letters with the failed webhook.
        let id = if n % 10 == 0 { &ids[n / 10 % ids.len()] } else { &dead };
        harness.enqueue("process-retry", &harness.message(id, 1));
    }
    harness.world.settle().await;
    assert_eq!(
        (harness.depth("process-retry"), harness.depth("process-retry-dlq")),
        ((0, 0), (0, 0))
    );
    assert_eq!(harness.digest().await, before);
    assert_eq!(run(&harness.shown(&dead).await, 0).1, "processing_failed");
    harness.one_deal_each(19).await;
}

#[tokio::test]
async fn if_26_a_dead_letter_whose_webhook_has_expired_is_dropped_without_effect() {
    let harness = Harness::new().await;
    let id = given_up(&harness, 1).await;
    harness.received(2).await;
    harness.later(SignedDuration::from_hours(24 * 93)).await;
    // Even before DynamoDB has deleted the rows.
    for swept in [false, true] {
        if swept {
            harness.world.host.sweep_ttl().await.unwrap();
            harness.world.settle().await;
        }
        let contacts = harness.world.contacts().await;
        for queue in ["process-retry", "process-retry-dlq"] {
            harness.enqueue(queue, &harness.message(&id, 1));
            harness.enqueue(queue, &harness.message(&id, 2));
            harness.later(LETTERS).await;
            assert_eq!(harness.depth(queue), (0, 0));
        }
        assert_eq!(harness.world.contacts().await, contacts);
        assert_eq!(harness.world.deals(&harness.to.origin).await.len(), 1);
        harness.holds().await;
    }
}
