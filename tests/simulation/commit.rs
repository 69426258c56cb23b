//! What a run commits, and every way in which that commit can fail.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use futures::future::join_all;
use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};
use tests::checker::{Outcome, text};

use crate::harness::{Ground, HIDDEN, large, name, person, soon};

/// A large webhook that *process* has not read yet; its id.
async fn waiting(ground: &Ground) -> String {
    let held = ground.on("process", "*").hold_before();
    let (world, ledger) = (&ground.world, &ground.ledger);
    let id = ledger.accepted(world, &ground.to, &name(1), &large(1)).await;
    soon(held.reached()).await;
    id
}

/// The only run of a webhook.
async fn run(ground: &Ground, id: &str) -> Value {
    let shown = ground.shown(id).await;
    assert_eq!(shown["runs"].as_array().unwrap().len(), 1, "{shown}");
    shown["runs"][0].clone()
}

async fn second_chunk(ground: &Ground) -> (String, String) {
    let rows = ground.rows("TABLE_BODIES").await;
    let chunk = rows.iter().find(|row| text(row, "sk") == "0001").unwrap();
    (text(chunk, "pk").to_owned(), text(chunk, "sk").to_owned())
}

#[tokio::test]
async fn if_12_a_missing_chunk_is_the_error_payload_missing() {
    let ground = Ground::new().await;
    let id = waiting(&ground).await;
    let (pk, sk) = second_chunk(&ground).await;
    let table = ground.world.host.environment("process", "TABLE_BODIES").unwrap();
    let delete = ground.world.host.dynamo_client().delete_item().table_name(table);
    let delete = delete.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk));
    delete.send().await.unwrap();
    ground.recover().await;
    assert_eq!(run(&ground, &id).await["error"]["code"], "payload_missing");
    assert!(ground.world.deals(&ground.to.origin).await.is_empty());
}

#[tokio::test]
async fn if_12_a_changed_chunk_is_the_error_checksum_mismatch() {
    let ground = Ground::new().await;
    let id = waiting(&ground).await;
    let (pk, sk) = second_chunk(&ground).await;
    let table = ground.world.host.environment("process", "TABLE_BODIES").unwrap();
    let update = ground.world.host.dynamo_client().update_item().table_name(table);
    let update = update.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk));
    let bytes = AttributeValue::B(Blob::new(vec![7; 1_000]));
    let update = update.update_expression("SET b = :b").expression_attribute_values(":b", bytes);
    update.send().await.unwrap();
    ground.recover().await;
    assert_eq!(run(&ground, &id).await["error"]["code"], "checksum_mismatch");
    assert!(ground.world.deals(&ground.to.origin).await.is_empty());
}

