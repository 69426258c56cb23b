//! The checker and the digest must be able to fail: each fault planted here in the tables is named.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use tests::checker::{self, Outcome, Row, text};

use crate::harness::Ground;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn put(ground: &Ground, setting: &str, row: Row) {
    let table = ground.world.host.environment("process", setting).unwrap();
    let put = ground.world.host.dynamo_client().put_item().table_name(table);
    put.set_item(Some(row)).send().await.unwrap();
}

async fn delete(ground: &Ground, setting: &str, row: &Row) {
    let table = ground.world.host.environment("process", setting).unwrap();
    let delete = ground.world.host.dynamo_client().delete_item().table_name(table);
    let delete = delete.key("pk", s(text(row, "pk"))).key("sk", s(text(row, "sk")));
    delete.send().await.unwrap();
}

async fn find(ground: &Ground, setting: &str, wanted: impl Fn(&Row) -> bool) -> Row {
    ground.rows(setting).await.into_iter().find(wanted).unwrap()
}

/// The checker names an invariant, and the world was in order before.
async fn named(ground: &Ground, invariant: &str) {
    let found = checker::violations(&ground.world, &ground.ledger).await;
    assert!(found.iter().any(|line| line.starts_with(invariant)), "{invariant}: {found:?}");
}

async fn sound() -> Ground {
    let ground = Ground::new().await;
    ground.received(1).await;
    ground.holds().await;
    ground
}

fn is_run(row: &Row) -> bool {
    text(row, "sk").contains("#r")
}

#[tokio::test]
async fn a_webhook_that_was_lost_after_its_2xx_is_noticed() {
    let ground = sound().await;
    for row in ground.rows("TABLE_HISTORY").await {
        delete(&ground, "TABLE_HISTORY", &row).await;
    }
    named(&ground, "I1").await;
}

#[tokio::test]
async fn a_body_that_is_not_the_one_that_was_sent_is_noticed() {
    let ground = sound().await;
    let mut sent = ground.ledger.sent().remove(0);
    sent.body =
        serde_json::from_slice::<serde_json::Value>(&sent.body).unwrap().to_string().into_bytes();
    let Outcome::Accepted(id) = &sent.outcome else { panic!("not accepted") };
    assert_ne!(ground.world.payload(&ground.to, id).await, sent.body);
}

#[tokio::test]
async fn a_run_out_of_turn_and_a_forgotten_webhook_are_noticed() {
    let ground = sound().await;
    let mut row = find(&ground, "TABLE_HISTORY", is_run).await;
    let sk = text(&row, "sk").replace("#r0001", "#r0002");
    row.insert("sk".to_owned(), s(&sk));
    put(&ground, "TABLE_HISTORY", row.clone()).await;
    named(&ground, "I3").await;

    let ground = sound().await;
    let row = find(&ground, "TABLE_HISTORY", is_run).await;
    delete(&ground, "TABLE_HISTORY", &row).await;
    ground.world.clock.advance(SignedDuration::from_mins(50));
    let found = checker::violations(&ground.world, &ground.ledger).await;
    assert!(found.iter().any(|line| line.starts_with("I5")), "an effect without a run: {found:?}");
}

#[tokio::test]
async fn a_deal_more_than_the_runs_made_is_noticed() {
    let ground = sound().await;
    let before = ground.digest().await;
    let mut row = find(&ground, "TABLE_CRM", |row| text(row, "sk") == "deal").await;
    let pk = text(&row, "pk");
    let other = format!("{}0", &pk[..pk.len() - 1]);
    let other = if other == pk { format!("{}1", &pk[..pk.len() - 1]) } else { other };
    row.insert("pk".to_owned(), s(&other));
    put(&ground, "TABLE_CRM", row).await;
    named(&ground, "I5").await;
    _ = before;
}

#[tokio::test]
async fn an_update_applied_twice_is_noticed() {
    let ground = sound().await;
    let mut row = find(&ground, "TABLE_CRM", |row| text(row, "sk") == "contact").await;
    row.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
    put(&ground, "TABLE_CRM", row).await;
    named(&ground, "I5").await;
}

#[tokio::test]
async fn a_key_without_its_workspace_is_noticed() {
    let ground = sound().await;
    let mut row = find(&ground, "TABLE_CRM", |row| text(row, "pk").contains("#email#")).await;
    let pk = text(&row, "pk").split_once('#').unwrap().1.to_owned();
    row.insert("pk".to_owned(), s(&pk));
    put(&ground, "TABLE_CRM", row).await;
    named(&ground, "I13").await;
}

#[tokio::test]
async fn a_counter_that_lost_count_is_noticed() {
    let ground = sound().await;
    // Old enough to be counted, not read.
    ground.later(SignedDuration::from_hours(72)).await;
    ground.holds().await;
    let path = format!("/v1/origins/{}/webhooks", ground.to.origin);
    let table = ground.world.host.environment("tally", "TABLE_TALLIES").unwrap();
    let client = ground.world.host.dynamo_client();
    for row in ground.rows("TABLE_TALLIES").await {
        if row.contains_key("d") {
            let delete = client.delete_item().table_name(table);
            let delete = delete.key("pk", s(text(&row, "pk"))).key("sk", s(text(&row, "sk")));
            delete.send().await.unwrap();
        }
    }
    let found = checker::violations(&ground.world, &ground.ledger).await;
    assert!(!found.is_empty(), "{path} still counts");
}

#[tokio::test]
async fn a_digest_tells_two_runs_apart() {
    let ground = sound().await;
    let one = ground.digest().await;
    assert_eq!(ground.digest().await, one);
    let mut row = find(&ground, "TABLE_CRM", |row| text(row, "sk") == "deal").await;
    row.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
    ground.received(2).await;
    let two = ground.digest().await;
    assert_ne!(two, one);
    assert_ne!(two.business(), one.business());
    assert_eq!((one.webhooks.len(), one.contacts.len(), one.deals.len()), (1, 1, 1));
}

#[tokio::test]
async fn a_lookup_that_was_never_written_is_noticed() {
    let ground = sound().await;
    let row = find(&ground, "TABLE_LOOKUPS", |row| text(row, "pk").contains("email:")).await;
    delete(&ground, "TABLE_LOOKUPS", &row).await;
    named(&ground, "run 1").await;
}
