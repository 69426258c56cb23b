//! The resources of `template.yaml` that cost money without traffic, so that no count of them can
//! go stale: polled queues, schedules, alarms, dashboards, keys; and each function's memory.

use std::collections::BTreeMap;

use local::template::TEMPLATE;
use serde_yaml_ng::Value;

use crate::error::{Result, wrong};

/// Minutes of the month that everything is calculated with: 30 days.
pub(crate) const MINUTES: f64 = 43_200.0;

/// The deployed resources.
#[derive(Debug, Default)]
pub(crate) struct Deployed {
    /// Megabytes, by function.
    pub(crate) memory: BTreeMap<String, f64>,
    /// Queues that Lambda polls.
    pub(crate) polled: Vec<Polled>,
    /// The schedules.
    pub(crate) schedules: Vec<Schedule>,
    /// The metrics that each alarm evaluates.
    pub(crate) alarms: BTreeMap<String, f64>,
    pub(crate) dashboards: f64,
    /// Customer managed keys.
    pub(crate) keys: f64,
    /// Tables whose key is the account's `aws/dynamodb`: its requests are paid for.
    pub(crate) keyed_tables: f64,
    /// Functions write traces.
    pub(crate) traced: bool,
    queues: BTreeMap<String, bool>,
    /// The limit on webhooks a second.
    pub(crate) ingest_rate: f64,
    /// Parameters with their defaults.
    defaults: BTreeMap<String, String>,
}

/// A queue and its reader.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Polled {
    pub(crate) queue: String,
    pub(crate) function: String,
    pub(crate) fifo: bool,
    /// `MaximumConcurrency`.
    pub(crate) at_once: Option<u64>,
}

/// A schedule and its function.
#[derive(Debug, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) function: String,
    /// Runs a month.
    pub(crate) times: f64,
}

impl Deployed {
    /// The repository's template.
    pub(crate) fn read() -> Result<Self> {
        Self::parse(TEMPLATE)
    }

    fn parse(text: &str) -> Result<Self> {
        let root: Value = serde_yaml_ng::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let mut deployed = Self::default();
        let globals = at(&root, &["Globals", "Function"]);
        for (name, parameter) in entries(root.get("Parameters")) {
            if name == "IngestRate" {
                deployed.ingest_rate =
                    parameter.get("Default").and_then(Value::as_f64).unwrap_or(0.0);
            }
            let default = parameter.get("Default").and_then(Value::as_str).unwrap_or_default();
            deployed.defaults.insert(name.to_owned(), default.to_owned());
        }
        let resources: Vec<(&str, &Value)> = entries(root.get("Resources")).collect();
        for (id, resource) in &resources {
            if kind(resource) == "AWS::SQS::Queue" {
                let fifo = at(resource, &["Properties", "FifoQueue"]).and_then(Value::as_bool);
                deployed.queues.insert((*id).to_owned(), fifo.unwrap_or(false));
            }
        }
        for (id, resource) in resources {
            deployed.add(id, resource, globals)?;
        }
        Ok(deployed)
    }

    fn add(&mut self, id: &str, resource: &Value, globals: Option<&Value>) -> Result<()> {
        match kind(resource) {
            "AWS::Serverless::Function" => self.function(resource, globals)?,
            "AWS::CloudWatch::Alarm" => {
                let metrics = at(resource, &["Properties", "Metrics"]).and_then(Value::as_sequence);
                let stats =
                    metrics.map(|all| all.iter().filter(|one| has(one, "MetricStat")).count());
                self.alarms.insert(id.to_owned(), number(stats.unwrap_or(1)));
            }
            "AWS::CloudWatch::Dashboard" => self.dashboards += 1.0,
            "AWS::KMS::Key" => self.keys += 1.0,
            "AWS::DynamoDB::Table" => {
                let sse = at(resource, &["Properties", "SSESpecification", "SSEEnabled"]);
                let paid = sse.is_some_and(|value| value.as_bool() != Some(false));
                self.keyed_tables += f64::from(u8::from(paid));
            }
            _ => {}
        }
        Ok(())
    }

