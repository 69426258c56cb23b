//! Which events go where, by which method, with which fields.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::ids::{EndpointId, IntegrationId, OriginId, RuleId, StageId},
    crm::DealStatus,
    outbound::event::{Event, EventType},
};

/// Which events go where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// An inactive one takes nothing.
    pub active: bool,
    /// Which events it takes.
    pub filter: Filter,
    /// Where they go.
    pub target: Target,
    /// How they are sent (`FACTS S3.12`).
    pub method: Method,
    /// What is sent (`FACTS D6`).
    pub body: Body,
    /// Grows by one at every change (`If-Match`); older versions are kept, so that a delivery sends
    /// the same bytes at every attempt.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Which events a rule takes: those that every part takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of one of these types; never empty.
    pub types: Vec<EventType>,
    /// Of deals in one of these origins; empty: of anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginId>,
    /// Of deals in one of these stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageId>,
    /// Of deals with one of these statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<DealStatus>,
    /// With data like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// What the data must be like.
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

/// A comparison of one value of the data. A path that leads nowhere is false, whatever is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Keys joined by dots; a number is a place in a list: `items.0.sku`.
    pub path: String,
    /// What is asked.
    pub op: Op,
    /// What it is compared with; a list for `in`, absent for `exists`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// What is asked of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Is the same; numbers by value, not by spelling.
    Eq,
    /// Is there, and is not the same.
    Ne,
    /// Is one of these.
    In,
    /// Is there.
    Exists,
    /// A text that holds this text, or a list that holds this value.
    Contains,
    /// Greater: numbers, or texts that are times.
    Gt,
    /// Less.
    Lt,
}

/// Where a rule's events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// To a URL outside.
    Endpoint(EndpointId),
    /// To an integration of the same workspace, without HTTP in between (`FACTS D19`).
    Integration {
        /// Its origin.
        origin: OriginId,
        /// The integration.
        integration: IntegrationId,
    },
}

/// How a request is sent (`FACTS S3.12, S4.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The data as query parameters; shows it in URLs and logs.
    Get,
    /// The usual one.
    Post,
    /// As `POST`.
    Put,
    /// As `POST`.
    Patch,
}

impl Method {
    /// As it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// What is sent (`FACTS D6`).
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
    /// Where it stands in the standard body, keys joined by dots (`data.title`, `subject.key`).
    pub from: String,
    /// What it is called there: keys joined by dots make nested objects.
    pub to: String,
}

/// The name under which a rule takes an event; `None`: it does not.
pub fn takes(rule: &Rule, event: &Event) -> Option<EventType> {
    if !rule.active || !rule.filter.accepts(event) {
        return None;
    }
    event.types.iter().find(|name| rule.filter.types.contains(name)).cloned()
}

impl Filter {
    /// Whether everything but the type holds.
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
    /// Whether it holds for an event's data.
    pub fn holds(&self, data: &Value) -> bool {
        match self {
            Self::All(list) => list.iter().all(|condition| condition.holds(data)),
            Self::Any(list) => list.iter().any(|condition| condition.holds(data)),
            Self::Is(comparison) => {
                at(data, &comparison.path).is_some_and(|value| comparison.holds(value))
            }
        }
    }

    /// How many comparisons it has, and how deeply they are nested.
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

/// The value at a path of keys and places joined by dots.
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

fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(list), _) => list.iter().any(|one| same(one, wanted)),
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

/// Numbers by value, texts as times; anything else cannot be compared.
fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => number_or_time(left, right),
        (Value::String(left), Value::Number(right)) => {
            left.parse::<f64>().ok()?.partial_cmp(&right.as_f64()?)
        }
        (Value::Number(left), Value::String(right)) => {
            left.as_f64()?.partial_cmp(&right.parse::<f64>().ok()?)
        }
        _ => None,
    }
}

/// A deal's value is a decimal text: two such are compared as numbers.
fn number_or_time(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right);
    }
    let (left, right) = (left.parse::<Timestamp>().ok()?, right.parse::<Timestamp>().ok()?);
    Some(left.cmp(&right))
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
