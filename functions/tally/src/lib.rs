//! How do a webhook and a delivery get into the counters? (`FACTS S1.8, S2.4`)
//!
//! The history's stream tells of every webhook and every run, the deliveries' stream of every
//! delivery and every change of its state, in the order in which they were committed. A batch is
//! summed by row of counters, and each row written once. What fails is asked for again from the
//! first of its records on; the rows know what they count already, so nothing counts twice, and
//! nothing is passed over, for the stream goes on only when all is counted.
//!
//! - `records`: what a record of the history's stream means to the counters. `deliveries`: one of
//!   the deliveries' stream.
//! - `watermarks`: how far a day and shard are counted for sure, told now and then.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod deliveries;
mod records;
mod watermarks;

use std::{collections::BTreeMap, future::Future};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use futures::{StreamExt, stream};
use gancho_edge::{
    Deps,
    batch::BatchReply,
    clock::Clock,
    metrics::{Metric, Metrics},
    telemetry,
};
use gancho_store::{
    Store, StoreError,
    delivery_tallies::{DeliveryCounted, DeliveryTallyKey},
    tallies::{Counted, TallyKey, sequence},
};
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;

use self::watermarks::{Place, Watermarks};

/// Rows that are written at once.
const AT_ONCE: usize = 8;
/// Tries at a row before the batch is asked for again.
const TRIES: usize = 3;

/// What the function keeps between batches.
#[derive(Debug)]
pub struct App {
    store: Store,
    /// The table of deliveries, whose stream is told apart by its name.
    deliveries: String,
    watermarks: Watermarks,
    clock: Clock,
    metrics: Metrics,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            deliveries: deps.settings.tables.deliveries,
            watermarks: Watermarks::default(),
            clock: deps.clock,
            metrics: deps.metrics,
        }
    }

    /// Whether a record is of the deliveries' stream.
    fn is_delivery(&self, record: &EventRecord) -> bool {
        // arn:aws:dynamodb:region:account:table/NAME/stream/...
        let arn = record.event_source_arn.as_deref().unwrap_or_default();
        let table = arn.split('/').nth(1).unwrap_or_default();
        !self.deliveries.is_empty() && table == self.deliveries
    }
}

/// A row of counters.
trait Row: Copy + Ord + std::fmt::Debug + Send + Sync {
    /// A record as it sees it.
    type Record: Send + Sync;

    /// Counts records of it.
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

/// The records of one row of counters.
#[derive(Debug)]
struct Group<R> {
    /// The first record's sequence number as the stream spells it.
    first: String,
    records: Vec<R>,
}

/// Counts a batch of a stream. The answer names the first record that is not counted, if any.
pub async fn handle(
    app: &App,
    event: LambdaEvent<Event>,
) -> Result<BatchReply, lambda_runtime::Error> {
    let work = batch(app, event.payload);
    Ok(telemetry::invocation(&app.metrics, &event.context, work).await)
}

async fn batch(app: &App, batch: Event) -> BatchReply {
    let newest = batch.records.iter().map(|it| it.change.approximate_creation_date_time).max();
    let (deliveries, webhooks): (Vec<_>, Vec<_>) =
        batch.records.into_iter().partition(|record| app.is_delivery(record));
    let failed = [count_webhooks(app, webhooks).await, count_deliveries(app, deliveries).await];
    let mut reply = BatchReply::default();
    match failed.into_iter().flatten().min_by_key(|first| sequence(first)) {
        Some(first) => reply.again(first),
        None => tell_lag(app, newest.map(|at| at.timestamp_millis())),
    }
    reply
}

/// How long the newest record waited; the stream tells its time in whole seconds.
fn tell_lag(app: &App, newest: Option<i64>) {
    if let Some(newest) = newest {
        let lag = app.clock.now().as_millisecond().saturating_sub(newest);
        app.metrics.add(Metric::TallyLagMilliseconds, lag);
    }
}

/// Counts records of the history's stream; gives back the first that is not counted.
async fn count_webhooks(app: &App, batch: Vec<EventRecord>) -> Option<String> {
    let mut came = Vec::new();
    let mut groups = BTreeMap::new();
    for record in batch.into_iter().filter_map(records::read) {
        let TallyKey { workspace, origin, day, shard, .. } = record.key;
        came.extend(record.came_at.map(|at| (Place::Webhooks(workspace, origin, day, shard), at)));
        group(&mut groups, record.key, record.sequence, record.counted);
    }
    count_all(app, groups, came).await
}

/// Counts records of the deliveries' stream; gives back the first that is not counted.
async fn count_deliveries(app: &App, batch: Vec<EventRecord>) -> Option<String> {
    let mut came = Vec::new();
    let mut groups = BTreeMap::new();
    for record in batch.into_iter().flat_map(deliveries::read) {
        let DeliveryTallyKey { workspace, day, shard, .. } = record.key;
        came.extend(record.made_at.map(|at| (Place::Deliveries(workspace, day, shard), at)));
        group(&mut groups, record.key, record.sequence, record.counted);
    }
    count_all(app, groups, came).await
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

/// Counts every row; when all is counted, tells how far that is.
async fn count_all<K: Row>(
    app: &App,
    groups: BTreeMap<K, Group<K::Record>>,
    came: Vec<(Place, Timestamp)>,
) -> Option<String> {
    let mut counts = Vec::new();
    for (key, group) in groups {
        counts.push(count_group(app, key, group));
    }
    let counts: Vec<_> = stream::iter(counts).buffer_unordered(AT_ONCE).collect().await;
    let failed = counts.into_iter().flatten().min_by_key(|first| sequence(first));
    if failed.is_none() {
        app.watermarks.advance(&app.store, came).await;
    }
    failed
}

/// Counts the records of one row; gives back the first one's sequence number if that failed.
async fn count_group<K: Row>(app: &App, key: K, group: Group<K::Record>) -> Option<String> {
    let error = count(app, &key, &group.records).await.err()?;
    tracing::error!(error.cause = %error, record.sequence = group.first, "not counted");
    Some(group.first)
}

/// A counter that cannot be read any more is left for a recount: asking for the same batch for a
/// day would stop every other counter.
async fn count<K: Row>(app: &App, key: &K, records: &[K::Record]) -> Result<(), StoreError> {
    let mut tried = key.count(&app.store, records).await;
    for _ in 1..TRIES {
        match &tried {
            Err(error) if error.may_pass() => tried = key.count(&app.store, records).await,
            Ok(()) | Err(_) => break,
        }
    }
    match tried {
        Err(StoreError::Corrupt(cause)) => {
            tracing::error!(error.cause = cause, tally.key = ?key, "recount this day");
            Ok(())
        }
        other => other,
    }
}
