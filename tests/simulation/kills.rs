//! A kill at every call of a function, before it is sent and after it is done. The result must be
//! that of a clean run (`CATALOGUE 2, K`; `IF-17`).
//!
//! A clean run counts the calls. For each of them another person does the same, the
//! call is paused, the function's future is dropped there and a new process takes over. Then
//! streams, queues and the clock bring the work again. At the end every person must have the same
//! result as the first one, whose run had no kill.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};

use crate::harness::{HIDDEN, Harness, large, name, person, soon};

/// The first person. A number of four digits can be found in every text.
const FIRST: u32 = 1_000;

/// The calls to strike, and the results to compare.
#[derive(Clone, Copy)]
struct Strikes {
    function: &'static str,
    operation: &'static str,
    /// Limits the calls to a table, if set.
    table: &'static str,
    /// True if webhooks must be equal too, not only contacts and deals.
    webhooks: bool,
}

/// Every call of a function.
fn every(function: &'static str) -> Strikes {
    Strikes { function, operation: "*", table: "", webhooks: true }
}

impl Strikes {
    /// Kills the function at each of its calls, each time while `act` runs for another person.
    async fn strike(
        self,
        harness: &Harness,
        prepare: impl AsyncFn(&Harness, u32),
        act: impl AsyncFn(&Harness, u32),
    ) {
        let calls = self.clean(harness, &prepare, &act).await;
        let mut struck = vec![FIRST];
        for (call, after) in (1..=calls).flat_map(|call| [(call, false), (call, true)]) {
            let n = FIRST + u32::try_from(struck.len()).unwrap();
            struck.push(n);
            prepare(harness, n).await;
            harness.world.host.cold_start(self.function).unwrap();
            let rule = harness.on(self.function, self.operation).nth(call);
            let rule = if self.table.is_empty() { rule } else { rule.table(self.table) };
            let held = if after { rule.hold_after() } else { rule.hold_before() };
            let killed = async {
                soon(held.reached()).await;
                harness.world.host.kill(self.function).unwrap();
            };
            tokio::join!(act(harness, n), killed);
            harness.faults().clear();
            harness.world.settle().await;
        }
        eprintln!("{}: {calls} calls, {} strikes", self.function, struck.len() - 1);
        harness.recover().await;
        self.equal(harness, &struck).await;
        harness.holds().await;
    }

    /// Runs `act` for the first person without a kill; the number of calls to strike.
    async fn clean(
        self,
        harness: &Harness,
        prepare: &impl AsyncFn(&Harness, u32),
        act: &impl AsyncFn(&Harness, u32),
    ) -> u64 {
        prepare(harness, FIRST).await;
        harness.world.host.cold_start(self.function).unwrap();
        harness.faults().record();
        act(harness, FIRST).await;
        harness.world.settle().await;
        let calls = harness.faults().calls().into_iter().filter(|call| {
            call.function == self.function
                && ["*", &call.operation].contains(&self.operation)
                && ["", call.table()].contains(&self.table)
        });
        let calls = u64::try_from(calls.count()).unwrap();
        assert!(calls > 0);
        calls
    }

    /// Asserts that every person has the result of the first one.
    async fn equal(self, harness: &Harness, people: &[u32]) {
        let digest = harness.digest().await;
        let webhooks = if self.webhooks { digest.webhooks } else { Vec::new() };
        let mut lines: BTreeMap<u32, Vec<String>> =
            people.iter().map(|n| (*n, Vec::new())).collect();
        for line in webhooks.into_iter().chain(digest.contacts).chain(digest.deals) {
            let whose = people.iter().find(|n| line.contains(&n.to_string())).unwrap();
            lines.get_mut(whose).unwrap().push(line.replace(&whose.to_string(), "N"));
        }
        let clean = &lines[&FIRST];
        assert!(!clean.is_empty());
        for (n, line) in &lines {
            assert_eq!(line, clean, "{}, strike {}", self.function, n - FIRST);
        }
    }
}

async fn nothing(_: &Harness, _: u32) {}

async fn sends(harness: &Harness, n: u32) {
    harness.accepted(n).await;
}

async fn is_there(harness: &Harness, n: u32) {
    harness.received(n).await;
}

/// Sends until the webhook is accepted.
async fn insists(harness: &Harness, n: u32, body: &[u8]) {
    for _ in 0..3 {
        let answer = harness.recorded_calls.send(&harness.world, &harness.to, &name(n), body).await;
        if answer.status.is_success() {
            return;
        }
        assert!(answer.status.is_server_error(), "{}", answer.status);
    }
    panic!("not accepted");
}

#[tokio::test]
async fn if_17_ingest_killed_at_every_call_loses_no_accepted_webhook() {
    let strikes = Strikes { webhooks: false, ..every("ingest") };
    let act = async |harness: &Harness, n: u32| insists(harness, n, &person(n)).await;
    strikes.strike(&Harness::new().await, nothing, act).await;
}