    fn function(&mut self, resource: &Value, globals: Option<&Value>) -> Result<()> {
        let own = |name: &str| at(resource, &["Properties", name]);
        let setting = |name: &str| own(name).or_else(|| globals?.get(name));
        let folder = own("CodeUri").and_then(Value::as_str).unwrap_or_default();
        let folder = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let memory = setting("MemorySize").and_then(Value::as_f64);
        let memory = memory.ok_or_else(|| wrong(format!("{folder} has no memory")))?;
        self.memory.insert(folder.clone(), memory);
        self.traced |= setting("Tracing").is_some_and(|mode| self.text(mode) == "Active");
        for (name, event) in entries(own("Events")) {
            let properties = event.get("Properties").unwrap_or(&Value::Null);
            if properties.get("Enabled").and_then(Value::as_bool) == Some(false) {
                continue;
            }
            match kind(event) {
                "SQS" => self.polled.push(self.source(&folder, properties)),
                "Schedule" | "ScheduleV2" => {
                    let when = ["Schedule", "ScheduleExpression"];
                    let when = when.iter().find_map(|name| properties.get(name)?.as_str());
                    let times = times(when.unwrap_or_default())?;
                    let (name, function) = (name.to_owned(), folder.clone());
                    self.schedules.push(Schedule { name, function, times });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A string, or the default of the parameter that it names.
    fn text<'a>(&'a self, value: &'a Value) -> &'a str {
        let Value::Tagged(tagged) = value else { return value.as_str().unwrap_or_default() };
        let name = tagged.value.as_str().unwrap_or_default();
        self.defaults.get(name).map_or("", String::as_str)
    }

    fn source(&self, function: &str, properties: &Value) -> Polled {
        let queue = match properties.get("Queue") {
            Some(Value::Tagged(arn)) => arn.value.as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let queue = queue.strip_suffix(".Arn").unwrap_or(&queue).to_owned();
        let at_once = at(properties, &["ScalingConfig", "MaximumConcurrency"]);
        Polled {
            fifo: self.queues.get(&queue).copied().unwrap_or(false),
            queue,
            function: function.to_owned(),
            at_once: at_once.and_then(Value::as_u64),
        }
    }
}

/// Converts `rate(5 minutes)`, or a `cron` of a fixed hour and minute, to runs a month.
fn times(when: &str) -> Result<f64> {
    let unknown = || wrong(format!("how often is {when}?"));
    let inside = |name: &str| when.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some((count, unit)) = inside("rate").and_then(|rate| rate.split_once(' ')) {
        let count: f64 = count.parse().map_err(|_| unknown())?;
        let minutes = match unit.trim_end_matches('s') {
            "minute" => 1.0,
            "hour" => 60.0,
            "day" => 1_440.0,
            _ => return Err(unknown()),
        };
        return Ok(MINUTES / minutes / count);
    }
    let mut fields = inside("cron").ok_or_else(unknown)?.split(' ').map(str::parse::<u8>);
    match (fields.next(), fields.next()) {
        (Some(Ok(_)), Some(Ok(_))) => Ok(30.0),
        _ => Err(unknown()),
    }
}

fn kind(value: &Value) -> &str {
    value.get("Type").and_then(Value::as_str).unwrap_or_default()
}

fn has(value: &Value, name: &str) -> bool {
    value.get(name).is_some()
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let mapping = value.and_then(Value::as_mapping).into_iter().flatten();
    mapping.filter_map(|(name, value)| Some((name.as_str()?, value)))
}

#[expect(clippy::cast_precision_loss, reason = "some metrics")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r"
Parameters: { Tracing: { Default: Active } }
Globals: { Function: { MemorySize: 256, Tracing: !Ref Tracing } }
Resources:
  Messages: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/clerk
      Events:
        Message:
          Type: SQS
          Properties: { Queue: !GetAtt Messages.Arn, ScalingConfig: { MaximumConcurrency: 2 } }
        Off: { Type: SQS, Properties: { Queue: !GetAtt Messages.Arn, Enabled: false } }
        Clock: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties: { Metrics: [{ Expression: a/b }, { MetricStat: {} }, { MetricStat: {} }] }
  Full: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: Errors } }
";

    #[test]
    fn resources_that_cost_while_idle_are_counted() {
        let deployed = Deployed::parse(SMALL).unwrap();
        assert_eq!(deployed.polled.len(), 1, "what is off is not polled");
        let polled = &deployed.polled[0];
        assert_eq!(
            (polled.queue.as_str(), polled.fifo, polled.at_once),
            ("Messages", true, Some(2))
        );
        assert!((deployed.schedules[0].times - 8_640.0).abs() < 1e-9);
        assert!((deployed.alarms.values().sum::<f64>() - 3.0).abs() < 1e-9, "one for each metric");
        assert!((deployed.memory["clerk"] - 256.0).abs() < 1e-9);
        assert!(deployed.traced, "by the parameter's default");
    }

    #[test]
    fn the_repository_s_template_can_be_counted() {
        let deployed = Deployed::read().unwrap();
        assert!(deployed.polled.iter().any(|polled| polled.fifo));
        assert!(deployed.polled.iter().all(|polled| !polled.queue.is_empty()));
        assert!(!deployed.schedules.is_empty());
        assert!(deployed.ingest_rate >= 1.0, "the parameter IngestRate has a default");
    }

    #[test]
    fn a_schedule_that_cannot_be_counted_is_an_error() {
        assert!((times("rate(1 hour)").unwrap() - 720.0).abs() < 1e-9);
        assert!((times("cron(0 3 * * ? *)").unwrap() - 30.0).abs() < 1e-9);
        assert!(times("cron(0/5 * * * ? *)").is_err());
        assert!(times("at(2026-01-01T00:00:00)").is_err());
    }
}
