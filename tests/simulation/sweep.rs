//! The hourly sweep of *process* over thousands of origins (`CATALOGUE I4`): the calls of a run are
//! counted, not its seconds.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::{
        calendar,
        ids::{IntegrationId, OriginId, StageId, WebhookId, WorkspaceId},
    },
    inbound::{
        origin::{Origin, Stage},
        webhook::{Received, WebhookKey},
    },
};
use gancho_store::{Store, config_write::Writing};
use jiff::{SignedDuration, Timestamp};
use local::{AwsError, functions, template::TEMPLATE};
use serde_json::{Value, json};
use tests::World;

use crate::{
    harness::{seconds, soon},
    soak,
};

const PATIENCE: Duration = Duration::from_mins(5);

fn ids(number: usize) -> [u8; 10] {
    // The last byte of a webhook's id is its shard.
    let mut ids = [7; 10];
    ids[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    ids
}

fn place(number: usize) -> (WorkspaceId, OriginId) {
    let epoch = Timestamp::UNIX_EPOCH;
    (WorkspaceId::new(epoch, &ids(number / 10)), OriginId::new(epoch, &ids(number)))
}

/// Origins, each with a webhook that no message names.
struct Origins {
    world: World,
    store: Store,
    /// The webhooks that the sweep enqueued, in its order, repeated ones too.
    enqueued: Arc<Mutex<Vec<String>>>,
}

impl Origins {
    async fn new(count: usize) -> Self {
        // The limit of an invocation counts real seconds.
        let (before, process) = TEMPLATE.split_once("\n  Process:\n").unwrap();
        let process = process.replacen("Timeout: 30", "Timeout: 600", 1);
        let template = format!("{before}\n  Process:\n{process}");
        let world = World::with(|builder| builder.template(&template)).await;
        let store = world.host.deps_for("ingest").unwrap().store();
        let origins = Self { world, store, enqueued: Arc::default() };
        origins.process_sweeps_only();
        let made = (0..count).map(|number| origins.add(number));
        stream::iter(made).buffer_unordered(16).collect::<()>().await;
        // The counters count them.
        origins.world.host.settle_within(PATIENCE).await.unwrap();
        origins.world.advance(SignedDuration::from_mins(11));
        origins
    }

    async fn add(&self, number: usize) {
        let (ws, origin) = place(number);
        let (now, writer) = (self.world.now(), "test".to_owned());
        let stage = Stage { id: StageId::new(now, &ids(number)), name: "Novo".to_owned() };
        let made = Origin {
            id: origin,
            name: "Loja".to_owned(),
            stages: vec![stage],
            read_shards: 1,
            write_shards: 1,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let config = self.world.host.deps_for("manage").unwrap().store();
        config.save_origin(&made, None, Writing { ws, writer: &writer }).await.unwrap();
        self.receive(number).await;
    }

    async fn receive(&self, number: usize) {
        let ((workspace, origin), now) = (place(number), self.world.now());
        let webhook = WebhookId::in_shard(now, 0, &ids(number));
        let received = Received {
            key: WebhookKey { workspace, origin, webhook },
            integration: IntegrationId::new(Timestamp::UNIX_EPOCH, &ids(number)),
            integration_name: "Meu site".to_owned(),
            application: "webhook".to_owned(),
            active: true,
            test: None,
            method: "POST".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            source_ip: "203.0.113.7".to_owned(),
            delivery_id: None,
            body_size: 2,
            body_sha256: [7; 32],
            months: 3,
            expires_at: calendar::expires_at(now, 3),
        };
        self.store.put_webhook(&received, b"{}", "test".to_owned()).await.unwrap();
    }

    /// *process* loses the records of its stream, and does not work on its queue.
    fn process_sweeps_only(&self) {
        let deps = self.world.host.deps_for("process").unwrap();
        let real = functions::make("process", deps).unwrap().unwrap();
        let enqueued = Arc::clone(&self.enqueued);
        self.world.host.lambda("process").unwrap().replace(Arc::new(move |event, context| {
            let batch: Value = serde_json::from_slice(&event).unwrap();
            let Some(records) = batch["Records"].as_array() else { return real(event, context) };
            let bodies = records.iter().filter_map(|record| record["body"].as_str());
            let webhooks = bodies.map(|body| {
                let body: Value = serde_json::from_str(body).unwrap();
                body["webhook"].as_str().unwrap().to_owned()
            });
            enqueued.lock().unwrap().extend(webhooks);
            Box::pin(async { Ok(json!({})) })
        }));
    }

    async fn sweep(&self) -> Result<Value, local::lambda::InvokeError> {
        let swept = self.world.host.run_schedule("sweep").await;
        self.world.settle().await;
        swept
    }

    /// Runs a sweep whose time is over after so many origins.
    async fn cut_after(&self, origins: u64) {
        let faults = self.world.host.faults();
        let held = faults.on("SendMessageBatch").nth(origins).times(u64::MAX / 2).hold_after();
        let over = async {
            soon(held.reached()).await;
            self.world.advance(seconds(600));
            held.release();
        };
        let (swept, ()) = tokio::join!(self.world.host.run_schedule("sweep"), over);
        swept.unwrap();
        faults.clear();
        self.world.settle().await;
    }

    /// The webhooks that were enqueued since the last call, each once.
    fn reached(&self) -> BTreeSet<String> {
        self.enqueued.lock().unwrap().drain(..).collect()
    }
}

#[tokio::test]
async fn i4_one_pending_webhook_of_each_of_five_thousand_origins_is_enqueued_by_one_sweep() {
    // With `GANCHO_SOAK=full`, else a tenth of them.
    let count = if soak::is_full() { 5_000 } else { 500 };
    let origins = Origins::new(count).await;
    let faults = origins.world.host.faults();
    faults.record();
    origins.world.host.run_schedule("sweep").await.unwrap();
    let calls = faults.calls();
    faults.stop_recording();
    origins.world.host.settle_within(PATIENCE).await.unwrap();
    assert_eq!(origins.reached().len(), count);
    let of = |operation: &str, table: &str| {
        let calls = calls.iter().filter(|call| call.function == "test");
        calls.filter(|call| call.operation == operation && call.table() == table).count()
    };
    // The counters; the minutes with something pending and those that are not yet counted.
    assert_eq!(of("Query", "tallies"), count);
    assert!(of("Query", "history") <= 3 * count, "{}", of("Query", "history"));
    assert_eq!(of("SendMessageBatch", "process-retry"), count);
    // How far it came, every 500 origins.
    assert_eq!(of("PutItem", "coordination"), count / 500);
    assert!(of("Scan", "config") <= count / 500 + 1, "{}", of("Scan", "config"));
}

#[tokio::test]
async fn i4_origins_that_a_sweep_did_not_reach_are_first_in_the_next() {
    let origins = Origins::new(200).await;
    let mut reached = Vec::new();
    for _ in 0..2 {
        origins.cut_after(101).await;
        reached.push(origins.reached());
    }
    let [first, second] = [&reached[0], &reached[1]];
    assert!((80..=130).contains(&first.len()), "{}", first.len());
    assert_eq!(first.union(second).count(), 200, "two sweeps reach every origin");
    // A round that took two runs is complete: the next one looks back from it.
    let position = origins.store_of_process().sweep_position().await.unwrap().unwrap();
    assert!(position.complete.is_some() && position.next.is_some(), "{position:?}");
    origins.sweep().await.unwrap();
    assert_eq!(origins.reached().len(), 200);
}

#[tokio::test]
async fn i4_origins_are_swept_side_by_side_and_one_that_cannot_be_read_delays_no_other() {
    let origins = Origins::new(40).await;
    let faults = origins.world.host.faults();
    let (ws, origin) = place(3);
    let first = format!("{}#{}", ws.key(), origin.key());
    faults.on("Query").containing(&first).always().pre_err(AwsError::new(400, "X"));
    // Another one does not answer until all others are swept.
    let (ws, origin) = place(5);
    let slow = format!("{}#{}", ws.key(), origin.key());
    let held = faults.on("Query").containing(&slow).always().hold_before();
    let others = async {
        while origins.enqueued.lock().unwrap().len() < 38 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        held.release();
    };
    let (swept, ()) = tokio::join!(origins.world.host.run_schedule("sweep"), soon(others));
    assert!(swept.is_err(), "the failure is reported");
    origins.world.settle().await;
    assert_eq!(origins.reached().len(), 39);
    faults.clear();
    origins.sweep().await.unwrap();
    assert_eq!(origins.reached().len(), 40);
}

#[tokio::test]
async fn i4_the_sweep_reads_26_hours_and_after_an_outage_all_that_was_received_in_it() {
    let origins = Origins::new(3).await;
    origins.sweep().await.unwrap();
    assert_eq!(origins.reached().len(), 3);
    // No sweep for three days.
    origins
        .world
        .host
        .lambda("process")
        .unwrap()
        .replace(Arc::new(|_, _| Box::pin(async { Ok(json!({})) })));
    origins.world.advance(SignedDuration::from_hours(20));
    origins.receive(3).await;
    origins.receive(1).await;
    origins.world.advance(SignedDuration::from_hours(52));
    origins.world.settle().await;
    origins.process_sweeps_only();
    origins.sweep().await.unwrap();
    assert_eq!(origins.reached().len(), 4, "the origin of one of them does not exist");
    // Those of the days before were enqueued every hour, or are in the dead letters.
    origins.world.advance(SignedDuration::from_hours(6));
    origins.sweep().await.unwrap();
    origins.world.advance(SignedDuration::from_hours(21));
    origins.sweep().await.unwrap();
    assert_eq!(origins.reached().len(), 0);
}

impl Origins {
    fn store_of_process(&self) -> Store {
        self.world.host.deps_for("process").unwrap().store()
    }
}
