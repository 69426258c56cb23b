//! Delivers streams to functions, as Lambda's event source mappings do.
//!
//! A reader spreads the records over virtual shards by a hash of their partition key. Each shard
//! has one batch in flight, in order. A failed batch is retried from its first failed record.
//! Progress is stored in the host's own tables, so that the end of the process repeats some records
//! and skips none.

mod filter;
mod progress;
mod record;
mod worker;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
};

pub use filter::Filter;
pub use progress::Progress;
pub use record::{Record, public_sequence};

use crate::emulator::{
    activity::Activity, clock::HostClock, dynamo::Dynamo, error::HostError, lambda::Lambda,
    rng::Misdelivery, state::State,
};

/// Records read at a time.
const PAGE: usize = 500;
/// The limit on records that wait in the shards of a mapping.
const WAITING: usize = 20_000;
/// The interval of polling, for writers that do not use the host's clients.
const LOOK: Duration = Duration::from_millis(250);
/// Records between two trims of a stream.
const TRIM_EVERY: i64 = 500;

/// The template's settings of a mapping.
#[derive(Debug, Clone)]
pub struct MappingSettings {
    /// `process/Received`.
    pub name: String,
    /// The table.
    pub table: String,
    /// The stream's ARN.
    pub arn: String,
    /// `NEW_IMAGE`, `NEW_AND_OLD_IMAGES`.
    pub view: String,
    /// The largest batch, in records.
    pub batch_size: usize,
    /// The batch window.
    pub window: Duration,
    /// Halves a batch that fails.
    pub bisect: bool,
    /// The number of retries of a batch; `None` is unlimited.
    pub retries: Option<u32>,
    /// `true` if the function reports failed items.
    pub partial: bool,
    /// The filter of records.
    pub filter: Filter,
    /// Virtual shards.
    pub shards: usize,
}

/// The parts that every mapping shares.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The tables and their streams.
    pub dynamo: Dynamo,
    /// The store of the progress.
    pub state: State,
    /// The time.
    pub clock: HostClock,
    /// Deliveries that repeat.
    pub misdelivery: Misdelivery,
    /// Counts work in progress.
    pub activity: Activity,
    /// Changes with every write to a table.
    pub written: watch::Receiver<u64>,
}

/// A running event source mapping.
#[derive(Debug)]
pub struct Mapping {
    settings: MappingSettings,
    lambda: Arc<Lambda>,
    around: Surroundings,
    progress: Mutex<Progress>,
}

impl Mapping {
    /// Continues reading from the stored progress, on `engine`.
    pub fn start(
        settings: MappingSettings,
        lambda: Arc<Lambda>,
        around: Surroundings,
        engine: &Handle,
    ) -> Result<Arc<Self>, HostError> {
        let progress = restore(&settings, &around.state)?;
        let mapping = Arc::new(Self { settings, lambda, around, progress: Mutex::new(progress) });
        let senders = (0..mapping.settings.shards)
            .map(|shard| {
                let (sender, receiver) = mpsc::unbounded_channel();
                engine.spawn(worker::run(Arc::clone(&mapping), shard, receiver));
                sender
            })
            .collect();
        engine.spawn(Arc::clone(&mapping).read(senders));
        Ok(mapping)
    }

    /// The table that it reads.
    pub fn table(&self) -> &str {
        &self.settings.table
    }

    /// The low mark: every record up to it is done.
    pub fn low(&self) -> i64 {
        self.progress().low()
    }

