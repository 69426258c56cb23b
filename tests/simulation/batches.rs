//! Batches of streams and queues: repeated records and messages have no second effect, and the
//! response lists exactly the failed items.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::BeforeSerializationInterceptorContextRef,
    },
    error::BoxError,
    operation::query::QueryInput,
};
use jiff::SignedDuration;
use local::{AwsError, Misdelivery, functions};
use serde_json::json;

use crate::{
    harness::{HIDDEN, Harness, bare, name, person, soon},
    redeliver::{failed, sequence_number},
};

/// Sends people while *process* is paused at its first call, so that they are in one batch.
async fn in_one_batch(harness: &Harness, people: std::ops::Range<u32>) -> Vec<String> {
    let held = harness.on("process", "*").hold_before();
    let mut ids = vec![harness.accepted(people.start).await];
    soon(held.reached()).await;
    for n in people.skip(1) {
        ids.push(harness.accepted(n).await);
    }
    harness.world.host.kill("process").unwrap();
    ids
}

#[tokio::test]
async fn if_05_a_reader_killed_in_the_middle_of_a_batch_has_one_effect_each() {
    // The last person's commit is the 4th: a part of the batch is done.
    for strike in [2, 4, 7] {
        let harness = Harness::new().await;
        let held = harness.on("process", "TransactWriteItems").nth(strike).hold_after();
        in_one_batch(&harness, 0..10).await;
        soon(held.reached()).await;
        harness.world.host.kill("process").unwrap();
        harness.recover().await;
        harness.one_deal_each(10).await;
    }
}

#[tokio::test]
async fn if_05_batches_delivered_again_whole_or_in_part_have_one_effect_each() {
    for seed in 1..=3 {
        eprintln!("seed {seed}");
        let repeats = Misdelivery::new(seed, 5, true);
        let harness = Harness::with(json!({}), |builder| builder.misdelivery(repeats)).await;
        for n in 0..12 {
            harness.accepted(n).await;
        }
        harness.recover().await;
        harness.one_deal_each(12).await;
    }
}

