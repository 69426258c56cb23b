//! The contents of `template.yaml`: the tables, queues, functions, event sources and routes that
//! the host runs. The host has no list of its own, so it cannot drift from the deployment.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_yaml_ng::Value;

use crate::emulator::{error::HostError, intrinsics::Resolver};

/// The template of this repository.
pub const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// The parts of a template that the host uses.
#[derive(Debug, Clone)]
pub struct Template {
    /// Parameters with their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Conditions by name.
    pub conditions: BTreeMap<String, Value>,
    /// Log groups by logical id, with their names.
    pub log_groups: Vec<(String, Value)>,
    /// Tables by logical id; their properties are those of `CreateTable`.
    pub tables: Vec<(String, Value)>,
    /// Queues.
    pub queues: Vec<(String, QueueProperties)>,
    /// Topics.
    pub topics: Vec<(String, TopicProperties)>,
    /// Logical ids of HTTP APIs.
    pub apis: Vec<String>,
    /// Functions.
    pub functions: Vec<FunctionResource>,
    /// Roles by logical id.
    pub roles: BTreeMap<String, Value>,
    /// Authorizers of the HTTP API by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The authorizer of routes that name none.
    pub default_authorizer: Option<String>,
}

/// `AWS::SQS::Queue`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueProperties {
    /// The name, a string or `!Sub`.
    pub queue_name: Value,
    /// The visibility timeout, in seconds.
    #[serde(default = "default_visibility")]
    pub visibility_timeout: u32,
    /// The retention of messages, in seconds.
    #[serde(default = "default_retention")]
    pub message_retention_period: u32,
    /// The dead-letter queue and the number of receives.
    pub redrive_policy: Option<Redrive>,
    /// Messages of a group keep their order.
    #[serde(default)]
    pub fifo_queue: bool,
    /// A message without a deduplication id gets one from its body.
    #[serde(default)]
    pub content_based_deduplication: bool,
    /// `queue` or `messageGroup`: the scope of a deduplication id.
    #[serde(default)]
    pub deduplication_scope: Option<String>,
}

/// `AWS::SNS::Topic`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TopicProperties {
    /// The name, a string or `!Sub`.
    pub topic_name: Value,
}

/// A queue's redrive policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redrive {
    /// The dead-letter queue's ARN.
    pub dead_letter_target_arn: Value,
    /// The number of receives after which a message goes there.
    pub max_receive_count: u32,
}

/// `AWS::Serverless::Function`.
#[derive(Debug, Clone)]
pub struct FunctionResource {
    /// The logical id.
    pub id: String,
    /// The folder under `functions/`.
    pub folder: String,
    /// The time limit.
    pub timeout: Duration,
    /// The logical id of its role.
    pub role: String,
    /// The log group, `!Ref IngestLogs`.
    pub log_group: Option<Value>,
    /// The environment, unresolved.
    pub environment: Vec<(String, Value)>,
    /// The event sources by name.
    pub events: Vec<(String, EventSource)>,
}

/// An event source of a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "Type", content = "Properties")]
pub enum EventSource {
    /// A route of the HTTP API.
    HttpApi(RouteProperties),
    /// A table's stream.
    DynamoDB(StreamProperties),
    /// A queue.
    #[serde(rename = "SQS")]
    Queue(QueueSourceProperties),
    /// A schedule.
    Schedule(ScheduleProperties),
}

/// A route.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteProperties {
    /// `GET`, ..., or `ANY`.
    pub method: String,
    /// `/v1/jobs/{job}`, `/v1/{proxy+}`.
    pub path: String,
    /// An authorizer other than the default, or `NONE`.
    pub auth: Option<RouteAuth>,
}

/// A route's own authorizer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteAuth {
    /// Its name, or `NONE`.
    pub authorizer: String,
}

/// An event source mapping of a stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamProperties {
    /// `!GetAtt Table.StreamArn`.
    pub stream: Value,
    /// The largest batch, in records.
    #[serde(default = "default_stream_batch")]
    pub batch_size: usize,
    /// The batch window.
    #[serde(default)]
    pub maximum_batching_window_in_seconds: u64,
    /// Halves a batch that fails.
    #[serde(default)]
    pub bisect_batch_on_function_error: bool,
    /// The number of retries of a batch; -1 is unlimited.
    #[serde(default = "unlimited")]
    pub maximum_retry_attempts: i64,
    /// `[ReportBatchItemFailures]`.
    #[serde(default)]
    pub function_response_types: Vec<String>,
    /// The filter of records.
    #[serde(default)]
    pub filter_criteria: FilterCriteria,
    /// The destination of records that are given up.
    pub destination_config: Option<DestinationConfig>,
}

