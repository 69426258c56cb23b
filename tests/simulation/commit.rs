//! The commit of a run, and every way in which it can fail.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use futures::future::join_all;
use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};
use tests::checker::{Outcome, text};

use crate::harness::{HIDDEN, Harness, large, name, person, soon};

/// A large webhook that *process* has not read yet; its id.
async fn waiting(harness: &Harness) -> String {
    let held = harness.on("process", "*").hold_before();
    let (world, recorded_calls) = (&harness.world, &harness.recorded_calls);
    let id = recorded_calls.accepted(world, &harness.to, &name(1), &large(1)).await;
    soon(held.reached()).await;
    id
}

/// The only run of a webhook.
async fn run(harness: &Harness, id: &str) -> Value {
    let shown = harness.shown(id).await;
    assert_eq!(shown["runs"].as_array().unwrap().len(), 1, "{shown}");
    shown["runs"][0].clone()
}

async fn second_chunk(harness: &Harness) -> (String, String) {
    let rows = harness.rows("TABLE_BODIES").await;
    let chunk = rows.iter().find(|row| text(row, "sk") == "0001").unwrap();
    (text(chunk, "pk").to_owned(), text(chunk, "sk").to_owned())
}

#[tokio::test]
async fn if_12_a_missing_chunk_is_the_error_payload_missing() {
    let harness = Harness::new().await;
    let id = waiting(&harness).await;
    let (pk, sk) = second_chunk(&harness).await;
    let table = harness.world.host.environment("process", "TABLE_BODIES").unwrap();
    let delete = harness.world.host.dynamo_client().delete_item().table_name(table);
    let delete = delete.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk));
    delete.send().await.unwrap();
    harness.recover().await;
    assert_eq!(run(&harness, &id).await["error"]["code"], "payload_missing");
    assert!(harness.world.deals(&harness.to.origin).await.is_empty());
}

#[tokio::test]
async fn if_12_a_changed_chunk_is_the_error_checksum_mismatch() {
    let harness = Harness::new().await;
    let id = waiting(&harness).await;
    let (pk, sk) = second_chunk(&harness).await;
    let table = harness.world.host.environment("process", "TABLE_BODIES").unwrap();
    let update = harness.world.host.dynamo_client().update_item().table_name(table);
    let update = update.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk));
    let bytes = AttributeValue::B(Blob::new(vec![7; 1_000]));
    let update = update.update_expression("SET b = :b").expression_attribute_values(":b", bytes);
    update.send().await.unwrap();
    harness.recover().await;
    assert_eq!(run(&harness, &id).await["error"]["code"], "checksum_mismatch");
    assert!(harness.world.deals(&harness.to.origin).await.is_empty());
}