#[tokio::test]
async fn if_06_a_message_whose_reply_was_lost_is_enqueued_twice_and_has_one_effect() {
    let harness = Harness::new().await;
    let conflict = AwsError::transaction_cancelled(&["TransactionConflict"]);
    harness.on("process", "TransactWriteItems").times(5).pre_err(conflict);
    harness.on("process", "SendMessage").post_err();
    harness.faults().record();
    let id = harness.received(1).await;
    let enqueued =
        harness.faults().calls().iter().filter(|call| call.operation == "SendMessage").count();
    assert_eq!(enqueued, 2);
    assert_eq!(harness.shown(&id).await["runs"].as_array().unwrap().len(), 1);
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_06_a_message_that_cannot_be_enqueued_is_enqueued_when_the_record_is_repeated() {
    let harness = Harness::new().await;
    let conflict = AwsError::transaction_cancelled(&["TransactionConflict"]);
    harness.on("process", "TransactWriteItems").times(5).pre_err(conflict);
    harness.on("process", "SendMessage").times(5).pre_err(AwsError::internal());
    harness.received(1).await;
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_06_a_record_neither_processed_nor_deferred_is_returned_to_the_stream() {
    let harness = Harness::by_hand().await;
    let (first, second, stranger) =
        (harness.accepted(0).await, harness.accepted(1).await, harness.accepted(2).await);
    // Of the second person, too.
    let (world, body) = (&harness.world, person(1));
    let later = harness.recorded_calls.accepted(world, &harness.to, "later", &body).await;
    let ids = [first, second, stranger, later];
    // The SDK does not retry a client error.
    harness.always("process", "SendMessage", AwsError::new(400, "InvalidAddress"));
    let rule = harness.on("process", "TransactWriteItems").containing(bare(&ids[1])).always();
    rule.pre_err(AwsError::transaction_cancelled(&["TransactionConflict"]));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let answer = harness.stream(&ids).await.unwrap();
    // The person's next webhook waits, because those of one are processed in order.
    let mut again = failed(&answer);
    again.sort();
    assert_eq!(again, [sequence_number(1), sequence_number(3)]);
    harness.faults().clear();
    assert!(failed(&harness.stream(&ids[1..]).await.unwrap()).is_empty());
    harness.one_deal_each(3).await;
}

#[tokio::test]
async fn if_21_a_poison_message_ends_in_the_dead_letter_queue_and_the_rest_of_its_batch_commits() {
    let harness = Harness::new().await;
    let id = harness.received(1).await;
    let missing = harness.message(&id.replace(&id[20..], "000000000000000a"), 1);
    let unknown = harness.message(&id, 2).replace("\"v\":1", "\"v\":99");
    for body in ["{ not JSON", &unknown, &missing, &harness.message(&id, 2)] {
        harness.enqueue("process-retry", body);
    }
    harness.world.settle().await;
    assert_eq!(harness.shown(&id).await["runs"].as_array().unwrap().len(), 2);
    assert_eq!(harness.depth("process-retry"), (0, 2), "the other two are deleted");
    for _ in 0..6 {
        harness.later(HIDDEN).await;
    }
    assert_eq!(harness.depth("process-retry"), (0, 0));
    let dead = harness.world.host.queues().bodies(&harness.queue("process-retry-dlq")).unwrap();
    assert_eq!(dead, ["{ not JSON".to_owned(), unknown]);
    assert_eq!(harness.shown(&id).await["status"], "success");
    harness.one_deal_each(1).await;
}

/// Ten webhooks with a run each, and messages for a second.
async fn ten(harness: &Harness) -> (Vec<String>, Vec<String>) {
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(harness.accepted(n).await);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(failed(&harness.stream(&all).await.unwrap()).is_empty());
    let messages = ids.iter().map(|id| harness.message(id, 2)).collect();
    (ids, messages)
}

/// The ids of the messages at these places, counted from 1.
fn bodies_of(places: impl IntoIterator<Item = usize>) -> Vec<String> {
    places.into_iter().map(|place| format!("m{place}")).collect()
}

#[tokio::test]
async fn if_22_of_a_batch_of_ten_exactly_the_third_and_the_seventh_are_returned() {
    let harness = Harness::by_hand().await;
    let (ids, messages) = ten(&harness).await;
    for place in [3, 7] {
        let rule = harness.on("process", "Query").containing(bare(&ids[place - 1])).always();
        rule.pre_err(AwsError::new(400, "ValidationException"));
    }
    assert_eq!(harness.messages(&messages).await, bodies_of([3, 7]));
    harness.faults().clear();
    for (place, id) in (1..).zip(&ids) {
        let runs = harness.shown(id).await["runs"].as_array().unwrap().len();
        assert_eq!(runs, if matches!(place, 3 | 7) { 1 } else { 2 }, "item {place}");
    }
    assert!(harness.messages(&messages).await.is_empty());
    harness.one_deal_each(10).await;
}

/// Panics inside *process*, in the middle of its work on one webhook: where the SDK is about to
/// request its row.
#[derive(Debug)]
struct Panics(String);

impl Intercept for Panics {
    fn name(&self) -> &'static str {
        "Panics"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let query = context.input().downcast_ref::<QueryInput>();
        let mut values =
            query.and_then(|query| query.expression_attribute_values()).into_iter().flatten();
        assert!(!values.any(|(_, value)| value.as_s().is_ok_and(|key| *key == self.0)), "planted");
        Ok(())
    }
}

#[tokio::test]
async fn if_23_a_panic_in_the_fourth_item_returns_the_fourth_alone() {
    let harness = Harness::by_hand().await;
    let (ids, messages) = ten(&harness).await;
    let mut deps = harness.world.host.deps_for("process").unwrap();
    let panics = Panics(bare(&ids[3]).to_owned());
    let config = deps.dynamo.config().to_builder().interceptor(panics).build();
    deps.dynamo = aws_sdk_dynamodb::Client::from_conf(config);
    let process = harness.world.host.lambda("process").unwrap();
    process.replace(functions::make("process", deps).unwrap().unwrap());
    assert_eq!(harness.messages(&messages).await, bodies_of([4]));
    harness.world.host.cold_start("process").unwrap();
    assert!(harness.messages(&messages).await.is_empty());
    harness.one_deal_each(10).await;
}

#[tokio::test]
async fn if_24_an_invocation_that_runs_out_of_time_stops_early_and_returns_the_rest() {
    let harness = Harness::by_hand().await;
    let (ids, messages) = ten(&harness).await;
    let held = harness.on("process", "Query").containing(bare(&ids[4])).hold_before();
    let time_passes = async {
        soon(held.reached()).await;
        harness.world.advance(SignedDuration::from_secs(26));
        held.release();
    };
    let (returned, ()) = tokio::join!(harness.messages(&messages), time_passes);
    assert_eq!(returned, bodies_of(6..=10));
    assert!(harness.messages(&messages).await.is_empty());
    harness.one_deal_each(10).await;
}

#[tokio::test]
async fn if_24_a_stream_s_batch_stops_early_too() {
    let harness = Harness::by_hand().await;
    let mut ids = Vec::new();
    for n in 0..10 {
        // Of one person, one after the other: strangers would have begun before the deadline.
        let body = String::from_utf8(person(0)).unwrap().replace("Pedido", &format!("Versão {n}:"));
        let sent = (&name(n), body.as_bytes());
        ids.push(
            harness.recorded_calls.accepted(&harness.world, &harness.to, sent.0, sent.1).await,
        );
    }
    let held = harness.on("process", "TransactWriteItems").containing(bare(&ids[4])).hold_before();
    let time_passes = async {
        soon(held.reached()).await;
        harness.world.advance(SignedDuration::from_secs(26));
        held.release();
    };
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (answer, ()) = tokio::join!(harness.stream(&ids), time_passes);
    let rest: Vec<String> = (5..10).map(sequence_number).collect();
    assert_eq!(failed(&answer.unwrap()), rest);
    harness.stream(&ids[5..]).await.unwrap();
    harness.one_deal_each(1).await;
}

#[tokio::test]
async fn if_27_a_thousand_messages_start_at_most_the_maximum_and_none_is_dead_lettered() {
    let harness = Harness::new().await;
    let (now, most, done) = <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let counts = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&done));
    let process = harness.world.host.lambda("process").unwrap();
    process.replace(Arc::new(move |_, _| {
        let (now, most, done) = counts.clone();
        Box::pin(async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            done.fetch_add(1, Ordering::SeqCst);
            Ok(json!({}))
        })
    }));
    for n in 0..1_000 {
        harness.enqueue("process-retry", &format!("{{\"n\":{n}}}"));
    }
    harness.world.settle().await;
    assert!(done.load(Ordering::SeqCst) >= 100);
    let most = most.load(Ordering::SeqCst);
    assert!((1..=10).contains(&most), "{most} at once");
    assert_eq!(
        (harness.depth("process-retry"), harness.depth("process-retry-dlq")),
        ((0, 0), (0, 0))
    );
}
