//! Counts webhooks and deliveries (`FACTS S1.8, S2.4`).
//!
//! The history's stream delivers every new webhook and run. The deliveries' stream delivers every
//! new delivery and every change of its state. Both deliver in commit order. A batch is summed by
//! row of counters, and each row is written in one update. If a row fails, the stream delivers the
//! batch again from that row's first record. A row stores which records it has counted, so no
//! record is counted twice. The stream advances only when all records are counted, so none is
//! missed.
//!
//! - `records`: changes by records of the history's stream, and the ended runs of jobs. `deliveries`: changes by records of the
//!   deliveries' stream.
//! - `watermarks`: the time up to which a day and shard are fully counted.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod deliveries;
mod records;
mod watermarks;

use std::{collections::BTreeMap, future::Future};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use futures::{StreamExt, stream};
use gancho_edge::{Deps, batch::BatchReply, metrics::Metric, telemetry};
use gancho_store::{
    Store, StoreError, backoff,
    delivery_tallies::{DeliveryCounted, DeliveryTallyKey},
    job_runs::{EndedRun, JobRunsKey},
    tallies::{Counted, TallyKey, sequence},
};
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;

use self::watermarks::{Place, Watermarks};

/// The number of rows that are written concurrently.
const AT_ONCE: usize = 8;

/// The queues that the function uses: none.
pub const QUEUES: &[gancho_edge::queue::Queue] = &[];

/// The state that the function keeps between batches.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    watermarks: Watermarks,
}

impl App {
    /// Creates the state, once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        Self { deps, store, watermarks: Watermarks::default() }
    }

    /// True if a record is from the deliveries' stream.
    fn is_delivery(&self, record: &EventRecord) -> bool {
        // arn:aws:dynamodb:region:account:table/NAME/stream/...
        let arn = record.event_source_arn.as_deref().unwrap_or_default();
        let table = arn.split('/').nth(1).unwrap_or_default();
        let deliveries = &self.deps.settings.tables.deliveries;
        !deliveries.is_empty() && table == deliveries
    }
}

/// A row of counters.
trait Row: Copy + Ord + std::fmt::Debug + Send + Sync {
    /// The type of its records.
    type Record: Send + Sync;

