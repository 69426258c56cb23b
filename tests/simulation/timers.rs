//! The timers of *suspension* over thousands of workspaces (`CATALOGUE OR-10, OR-11`): the calls of
//! a run are counted, not its seconds.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, NoticeId, WorkspaceId},
    outbound::notice::{Notice, NoticeKind},
};
use gancho_edge::queue::Queue;
use gancho_store::parked::Parked;
use jiff::{SignedDuration, Timestamp};
use local::{AwsError, faults::Call, lambda::InvokeError};
use serde_json::{Value, json};
use tests::outbound::Outbound;

use crate::harness::{seconds, soon};

/// A world in which no function runs by itself.
async fn still() -> Outbound {
    Outbound::with(|builder| builder.event_sources(false)).await
}

fn ids(number: usize) -> [u8; 10] {
    let mut ids = [7; 10];
    ids[2..].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    ids
}

/// Workspaces in their order.
fn workspace(number: usize) -> WorkspaceId {
    WorkspaceId::new(Timestamp::UNIX_EPOCH, &ids(number))
}

fn attempt(number: usize) -> Parked {
    let delivery = DeliveryId::new(Timestamp::UNIX_EPOCH, &ids(number));
    let group = EndpointId::new(Timestamp::UNIX_EPOCH, &ids(number)).to_string();
    Parked::Deliver { delivery, attempt: 2, group: Some(group) }
}

/// Parks entries of workspaces, each for its time.
async fn park(out: &Outbound, entries: impl Iterator<Item = (usize, Timestamp)>) {
    let now = out.world.now();
    let parking = entries.enumerate().map(|(number, (ws, due))| async move {
        out.store.park(workspace(ws), (due, now), &attempt(number)).await.unwrap();
    });
    stream::iter(parking).buffer_unordered(16).collect::<()>().await;
}

/// Invokes *suspension* as its schedule does.
async fn scheduled(out: &Outbound) -> Result<Value, InvokeError> {
    let event = json!({"source": "gancho.schedule", "detail-type": "minute", "detail": {}});
    out.world.host.invoke("suspension", event).await
}

async fn minute(out: &Outbound) {
    scheduled(out).await.unwrap();
}

/// The calls of one run, by operation.
async fn calls_of_a_minute(out: &Outbound) -> BTreeMap<String, usize> {
    out.world.host.faults().record();
    minute(out).await;
    let calls = out.world.host.faults().calls();
    out.world.host.faults().stop_recording();
    count(&calls)
}

fn count(calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.clone()).or_default() += 1;
    }
    counts
}

/// The number of messages in the queue of deliveries: those that wait for a delay too.
fn enqueued(out: &Outbound) -> u64 {
    let depth = out.world.host.queues().depth(&out.queue("deliver")).unwrap();
    depth.visible + depth.delayed
}

/// The messages in the queue of deliveries.
async fn bodies(out: &Outbound) -> Vec<Value> {
    let queues = out.world.host.deps_for("suspension").unwrap().queues();
    let mut bodies = Vec::new();
    loop {
        let url = queues.url(Queue::Deliver).unwrap();
        let receive = queues.client().receive_message().queue_url(url).max_number_of_messages(10);
        let got = receive.send().await.unwrap().messages.unwrap_or_default();
        if got.is_empty() {
            return bodies;
        }
        let texts = got.iter().map(|message| message.body.as_deref().unwrap());
        bodies.extend(texts.map(|body| serde_json::from_str::<Value>(body).unwrap()));
    }
}

/// The entries that are parked, by workspace.
async fn left(out: &Outbound) -> BTreeMap<WorkspaceId, usize> {
    let mut left = BTreeMap::new();
    for entry in out.parked().await {
        *left.entry(entry.workspace).or_default() += 1;
    }
    left
}

#[tokio::test]
async fn or_10_one_entry_of_each_of_five_thousand_workspaces_is_enqueued_by_one_run() {
    let out = still().await;
    let due = out.world.now() + seconds(1_830);
    park(&out, (0..5_000).map(|ws| (ws, due))).await;
    out.world.advance(seconds(1_800));
    let calls = calls_of_a_minute(&out).await;
    assert_eq!(left(&out).await, BTreeMap::new());
    assert_eq!(enqueued(&out), 5_000);
    // Five thousand messages ten by ten, and deletions 25 by 25; a unit may be begun and not full.
    let (sends, deletes) = (calls["SendMessageBatch"], calls["BatchWriteItem"]);
    assert!((500..=510).contains(&sends) && (200..=205).contains(&deletes), "{calls:?}");
    // Pages of four partitions of two hours, unsent notices, the row of the hours.
    let reads = calls.values().sum::<usize>() - sends - deletes;
    assert!(reads <= 24, "{calls:?}");
}

