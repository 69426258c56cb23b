//! Metrics, in `CloudWatch`'s embedded metric format: a log line that says which of its fields are
//! metrics. Nothing is called and nothing waits; `CloudWatch` reads the line.
//!
//! - [`names`]: every metric that there is. [`class`]: outcomes as a metric tells them apart.
//! - `line`: the format. [`recorded`]: what tests look at. [`unavailable`]: counts failed calls.
//! - [`skew`]: compares our clock with AWS's.
//!
//! A function gathers what it counts, and [`crate::telemetry::invocation`] writes it when the
//! invocation ends, in whatever way: one line, or a few where one metric has several words.

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

/// Where lines go.
#[derive(Debug, Clone, Default)]
pub enum Sink {
    /// Nowhere: nothing is gathered.
    #[default]
    Nowhere,
    /// To standard output, which on Lambda is the log.
    Output,
    /// Into memory.
    Kept(Kept),
}

/// What was counted and not written yet: of each metric and word, its values.
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
    /// Of a stage, to a sink, by a clock.
    pub fn new(stage: &str, sink: Sink, clock: Clock) -> Self {
        let stage = stage.to_owned();
        Self(Arc::new(Inner { stage, sink, clock, gathered: Mutex::default() }))
    }

    /// Counts one.
    pub fn one(&self, metric: Metric) {
        self.add(metric, 1);
    }

    /// Adds to a count, or notes a duration or an age.
    pub fn add(&self, metric: Metric, value: impl TryInto<u64>) {
        self.note(metric, None, value.try_into().unwrap_or(0));
    }

    /// Counts one under a word of the metric's own dimension. Words are our own, never a stranger's:
    /// each is a metric that is paid for.
    pub fn one_by(&self, metric: Metric, word: &'static str) {
        self.note(metric, Some(word), 1);
    }

    fn note(&self, metric: Metric, word: Option<&'static str>, value: u64) {
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

    /// Writes what was gathered; nothing when that is nothing.
    pub fn write(&self, request: &str) {
        let gathered = std::mem::take(&mut *self.gathered());
        let now = self.0.clock.now();
        for line in line::lines(gathered) {
            let line = line.to_json(&self.0.stage, request, now);
            match &self.0.sink {
                Sink::Nowhere => {}
                Sink::Output => {
                    // One write a line; a log that cannot be written to has nobody to be told by.
                    drop(std::io::stdout().lock().write_all(format!("{line}\n").as_bytes()));
                }
                Sink::Kept(kept) => kept.keep(line),
            }
        }
    }
}

#[cfg(test)]
mod tests;
