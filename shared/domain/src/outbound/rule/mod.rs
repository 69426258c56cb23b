//! Rules: they send matching events to a target, with a method and a body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{
        by::By,
        ids::{EndpointId, IntegrationId, OriginId, RuleId, StageId},
    },
    crm::DealStatus,
    outbound::event::{Event, EventType},
};

/// The longest text that is compared as a number, in bytes: longer than every float.
const NUMBER_MAX: usize = 400;

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Its display name.
    pub name: String,
    /// `false`: it takes no events.
    pub active: bool,
    /// The filter of the events that it takes.
    pub filter: Filter,
    /// The target of the events.
    pub target: Target,
    /// The HTTP method (`FACTS S3.12`).
    pub method: Method,
    /// The body of the request (`FACTS D6`).
    pub body: Body,
    /// Grows by one at every change (`If-Match`). Older versions are kept, so that a delivery sends
    /// the same bytes at every attempt.
    pub version: u64,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The author of this version; `None` if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// The filter of a rule. An event must match every part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Matches one of these types; never empty.
    pub types: Vec<EventType>,
    /// Matches deals in one of these origins; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginId>,
    /// Matches deals in one of these stages; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageId>,
    /// Matches deals with one of these statuses; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<DealStatus>,
    /// Matches data that meets this condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// A condition on an event's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// This one holds.
    Is(Comparison),
}

/// A comparison of one value of the data. With a path that does not exist it is always false.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Keys joined by dots; a number is an index of a list: `items.0.sku`.
    pub path: String,
    /// The operator.
    pub op: Op,
    /// The operand; a list for `in`, absent for `exists`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// The operator of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Is equal; numbers are compared by value, not by spelling.
    Eq,
    /// Exists and is not equal.
    Ne,
    /// Is one of these.
    In,
    /// Exists.
    Exists,
    /// A text that holds this text, or a list that holds this value.
    Contains,
    /// Is greater: numbers, or texts that are numbers or times.
    Gt,
    /// Is less; the same kinds as `gt`.
    Lt,
}

/// The target of a rule's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An endpoint, outside Gancho.
    Endpoint(EndpointId),
    /// An integration of the same workspace, reached without HTTP (`FACTS D19`).
    Integration {
        /// Its origin.
        origin: OriginId,
        /// The integration.
        integration: IntegrationId,
    },
}

/// The HTTP method of a request (`FACTS S3.12, S4.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Sends the data as query parameters, which exposes it in URLs and logs.
    Get,
    /// The default choice.
    Post,
    /// As `POST`.
    Put,
    /// As `POST`.
    Patch,
}

impl Method {
    /// Its name in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// The body of a request (`FACTS D6`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The fixed envelope with the whole entity.
    Standard,
    /// Chosen and renamed fields (`FACTS S3.13`).
    Mapped(Vec<MappedField>),
}

/// A field of a mapped body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedField {
    /// The path in the standard body: keys joined by dots (`data.title`, `subject.key`).
    pub from: String,
    /// The path in the mapped body: keys joined by dots create nested objects.
    pub to: String,
}

/// The type under which a rule takes an event; `None`: it does not match.
pub fn takes(rule: &Rule, event: &Event) -> Option<EventType> {
    if !rule.active || !rule.filter.accepts(event) {
        return None;
    }
    event.types.iter().find(|name| rule.filter.types.contains(name)).cloned()
}

impl Filter {
    /// `true` if an event matches, apart from its type.
    fn accepts(&self, event: &Event) -> bool {
        let about = &event.about;
        let origin = self.origins.is_empty()
            || about.origin.is_some_and(|origin| self.origins.contains(&origin));
        let stage =
            self.stages.is_empty() || about.stage.is_some_and(|stage| self.stages.contains(&stage));
        let status = self.statuses.is_empty()
            || about
                .status
                .as_deref()
                .and_then(DealStatus::parse)
                .is_some_and(|status| self.statuses.contains(&status));
        let condition = || self.condition.as_ref().is_none_or(|c| c.holds(&event.data));
        origin && stage && status && condition()
    }
}

impl Condition {
    /// `true` if an event's data meets the condition.
    pub fn holds(&self, data: &Value) -> bool {
        match self {
            Self::All(list) => list.iter().all(|condition| condition.holds(data)),
            Self::Any(list) => list.iter().any(|condition| condition.holds(data)),
            Self::Is(comparison) => {
                at(data, &comparison.path).is_some_and(|value| comparison.holds(value))
            }
        }
    }

    /// The number of comparisons, and the depth of their nesting.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Is(_) => (1, 1),
            Self::All(list) | Self::Any(list) => {
                let sizes = list.iter().map(Self::size);
                let (count, depth) =
                    sizes.fold((0, 0), |(n, d), (count, depth)| (n + count, d.max(depth)));
                (count, depth + 1)
            }
        }
    }
}

/// The value at a path of keys and indexes joined by dots.
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

impl Comparison {
    fn holds(&self, value: &Value) -> bool {
        match self.op {
            Op::Exists => true,
            Op::Eq => same(value, &self.value),
            Op::Ne => !same(value, &self.value),
            Op::In => list(&self.value).iter().any(|one| same(value, one)),
            Op::Contains => contains(value, &self.value),
            Op::Gt => compare(value, &self.value).is_some_and(std::cmp::Ordering::is_gt),
            Op::Lt => compare(value, &self.value).is_some_and(std::cmp::Ordering::is_lt),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn contains(value: &Value, item: &Value) -> bool {
    match (value, item) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(list), _) => list.iter().any(|one| same(one, item)),
        _ => false,
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => {
            left == right || compare(left, right) == Some(std::cmp::Ordering::Equal)
        }
        _ => left == right,
    }
}

/// Compares numbers by value, and texts as numbers or times. `None` for anything else.
fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            float(left.as_str())?.partial_cmp(&float(right.as_str())?)
        }
        (Value::String(left), Value::String(right)) => number_or_time(left, right),
        (Value::String(left), Value::Number(right)) => {
            float(left)?.partial_cmp(&float(right.as_str())?)
        }
        (Value::Number(left), Value::String(right)) => {
            float(left.as_str())?.partial_cmp(&float(right)?)
        }
        _ => None,
    }
}

/// Reads a number. A longer text than [`NUMBER_MAX`] is none, so that a condition with 50 lists of
/// 100 numbers does not parse a text of 200 KB 5,000 times.
fn float(text: &str) -> Option<f64> {
    if text.len() > NUMBER_MAX { None } else { text.parse().ok() }
}

/// Compares two texts as numbers if both are (a deal's value is a decimal text), else as times.
fn number_or_time(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return left.partial_cmp(&right);
    }
    let (left, right) = (left.parse::<Timestamp>().ok()?, right.parse::<Timestamp>().ok()?);
    Some(left.cmp(&right))
}

#[cfg(test)]
mod tests;
