//! Conditions: the one language of the filters of rules and of integrations.
//!
//! A condition is a small tree of comparisons. It is checked when it is saved, and its evaluation takes
//! from the [`Budget`] of the event or the webhook (decision 0065).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    expression::{self, Budget, OverBudget},
    text::is_invisible,
};

/// The most comparisons of a condition.
const COMPARISONS_MAX: usize = 50;
/// The deepest nesting of a condition.
const DEPTH_MAX: usize = 5;
/// The most values of one comparison.
const VALUES_MAX: usize = 100;
/// The longest value of a comparison as JSON, in bytes.
const VALUE_MAX: usize = 4_096;
/// The longest path, in characters.
const PATH_MAX: usize = 300;
/// The longest text that is compared as a number, in bytes: longer than every float.
const NUMBER_MAX: usize = 400;

/// A condition on the data of an event, or on the body of a webhook.
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

/// A comparison of one value. With a path that does not exist it is always false.
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

/// The reason for refusing a condition when it is saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Unsound {
    /// The place in the condition: `all[1].is.value`.
    pub path: String,
    /// The reason, a word of [`REASONS`](super::code::REASONS).
    pub reason: &'static str,
    /// The exceeded limit, for `too_long` and `too_many`.
    pub limit: Option<usize>,
}

impl Condition {
    /// Checks a condition that is saved. `path` is its own place: `filter.condition`.
    pub fn check(&self, path: &str) -> Result<(), Unsound> {
        let (count, depth) = self.size();
        if count > COMPARISONS_MAX || depth > DEPTH_MAX {
            return Err(unsound(path.to_owned(), "too_complex"));
        }
        self.comparisons(path)
    }

    fn comparisons(&self, path: &str) -> Result<(), Unsound> {
        let (name, list) = match self {
            Self::Is(comparison) => return comparison.check(&format!("{path}.is")),
            Self::All(list) => ("all", list),
            Self::Any(list) => ("any", list),
        };
        if list.is_empty() {
            return Err(unsound(format!("{path}.{name}"), "required"));
        }
        let mut each = list.iter().enumerate();
        each.try_for_each(|(index, one)| one.comparisons(&format!("{path}.{name}[{index}]")))
    }
}

impl Comparison {
    /// Checks that it has the value that its operator needs, and no other.
    fn check(&self, path: &str) -> Result<(), Unsound> {
        check_keys(&format!("{path}.path"), &self.path)?;
        let fault = |reason| Err(unsound(format!("{path}.value"), reason));
        let value = &self.value;
        match self.op {
            Op::Exists if value.is_null() => return Ok(()),
            Op::Exists => return fault("unknown_field"),
            Op::In => match value.as_array() {
                Some(values) if values.is_empty() => return fault("required"),
                Some(values) if values.len() > VALUES_MAX => {
                    let path = format!("{path}.value");
                    return Err(Unsound { path, reason: "too_many", limit: Some(VALUES_MAX) });
                }
                Some(_) => {}
                None => return fault("wrong_type"),
            },
            Op::Gt | Op::Lt if !(value.is_number() || value.is_string()) => {
                return fault("wrong_type");
            }
            Op::Eq | Op::Ne | Op::Contains if value.is_null() => return fault("required"),
            Op::Eq | Op::Ne | Op::Contains if value.is_array() || value.is_object() => {
                return fault("wrong_type");
            }
            Op::Eq | Op::Ne | Op::Contains | Op::Gt | Op::Lt => {}
        }
        if value.to_string().len() > VALUE_MAX { fault("too_long") } else { Ok(()) }
    }
}

/// Checks that a text consists of non-empty keys joined by dots.
pub fn check_keys(path: &str, text: &str) -> Result<(), Unsound> {
    let text = text.trim();
    let reason = if text.is_empty() {
        "required"
    } else if text.contains('\0') {
        "nul"
    } else if text.chars().any(is_invisible) {
        "control_character"
    } else if text.chars().nth(PATH_MAX).is_some() {
        "too_long"
    } else if text.split('.').any(str::is_empty) {
        "unknown_value"
    } else {
        return Ok(());
    };
    let limit = (reason == "too_long").then_some(PATH_MAX);
    Err(Unsound { path: path.to_owned(), reason, limit })
}

fn unsound(path: String, reason: &'static str) -> Unsound {
    Unsound { path, reason, limit: None }
}

impl Condition {
    /// Returns true if the data meets the condition.
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
pub(super) fn find<'v>(
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