#[tokio::test]
async fn if_12_a_chunk_whose_reply_was_cut_off_is_read_again() {
    let harness = Harness::new().await;
    harness.on("process", "*").table("bodies").nth(2).truncate();
    let (world, recorded_calls) = (&harness.world, &harness.recorded_calls);
    recorded_calls.accepted(world, &harness.to, &name(1), &large(1)).await;
    world.settle().await;
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_15_a_message_delivered_five_times_at_once_has_one_effect() {
    let harness = Harness::by_hand().await;
    let id = harness.accepted(1).await;
    harness.on("process", "TransactWriteItems").nth(2).pre_err(AwsError::transaction_conflict());
    let message = [harness.message(&id, 1)];
    let all = join_all((0..5).map(|_| harness.messages(&message))).await;
    assert!(all.iter().all(Vec::is_empty), "{all:?}");
    assert_eq!(run(&harness, &id).await["status"], "success");
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_16_the_second_webhook_processed_before_the_first_follows_its_own_rule() {
    let harness = Harness::by_hand().await;
    let first = harness.accepted(1).await;
    let change = json!({"email": "pessoa1@example.com", "title": "Pedido 1", "stage": "Fechado"});
    let change = change.to_string();
    let (world, recorded_calls) = (&harness.world, &harness.recorded_calls);
    let second = recorded_calls.accepted(world, &harness.to, "second", change.as_bytes()).await;
    harness.stream(&[&second]).await.unwrap();
    harness.stream(&[&first]).await.unwrap();
    assert_eq!(run(&harness, &second).await["deal"]["action"], "created");
    assert_eq!(run(&harness, &first).await["deal"]["action"], "updated");
    harness.one_deal_each(1).await;
    // With an integration that only updates, the first webhook finds no deal yet.
    let only =
        json!({"mapping": tests::simple_mapping(), "action": "update_deal", "name": "Só atualiza"});
    let only = harness.world.integration(&harness.to.origin, only).await;
    let body = json!({"email": "pessoa9@example.com", "stage": "Fechado"}).to_string();
    let early =
        harness.recorded_calls.accepted(&harness.world, &only, "early", body.as_bytes()).await;
    harness.stream(&[&early]).await.unwrap();
    assert_eq!(run(&harness, &early).await["error"]["code"], "no_matching_deal");
    let late = harness.accepted(9).await;
    harness.stream(&[&late]).await.unwrap();
    harness.messages(&[harness.message(&early, 2)]).await;
    assert_eq!(harness.shown(&early).await["runs"][1]["deal"]["action"], "updated");
    harness.one_deal_each(2).await;
}

#[tokio::test]
async fn if_18_a_transaction_that_conflicts_with_another_is_retried_and_applied_once() {
    let reasons: [&[&str]; 4] = [
        &["None", "TransactionConflict", "None"],
        &["ThrottlingError", "None", "None"],
        &["None", "None", "ProvisionedThroughputExceeded"],
        &["ConditionalCheckFailed", "TransactionConflict", "None"],
    ];
    for reasons in reasons {
        let harness = Harness::new().await;
        let error = AwsError::transaction_cancelled(reasons);
        harness.on("process", "TransactWriteItems").times(2).pre_err(error);
        let id = harness.received(1).await;
        assert_eq!(run(&harness, &id).await["status"], "success", "{reasons:?}");
        assert_eq!(harness.depth("process-retry"), (0, 0));
        harness.one_deal_each(1).await;
    }
}

#[tokio::test]
async fn if_18_a_run_that_was_written_before_counts_as_done() {
    let harness = Harness::by_hand().await;
    let id = harness.accepted(1).await;
    harness.stream(&[&id]).await.unwrap();
    let before = harness.digest().await;
    harness.world.host.cold_start("process").unwrap();
    harness.faults().record();
    harness.stream(&[&id, &id]).await.unwrap();
    let cancelled = harness
        .faults()
        .calls()
        .iter()
        .any(|call| call.function == "process" && call.status == Some(400));
    assert!(
        cancelled,
        "{:?}: the condition on the run's row was put to the test",
        harness.faults().calls()
    );
    assert_eq!(harness.digest().await, before);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_18_a_permanent_failure_is_an_error_and_never_a_success() {
    let too_large = json!({"CancellationReasons": [
        {"Code": "ValidationError", "Message": "Item size has exceeded the maximum allowed size"},
        {"Code": "None"}, {"Code": "TransactionConflict"},
    ]});
    for fields in [too_large, json!({"CancellationReasons": [{"Code": "ValidationError"}]})] {
        let harness = Harness::new().await;
        let mut error = AwsError::new(400, "TransactionCanceledException");
        error.fields = fields;
        harness.on("process", "TransactWriteItems").pre_err(error);
        let id = harness.received(1).await;
        let run = run(&harness, &id).await;
        assert_eq!(
            (&run["status"], &run["error"]["code"]),
            (&json!("error"), &json!("deal_too_large"))
        );
        assert_eq!((&run["contact"], &run["deal"]), (&Value::Null, &Value::Null));
        harness.one_deal_each(0).await;
    }
}

#[tokio::test]
async fn if_19_a_token_in_use_or_used_for_another_request_is_replaced_by_a_new_one() {
    for code in ["TransactionInProgressException", "IdempotentParameterMismatchException"] {
        let harness = Harness::new().await;
        harness.on("process", "TransactWriteItems").times(2).pre_err(AwsError::new(400, code));
        let id = harness.received(1).await;
        assert_eq!(run(&harness, &id).await["status"], "success", "{code}");
        harness.one_deal_each(1).await;
    }
}

#[tokio::test]
async fn if_19_a_transaction_whose_reply_was_lost_has_one_effect() {
    let harness = Harness::new().await;
    harness.on("process", "TransactWriteItems").post_err();
    harness.received(1).await;
    harness.on("process", "TransactWriteItems").times(5).post_err();
    harness.received(2).await;
    harness.one_deal_each(2).await;
}

#[tokio::test]
async fn if_20_the_same_write_after_eleven_minutes_has_no_second_effect() {
    let harness = Harness::new().await;
    let id = harness.received(1).await;
    harness.set(json!({"tag": "de novo"})).await;
    let held = harness.on("process", "TransactWriteItems").hold_after();
    harness.enqueue("process-retry", &harness.message(&id, 2));
    soon(held.reached()).await;
    harness.world.host.kill("process").unwrap();
    harness.faults().clear();
    let before = harness.digest().await;
    // The client's token expires after ten minutes; the row of the run does not.
    harness.later(SignedDuration::from_mins(11)).await;
    assert_eq!(harness.depth("process-retry"), (0, 0));
    assert_eq!(harness.digest().await, before);
    assert_eq!(harness.shown(&id).await["runs"].as_array().unwrap().len(), 2);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_25_after_a_commit_past_the_visibility_timeout_the_second_run_is_a_no_op() {
    let harness = Harness::new().await;
    let id = harness.received(1).await;
    for (run, after) in [(2, false), (3, true)] {
        harness.set(json!({"tag": format!("run {run}")})).await;
        let rule = harness.on("process", "TransactWriteItems");
        let held = if after { rule.hold_after() } else { rule.hold_before() };
        harness.enqueue("process-retry", &harness.message(&id, run));
        soon(held.reached()).await;
        // The same message again, while the first invocation still handles it.
        harness.world.advance(HIDDEN);
        soon(async {
            while harness.depth("process-retry").0 > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        held.release();
        harness.world.settle().await;
        let runs = harness.shown(&id).await["runs"].as_array().unwrap().len();
        assert_eq!(u32::try_from(runs).unwrap(), run);
        harness.faults().clear();
    }
    harness.recover().await;
    assert_eq!(harness.depth("process-retry"), (0, 0));
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn i22_active_is_the_state_at_receipt() {
    let harness = Harness::new().await;
    let path = format!("/v1/integrations/{}", harness.to.id);
    let early = harness.received(1).await;
    harness.world.patch(&path, json!({"active": false})).await.expect(200);
    harness.recorded_calls.integrations_are(false);
    harness.later(SignedDuration::from_secs(6)).await;
    let late = harness.received(2).await;
    assert_eq!(run(&harness, &late).await["error"]["code"], "integration_inactive");
    harness.world.patch(&path, json!({"active": true})).await.expect(200);
    harness.later(SignedDuration::from_secs(6)).await;
    harness.messages(&[harness.message(&late, 2)]).await;
    assert_eq!(harness.shown(&late).await["active"], false);
    assert_eq!(harness.shown(&early).await["active"], true);
    assert!(matches!(harness.recorded_calls.sent()[1].outcome, Outcome::Accepted(_)));
    assert_eq!(harness.world.payload(&harness.to, &early).await, person(1));
    harness.one_deal_each(2).await;
}
