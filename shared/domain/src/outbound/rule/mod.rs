//! Rules: they send matching events to a target, with a method and a body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    common::{
        by::By,
        expression::{self, Budget, OverBudget},
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

/// A rule's decision to take an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The type under which the rule takes the event.
    pub event_type: EventType,
    /// False if the budget ended before the condition was decided.
    pub is_decided: bool,
}

/// The decision of a rule about an event; `None`: it does not match. All rules that see the event
/// share its budget.
pub fn takes(rule: &Rule, event: &Event, budget: &mut Budget) -> Option<Taken> {
    let filter = &rule.filter;
    if !rule.active || !filter.accepts(event) {
        return None;
    }
    let event_type = event.types.iter().find(|name| filter.types.contains(name)).cloned()?;
    let condition = filter.condition.as_ref();
    match condition.map_or(Ok(true), |condition| condition.holds(&event.data, budget)) {
        Ok(false) => None,
        Ok(true) => Some(Taken { event_type, is_decided: true }),
        Err(OverBudget) => Some(Taken { event_type, is_decided: false }),
    }
}

impl Filter {
    /// `true` if an event matches, apart from its type and its data.
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
        origin && stage && status
    }
}

impl Condition {
    /// `true` if an event's data meets the condition.
    pub fn holds(&self, data: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
        match self {
            Self::All(list) => Self::any(list, data, (false, budget)).map(|found| !found),
            Self::Any(list) => Self::any(list, data, (true, budget)),
            Self::Is(comparison) => match find(data, &comparison.path, budget)? {
                Some(value) => comparison.holds(value, budget),
                None => Ok(false),
            },
        }
    }

    /// Returns true if any condition of a list has this result.
    fn any(
        list: &[Self],
        data: &Value,
        (result, budget): (bool, &mut Budget),
    ) -> Result<bool, OverBudget> {
        for condition in list {
            if condition.holds(data, budget)? == result {
                return Ok(true);
            }
        }
        Ok(false)
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

/// The value at a path, as [`at`] finds it.
fn find<'v>(
    data: &'v Value,
    path: &str,
    budget: &mut Budget,
) -> Result<Option<&'v Value>, OverBudget> {
    path.split('.').try_for_each(|_| budget.step())?;
    Ok(at(data, path))
}

impl Comparison {
    fn holds(&self, value: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
        let mut order = || compare(value, &self.value, budget);
        match self.op {
            Op::Exists => Ok(true),
            Op::Gt => Ok(order()?.is_some_and(std::cmp::Ordering::is_gt)),
            Op::Lt => Ok(order()?.is_some_and(std::cmp::Ordering::is_lt)),
            Op::Eq => expression::same(value, &self.value, budget),
            Op::Ne => expression::same(value, &self.value, budget).map(|same| !same),
            Op::In => holds_one(list(&self.value), value, budget),
            Op::Contains => contains(value, &self.value, budget),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Returns true if a list holds a value.
fn holds_one(list: &[Value], value: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
    for one in list {
        if expression::same(one, value, budget)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn contains(value: &Value, item: &Value, budget: &mut Budget) -> Result<bool, OverBudget> {
    match (value, item) {
        (Value::String(text), Value::String(part)) => {
            budget.step()?;
            budget.read(text.len() + part.len())?;
            Ok(text.contains(part.as_str()))
        }
        (Value::Array(list), _) => holds_one(list, item, budget),
        _ => Ok(false),
    }
}

/// Compares numbers by value, and texts as numbers or times. `None` for anything else.
fn compare(
    left: &Value,
    right: &Value,
    budget: &mut Budget,
) -> Result<Option<std::cmp::Ordering>, OverBudget> {
    budget.step()?;
    let (Some(left), Some(right)) = (Scalar::of(left), Scalar::of(right)) else { return Ok(None) };
    budget.read(left.text().len() + right.text().len())?;
    Ok(match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => number_or_time(left, right),
        _ => numbers(left.text(), right.text()),
    })
}

/// A number or a text, by its characters.
#[derive(Clone, Copy)]
enum Scalar<'v> {
    Number(&'v str),
    Text(&'v str),
}

impl<'v> Scalar<'v> {
    fn of(value: &'v Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self::Number(number.as_str())),
            Value::String(text) => Some(Self::Text(text)),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn text(self) -> &'v str {
        match self {
            Self::Number(text) | Self::Text(text) => text,
        }
    }
}

fn numbers(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    float(left)?.partial_cmp(&float(right)?)
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
