//! The host as a whole, with functions that the tests define, against AWS's behaviour.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt;
use gancho_edge::{
    clock::{Clock, ManualClock},
    queue::Queue,
};
use jiff::{SignedDuration, Timestamp};
use local::{AwsError, Builder, Function, Host, HostError, Misdelivery};
use serde_json::{Value, json};

type Log = Arc<Mutex<Vec<Value>>>;

/// A function that logs its events and returns `answer`.
fn logging(log: &Log, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Function {
    let log = Arc::clone(log);
    Arc::new(move |event, _| {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let answer = answer(&event);
        log.lock().unwrap().push(event);
        async move { Ok(answer) }.boxed()
    })
}

fn done() -> Function {
    logging(&Log::default(), |_| json!({}))
}

/// A host whose functions do nothing, with a clock that stands at noon.
fn quiet() -> (Builder, ManualClock) {
    let hand = ManualClock::new("2026-11-21T12:00:00Z".parse().unwrap());
    let mut builder = Host::builder().clock(Clock::Manual(hand.clone()));
    let inbound = ["ingest", "process", "history", "reprocess", "manage", "tally", "authorizer"];
    let outbound = ["publish", "dispatch", "deliver", "deliveries", "suspension"];
    for function in inbound.into_iter().chain(outbound) {
        builder = builder.function(function, done());
    }
    (builder, hand)
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn put(host: &Host, pk: &str, sk: &str) {
    let put = host.dynamo_client().put_item().table_name("HistoryTable");
    put.item("pk", s(pk)).item("sk", s(sk)).item("w", s("writer")).send().await.unwrap();
}

/// The sort keys of the records in `log`, in the order of their delivery.
fn sort_keys(log: &Log) -> Vec<String> {
    let log = log.lock().unwrap();
    let records = log.iter().flat_map(|event| event["Records"].as_array().unwrap());
    records.map(|r| r["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_write_reaches_both_readers_of_the_stream_in_the_order_of_its_key() {
    let (process, tally) = (Log::default(), Log::default());
    let (builder, _) = quiet();
    let builder = builder.function("process", logging(&process, |_| json!({})));
    let host = builder.function("tally", logging(&tally, |_| json!({}))).start().await.unwrap();
    for n in 0..60 {
        put(&host, "one", &format!("{n:02}")).await;
    }
    host.settle().await.unwrap();
    let expected: Vec<String> = (0..60).map(|n| format!("{n:02}")).collect();
    assert_eq!(sort_keys(&process), expected);
    assert_eq!(sort_keys(&tally), expected);
    let first = process.lock().unwrap()[0]["Records"][0].clone();
    assert_eq!(first["eventName"], "INSERT");
    assert_eq!(first["dynamodb"]["ApproximateCreationDateTime"], 1_795_262_400);
    let arn = first["eventSourceARN"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/HistoryTable/stream/"));
}

#[tokio::test]
async fn a_failed_record_is_delivered_again_and_earlier_ones_are_not() {
    let log = Log::default();
    let failed = Mutex::new(false);
    let process = logging(&log, move |event| {
        let records = event["Records"].as_array().unwrap();
        let bad = records.iter().find(|r| r["dynamodb"]["Keys"]["sk"]["S"] == "b");
        let mut failed = failed.lock().unwrap();
        match bad {
            Some(bad) if !*failed => {
                *failed = true;
                let id = &bad["dynamodb"]["SequenceNumber"];
                json!({"batchItemFailures": [{"itemIdentifier": id}]})
            }
            Some(_) | None => json!({"batchItemFailures": []}),
        }
    });
    let host = quiet().0.function("process", process).start().await.unwrap();
    for sk in ["a", "b", "c"] {
        put(&host, "one", sk).await;
    }
    host.settle().await.unwrap();
    let seen = sort_keys(&log);
    let count = |sk: &str| seen.iter().filter(|seen| *seen == sk).count();
    assert_eq!(count("a"), 1, "{seen:?}");
    assert_eq!(count("b"), 2, "{seen:?}");
    assert_eq!(seen.last().unwrap(), "c");
}

#[tokio::test]
async fn the_next_process_does_the_work_that_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::default();
    let stuck: Function = Arc::new(|_, _| std::future::pending().boxed());
    let host = quiet().0.data(folder.path()).start().await.unwrap();
    put(&host, "one", "done").await;
    host.settle().await.unwrap();
    drop(host);
    let host = quiet().0.data(folder.path()).function("process", stuck).start().await.unwrap();
    for n in 0..10 {
        put(&host, &format!("key {n}"), &format!("open {n}")).await;
    }
    let error = host.settle_within(Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(error, HostError::Unsettled { .. }), "{error}");
    drop(host);
    let process = logging(&log, |_| json!({}));
    let host = quiet().0.data(folder.path()).function("process", process).start().await.unwrap();
    host.settle().await.unwrap();
    let mut seen = sort_keys(&log);
    seen.sort();
    assert_eq!(seen, (0..10).map(|n| format!("open {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn two_hosts_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = quiet().0.data(folder.path()).start().await.unwrap();
    let second = quiet().0.data(folder.path()).start().await.unwrap_err();
    assert!(second.to_string().contains("lock"), "{second}");
}

#[tokio::test]
async fn a_message_that_fails_five_times_is_in_the_dead_letter_queue() {
    let log = Log::default();
    let process = logging(&log, |event| {
        let Some(record) = event["Records"].get(0) else { return json!({}) };
        json!({"batchItemFailures": [{"itemIdentifier": record["messageId"]}]})
    });
    let (builder, hand) = quiet();
    let host = builder.function("process", process).start().await.unwrap();
    let deps = host.deps_for("process").unwrap();
    let url = &deps.settings.queues[&Queue::ProcessRetry];
    deps.sqs.send_message().queue_url(url).message_body("{\"v\":1}").send().await.unwrap();
    for _ in 0..5 {
        host.settle().await.unwrap();
        hand.advance(SignedDuration::from_secs(180));
    }
    host.settle().await.unwrap();
    let log = log.lock().unwrap();
    let arns: Vec<_> =
        log.iter().filter_map(|e| e["Records"][0]["eventSourceARN"].as_str()).collect();
    assert_eq!(arns.len(), 5, "{arns:?}");
    let last = log.iter().rev().find(|event| event["Records"].is_array()).unwrap();
    assert_eq!(last["Records"][0]["attributes"]["ApproximateReceiveCount"], "5");
    assert_eq!(host.queues().bodies("gancho-process-retry-dlq").unwrap(), ["{\"v\":1}"]);
}

#[tokio::test]
async fn the_sdk_speaks_to_the_queues() {
    let (builder, hand) = quiet();
    let host = builder.event_sources(false).start().await.unwrap();
    let deps = host.deps_for("reprocess").unwrap();
    let (sqs, url) = (deps.sqs, deps.settings.queues[&Queue::ReprocessJobs].clone());
    let sent = sqs.send_message().queue_url(&url).message_body("hi").delay_seconds(5);
    let sent = sent.send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("49f68a5c8493ec2c0bf489821c21fc3b"));
    let receive = || async {
        let received = sqs.receive_message().queue_url(&url).max_number_of_messages(10);
        received.send().await.unwrap().messages.unwrap_or_default()
    };
    assert!(receive().await.is_empty());
    hand.advance(SignedDuration::from_secs(5));
    let message = receive().await.remove(0);
    assert_eq!(message.body(), Some("hi"));
    let handle = message.receipt_handle().unwrap();
    sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
    hand.advance(SignedDuration::from_secs(1000));
    assert!(receive().await.is_empty());
    let error = sqs.send_message().queue_url(&url).message_body("\u{1}").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_message_contents());
    let error = sqs.receive_message().queue_url("http://h/0/none").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn faults_strike_the_call_that_they_name() {
    let host = quiet().0.start().await.unwrap();
    let faults = host.faults();
    faults.record();
    faults.meter(true);
    faults.on("PutItem").table("history").nth(1).pre_err(AwsError::throttling());
    put(&host, "a", "b").await;
    faults.on("PutItem").table("history").nth(1).post_err();
    put(&host, "a", "c").await;
    let calls = faults.calls();
    let statuses: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(400), Some(200), Some(200), Some(200)]);
    assert!(calls.iter().all(|call| call.table() == "history" && call.function == "test"));
    assert!((calls[1].capacity - 1.0).abs() < f64::EPSILON, "{:?}", calls[1]);
}

#[tokio::test]
async fn a_cancelled_transaction_has_its_reasons() {
    use aws_sdk_dynamodb::{
        operation::transact_write_items::TransactWriteItemsError,
        types::{Put, TransactWriteItem},
    };
    let host = quiet().0.start().await.unwrap();
    let error = AwsError::transaction_cancelled(&["None", "TransactionConflict"]);
    host.faults().on("TransactWriteItems").always().pre_err(error);
    let put = Put::builder().table_name("CrmTable").item("pk", s("a")).item("sk", s("b"));
    let item = TransactWriteItem::builder().put(put.build().unwrap()).build();
    let sent = host.dynamo_client().transact_write_items().transact_items(item).send().await;
    let error = sent.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{error:?}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|r| r.code()).collect();
    assert_eq!(codes, [Some("None"), Some("TransactionConflict")]);
}

#[tokio::test]
async fn a_held_call_can_be_killed_before_and_after_it_is_done() {
    let host = quiet().0.start().await.unwrap();
    for (sk, after, stored) in [("before", false, false), ("after", true, true)] {
        let rule = host.faults().on("PutItem");
        let held = if after { rule.hold_after() } else { rule.hold_before() };
        {
            let writing = std::pin::pin!(put(&host, "k", sk));
            tokio::select! {
                () = held.reached() => {}
                () = writing => panic!("not held"),
            }
        }
        host.faults().clear();
        host.settle().await.unwrap();
        let get = host.dynamo_client().get_item().table_name("HistoryTable");
        let got = get.key("pk", s("k")).key("sk", s(sk)).send().await.unwrap();
        assert_eq!(got.item.is_some(), stored, "{sk}");
    }
}

#[tokio::test]
async fn an_expired_row_is_removed_by_the_service_and_its_stream_says_so() {
    let (process, tally) = (Log::default(), Log::default());
    let (builder, hand) = quiet();
    let builder = builder.function("process", logging(&process, |_| json!({})));
    let host = builder.function("tally", logging(&tally, |_| json!({}))).start().await.unwrap();
    let soon = hand.now().as_second() + 60;
    let write = host.dynamo_client().put_item().table_name("HistoryTable");
    let write = write.item("pk", s("p")).item("sk", s("s")).item("w", s("writer"));
    let write = write.item("expires_at", AttributeValue::N(soon.to_string()));
    write.send().await.unwrap();
    // The insertion is delivered before the removal exists, so that they are in two batches.
    host.settle().await.unwrap();
    assert_eq!(host.sweep_ttl().await.unwrap(), 0);
    hand.advance(SignedDuration::from_secs(60));
    assert_eq!(host.sweep_ttl().await.unwrap(), 1);
    host.settle().await.unwrap();
    let removal = tally.lock().unwrap().last().unwrap()["Records"][0].clone();
    assert_eq!(removal["eventName"], "REMOVE");
    assert_eq!(removal["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
    let seen = process.lock().unwrap();
    let names: Vec<_> = seen.iter().filter_map(|e| e["Records"][0]["eventName"].as_str()).collect();
    assert_eq!(names, ["INSERT"], "the filter of the template");
}

#[tokio::test]
async fn a_schedule_runs_when_its_time_has_come() {
    let log = Log::default();
    let (builder, hand) = quiet();
    let host = builder.function("process", logging(&log, |_| json!({}))).start().await.unwrap();
    let sweeps = || {
        let log = log.lock().unwrap();
        log.iter().filter(|event| event["detail-type"] == "sweep").count()
    };
    hand.advance(SignedDuration::from_mins(59));
    host.settle().await.unwrap();
    assert_eq!(sweeps(), 0);
    hand.advance(SignedDuration::from_mins(1));
    host.settle().await.unwrap();
    assert_eq!(sweeps(), 1);
    host.run_schedule("sweep").await.unwrap();
    assert_eq!(sweeps(), 2);
}

#[tokio::test]
async fn deliveries_repeat_when_repeats_are_set() {
    let log = Log::default();
    let (builder, _) = quiet();
    let builder = builder.misdelivery(Misdelivery::new(3, 5, true)).shards(2);
    let host = builder.function("process", logging(&log, |_| json!({}))).start().await.unwrap();
    for n in 0..20 {
        put(&host, "one", &format!("{n:02}")).await;
    }
    host.settle().await.unwrap();
    let mut seen = sort_keys(&log);
    assert!(seen.len() > 20, "{}", seen.len());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 20);
}

#[tokio::test]
async fn a_stream_is_trimmed_to_what_every_reader_has_done() {
    let host = quiet().0.start().await.unwrap();
    for n in 0..50 {
        put(&host, &n.to_string(), "x").await;
    }
    host.settle().await.unwrap();
    for _ in 0..100 {
        if host.dynamo().read_stream("HistoryTable", 0, 100).unwrap().len() <= 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not trimmed");
}

async fn gateway() -> (Host, Log, reqwest::Client) {
    let log = Log::default();
    let (builder, _) = quiet();
    let ingest = logging(&log, |event| {
        assert_ne!(event["rawPath"], "/in/panic", "the path that panics");
        json!({"statusCode": 202, "body": "taken", "cookies": ["a=1", "b=2"]})
    });
    let history = logging(&log, |event| json!({"who": event["requestContext"]["authorizer"]}));
    let authorizer = logging(&Log::default(), |event| {
        let known = event["identitySource"][0] == "Bearer good";
        json!({"isAuthorized": known, "context": {"role": "admin"}})
    });
    let builder = builder.function("ingest", ingest).function("history", history);
    let builder = builder.function("authorizer", authorizer).trust_source_header(true);
    (builder.start().await.unwrap(), log, reqwest::Client::new())
}

#[tokio::test]
async fn a_request_goes_through_the_gateway_to_its_function_and_back() {
    let (host, log, http) = gateway().await;
    let post = http.post(format!("{}/in/to%20ken?a=1", host.base_url())).body("\u{1f3a3}");
    let post =
        post.header("content-type", "text/plain").header("x-gancho-test-source-ip", "9.9.9.9");
    let answer = post.send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(answer.text().await.unwrap(), "taken");
    let event = log.lock().unwrap()[0].clone();
    assert_eq!(event["pathParameters"]["token"], "to ken");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "9.9.9.9");
    assert_eq!(event["requestContext"]["timeEpoch"], 1_795_262_400_000_i64);
    assert!(event["headers"].get("x-gancho-test-source-ip").is_none());
    assert_eq!(event["body"], "\u{1f3a3}");
}

#[tokio::test]
async fn the_authorizer_is_in_front_of_the_api() {
    let (host, _, http) = gateway().await;
    let url = format!("{}/v1/origins/o/webhooks", host.base_url());
    assert_eq!(http.get(&url).send().await.unwrap().status(), 401);
    let bad = http.get(&url).header("authorization", "Bearer bad").send().await.unwrap();
    assert_eq!(
        (bad.status().as_u16(), bad.text().await.unwrap().as_str()),
        (403, "{\"message\":\"Forbidden\"}")
    );
    let good = http.get(&url).header("authorization", "Bearer good").send().await.unwrap();
    let who: Value = good.json().await.unwrap();
    assert_eq!(who, json!({"who": {"lambda": {"role": "admin"}}}));
    // `$default` is behind the authorizer too, except CORS preflights.
    let other = format!("{}/other", host.base_url());
    assert_eq!(http.get(&other).send().await.unwrap().status(), 401);
    let preflight = http.request(reqwest::Method::OPTIONS, &other).send().await.unwrap();
    assert_eq!(preflight.status(), 200);
}

#[tokio::test]
async fn in_23_the_gateway_refuses_what_is_too_large() {
    let (host, log, http) = gateway().await;
    let url = format!("{}/in/token", host.base_url());
    let send = |bytes: usize, kind: &'static str| {
        http.post(&url).header("content-type", kind).body(vec![b'a'; bytes]).send()
    };
    for (bytes, kind, status) in [
        (6_000_000, "text/plain", 202),
        (6_300_000, "text/plain", 413),
        (4_600_000, "image/png", 202),
        (4_800_000, "image/png", 413),
        (10 * 1024 * 1024 + 1, "text/plain", 413),
    ] {
        assert_eq!(send(bytes, kind).await.unwrap().status(), status, "{bytes} {kind}");
    }
    assert_eq!(log.lock().unwrap().len(), 2);
    let lengthy = http.get(&url).header("x-long", "a".repeat(10_240)).send().await.unwrap();
    assert_eq!(lengthy.status(), 431);
}

#[tokio::test]
async fn in_24_two_hundred_headers_reach_the_function() {
    let (host, log, http) = gateway().await;
    let mut post = http.post(format!("{}/in/token", host.base_url()));
    for n in 0..200 {
        post = post.header(format!("x-{n}"), "v");
    }
    assert_eq!(post.send().await.unwrap().status(), 202);
    assert_eq!(log.lock().unwrap()[0]["headers"]["x-199"], "v");
}

#[tokio::test]
async fn a_function_that_panics_is_an_internal_server_error_and_the_next_request_is_served() {
    let (host, _, http) = gateway().await;
    let url = |token: &str| format!("{}/in/{token}", host.base_url());
    let broken = http.post(url("panic")).send().await.unwrap();
    assert_eq!(broken.status(), 500);
    assert_eq!(broken.text().await.unwrap(), "{\"message\":\"Internal Server Error\"}");
    assert_eq!(http.post(url("fine")).send().await.unwrap().status(), 202);
}

#[test]
fn the_noon_of_these_tests_is_the_one_that_they_name() {
    assert_eq!("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap().as_second(), 1_795_262_400);
}