/// Runs a minute whose time is over after so many calls to the queue.
async fn cut_after(out: &Outbound, sends: u64) {
    let faults = out.world.host.faults();
    let held = faults.on("SendMessageBatch").nth(sends).times(u64::MAX / 2).hold_before();
    let run = async {
        minute(out).await;
    };
    let over = async {
        soon(held.reached()).await;
        out.world.advance(seconds(60));
        held.release();
    };
    tokio::join!(run, over);
    faults.clear();
}

#[tokio::test]
async fn or_10_a_crowd_due_in_one_minute_takes_no_time_of_the_others_and_goes_first_next_time() {
    let out = still().await;
    let due = out.world.now() + seconds(1_830);
    // The crowd sorts before and between the others.
    let crowds = (0..8_000).map(|number| (number % 2 * 100, due));
    park(&out, crowds.chain((1..=50).map(|ws| (ws, due)))).await;
    out.world.advance(seconds(1_800));
    // A share of a crowd is fifty calls.
    cut_after(&out, 300).await;
    let rest = left(&out).await;
    let shares: Vec<usize> = [0, 100].map(|ws| 4_000 - rest[&workspace(ws)]).to_vec();
    assert_eq!(rest.len(), 2, "every other workspace's entry is enqueued: {rest:?}");
    assert!(shares.iter().all(|share| *share >= 500), "{shares:?}");
    assert!(shares[0].abs_diff(shares[1]) <= 1_000, "by turns: {shares:?}");
    // New entries do not pass those that are left.
    park(&out, (0..10).map(|_| (200, out.world.now() + seconds(30)))).await;
    cut_after(&out, 20).await;
    let next = left(&out).await;
    let done: usize = [0, 100].map(|ws| rest[&workspace(ws)] - next[&workspace(ws)]).iter().sum();
    assert!(done >= 150, "what was left is first: {done}");
    minute(&out).await;
    assert_eq!(left(&out).await, BTreeMap::new());
    assert_eq!(enqueued(&out), 8_060, "each once");
}

#[tokio::test]
async fn or_11_overdue_entries_of_a_workspace_are_enqueued_at_their_pace_and_delay_no_other() {
    let out = still().await;
    let due = out.world.now() + seconds(1_200);
    park(&out, (0..6_400).map(|_| (1, due)).chain([(2, due)])).await;
    out.world.advance(seconds(5_000));
    minute(&out).await;
    assert_eq!(left(&out).await, BTreeMap::from([(workspace(1), 400)]));
    let queue = out.world.host.queues().depth(&out.queue("deliver")).unwrap();
    assert_eq!((queue.visible, queue.delayed), (101, 5_900), "a hundred a second");
    out.world.advance(seconds(60));
    assert_eq!(out.world.host.queues().depth(&out.queue("deliver")).unwrap().delayed, 0);
    minute(&out).await;
    assert_eq!(left(&out).await, BTreeMap::new());
}

#[tokio::test]
async fn or_11_a_run_killed_at_any_of_its_batches_loses_no_entry() {
    for operation in ["SendMessageBatch", "BatchWriteItem"] {
        for nth in [1, 2, 5] {
            let out = still().await;
            let due = out.world.now() + seconds(1_200);
            park(&out, (0..600).map(|number| (number % 7, due))).await;
            let (mut expected, mut found) = (BTreeSet::new(), BTreeSet::new());
            expected.extend((0..600).map(|number| format!("{:?}", attempt(number))));
            out.world.advance(seconds(1_200));
            for after in [false, true] {
                let rule = out.world.host.faults().on(operation).nth(nth).times(1_000);
                let held = if after { rule.hold_after() } else { rule.hold_before() };
                let killed = async {
                    soon(held.reached()).await;
                    out.world.host.kill("suspension").unwrap();
                };
                let run = scheduled(&out);
                let (run, ()) = tokio::join!(run, killed);
                assert!(run.is_err(), "{operation} {nth}");
                out.world.host.faults().clear();
            }
            let still = out.parked().await.len();
            assert!(still > 0, "{operation} {nth}: it was killed before its end");
            minute(&out).await;
            assert_eq!(out.parked().await, []);
            for body in bodies(&out).await {
                let (delivery, attempt) = (body["delivery"].clone(), body["attempt"].clone());
                let group = body["group"].as_str().map(str::to_owned);
                let delivery = serde_json::from_value(delivery).unwrap();
                let attempt = serde_json::from_value(attempt).unwrap();
                found.insert(format!("{:?}", Parked::Deliver { delivery, attempt, group }));
            }
            assert_eq!(found, expected, "{operation} {nth}");
        }
    }
}

