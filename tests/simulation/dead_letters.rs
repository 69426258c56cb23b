//! Bells that could not be handled: dead letters, giving up, and a redrive a week later.

use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};

use crate::harness::{Ground, HIDDEN, LETTERS};

/// Nothing of a webhook can be committed, until faults are cleared.
fn nothing_commits(ground: &Ground) {
    let conflict = AwsError::transaction_cancelled(&["TransactionConflict"]);
    ground.always("process", "TransactWriteItems", conflict);
}

/// A webhook that was given up; its id.
async fn given_up(ground: &Ground, n: u32) -> String {
    nothing_commits(ground);
    let id = ground.received(n).await;
    for _ in 0..6 {
        ground.later(HIDDEN).await;
    }
    ground.faults().clear();
    ground.later(LETTERS).await;
    id
}

fn run(shown: &Value, place: usize) -> (&Value, &Value) {
    (&shown["runs"][place]["status"], &shown["runs"][place]["error"]["code"])
}

#[tokio::test]
async fn if_21_what_fails_for_good_ends_as_processing_failed_and_can_be_reprocessed() {
    let ground = Ground::new().await;
    let id = given_up(&ground, 1).await;
    let shown = ground.shown(&id).await;
    assert_eq!(shown["runs"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(run(&shown, 0), (&json!("error"), &json!("processing_failed")));
    assert_eq!(
        (ground.depth("process-retry"), ground.depth("process-retry-dlq")),
        ((0, 0), (0, 0))
    );
    ground.one_deal_each(0).await;
    let path = format!("/v1/origins/{}/webhooks/{id}/reprocess", ground.to.origin);
    ground.world.post(&path, Value::Null).await.expect(202);
    ground.world.settle().await;
    let shown = ground.shown(&id).await;
    assert_eq!(run(&shown, 1), (&json!("success"), &Value::Null));
    ground.one_deal_each(1).await;
}

/// The run is committed, what makes it findable is not, however often it is tried.
#[tokio::test]
async fn if_21_a_run_whose_lookups_failed_for_good_is_found_once_its_dead_letter_is_read() {
    let ground = Ground::new().await;
    ground
        .on("process", "PutItem")
        .table("lookups")
        .always()
        .pre_err(AwsError::new(400, "ValidationException"));
    let id = ground.received(1).await;
    for _ in 0..5 {
        ground.later(HIDDEN).await;
    }
    ground.faults().clear();
    // The fifth time comes to its end; then the letter is read.
    ground.later(HIDDEN).await;
    ground.later(LETTERS).await;
    assert_eq!(ground.depth("process-retry-dlq"), (0, 0));
    assert_eq!(run(&ground.shown(&id).await, 0).0, "success");
    let found = ground.world.webhooks(&ground.to.origin, "?q=pessoa1@example.com").await;
    assert_eq!(found["count"], 1, "{found}");
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn i4_a_webhook_that_nobody_rang_for_is_found_by_the_sweep() {
    let ground = Ground::new().await;
    let process = ground.world.host.lambda("process").unwrap();
    // A stream's reader that lost its records: it says that they are done.
    process.replace(std::sync::Arc::new(|_, _| Box::pin(async { Ok(json!({})) })));
    ground.received(1).await;
    ground.world.host.cold_start("process").unwrap();
    assert_eq!(ground.world.webhooks(&ground.to.origin, "?status=pending").await["count"], 1);
    // By itself, once its hour has come.
    ground.later(SignedDuration::from_mins(61)).await;
    assert_eq!(ground.world.webhooks(&ground.to.origin, "?status=pending").await["count"], 0);
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn if_26_a_thousand_dead_letters_a_week_later_have_no_second_effect() {
    let ground = Ground::new().await;
    let dead = given_up(&ground, 0).await;
    let mut ids = vec![dead.clone()];
    for n in 1..20 {
        ids.push(ground.accepted(n).await);
    }
    ground.world.settle().await;
    let before = ground.digest().await;
    ground.later(SignedDuration::from_hours(24 * 7)).await;
    for n in 0..1_000 {
        // Most of them died with the webhook that was given up.
        let id = if n % 10 == 0 { &ids[n / 10 % ids.len()] } else { &dead };
        ground.ring("process-retry", &ground.bell(id, 1));
    }
    ground.world.settle().await;
    assert_eq!(
        (ground.depth("process-retry"), ground.depth("process-retry-dlq")),
        ((0, 0), (0, 0))
    );
    assert_eq!(ground.digest().await, before);
    assert_eq!(run(&ground.shown(&dead).await, 0).1, "processing_failed");
    ground.one_deal_each(19).await;
}

#[tokio::test]
async fn if_26_a_dead_letter_whose_webhook_has_ended_is_dropped_without_effect() {
    let ground = Ground::new().await;
    let id = given_up(&ground, 1).await;
    ground.received(2).await;
    ground.later(SignedDuration::from_hours(24 * 93)).await;
    // Whether or not DynamoDB has deleted the rows.
    for swept in [false, true] {
        if swept {
            ground.world.host.sweep_ttl().await.unwrap();
            ground.world.settle().await;
        }
        let contacts = ground.world.contacts().await;
        for queue in ["process-retry", "process-retry-dlq"] {
            ground.ring(queue, &ground.bell(&id, 1));
            ground.ring(queue, &ground.bell(&id, 2));
            ground.later(LETTERS).await;
            assert_eq!(ground.depth(queue), (0, 0));
        }
        assert_eq!(ground.world.contacts().await, contacts);
        assert_eq!(ground.world.deals(&ground.to.origin).await.len(), 1);
        ground.holds().await;
    }
}