    /// The open work in words; `None` if every record is done.
    pub fn backlog(&self) -> Result<Option<String>, HostError> {
        let (open, position) = {
            let progress = self.progress();
            (progress.open(), progress.position())
        };
        let name = &self.settings.name;
        if open > 0 {
            return Ok(Some(format!("{open} records for {name}")));
        }
        let more = self.around.dynamo.stream_has_more(&self.settings.table, position)?;
        Ok(more.then(|| format!("unread records for {name}")))
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(self: Arc<Self>, shards: Vec<mpsc::UnboundedSender<Record>>) {
        let mut written = self.around.written.clone();
        loop {
            let full = self.progress().open() >= WAITING;
            let read = if full { 0 } else { self.read_page(&shards) };
            if read < PAGE {
                tokio::select! {
                    changed = written.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    fn read_page(&self, shards: &[mpsc::UnboundedSender<Record>]) -> usize {
        let position = self.progress().position();
        let rows = match self.around.dynamo.read_stream(&self.settings.table, position, PAGE) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(mapping = self.settings.name, %error, "a stream cannot be read");
                return 0;
            }
        };
        let by_hand = matches!(self.around.clock.inner(), gancho_edge::clock::Clock::Manual(_));
        let now = by_hand.then(|| self.around.clock.now().as_second());
        for row in &rows {
            let stream = (self.settings.arn.as_str(), self.settings.view.as_str());
            let record = Record::new(row, stream, now);
            self.hand_over(record, shards);
        }
        rows.len()
    }

    fn hand_over(&self, record: Record, shards: &[mpsc::UnboundedSender<Record>]) {
        let mut progress = self.progress();
        if !self.settings.filter.accepts(&record.event) {
            return progress.skip(record.sequence);
        }
        let shard = record.shard(self.settings.shards);
        if progress.begin(shard, record.sequence)
            && let Some(sender) = shards.get(shard)
        {
            _ = sender.send(record);
        }
    }

    /// Stores that a shard has done every record up to `sequence`.
    fn finish(&self, shard: usize, sequence: i64) {
        let low = {
            let mut progress = self.progress();
            progress.finish(shard, sequence);
            progress.low()
        };
        let marks = [(shard_number(shard), sequence), (WHOLE, low)];
        let reader = reader_name(&self.settings);
        if let Err(error) = self.around.state.save_checkpoints(&reader, &marks) {
            // The records are delivered again after a restart, which is allowed.
            tracing::warn!(mapping = self.settings.name, %error, "progress is not remembered");
        }
    }
}

/// Trims the streams of the mappings to what every one of them has done.
#[derive(Debug, Default)]
pub struct Trimmer(Mutex<std::collections::BTreeMap<String, i64>>);

impl Trimmer {
    /// Trims if enough records are done; at rest, everything.
    pub fn trim(&self, mappings: &[Arc<Mapping>], dynamo: &Dynamo) -> Result<(), HostError> {
        let mut low = std::collections::BTreeMap::new();
        for mapping in mappings {
            let mark = low.entry(mapping.table().to_owned()).or_insert(i64::MAX);
            *mark = mapping.low().min(*mark);
        }
        let mut trimmed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (table, mark) in low {
            let last = trimmed.entry(table.clone()).or_insert(0);
            // Sequence numbers are microseconds, so a difference is an upper bound, not a count.
            if mark - *last > TRIM_EVERY {
                dynamo.trim_stream(&table, mark)?;
                *last = mark;
            }
        }
        Ok(())
    }
}

/// The shard number that stands for the whole stream.
const WHOLE: i64 = -1;

fn shard_number(shard: usize) -> i64 {
    i64::try_from(shard).unwrap_or(i64::MAX)
}

/// The reader's name contains the number of shards: another number spreads the records differently,
/// so its progress is separate.
fn reader_name(settings: &MappingSettings) -> String {
    format!("{}/{}", settings.name, settings.shards)
}

fn restore(settings: &MappingSettings, state: &State) -> Result<Progress, HostError> {
    let reader = reader_name(settings);
    let low = state.checkpoint(&reader, WHOLE)?.unwrap_or(0);
    let done = (0..settings.shards)
        .map(|shard| Ok(state.checkpoint(&reader, shard_number(shard))?.unwrap_or(0)))
        .collect::<Result<Vec<i64>, rusqlite::Error>>()?;
    Ok(Progress::new(low, &done))
}