/// A body in three chunks; the reads before are those of a small body.
#[tokio::test]
async fn if_17_ingest_killed_at_every_put_of_a_body_in_chunks_loses_nothing() {
    let strikes = Strikes { operation: "PutItem", webhooks: false, ..every("ingest") };
    let act = async |harness: &Harness, n: u32| insists(harness, n, &large(n)).await;
    strikes.strike(&Harness::new().await, nothing, act).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_new_contact_and_deal() {
    every("process").strike(&Harness::new().await, nothing, sends).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_an_update() {
    let act = async |harness: &Harness, n: u32| {
        let body =
            format!(r#"{{"email": "pessoa{n}@example.com", "title": "Outro {n}", "value": 7}}"#);
        let key = format!("change-{n}");
        harness.recorded_calls.accepted(&harness.world, &harness.to, &key, body.as_bytes()).await;
    };
    every("process").strike(&Harness::new().await, is_there, act).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_duplicate() {
    every("process").strike(&Harness::new().await, is_there, sends).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_an_error() {
    let act = async |harness: &Harness, n: u32| {
        let body = format!("{{ {n}: not JSON");
        harness
            .recorded_calls
            .accepted(&harness.world, &harness.to, &name(n), body.as_bytes())
            .await;
    };
    every("process").strike(&Harness::new().await, nothing, act).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_contact_that_must_be_new() {
    let harness = Harness::of(json!({"action": "create_contact", "dedupe": null})).await;
    every("process").strike(&harness, nothing, sends).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_deal_that_is_always_new() {
    let harness = Harness::of(json!({"action": "create_deal", "dedupe": null})).await;
    every("process").strike(&harness, is_there, sends).await;
}

/// The other calls are those of a small body.
#[tokio::test]
async fn if_17_process_killed_at_every_read_of_a_body_in_chunks() {
    let reads = Strikes { table: "bodies", ..every("process") };
    let act = async |harness: &Harness, n: u32| {
        harness.recorded_calls.accepted(&harness.world, &harness.to, &name(n), &large(n)).await;
    };
    reads.strike(&Harness::new().await, nothing, act).await;
}

/// The newest webhook's id.
async fn newest(harness: &Harness) -> String {
    let list = harness.world.webhooks(&harness.to.origin, "?limit=1").await;
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A webhook with a run, whose integration then gets another tag.
async fn retagged(harness: &Harness, n: u32) {
    harness.set(json!({"tag": null})).await;
    // The next webhook is newer than all others, and uses the current integration.
    harness.later(SignedDuration::from_secs(6)).await;
    harness.received(n).await;
    harness.set(json!({"tag": "de novo"})).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_reprocess_from_the_queue() {
    let act = async |harness: &Harness, _: u32| {
        let path = format!("/v1/origins/{}/webhooks/{}", harness.to.origin, newest(harness).await);
        harness.world.post(&format!("{path}/reprocess"), Value::Null).await.expect(202);
    };
    every("process").strike(&Harness::new().await, retagged, act).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_a_final_failure() {
    let act = async |harness: &Harness, _: u32| {
        harness.enqueue("process-retry-dlq", &harness.message(&newest(harness).await, 2));
        _ = harness.world.host.run_schedule("giveup").await;
    };
    every("process").strike(&Harness::new().await, retagged, act).await;
}

/// A webhook that the stream's reader skipped.
async fn passed_over(harness: &Harness, n: u32) {
    let process = harness.world.host.lambda("process").unwrap();
    process.replace(Arc::new(|_, _| Box::pin(async { Ok(json!({})) })));
    harness.received(n).await;
    harness.later(SignedDuration::from_mins(11)).await;
}

#[tokio::test]
async fn if_17_process_killed_at_every_call_of_the_sweep_and_of_its_messages() {
    let act = async |harness: &Harness, _: u32| {
        // A killed sweep reports an error; the next hour repeats it.
        _ = harness.world.host.run_schedule("sweep").await;
        harness.world.settle().await;
    };
    every("process").strike(&Harness::new().await, passed_over, act).await;
}

#[tokio::test]
async fn if_17_process_killed_while_it_defers_a_webhook() {
    let act = async |harness: &Harness, n: u32| {
        let conflict = AwsError::transaction_cancelled(&["TransactionConflict"]);
        harness.on("process", "TransactWriteItems").times(5).pre_err(conflict);
        harness.accepted(n).await;
    };
    let strikes = Strikes { operation: "SendMessage", ..every("process") };
    strikes.strike(&Harness::new().await, nothing, act).await;
}

#[tokio::test]
async fn hi_10_tally_killed_at_every_call_counts_each_once() {
    let act = async |harness: &Harness, n: u32| {
        harness.accepted(n).await;
        harness.world.settle().await;
        harness.later(HIDDEN).await;
    };
    every("tally").strike(&Harness::new().await, nothing, act).await;
}