    /// Counts records in this row.
    fn count(
        &self,
        store: &Store,
        records: &[Self::Record],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl Row for TallyKey {
    type Record = Counted;

    async fn count(&self, store: &Store, records: &[Counted]) -> Result<(), StoreError> {
        store.count(self, records).await
    }
}

impl Row for DeliveryTallyKey {
    type Record = DeliveryCounted;

    async fn count(&self, store: &Store, records: &[DeliveryCounted]) -> Result<(), StoreError> {
        store.count_deliveries(self, records).await
    }
}

impl Row for JobRunsKey {
    type Record = EndedRun;

    async fn count(&self, store: &Store, records: &[EndedRun]) -> Result<(), StoreError> {
        store.count_job_runs(self, records).await
    }
}

/// The records of one row of counters.
#[derive(Debug)]
struct Group<R> {
    /// The first record's sequence number as the stream spells it.
    first: String,
    records: Vec<R>,
}

/// Counts a batch of a stream. The reply names the first record that was not counted, if any.
pub async fn handle(
    app: &App,
    event: LambdaEvent<Event>,
) -> Result<BatchReply, lambda_runtime::Error> {
    let work = batch(app, event.payload);
    Ok(telemetry::invocation(&app.deps.metrics, &event.context, work).await)
}

async fn batch(app: &App, batch: Event) -> BatchReply {
    let newest = batch.records.iter().map(|it| it.change.approximate_creation_date_time).max();
    let (deliveries, webhooks): (Vec<_>, Vec<_>) =
        batch.records.into_iter().partition(|record| app.is_delivery(record));
    let failed = [count_webhooks(app, webhooks).await, count_deliveries(app, deliveries).await];
    let mut reply = BatchReply::default();
    match failed.into_iter().flatten().min_by_key(|first| sequence(first)) {
        Some(first) => reply.again(first),
        None => record_lag(app, newest.map(|at| at.timestamp_millis())),
    }
    reply
}

/// Records the age of the newest record. The stream gives its time in whole seconds.
fn record_lag(app: &App, newest: Option<i64>) {
    if let Some(newest) = newest {
        let lag = app.deps.clock.now().as_millisecond().saturating_sub(newest);
        app.deps.metrics.add(Metric::TallyLagMilliseconds, lag);
    }
}

/// Counts records of the history's stream: webhooks by status, and the runs of jobs. Returns the
/// first that was not counted.
async fn count_webhooks(app: &App, batch: Vec<EventRecord>) -> Option<String> {
    let mut arrivals = Vec::new();
    let (mut groups, mut of_jobs) = (BTreeMap::new(), BTreeMap::new());
    for record in batch.into_iter().filter_map(records::read) {
        let TallyKey { workspace, origin, day, shard, .. } = record.key;
        arrivals
            .extend(record.came_at.map(|at| (Place::Webhooks(workspace, origin, day, shard), at)));
        if let Some((key, run)) = record.of_job {
            group(&mut of_jobs, key, record.sequence.clone(), run);
        }
        group(&mut groups, record.key, record.sequence, record.counted);
    }
    let failed =
        [count_all(app, groups, arrivals).await, count_all(app, of_jobs, Vec::new()).await];
    failed.into_iter().flatten().min_by_key(|first| sequence(first))
}

/// Counts records of the deliveries' stream. Returns the first that was not counted.
async fn count_deliveries(app: &App, batch: Vec<EventRecord>) -> Option<String> {
    let mut arrivals = Vec::new();
    let mut groups = BTreeMap::new();
    for record in batch.into_iter().flat_map(deliveries::read) {
        let DeliveryTallyKey { workspace, day, shard, .. } = record.key;
        arrivals.extend(record.made_at.map(|at| (Place::Deliveries(workspace, day, shard), at)));
        group(&mut groups, record.key, record.sequence, record.counted);
    }
    count_all(app, groups, arrivals).await
}

fn group<K: Row>(
    groups: &mut BTreeMap<K, Group<K::Record>>,
    key: K,
    first: String,
    record: K::Record,
) {
    let group = groups.entry(key).or_insert_with(|| Group { first, records: Vec::new() });
    group.records.push(record);
}

/// Counts every row, and advances the watermarks if all rows were counted.
async fn count_all<K: Row>(
    app: &App,
    groups: BTreeMap<K, Group<K::Record>>,
    arrivals: Vec<(Place, Timestamp)>,
) -> Option<String> {
    let mut counts = Vec::new();
    for (key, group) in groups {
        counts.push(count_group(app, key, group));
    }
    let counts: Vec<_> = stream::iter(counts).buffer_unordered(AT_ONCE).collect().await;
    let failed = counts.into_iter().flatten().min_by_key(|first| sequence(first));
    if failed.is_none() {
        app.watermarks.advance(&app.store, arrivals).await;
    }
    failed
}

/// Counts the records of one row. Returns the first record's sequence number on failure.
async fn count_group<K: Row>(app: &App, key: K, group: Group<K::Record>) -> Option<String> {
    let error = count(app, &key, &group.records).await.err()?;
    tracing::error!(error.cause = %error, record.sequence = group.first, "not counted");
    Some(group.first)
}

/// Counts the records of one row, with retries. An unreadable row is skipped and needs a recount:
/// a retry of the batch for a day would stop all other counters.
async fn count<K: Row>(app: &App, key: &K, records: &[K::Record]) -> Result<(), StoreError> {
    match backoff::retry(format!("{key:?}"), || key.count(&app.store, records)).await {
        Err(StoreError::Corrupt(cause)) => {
            tracing::error!(error.cause = cause, tally.key = ?key, "recount this day");
            Ok(())
        }
        other => other,
    }
}
