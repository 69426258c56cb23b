//! The resources of `template.yaml` that cost money without traffic, so that no count of them can
//! go stale: polled queues, schedules, alarms, dashboards, keys; and each function's memory.

use std::collections::BTreeMap;

use local::{
    schedule::period_millis,
    template::{EventSource, TEMPLATE, Template},
};
use serde_yaml_ng::Value;

use crate::{
    error::{Result, wrong},
    stats::number,
};

/// Minutes of the month that everything is calculated with: 30 days.
pub(crate) const MINUTES: f64 = 43_200.0;

/// The queue of deliveries outside of lanes.
const DELIVER: &str = "DeliverQueue";

/// The deployed resources.
#[derive(Debug, Default)]
pub(crate) struct Deployed {
    /// Megabytes, by function.
    pub(crate) memory: BTreeMap<String, f64>,
    /// Queues that Lambda polls, and those of them that are FIFO.
    pub(crate) polled: f64,
    pub(crate) polled_fifo: f64,
    /// `MaximumConcurrency` of *deliver*'s messages outside of lanes.
    pub(crate) delivering: f64,
    /// The schedules.
    pub(crate) schedules: Vec<Schedule>,
    /// The metrics that alarms evaluate.
    pub(crate) alarm_metrics: f64,
    pub(crate) dashboards: f64,
    /// Customer managed keys.
    pub(crate) keys: f64,
    /// Tables whose key is the account's `aws/dynamodb`: its requests are paid for.
    pub(crate) keyed_tables: f64,
    /// Functions write traces.
    pub(crate) traced: bool,
    /// The limit on webhooks a second.
    pub(crate) ingest_rate: f64,
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
        let (template, root) = (Template::parse(text)?, serde_yaml_ng::from_str(text));
        let root: Value = root.map_err(wrong)?;
        let mut deployed = Self::default();
        let parameter = |name: &str| template.parameters.get(name).map_or("", String::as_str);
        deployed.traced = parameter("Tracing") == "Active";
        deployed.ingest_rate = parameter("IngestRate").parse().unwrap_or(0.0);
        for function in &template.functions {
            for (name, event) in &function.events {
                deployed.add_event(&template, &function.folder, name, event)?;
            }
        }
        let memory = at(&root, &["Globals", "Function", "MemorySize"]);
        let resources = root.get("Resources").and_then(Value::as_mapping);
        for resource in resources.into_iter().flat_map(|all| all.values()) {
            deployed.add(resource, memory.and_then(Value::as_f64))?;
        }
        Ok(deployed)
    }

    fn add_event(
        &mut self,
        template: &Template,
        function: &str,
        name: &str,
        event: &EventSource,
    ) -> Result<()> {
        match event {
            EventSource::Queue(source) => {
                let Value::Tagged(arn) = &source.queue else { return Ok(()) };
                let queue = arn.value.as_str().unwrap_or_default().trim_end_matches(".Arn");
                self.polled += 1.0;
                if template.queues.iter().any(|(id, own)| id == queue && own.fifo_queue) {
                    self.polled_fifo += 1.0;
                }
                if let (DELIVER, Some(scaling)) = (queue, &source.scaling_config) {
                    self.delivering = number(scaling.maximum_concurrency);
                }
            }
            EventSource::Schedule(schedule) => {
                let millis =
                    period_millis(&schedule.schedule).and_then(|all| u32::try_from(all).ok());
                let millis = millis.ok_or_else(|| wrong(format!("how often is {name}?")))?;
                let times = MINUTES * 60_000.0 / f64::from(millis);
                let (name, function) = (name.to_owned(), function.to_owned());
                self.schedules.push(Schedule { name, function, times });
            }
            EventSource::HttpApi(_) | EventSource::DynamoDB(_) => {}
        }
        Ok(())
    }

    fn add(&mut self, resource: &Value, memory: Option<f64>) -> Result<()> {
        let property = |name: &str| at(resource, &["Properties", name]);
        match resource.get("Type").and_then(Value::as_str).unwrap_or_default() {
            "AWS::Serverless::Function" => {
                let folder = property("CodeUri").and_then(Value::as_str).unwrap_or_default();
                let folder = folder.rsplit('/').next().unwrap_or_default().to_owned();
                let own = property("MemorySize").and_then(Value::as_f64).or(memory);
                let own = own.ok_or_else(|| wrong(format!("{folder} has no memory")))?;
                self.memory.insert(folder, own);
            }
            "AWS::CloudWatch::Alarm" => {
                let metrics = property("Metrics").and_then(Value::as_sequence);
                let is_metric = |one: &&Value| one.get("MetricStat").is_some();
                self.alarm_metrics +=
                    metrics.map_or(1.0, |all| number(all.iter().filter(is_metric).count()));
            }
            "AWS::CloudWatch::Dashboard" => self.dashboards += 1.0,
            "AWS::KMS::Key" => self.keys += 1.0,
            "AWS::DynamoDB::Table" => {
                let sse = property("SSESpecification").and_then(|sse| sse.get("SSEEnabled"));
                let is_paid = sse.is_some_and(|value| value.as_bool() != Some(false));
                self.keyed_tables += f64::from(u8::from(is_paid));
            }
            _ => {}
        }
        Ok(())
    }
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r"
Parameters: { Tracing: { Default: Active } }
Globals: { Function: { MemorySize: 256, Timeout: 10, Tracing: !Ref Tracing } }
Resources:
  DeliverQueue: { Type: AWS::SQS::Queue, Properties: { QueueName: m.fifo, FifoQueue: true } }
  Clerk:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/clerk
      Events:
        Message:
          Type: SQS
          Properties: { Queue: !GetAtt DeliverQueue.Arn, ScalingConfig: { MaximumConcurrency: 2 } }
        Clock: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties: { Metrics: [{ Expression: a/b }, { MetricStat: {} }, { MetricStat: {} }] }
  Full: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: Errors } }
";

    #[test]
    fn resources_that_cost_while_idle_are_counted() {
        let deployed = Deployed::parse(SMALL).unwrap();
        assert!((deployed.polled_fifo - 1.0).abs() < 1e-9 && (deployed.polled - 1.0).abs() < 1e-9);
        assert!((deployed.delivering - 2.0).abs() < 1e-9);
        assert!((deployed.schedules[0].times - 8_640.0).abs() < 1e-9);
        assert!((deployed.alarm_metrics - 3.0).abs() < 1e-9, "one for each metric");
        assert!((deployed.memory["clerk"] - 256.0).abs() < 1e-9);
        assert!(deployed.traced, "by the parameter's default");
        let unknown = SMALL.replace("rate(5 minutes)", "cron(0/5 * * * ? *)");
        assert!(Deployed::parse(&unknown).is_err(), "a schedule that cannot be counted");
    }

    #[test]
    fn the_repository_s_template_can_be_counted() {
        let deployed = Deployed::read().unwrap();
        assert!(deployed.polled > deployed.polled_fifo && deployed.polled_fifo > 0.0);
        assert!(deployed.delivering >= 1.0, "the reader of its queue has a limit");
        assert!(!deployed.schedules.is_empty());
        assert!(deployed.ingest_rate >= 1.0, "the parameter IngestRate has a default");
    }
}