#[tokio::test]
async fn or_11_entries_of_days_without_the_schedule_are_found_and_then_a_run_makes_five_calls() {
    let out = still().await;
    // Nothing was ever parked.
    let calls = calls_of_a_minute(&out).await;
    assert_eq!(calls, BTreeMap::from([("GetItem".to_owned(), 1), ("Query".to_owned(), 1)]));
    let dues = [1_000, 90_000, 259_000, 259_100].map(|after| out.world.now() + seconds(after));
    park(&out, dues.into_iter().enumerate()).await;
    out.world.advance(seconds(259_200 + 600));
    minute(&out).await;
    assert_eq!((left(&out).await.len(), enqueued(&out)), (0, 4));
    // The hours that were not empty are read once more, strongly consistent.
    minute(&out).await;
    let calls = calls_of_a_minute(&out).await;
    assert_eq!(calls, BTreeMap::from([("Query".to_owned(), 5)]), "four partitions, the notices");
    // A new process reads where they are.
    out.world.host.cold_start("suspension").unwrap();
    let calls = calls_of_a_minute(&out).await;
    assert_eq!((calls["GetItem"], calls["Query"]), (1, 5));
}

#[tokio::test]
async fn or_11_an_entry_that_was_left_for_hours_is_first_and_costs_its_own_hour_only() {
    let out = still().await;
    let due = out.world.now() + seconds(1_000);
    park(&out, [(1, due)].into_iter()).await;
    out.world.advance(seconds(1_020));
    let faults = out.world.host.faults();
    faults.on("SendMessageBatch").always().pre_err(AwsError::new(400, "X"));
    for _ in 0..10 {
        minute(&out).await;
        out.world.advance(SignedDuration::from_mins(61));
    }
    faults.clear();
    assert_eq!(left(&out).await.len(), 1);
    faults.on("SendMessageBatch").pre_err(AwsError::new(400, "X"));
    let calls = calls_of_a_minute(&out).await;
    let reads = calls["Query"];
    assert!(reads <= 13, "its hour, the hour that ended and this one, and the notices: {calls:?}");
    minute(&out).await;
    assert_eq!((left(&out).await.len(), enqueued(&out)), (0, 1));
}

#[tokio::test]
async fn or_11_a_partition_that_cannot_be_read_delays_no_other_and_closes_no_hour() {
    let out = still().await;
    let due = out.world.now() + seconds(1_000);
    park(&out, (0..40).map(|ws| (ws, due))).await;
    // The hour is over, by more than the margin.
    out.world.advance(SignedDuration::from_hours(3));
    let partition = out.parked().await.remove(0).hour().unwrap();
    let faults = out.world.host.faults();
    let one = format!("parked#{partition:07}#01");
    faults.on("Query").containing(&one).always().pre_err(AwsError::new(400, "X"));
    minute(&out).await;
    let rest = left(&out).await.len();
    assert!((1..40).contains(&rest), "{rest}");
    minute(&out).await;
    faults.clear();
    minute(&out).await;
    assert_eq!((left(&out).await.len(), enqueued(&out)), (0, 40));
}

fn notice(number: usize) -> Notice {
    let at = Timestamp::UNIX_EPOCH + seconds(i64::try_from(number).unwrap());
    Notice {
        id: NoticeId::derived(at, &["test"]),
        at,
        kind: NoticeKind::Warned { percent: 70 },
        endpoint: None,
        title: "aviso".to_owned(),
        text: "70%".to_owned(),
        sent: false,
    }
}

#[tokio::test]
async fn s5_3_unsent_notices_of_all_workspaces_are_read_with_one_query_and_published_by_turns() {
    let out = still().await;
    let now = out.world.now();
    let (crowd, others) = ((0..300).map(|_| 1), 2..=60);
    let put = crowd.chain(others).enumerate().map(|(number, ws)| {
        let notice = Notice { at: now, ..notice(number) };
        let out = &out;
        async move { out.store.put_notice(workspace(ws), &notice).await.unwrap() }
    });
    stream::iter(put).buffer_unordered(4).collect::<Vec<_>>().await;
    // The topic refuses the crowd's notices: it stands in nobody's way.
    let faults = out.world.host.faults();
    let refused = format!("Value.StringValue={}", workspace(1));
    faults.on("Publish").containing(&refused).always().pre_err(AwsError::new(400, "X"));
    let calls = calls_of_a_minute(&out).await;
    assert_eq!((calls["Query"], calls["Publish"]), (1, 100), "{calls:?}");
    let rest = out.store.unsent_notices(None, 1_000).await.unwrap();
    assert_eq!(rest.len(), 300);
    assert!(rest.iter().all(|(ws, _)| *ws == workspace(1)), "every other one is published");
    faults.clear();
    for _ in 0..3 {
        minute(&out).await;
    }
    assert_eq!(out.store.unsent_notices(None, 1_000).await.unwrap(), []);
}
