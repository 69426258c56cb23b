//! Metric lines in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Metric;

/// Metric lines as they would have been written. Clones share the same lines.
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

    /// All values of a metric, or those under `word`, a value of the metric's own dimension.
    pub fn values(&self, metric: Metric, word: Option<&str>) -> Vec<u64> {
        let lines = self.lines();
        let matches = |line: &&Value| match (metric.dimension(), word) {
            (Some(dimension), Some(word)) => line.get(dimension).is_some_and(|value| value == word),
            _ => true,
        };
        let values = lines.iter().filter(matches).filter_map(|line| line.get(metric.name()));
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
