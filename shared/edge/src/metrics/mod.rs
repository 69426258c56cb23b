//! Metrics in `CloudWatch`'s embedded metric format: a log line that declares which of its fields
//! are metrics. `CloudWatch` reads the line, so a metric needs no API call.
//!
//! - [`names`]: the list of all metrics. [`class`]: classes of attempt outcomes.
//! - `line`: the format. [`recorded`]: lines in memory, for tests. [`unavailable`]: counts failed
//!   calls.
//! - [`skew`]: compares our clock with AWS's.
//!
//! A function gathers its metrics, and [`crate::telemetry::invocation`] writes them however the
//! invocation ends: one line, or a few if a metric has several dimension values.

pub mod class;
mod line;
pub mod names;
pub mod recorded;
pub mod skew;
pub mod unavailable;

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use crate::clock::Clock;

pub use self::{
    names::{Metric, Unit},
    recorded::Kept,
};

/// The destination of metric lines.
#[derive(Debug, Clone, Default)]
pub enum Sink {
    /// Discards: nothing is gathered.
    #[default]
    Nowhere,
    /// Standard output, which on Lambda is the log.
    Output,
    /// Memory.
    Kept(Kept),
}

/// The values that are not written yet, by metric and dimension value.
type Gathered = BTreeMap<(Metric, Option<&'static str>), Vec<u64>>;

/// Gathers metrics. Clones gather in the same place.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stage: String,
    sink: Sink,
    clock: Clock,
    gathered: Mutex<Gathered>,
}

impl Metrics {
    /// Metrics of a stage, written to `sink` with the time of `clock`.
    pub fn new(stage: &str, sink: Sink, clock: Clock) -> Self {
        let stage = stage.to_owned();
        Self(Arc::new(Inner { stage, sink, clock, gathered: Mutex::default() }))
    }

    /// Adds one to a count.
    pub fn one(&self, metric: Metric) {
        self.add(metric, 1);
    }

    /// Adds to a count, or records a duration or an age.
    pub fn add(&self, metric: Metric, value: impl TryInto<u64>) {
        self.record(metric, None, value.try_into().unwrap_or(0));
    }

    /// Adds one to a count under `word`, a value of the metric's own dimension. A word never comes
    /// from a request: each is a metric that is paid for.
    pub fn one_by(&self, metric: Metric, word: &'static str) {
        self.record(metric, Some(word), 1);
    }

    fn record(&self, metric: Metric, word: Option<&'static str>, value: u64) {
        if matches!(self.0.sink, Sink::Nowhere) {
            return;
        }
        let mut gathered = self.gathered();
        let values = gathered.entry((metric, word)).or_default();
        match (metric.unit(), values.first_mut()) {
            (Unit::Count, Some(sum)) => *sum = sum.saturating_add(value),
            (Unit::Count | Unit::Milliseconds | Unit::Seconds, _) => values.push(value),
        }
    }

    fn gathered(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.0.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the gathered values, if there are any.
    pub fn write(&self, request: &str) {
        let gathered = std::mem::take(&mut *self.gathered());
        let now = self.0.clock.now();
        for line in line::lines(gathered) {
            let line = line.to_json(&self.0.stage, request, now);
            match &self.0.sink {
                Sink::Nowhere => {}
                Sink::Output => {
                    // One write for each line. If the log cannot be written, nothing can report it.
                    drop(std::io::stdout().lock().write_all(format!("{line}\n").as_bytes()));
                }
                Sink::Kept(kept) => kept.keep(line),
            }
        }
    }
}

#[cfg(test)]
mod tests;
