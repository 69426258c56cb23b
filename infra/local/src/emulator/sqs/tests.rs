use std::{sync::Mutex, time::Duration};

use futures::FutureExt;
use gancho_edge::clock::{Clock, ManualClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;

use super::{settings::Fifo, *};
use crate::emulator::{
    activity::Activity, clock::HostClock, lambda::Lambda, rng::Misdelivery, state::State,
};

fn settings(name: &str) -> QueueSettings {
    QueueSettings {
        name: name.to_owned(),
        visibility: 180,
        retention: 86_400,
        ..QueueSettings::default()
    }
}

fn world(settings: Vec<QueueSettings>, misdelivery: Misdelivery) -> (Queues, ManualClock) {
    let hand = ManualClock::new(Timestamp::UNIX_EPOCH);
    let clock = HostClock::new(Clock::Manual(hand.clone()), &Handle::current());
    (Queues::new(settings, State::open(None).unwrap(), clock, misdelivery), hand)
}

/// A standard queue `q` with its dead letters.
fn queues(misdelivery: Misdelivery) -> (Queues, ManualClock) {
    let redrive = Some((2, "q-dlq".to_owned()));
    world(vec![QueueSettings { redrive, ..settings("q") }, settings("q-dlq")], misdelivery)
}

/// A FIFO queue `l` with its dead letters.
fn lanes(misdelivery: Misdelivery) -> (Queues, ManualClock) {
    let fifo = Some(Fifo { by_content: false, per_group: true });
    let redrive = Some((2, "l-dlq".to_owned()));
    let queue = QueueSettings { redrive, fifo, ..settings("l") };
    world(vec![queue, QueueSettings { fifo, ..settings("l-dlq") }], misdelivery)
}

fn enqueue(queues: &Queues, group: &str, body: &str) -> Sent {
    let message = Outgoing { body, delay: 0, group: Some(group), deduplication: Some(body) };
    queues.send_message("l", &message).unwrap()
}

fn bodies(messages: &[Received]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

fn received(queues: &Queues, queue: &str, most: usize) -> Vec<Received> {
    queues.receive(queue, most, None).unwrap()
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_visibility_timeout_ends() {
    let (queues, hand) = queues(Misdelivery::default());
    queues.send("q", "a", 0, None).unwrap();
    assert_eq!(received(&queues, "q", 10).len(), 1);
    hand.advance(SignedDuration::from_secs(179));
    assert!(received(&queues, "q", 10).is_empty());
    hand.advance(SignedDuration::from_secs(1));
    let again = received(&queues, "q", 10);
    assert_eq!((again[0].receives, again[0].first_received_at), (2, 0));
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let (queues, hand) = queues(Misdelivery::default());
    let id = queues.send("q", "a", 0, None).unwrap();
    for _ in 0..2 {
        assert_eq!(received(&queues, "q", 10).len(), 1);
        hand.advance(SignedDuration::from_secs(180));
    }
    assert!(received(&queues, "q", 10).is_empty());
    let dead = received(&queues, "q-dlq", 10);
    assert_eq!(dead[0].message_id, id);
    assert_eq!(dead[0].receives, 1);
    assert_eq!(dead[0].source_arn.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:q"));
}

#[tokio::test]
async fn a_delay_runs_by_the_host_s_clock() {
    let (queues, hand) = queues(Misdelivery::default());
    queues.send("q", "a", 900, None).unwrap();
    assert_eq!(queues.depth("q").unwrap(), Depth { visible: 0, in_flight: 0, delayed: 1 });
    hand.advance(SignedDuration::from_secs(900));
    assert_eq!(received(&queues, "q", 1)[0].body, "a");
    assert_eq!(queues.send("q", "a", 901, None).unwrap_err().code, "InvalidParameterValue");
}

#[tokio::test]
async fn an_old_receipt_deletes_nothing() {
    let (queues, hand) = queues(Misdelivery::default());
    queues.send("q", "a", 0, None).unwrap();
    let first = received(&queues, "q", 1).remove(0);
    hand.advance(SignedDuration::from_secs(180));
    let second = received(&queues, "q", 1).remove(0);
    queues.delete("q", &first.receipt).unwrap();
    assert_eq!(queues.depth("q").unwrap().in_flight, 1);
    queues.delete("q", &second.receipt).unwrap();
    assert_eq!(queues.depth("q").unwrap(), Depth::default());
    assert_eq!(queues.delete("q", "x").unwrap_err().code, "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn a_visibility_of_zero_gives_a_message_back_at_once() {
    let (queues, _) = queues(Misdelivery::default());
    queues.send("q", "a", 0, None).unwrap();
    let message = received(&queues, "q", 1).remove(0);
    queues.change_visibility("q", &message.receipt, 0).unwrap();
    assert_eq!(queues.depth("q").unwrap().visible, 1);
    let error = queues.change_visibility("q", &message.receipt, 5).unwrap_err();
    assert_eq!(error.code, "MessageNotInflight");
}

#[tokio::test]
async fn a_shuffled_queue_hands_out_every_message_once_in_another_order() {
    let (queues, _) = queues(Misdelivery::new(1, 1, true));
    for n in 0..20 {
        queues.send("q", &n.to_string(), 0, None).unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < 20 {
        let batch = received(&queues, "q", 10);
        assert!(!batch.is_empty());
        seen.extend(batch.into_iter().map(|m| m.body.parse::<u32>().unwrap()));
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    assert_ne!(seen, sorted);
}

#[tokio::test]
async fn a_noisy_group_does_not_keep_the_others_waiting() {
    let (queues, _) = queues(Misdelivery::default());
    for n in 0..100 {
        queues.send("q", &format!("noisy {n}"), 0, Some("noisy")).unwrap();
    }
    let first = received(&queues, "q", 10);
    assert_eq!(first.len(), 10);
    queues.send("q", "quiet", 0, Some("quiet")).unwrap();
    queues.send("q", "alone", 0, None).unwrap();
    let next = received(&queues, "q", 3);
    assert_eq!(bodies(&next), ["quiet", "alone", "noisy 10"]);
    // Handled messages no longer count.
    for message in &first {
        queues.delete("q", &message.receipt).unwrap();
    }
    queues.send("q", "quiet again", 0, Some("quiet")).unwrap();
    assert_eq!(bodies(&received(&queues, "q", 2)), ["noisy 11", "quiet again"]);
}

#[tokio::test]
async fn no_more_than_the_limit_are_in_flight() {
    let few = QueueSettings { most_in_flight: 2, ..settings("few") };
    let (queues, _) = world(vec![few], Misdelivery::default());
    for body in ["a", "b", "c"] {
        queues.send("few", body, 0, None).unwrap();
    }
    let first = received(&queues, "few", 10);
    assert_eq!(bodies(&first), ["a", "b"]);
    assert_eq!(queues.receive("few", 1, None).unwrap_err().code, "OverLimit");
    queues.delete("few", &first[0].receipt).unwrap();
    assert_eq!(bodies(&received(&queues, "few", 10)), ["c"]);
    assert_eq!((MOST_IN_FLIGHT, MOST_IN_FLIGHT_FIFO), (120_000, 20_000));
}

#[tokio::test]
async fn a_group_with_a_message_in_flight_gives_no_other() {
    let (queues, _) = lanes(Misdelivery::default());
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")] {
        enqueue(&queues, group, body);
    }
    let first = received(&queues, "l", 1);
    assert_eq!(bodies(&first), ["a1"]);
    let second = received(&queues, "l", 10);
    assert_eq!(bodies(&second), ["b1", "b2"]);
    assert!(received(&queues, "l", 10).is_empty());
    assert!(!queues.is_ready("l").unwrap());
    queues.delete("l", &first[0].receipt).unwrap();
    assert!(queues.is_ready("l").unwrap());
    assert_eq!(bodies(&received(&queues, "l", 10)), ["a2"]);
}

#[tokio::test]
async fn a_message_that_failed_comes_again_before_those_behind_it() {
    let (queues, hand) = lanes(Misdelivery::default());
    enqueue(&queues, "a", "a1");
    enqueue(&queues, "a", "a2");
    let both = received(&queues, "l", 10);
    assert_eq!(bodies(&both), ["a1", "a2"]);
    queues.delete("l", &both[1].receipt).unwrap();
    enqueue(&queues, "a", "a3");
    assert!(received(&queues, "l", 10).is_empty());
    assert_eq!(queues.next_visible("l").unwrap(), Some(180_000));
    hand.advance(SignedDuration::from_secs(180));
    assert_eq!(bodies(&received(&queues, "l", 10)), ["a1", "a3"]);
}

#[tokio::test]
async fn a_wait_of_a_fifo_message_is_its_visibility() {
    let (queues, hand) = lanes(Misdelivery::default());
    enqueue(&queues, "a", "a1");
    let message = received(&queues, "l", 1).remove(0);
    queues.change_visibility("l", &message.receipt, 30).unwrap();
    enqueue(&queues, "a", "a2");
    hand.advance(SignedDuration::from_secs(29));
    assert!(received(&queues, "l", 10).is_empty());
    hand.advance(SignedDuration::from_secs(1));
    // A FIFO queue refuses a receipt whose visibility timeout has ended.
    let late = queues.delete("l", &message.receipt).unwrap_err();
    assert_eq!(late.code, "InvalidParameterValue");
    assert_eq!(bodies(&received(&queues, "l", 10)), ["a1", "a2"]);
}

#[tokio::test]
async fn the_same_deduplication_id_within_five_minutes_is_not_kept_again() {
    let (queues, hand) = lanes(Misdelivery::default());
    let first = enqueue(&queues, "a", "x");
    let message = received(&queues, "l", 1).remove(0);
    queues.delete("l", &message.receipt).unwrap();
    hand.advance(SignedDuration::from_millis(299_999));
    assert_eq!(enqueue(&queues, "a", "x"), first);
    assert_eq!(queues.depth("l").unwrap(), Depth::default());
    // Another group is another scope of deduplication.
    assert_ne!(enqueue(&queues, "b", "x"), first);
    hand.advance(SignedDuration::from_millis(1));
    let again = enqueue(&queues, "a", "x");
    assert!(again.id != first.id && again.sequence > first.sequence);
    assert_eq!(queues.depth("l").unwrap().visible, 2);
}

#[tokio::test]
async fn parameters_of_the_other_kind_of_queue_are_refused() {
    let (lanes, _) = lanes(Misdelivery::default());
    let (queues, _) = queues(Misdelivery::default());
    let whole = Outgoing { body: "m", delay: 0, group: Some("a"), deduplication: Some("d") };
    let code = |queue: &str, message: Outgoing<'_>| {
        let queues = if queue == "l" { &lanes } else { &queues };
        queues.send_message(queue, &message).map_or_else(|error| error.code, |_| "")
    };
    assert_eq!(code("l", Outgoing { delay: 1, ..whole }), "InvalidParameterValue");
    assert_eq!(code("l", Outgoing { group: None, ..whole }), "MissingParameter");
    assert_eq!(code("l", Outgoing { deduplication: None, ..whole }), "InvalidParameterValue");
    assert_eq!(code("l", Outgoing { group: Some("a b"), ..whole }), "InvalidParameterValue");
    assert_eq!(code("l", whole), "");
    assert_eq!(code("q", whole), "InvalidParameterValue");
    assert_eq!(code("q", Outgoing { deduplication: None, ..whole }), "");
}

#[tokio::test]
async fn a_fifo_queue_may_deduplicate_by_content() {
    let fifo = Some(Fifo { by_content: true, per_group: false });
    let (queues, _) = world(vec![QueueSettings { fifo, ..settings("c") }], Misdelivery::default());
    let send = |body, group| {
        let message = Outgoing { body, group: Some(group), ..Outgoing::default() };
        queues.send_message("c", &message).unwrap().id
    };
    assert_eq!(send("x", "a"), send("x", "b"));
    assert_ne!(send("x", "a"), send("y", "a"));
}

#[tokio::test]
async fn a_fifo_message_received_too_often_makes_way_for_the_next_of_its_group() {
    let (queues, hand) = lanes(Misdelivery::default());
    enqueue(&queues, "a", "a1");
    for _ in 0..2 {
        assert_eq!(bodies(&received(&queues, "l", 1)), ["a1"]);
        hand.advance(SignedDuration::from_secs(180));
    }
    enqueue(&queues, "a", "a2");
    assert_eq!(bodies(&received(&queues, "l", 1)), ["a2"]);
    let dead = received(&queues, "l-dlq", 1);
    assert_eq!((dead[0].body.as_str(), dead[0].group_id.as_deref()), ("a1", Some("a")));
}

#[tokio::test]
async fn shuffling_keeps_the_order_within_a_group() {
    let (queues, _) = lanes(Misdelivery::new(3, 1, true));
    for n in 0..30 {
        enqueue(&queues, ["a", "b", "c"][n % 3], &format!("{n:02}"));
    }
    let mut seen: Vec<(String, String)> = Vec::new();
    while seen.len() < 30 {
        for message in received(&queues, "l", 10) {
            queues.delete("l", &message.receipt).unwrap();
            seen.push((message.group_id.unwrap(), message.body));
        }
    }
    for group in ["a", "b", "c"] {
        let own: Vec<_> = seen.iter().filter(|(of, _)| of == group).collect();
        assert!(own.is_sorted() && own.len() == 10, "{own:?}");
    }
}

/// A function that logs its messages and fails those with the body `bad`.
fn logging(seen: &Arc<Mutex<Vec<String>>>) -> crate::emulator::lambda::Function {
    let seen = Arc::clone(seen);
    Arc::new(move |event: Vec<u8>, _| {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let mut failures = Vec::new();
        for record in event["Records"].as_array().unwrap() {
            let body = record["body"].as_str().unwrap();
            seen.lock().unwrap().push(body.to_owned());
            if body == "bad" {
                failures.push(json!({"itemIdentifier": record["messageId"]}));
            }
        }
        async move { Ok(json!({ "batchItemFailures": failures })) }.boxed()
    })
}

async fn eventually(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wait).await.unwrap();
}

#[tokio::test]
async fn a_source_of_a_fifo_queue_keeps_what_failed_and_never_runs_a_group_twice_at_a_time() {
    let (queues, _) = lanes(Misdelivery::default());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (code, limit, activity) = (logging(&seen), Duration::from_secs(5), Activity::default());
    let clock = queues.clock().clone();
    let lambda = Arc::new(Lambda::new("deliver", limit, code, clock, activity.clone()));
    for (group, body) in [("a", "bad"), ("a", "behind"), ("b", "good")] {
        enqueue(&queues, group, body);
    }
    let settings =
        SourceSettings { queue: "l".to_owned(), batch_size: 10, concurrency: 4, partial: true };
    let source = Source::new(settings, lambda, queues.clone(), Misdelivery::default(), activity);
    source.start(&Handle::current());
    let one_left = Depth { in_flight: 1, ..Depth::default() };
    eventually(|| queues.depth("l").unwrap() == one_left).await;
    assert_eq!(*seen.lock().unwrap(), ["bad", "behind", "good"]);
    enqueue(&queues, "a", "later");
    enqueue(&queues, "b", "free");
    eventually(|| seen.lock().unwrap().len() == 4).await;
    assert_eq!(seen.lock().unwrap()[3], "free");
    assert_eq!(queues.bodies("l").unwrap()[0], "bad");
}