/// `DestinationConfig`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DestinationConfig {
    /// The destination on failure.
    pub on_failure: Destination,
}

/// A destination of `DestinationConfig`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// `!GetAtt Queue.Arn`.
    pub destination: Value,
}

/// `FilterCriteria`: a record passes if it matches one of the patterns.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterCriteria {
    /// The patterns.
    pub filters: Vec<FilterPattern>,
}

/// One pattern, as JSON text.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterPattern {
    /// `{"eventName":["INSERT"]}`.
    pub pattern: String,
}

/// An event source mapping of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueSourceProperties {
    /// `!GetAtt Queue.Arn`.
    pub queue: Value,
    /// The largest batch, in messages.
    #[serde(default = "default_queue_batch")]
    pub batch_size: usize,
    /// `[ReportBatchItemFailures]`.
    #[serde(default)]
    pub function_response_types: Vec<String>,
    /// The limit on concurrent batches.
    pub scaling_config: Option<ScalingConfig>,
}

/// `ScalingConfig`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScalingConfig {
    /// The number of concurrent batches.
    pub maximum_concurrency: usize,
}

/// A schedule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleProperties {
    /// `rate(1 hour)`.
    pub schedule: String,
    /// The event, as JSON text.
    pub input: Option<String>,
}

/// A request authorizer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorizer {
    /// `!GetAtt Authorizer.Arn`.
    pub function_arn: Value,
    /// The identity sources, which are the cache key.
    pub identity: Identity,
}

/// An authorizer's identity sources.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Identity {
    /// Headers that must be present.
    pub headers: Vec<String>,
    /// The cache's lifetime in seconds.
    #[serde(default)]
    pub reauthorize_every: u32,
}

fn default_visibility() -> u32 {
    30
}
fn default_retention() -> u32 {
    345_600
}
fn default_stream_batch() -> usize {
    100
}
fn default_queue_batch() -> usize {
    10
}
fn unlimited() -> i64 {
    -1
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let root: Value = serde_yaml_ng::from_str(text).map_err(|e| fault("the file", &e))?;
        let globals = at(&root, &["Globals", "Function", "Timeout"]).and_then(Value::as_u64);
        let mut template = Self {
            parameters: parameters(&root),
            conditions: entries(root.get("Conditions")).map(|(n, c)| (n, c.clone())).collect(),
            log_groups: Vec::new(),
            tables: Vec::new(),
            queues: Vec::new(),
            topics: Vec::new(),
            apis: Vec::new(),
            functions: Vec::new(),
            roles: BTreeMap::new(),
            authorizers: BTreeMap::new(),
            default_authorizer: None,
        };
        for (id, resource) in entries(root.get("Resources")) {
            template.add(&id, resource, globals.unwrap_or(3))?;
        }
        Ok(template)
    }

    fn add(&mut self, id: &str, resource: &Value, timeout: u64) -> Result<(), HostError> {
        let properties = resource.get("Properties").cloned().unwrap_or_default();
        // The host has only the resources without a condition.
        if resource.get("Condition").is_some() {
            return Ok(());
        }
        match resource.get("Type").and_then(Value::as_str).unwrap_or_default() {
            "AWS::DynamoDB::Table" => self.tables.push((id.to_owned(), properties)),
            "AWS::SQS::Queue" => self.queues.push((id.to_owned(), read(id, &properties)?)),
            "AWS::SNS::Topic" => self.topics.push((id.to_owned(), read(id, &properties)?)),
            "AWS::Serverless::Function" => {
                self.functions.push(FunctionResource::read(id, &properties, timeout)?);
            }
            "AWS::Logs::LogGroup" => {
                let name = properties.get("LogGroupName").cloned().unwrap_or_default();
                self.log_groups.push((id.to_owned(), name));
            }
            "AWS::IAM::Role" => _ = self.roles.insert(id.to_owned(), properties),
            "AWS::Serverless::HttpApi" => self.api(id, &properties)?,
            _ => {}
        }
        Ok(())
    }

    fn api(&mut self, id: &str, properties: &Value) -> Result<(), HostError> {
        self.apis.push(id.to_owned());
        if let Some(authorizers) = at(properties, &["Auth", "Authorizers"]) {
            self.authorizers = read(id, authorizers)?;
        }
        let default = at(properties, &["Auth", "DefaultAuthorizer"]).and_then(Value::as_str);
        self.default_authorizer = default.map(str::to_owned);
        Ok(())
    }

    /// The names that values of the template resolve to; `queues` is the base of queue URLs.
    pub fn resolver(
        &self,
        queues: &str,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Resolver, HostError> {
        let mut parameters = self.parameters.clone();
        parameters.extend(overrides.clone());
        let mut resolver = Resolver::new(parameters, self.conditions.clone());
        for (id, name) in &self.log_groups {
            let name = resolver.text(name)?;
            resolver.log_group(id, &name);
        }
        for (id, _) in &self.tables {
            resolver.table(id);
        }
        for (id, queue) in &self.queues {
            let name = resolver.text(&queue.queue_name)?;
            resolver.queue(id, &name, queues);
        }
        for (id, topic) in &self.topics {
            let name = resolver.text(&topic.topic_name)?;
            resolver.topic(id, &name);
        }
        for id in &self.apis {
            resolver.api(id);
        }
        for function in &self.functions {
            resolver.function(&function.id, &function.folder);
        }
        Ok(resolver)
    }
}

