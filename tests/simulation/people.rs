//! The lines of a batch (decision 0088): strangers are processed side by side, the webhooks of one
//! person in their order.

use std::time::Duration;

use local::faults::Call;
use serde_json::json;

use crate::harness::{Harness, soon};

/// The runs of a batch that are in progress at a time.
const AT_ONCE: u32 = 16;
/// The webhooks that the stream gives at a time, at most.
const BATCH: u32 = 100;
/// The times of DynamoDB's calls at their slow end: "single-digit milliseconds", and twice that for
/// a transaction.
const TIMES: [(&str, Duration); 3] = [
    ("GetItem", Duration::from_millis(5)),
    ("BatchGetItem", Duration::from_millis(5)),
    ("TransactWriteItems", Duration::from_millis(10)),
];
const PUT: Duration = Duration::from_millis(5);

#[tokio::test]
async fn strangers_are_processed_side_by_side_at_400_a_second_or_more_by_their_calls_in_a_row() {
    let harness = Harness::by_hand().await;
    let mut ids = Vec::new();
    for n in 0..BATCH {
        ids.push(harness.accepted(n).await);
    }
    harness.faults().record();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    harness.stream(&ids).await.unwrap();
    let calls = harness.faults().calls();
    let count = |operation: &str| {
        let of = |call: &&Call| call.function == "process" && call.operation == operation;
        calls.iter().filter(of).count()
    };
    let (mut of_batch, mut of_run) = (Duration::ZERO, Duration::ZERO);
    for (operation, takes) in TIMES {
        of_batch += takes * u32::try_from(count(operation) % ids.len()).unwrap();
        of_run += takes * u32::try_from(count(operation) / ids.len()).unwrap();
    }
    // A run writes its lookups side by side, after everything else.
    of_run += PUT;
    let whole = of_batch + of_run * BATCH.div_ceil(AT_ONCE);
    let rate = f64::from(BATCH) / whole.as_secs_f64();
    eprintln!("of the batch {of_batch:?}, of a run {of_run:?}: {rate:.0} webhooks a second");
    assert!(rate >= 400.0);
    harness.one_deal_each(ids.len()).await;
}

#[tokio::test]
async fn sixteen_strangers_are_committed_at_a_time() {
    let harness = Harness::by_hand().await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(harness.accepted(n).await);
    }
    let event = harness.stream_event(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let commits = |nth: u64| harness.on("process", "TransactWriteItems").nth(nth).hold_before();
    let held: Vec<_> = (1..=AT_ONCE).map(|nth| commits(u64::from(nth))).collect();
    let next = commits(u64::from(AT_ONCE) + 1);
    let host = &harness.world.host;
    let process = async { host.invoke("process", event).await.unwrap() };
    let watch = async {
        for commit in &held {
            soon(commit.reached()).await;
        }
        assert!(!next.is_reached());
        harness.faults().clear();
    };
    let (reply, ()) = tokio::join!(process, watch);
    assert_eq!(reply, json!({"batchItemFailures": []}));
    harness.one_deal_each(20).await;
}

/// A body of a person with the given addresses.
fn body(email: Option<&str>, phone: Option<&str>, title: &str) -> Vec<u8> {
    json!({"email": email, "phone": phone, "title": title}).to_string().into_bytes()
}

#[tokio::test]
async fn webhooks_of_one_person_never_swap_though_they_name_different_addresses() {
    let harness = Harness::by_hand().await;
    let phone = Some("+5511987654321");
    let send = async |name: &str, body: Vec<u8>| {
        harness.recorded_calls.accepted(&harness.world, &harness.to, name, &body).await
    };
    // The contact owns both addresses before the batch, which names one of them in each webhook.
    let known = send("known", body(Some("ana@example.com"), phone, "Conhecida")).await;
    harness.stream(&[known.as_str()]).await.unwrap();
    let first = send("first", body(Some("ana@example.com"), None, "Primeira")).await;
    let stranger = send("stranger", body(Some("rui@example.com"), None, "Outra pessoa")).await;
    let second = send("second", body(None, phone, "Segunda")).await;

    let commit = harness.on("process", "TransactWriteItems").containing("Primeira").hold_before();
    let event = harness.stream_event(&[first.as_str(), stranger.as_str(), second.as_str()]).await;
    let host = &harness.world.host;
    let process = async { host.invoke("process", event).await.unwrap() };
    let watch = async {
        soon(commit.reached()).await;
        soon(async {
            while harness.shown(&stranger).await["status"] != "success" {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(harness.shown(&second).await["status"], "pending", "it overtook the first");
        commit.release();
    };
    let (reply, ()) = tokio::join!(process, watch);
    assert_eq!(reply, json!({"batchItemFailures": []}));
    let mut titles: Vec<String> = harness
        .world
        .deals(&harness.to.origin)
        .await
        .iter()
        .map(|deal| deal["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    assert_eq!(titles, ["Outra pessoa", "Segunda"]);
}

#[tokio::test]
async fn what_cannot_be_read_before_its_run_keeps_its_place_in_its_integration() {
    let harness = Harness::by_hand().await;
    let first = {
        let large = crate::harness::large(1);
        harness.recorded_calls.accepted(&harness.world, &harness.to, "large", &large).await
    };
    let later = harness.accepted(2).await;
    let chunk = harness.on("process", "GetItem").table("bodies").hold_before();
    let event = harness.stream_event(&[first.as_str(), later.as_str()]).await;
    let host = &harness.world.host;
    let process = async { host.invoke("process", event).await.unwrap() };
    let watch = async {
        soon(chunk.reached()).await;
        assert_eq!(harness.shown(&later).await["status"], "pending");
        chunk.release();
    };
    let (reply, ()) = tokio::join!(process, watch);
    assert_eq!(reply, json!({"batchItemFailures": []}));
    harness.one_deal_each(2).await;
}
