//! Metric lines in memory, for a local host whose tests look at them.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Metric;

/// Lines as they would have been written. Clones hold the same lines.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<Value>>>);

impl Kept {
    pub(super) fn keep(&self, line: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Every line, oldest first.
    pub fn lines(&self) -> Vec<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every value of a metric; `word` is that of its own dimension.
    pub fn values(&self, metric: Metric, word: Option<&str>) -> Vec<u64> {
        let lines = self.lines();
        let told = |line: &&Value| match (metric.dimension(), word) {
            (Some(dimension), Some(word)) => line.get(dimension).is_some_and(|told| told == word),
            _ => true,
        };
        let values = lines.iter().filter(told).filter_map(|line| line.get(metric.name()));
        let each = |value: &Value| {
            let many = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
            many.into_iter().filter_map(|one| one.as_u64())
        };
        values.flat_map(each).collect()
    }

    /// The sum of a metric's values.
    pub fn sum(&self, metric: Metric, word: Option<&str>) -> u64 {
        self.values(metric, word).iter().sum()
    }
}