impl FunctionResource {
    fn read(id: &str, properties: &Value, timeout: u64) -> Result<Self, HostError> {
        let uri = properties.get("CodeUri").and_then(Value::as_str).unwrap_or_default();
        let folder = uri.rsplit('/').next().unwrap_or_default().to_owned();
        let timeout = properties.get("Timeout").and_then(Value::as_u64).unwrap_or(timeout);
        let variables = at(properties, &["Environment", "Variables"]);
        let role = match properties.get("Role") {
            Some(Value::Tagged(arn)) => arn.value.as_str().unwrap_or_default().to_owned(),
            Some(_) | None => String::new(),
        };
        let mut events = Vec::new();
        for (name, event) in entries(properties.get("Events")) {
            events.push((name.clone(), read(&format!("{id}.{name}"), event)?));
        }
        Ok(Self {
            id: id.to_owned(),
            folder,
            timeout: Duration::from_secs(timeout),
            role: role.strip_suffix(".Arn").unwrap_or(&role).to_owned(),
            log_group: at(properties, &["LoggingConfig", "LogGroup"]).cloned(),
            environment: entries(variables).map(|(name, value)| (name, value.clone())).collect(),
            events,
        })
    }
}

fn parameters(root: &Value) -> BTreeMap<String, String> {
    let default = |parameter: &Value| match parameter.get("Default") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    entries(root.get("Parameters")).map(|(name, value)| (name, default(value))).collect()
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (String, &Value)> {
    let mapping = value.and_then(Value::as_mapping).into_iter().flatten();
    mapping.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value)))
}

fn read<T: DeserializeOwned>(id: &str, value: &Value) -> Result<T, HostError> {
    serde_yaml_ng::from_value(value.clone()).map_err(|error| fault(id, &error))
}

fn fault(id: &str, error: &serde_yaml_ng::Error) -> HostError {
    HostError::Template(format!("{id}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_s_template_is_understood() {
        let template = Template::parse(TEMPLATE).unwrap();
        assert_eq!(template.tables.len(), 9);
        assert_eq!(template.queues.len(), 12);
        let fifo = template.queues.iter().filter(|(_, queue)| queue.fifo_queue);
        assert_eq!(
            fifo.map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            ["LanesQueue", "LanesDeadLetters"]
        );
        assert_eq!(template.topics.len(), 2);
        let folders: Vec<&str> = template.functions.iter().map(|f| f.folder.as_str()).collect();
        assert_eq!(
            folders,
            [
                "ingest",
                "process",
                "history",
                "reprocess",
                "manage",
                "publish",
                "dispatch",
                "deliver",
                "deliveries",
                "suspension",
                "tally",
                "authorizer",
                "console"
            ]
        );
        assert_eq!(template.default_authorizer.as_deref(), Some("KeyAuthorizer"));
    }

    #[test]
    fn environments_are_resolved_to_local_names() {
        let template = Template::parse(TEMPLATE).unwrap();
        let resolver = template.resolver("http://127.0.0.1:1", &BTreeMap::new()).unwrap();
        let process = template.functions.iter().find(|f| f.folder == "process").unwrap();
        let variables: BTreeMap<_, _> = process
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), resolver.text(value).unwrap()))
            .collect();
        assert_eq!(variables["TABLE_HISTORY"], "HistoryTable");
        assert_eq!(variables["STAGE"], "prod");
        assert_eq!(
            variables["QUEUE_PROCESS_RETRY_URL"],
            "http://127.0.0.1:1/000000000000/gancho-process-retry"
        );
        let suspension = template.functions.iter().find(|f| f.folder == "suspension").unwrap();
        let topic = suspension.environment.iter().find(|(name, _)| name == "TOPIC_NOTICES_ARN");
        assert_eq!(
            resolver.text(&topic.unwrap().1).unwrap(),
            "arn:aws:sns:us-east-1:000000000000:gancho-notices"
        );
    }
}
