//! The embedded metric format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//!
//! In a line, a dimension has one value and a metric one field: a metric with two dimension values
//! takes two lines. A field may hold up to 100 values. Lambda requires `timestamp` and `level` in a
//! JSON line.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Gathered, Metric,
    names::{NAMESPACE, STAGE},
};

/// The most values of a metric in a line.
const VALUES: usize = 100;

/// The content of one line.
#[derive(Debug, Default)]
pub(super) struct Line {
    words: BTreeMap<&'static str, &'static str>,
    values: BTreeMap<Metric, Vec<u64>>,
}

/// The fewest lines that hold all values.
pub(super) fn lines(gathered: Gathered) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for ((metric, word), values) in gathered {
        for values in values.chunks(VALUES) {
            if let Some(line) = lines.iter_mut().find(|line| line.takes(metric, word)) {
                line.put(metric, word, values);
            } else {
                let mut line = Line::default();
                line.put(metric, word, values);
                lines.push(line);
            }
        }
    }
    lines
}

impl Line {
    fn takes(&self, metric: Metric, word: Option<&'static str>) -> bool {
        let same = metric.dimension().is_none_or(|dimension| {
            self.words.get(dimension).is_none_or(|known| Some(*known) == word)
        });
        same && !self.values.contains_key(&metric)
    }

    fn put(&mut self, metric: Metric, word: Option<&'static str>, values: &[u64]) {
        if let (Some(dimension), Some(word)) = (metric.dimension(), word) {
            self.words.insert(dimension, word);
        }
        self.values.insert(metric, values.to_vec());
    }

    /// The line as JSON. The names of metrics and dimensions are fields of its root.
    pub(super) fn to_json(&self, stage: &str, request: &str, now: Timestamp) -> Value {
        let mut root = Map::new();
        root.insert("timestamp".to_owned(), json!(now));
        root.insert("level".to_owned(), json!("INFO"));
        root.insert("request.id".to_owned(), json!(request));
        root.insert(STAGE.to_owned(), json!(stage));
        root.extend(self.words.iter().map(|(name, word)| ((*name).to_owned(), json!(word))));
        for (metric, values) in &self.values {
            let value = if let [one] = values.as_slice() { json!(one) } else { json!(values) };
            root.insert(metric.name().to_owned(), value);
        }
        let directives = json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": self.directives(),
        });
        root.insert("_aws".to_owned(), directives);
        Value::Object(root)
    }

    /// One directive for each set of dimensions.
    fn directives(&self) -> Vec<Value> {
        let mut sets: BTreeMap<Option<&str>, Vec<Value>> = BTreeMap::new();
        for metric in self.values.keys() {
            let named = json!({"Name": metric.name(), "Unit": metric.unit().as_str()});
            sets.entry(metric.dimension()).or_default().push(named);
        }
        let directive = |(dimension, metrics): (Option<&str>, Vec<Value>)| {
            let dimensions: Vec<&str> = std::iter::once(STAGE).chain(dimension).collect();
            json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics})
        };
        sets.into_iter().map(directive).collect()
    }
}
