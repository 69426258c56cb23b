//! How does a webhook get into the counters? (`FACTS S1.8`)
//!
//! The history's stream tells of every webhook and every run in the order in which they were
//! committed. A batch is summed by row of counters, and each row written once. What fails is asked
//! for again from the first of its records on; the rows know what they count already, so nothing
//! counts twice, and nothing is passed over, for the stream goes on only when all is counted.
//!
//! - `records`: what a record of the stream means to the counters.
//! - `marks`: how far a day and shard are counted for sure, told now and then.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod marks;
mod records;

use std::collections::BTreeMap;

use aws_lambda_events::dynamodb::Event;
use futures::{StreamExt, stream};
use gancho_edge::{Deps, batch::BatchReply};
use gancho_store::{
    Store, StoreError,
    tallies::{Counted, TallyKey, sequence},
};
use lambda_runtime::LambdaEvent;

use self::{marks::Marks, records::Record};

/// Rows that are written at once.
const AT_ONCE: usize = 8;
/// Tries at a row before the batch is asked for again.
const TRIES: usize = 3;

/// What the function keeps between batches.
#[derive(Debug)]
pub struct App {
    store: Store,
    marks: Marks,
}

impl App {
    /// Made once per process.
    #[expect(clippy::needless_pass_by_value, reason = "every function is made alike")]
    pub fn new(deps: Deps) -> Self {
        Self { store: deps.store(), marks: Marks::default() }
    }
}

/// The records of one row of counters.
#[derive(Debug, Default)]
struct Group {
    /// The first record's sequence number as the stream spells it.
    first: String,
    records: Vec<Counted>,
}

/// Counts a batch of the stream. The answer names the first record that is not counted, if any.
pub async fn handle(
    app: &App,
    event: LambdaEvent<Event>,
) -> Result<BatchReply, lambda_runtime::Error> {
    let records: Vec<Record> =
        event.payload.records.into_iter().filter_map(records::read).collect();
    let mut counts = Vec::new();
    for (key, group) in grouped(&records) {
        counts.push(count_group(app, key, group));
    }
    let counts: Vec<_> = stream::iter(counts).buffer_unordered(AT_ONCE).collect().await;
    let failed = counts.into_iter().flatten();
    let mut reply = BatchReply::default();
    match failed.min_by_key(|first| sequence(first)) {
        Some(first) => reply.again(first),
        None => app.marks.tell(&app.store, &records).await,
    }
    Ok(reply)
}

fn grouped(records: &[Record]) -> BTreeMap<TallyKey, Group> {
    let mut groups: BTreeMap<TallyKey, Group> = BTreeMap::new();
    for record in records {
        let group = groups.entry(record.key).or_default();
        if group.records.is_empty() {
            group.first.clone_from(&record.sequence);
        }
        group.records.push(record.counted.clone());
    }
    groups
}

/// Counts the records of one row; gives back the first one's sequence number if that failed.
async fn count_group(app: &App, key: TallyKey, group: Group) -> Option<String> {
    let error = count(app, &key, &group.records).await.err()?;
    tracing::error!(error.cause = %error, record.sequence = group.first, "not counted");
    Some(group.first)
}

/// A counter that cannot be read any more is left for a recount: asking for the same batch for a
/// day would stop every other counter.
async fn count(app: &App, key: &TallyKey, records: &[Counted]) -> Result<(), StoreError> {
    let mut tried = app.store.count(key, records).await;
    for _ in 1..TRIES {
        match &tried {
            Err(error) if error.may_pass() => tried = app.store.count(key, records).await,
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