#[tokio::test]
async fn if_12_a_chunk_whose_reply_was_cut_off_is_read_again() {
    let ground = Ground::new().await;
    ground.on("process", "*").table("bodies").nth(2).truncate();
    let (world, ledger) = (&ground.world, &ground.ledger);
    ledger.accepted(world, &ground.to, &name(1), &large(1)).await;
    world.settle().await;
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn if_15_a_bell_brought_five_times_at_once_has_one_effect() {
    let ground = Ground::by_hand().await;
    let id = ground.accepted(1).await;
    ground.on("process", "TransactWriteItems").nth(2).pre_err(AwsError::transaction_conflict());
    let bell = [ground.bell(&id, 1)];
    let all = join_all((0..5).map(|_| ground.bells(&bell))).await;
    assert!(all.iter().all(Vec::is_empty), "{all:?}");
    assert_eq!(run(&ground, &id).await["status"], "success");
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn if_16_the_second_webhook_processed_before_the_first_is_judged_by_its_own_rule() {
    let ground = Ground::by_hand().await;
    let first = ground.accepted(1).await;
    let change = json!({"email": "pessoa1@example.com", "title": "Pedido 1", "stage": "Fechado"});
    let change = change.to_string();
    let (world, ledger) = (&ground.world, &ground.ledger);
    let second = ledger.accepted(world, &ground.to, "second", change.as_bytes()).await;
    ground.stream(&[&second]).await.unwrap();
    ground.stream(&[&first]).await.unwrap();
    assert_eq!(run(&ground, &second).await["deal"]["did"], "created");
    assert_eq!(run(&ground, &first).await["deal"]["did"], "updated");
    ground.one_deal_each(1).await;
    // Between webhooks of an integration that only updates, the first finds nothing yet.
    let only =
        json!({"mapping": tests::simple_mapping(), "action": "update_deal", "name": "Só atualiza"});
    let only = ground.world.integration(&ground.to.origin, only).await;
    let body = json!({"email": "pessoa9@example.com", "stage": "Fechado"}).to_string();
    let early = ground.ledger.accepted(&ground.world, &only, "early", body.as_bytes()).await;
    ground.stream(&[&early]).await.unwrap();
    assert_eq!(run(&ground, &early).await["error"]["code"], "no_matching_deal");
    let late = ground.accepted(9).await;
    ground.stream(&[&late]).await.unwrap();
    ground.bells(&[ground.bell(&early, 2)]).await;
    assert_eq!(ground.shown(&early).await["runs"][1]["deal"]["did"], "updated");
    ground.one_deal_each(2).await;
}

#[tokio::test]
async fn if_18_a_transaction_that_met_another_is_done_again_and_once() {
    let reasons: [&[&str]; 4] = [
        &["None", "TransactionConflict", "None"],
        &["ThrottlingError", "None", "None"],
        &["None", "None", "ProvisionedThroughputExceeded"],
        &["ConditionalCheckFailed", "TransactionConflict", "None"],
    ];
    for reasons in reasons {
        let ground = Ground::new().await;
        let error = AwsError::transaction_cancelled(reasons);
        ground.on("process", "TransactWriteItems").times(2).pre_err(error);
        let id = ground.received(1).await;
        assert_eq!(run(&ground, &id).await["status"], "success", "{reasons:?}");
        assert_eq!(ground.depth("process-retry"), (0, 0));
        ground.one_deal_each(1).await;
    }
}

#[tokio::test]
async fn if_18_a_run_that_was_written_before_counts_as_done() {
    let ground = Ground::by_hand().await;
    let id = ground.accepted(1).await;
    ground.stream(&[&id]).await.unwrap();
    let before = ground.digest().await;
    ground.world.host.cold_start("process").unwrap();
    ground.faults().record();
    ground.stream(&[&id, &id]).await.unwrap();
    let cancelled = ground
        .faults()
        .calls()
        .iter()
        .any(|call| call.function == "process" && call.status == Some(400));
    assert!(
        cancelled,
        "{:?}: the condition on the run's row was put to the test",
        ground.faults().calls()
    );
    assert_eq!(ground.digest().await, before);
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn if_18_what_no_try_can_mend_is_an_error_and_never_a_success() {
    let too_large = json!({"CancellationReasons": [
        {"Code": "ValidationError", "Message": "Item size has exceeded the maximum allowed size"},
        {"Code": "None"}, {"Code": "TransactionConflict"},
    ]});
    for fields in [too_large, json!({"CancellationReasons": [{"Code": "ValidationError"}]})] {
        let ground = Ground::new().await;
        let mut error = AwsError::new(400, "TransactionCanceledException");
        error.fields = fields;
        ground.on("process", "TransactWriteItems").pre_err(error);
        let id = ground.received(1).await;
        let run = run(&ground, &id).await;
        assert_eq!(
            (&run["status"], &run["error"]["code"]),
            (&json!("error"), &json!("deal_too_large"))
        );
        assert_eq!((&run["contact"], &run["deal"]), (&Value::Null, &Value::Null));
        ground.one_deal_each(0).await;
    }
}

#[tokio::test]
async fn if_19_a_token_in_use_or_used_for_something_else_is_tried_again_with_a_new_one() {
    for code in ["TransactionInProgressException", "IdempotentParameterMismatchException"] {
        let ground = Ground::new().await;
        ground.on("process", "TransactWriteItems").times(2).pre_err(AwsError::new(400, code));
        let id = ground.received(1).await;
        assert_eq!(run(&ground, &id).await["status"], "success", "{code}");
        ground.one_deal_each(1).await;
    }
}

#[tokio::test]
async fn if_19_a_transaction_whose_reply_was_lost_has_one_effect() {
    let ground = Ground::new().await;
    ground.on("process", "TransactWriteItems").post_err();
    ground.received(1).await;
    ground.on("process", "TransactWriteItems").times(5).post_err();
    ground.received(2).await;
    ground.one_deal_each(2).await;
}

#[tokio::test]
async fn if_20_the_same_write_after_eleven_minutes_has_no_second_effect() {
    let ground = Ground::new().await;
    let id = ground.received(1).await;
    ground.set(json!({"tag": "de novo"})).await;
    let held = ground.on("process", "TransactWriteItems").hold_after();
    ground.ring("process-retry", &ground.bell(&id, 2));
    soon(held.reached()).await;
    ground.world.host.kill("process").unwrap();
    ground.faults().clear();
    let before = ground.digest().await;
    // The client's token is forgotten after ten minutes; the row of the run is not.
    ground.later(SignedDuration::from_mins(11)).await;
    assert_eq!(ground.depth("process-retry"), (0, 0));
    assert_eq!(ground.digest().await, before);
    assert_eq!(ground.shown(&id).await["runs"].as_array().unwrap().len(), 2);
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn if_25_a_commit_after_the_message_was_visible_again_makes_the_second_run_a_no_op() {
    let ground = Ground::new().await;
    let id = ground.received(1).await;
    for (run, after) in [(2, false), (3, true)] {
        ground.set(json!({"tag": format!("run {run}")})).await;
        let rule = ground.on("process", "TransactWriteItems");
        let held = if after { rule.hold_after() } else { rule.hold_before() };
        ground.ring("process-retry", &ground.bell(&id, run));
        soon(held.reached()).await;
        // The same message again, while the first invocation still works on it.
        ground.world.advance(HIDDEN);
        soon(async {
            while ground.depth("process-retry").0 > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        held.release();
        ground.world.settle().await;
        let runs = ground.shown(&id).await["runs"].as_array().unwrap().len();
        assert_eq!(u32::try_from(runs).unwrap(), run);
        ground.faults().clear();
    }
    ground.recover().await;
    assert_eq!(ground.depth("process-retry"), (0, 0));
    ground.one_deal_each(1).await;
}

#[tokio::test]
async fn i22_active_is_shown_as_it_was_at_receipt() {
    let ground = Ground::new().await;
    let path = format!("/v1/integrations/{}", ground.to.id);
    let early = ground.received(1).await;
    ground.world.patch(&path, json!({"active": false})).await.expect(200);
    ground.ledger.integrations_are(false);
    ground.later(SignedDuration::from_secs(6)).await;
    let late = ground.received(2).await;
    assert_eq!(run(&ground, &late).await["error"]["code"], "integration_inactive");
    ground.world.patch(&path, json!({"active": true})).await.expect(200);
    ground.later(SignedDuration::from_secs(6)).await;
    ground.bells(&[ground.bell(&late, 2)]).await;
    assert_eq!(ground.shown(&late).await["active"], false);
    assert_eq!(ground.shown(&early).await["active"], true);
    assert!(matches!(ground.ledger.sent()[1].outcome, Outcome::Accepted(_)));
    assert_eq!(ground.world.payload(&ground.to, &early).await, person(1));
    ground.one_deal_each(2).await;
}
