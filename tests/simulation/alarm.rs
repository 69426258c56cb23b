//! Tests of the checker and the digest: each fault planted in the tables is reported.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use tests::checker::{self, Outcome, Row, text};

use crate::harness::Harness;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn put(harness: &Harness, setting: &str, row: Row) {
    let table = harness.world.host.environment("process", setting).unwrap();
    let put = harness.world.host.dynamo_client().put_item().table_name(table);
    put.set_item(Some(row)).send().await.unwrap();
}

async fn delete(harness: &Harness, setting: &str, row: &Row) {
    let table = harness.world.host.environment("process", setting).unwrap();
    let delete = harness.world.host.dynamo_client().delete_item().table_name(table);
    let delete = delete.key("pk", s(text(row, "pk"))).key("sk", s(text(row, "sk")));
    delete.send().await.unwrap();
}

async fn find(harness: &Harness, setting: &str, matches: impl Fn(&Row) -> bool) -> Row {
    harness.rows(setting).await.into_iter().find(matches).unwrap()
}

/// Asserts that the checker reports this invariant.
async fn named(harness: &Harness, invariant: &str) {
    let found = checker::violations(&harness.world, &harness.recorded_calls).await;
    assert!(found.iter().any(|line| line.starts_with(invariant)), "{invariant}: {found:?}");
}

async fn sound() -> Harness {
    let harness = Harness::new().await;
    harness.received(1).await;
    harness.holds().await;
    harness
}

fn is_run(row: &Row) -> bool {
    text(row, "sk").contains("#r")
}

#[tokio::test]
async fn a_webhook_that_was_lost_after_its_2xx_is_noticed() {
    let harness = sound().await;
    for row in harness.rows("TABLE_HISTORY").await {
        delete(&harness, "TABLE_HISTORY", &row).await;
    }
    named(&harness, "I1").await;
}

#[tokio::test]
async fn a_body_that_is_not_the_one_that_was_sent_is_noticed() {
    let harness = sound().await;
    let mut sent = harness.recorded_calls.sent().remove(0);
    sent.body =
        serde_json::from_slice::<serde_json::Value>(&sent.body).unwrap().to_string().into_bytes();
    let Outcome::Accepted(id) = &sent.outcome else { panic!("not accepted") };
    assert_ne!(harness.world.payload(&harness.to, id).await, sent.body);
}

#[tokio::test]
async fn a_run_out_of_order_and_a_forgotten_webhook_are_noticed() {
    let harness = sound().await;
    let mut row = find(&harness, "TABLE_HISTORY", is_run).await;
    let sk = text(&row, "sk").replace("#r0001", "#r0002");
    row.insert("sk".to_owned(), s(&sk));
    put(&harness, "TABLE_HISTORY", row.clone()).await;
    named(&harness, "I3").await;

    let harness = sound().await;
    let row = find(&harness, "TABLE_HISTORY", is_run).await;
    delete(&harness, "TABLE_HISTORY", &row).await;
    harness.world.clock.advance(SignedDuration::from_mins(50));
    let found = checker::violations(&harness.world, &harness.recorded_calls).await;
    assert!(found.iter().any(|line| line.starts_with("I5")), "an effect without a run: {found:?}");
}

#[tokio::test]
async fn an_additional_deal_is_noticed() {
    let harness = sound().await;
    let before = harness.digest().await;
    let mut row = find(&harness, "TABLE_CRM", |row| text(row, "sk") == "deal").await;
    let pk = text(&row, "pk");
    let other = format!("{}0", &pk[..pk.len() - 1]);
    let other = if other == pk { format!("{}1", &pk[..pk.len() - 1]) } else { other };
    row.insert("pk".to_owned(), s(&other));
    put(&harness, "TABLE_CRM", row).await;
    named(&harness, "I5").await;
    _ = before;
}

#[tokio::test]
async fn an_update_applied_twice_is_noticed() {
    let harness = sound().await;
    let mut row = find(&harness, "TABLE_CRM", |row| text(row, "sk") == "contact").await;
    row.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
    put(&harness, "TABLE_CRM", row).await;
    named(&harness, "I5").await;
}

#[tokio::test]
async fn a_key_without_its_workspace_is_noticed() {
    let harness = sound().await;
    let mut row = find(&harness, "TABLE_CRM", |row| text(row, "pk").contains("#email#")).await;
    let pk = text(&row, "pk").split_once('#').unwrap().1.to_owned();
    row.insert("pk".to_owned(), s(&pk));
    put(&harness, "TABLE_CRM", row).await;
    named(&harness, "I13").await;
}

#[tokio::test]
async fn a_wrong_counter_is_noticed() {
    let harness = sound().await;
    // Old enough to come from the counters, not from the rows.
    harness.later(SignedDuration::from_hours(72)).await;
    harness.holds().await;
    let path = format!("/v1/origins/{}/webhooks", harness.to.origin);
    let table = harness.world.host.environment("tally", "TABLE_TALLIES").unwrap();
    let client = harness.world.host.dynamo_client();
    for row in harness.rows("TABLE_TALLIES").await {
        if row.contains_key("d") {
            let delete = client.delete_item().table_name(table);
            let delete = delete.key("pk", s(text(&row, "pk"))).key("sk", s(text(&row, "sk")));
            delete.send().await.unwrap();
        }
    }
    let found = checker::violations(&harness.world, &harness.recorded_calls).await;
    assert!(!found.is_empty(), "{path} still counts");
}

#[tokio::test]
async fn digests_of_different_runs_differ() {
    let harness = sound().await;
    let one = harness.digest().await;
    assert_eq!(harness.digest().await, one);
    let mut row = find(&harness, "TABLE_CRM", |row| text(row, "sk") == "deal").await;
    row.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
    harness.received(2).await;
    let two = harness.digest().await;
    assert_ne!(two, one);
    assert_ne!(two.business(), one.business());
    assert_eq!((one.webhooks.len(), one.contacts.len(), one.deals.len()), (1, 1, 1));
}

#[tokio::test]
async fn a_lookup_that_was_never_written_is_noticed() {
    let harness = sound().await;
    let row = find(&harness, "TABLE_LOOKUPS", |row| text(row, "pk").contains("email:")).await;
    delete(&harness, "TABLE_LOOKUPS", &row).await;
    named(&harness, "run 1").await;
}
