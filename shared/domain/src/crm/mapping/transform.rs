//! Transforms of a value between the payload and the field.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::format::{DateInput, DateOutput, NumberFormat};
use super::{
    mapped::{Context, ProblemReason},
    number, value,
};
use crate::{
    common::expression::{Budget, Expression, OverBudget},
    crm::normalise,
};

/// One transform. It applies to every found value and to the items of lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Removes white space from both ends.
    Trim {},
    /// To lower case.
    Lower {},
    /// To upper case.
    Upper {},
    /// Keeps the digits only.
    Digits {},
    /// A phone number in E.164, in the workspace's default region.
    Phone {},
    /// A number.
    Number {
        /// The input format.
        #[serde(default)]
        format: NumberFormat,
    },
    /// A day or a time.
    Date {
        /// The input format.
        #[serde(default)]
        input: DateInput,
        /// The output format.
        #[serde(default)]
        output: DateOutput,
    },
    /// Joins all found values, including lists, into one text.
    Join {
        /// The separator, at most 20 characters.
        #[serde(default)]
        separator: String,
    },
    /// Splits a text into a list.
    Split {
        /// The separator, 1 to 20 characters.
        separator: String,
    },
    /// Replaces a value of the sender: `{"ongoing":"open"}`.
    Map {
        /// The replacement of each value; at most 100 values, compared without regard to case.
        values: BTreeMap<String, String>,
        /// The replacement of other values; without it they stay unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<String>,
    },
    /// Replaces the id of an option by the option's text, as forms send both: `options` finds
    /// `{"id": "op-2", "text": "Profissional"}`.
    Option {
        /// A JSONPath (RFC 9535) of the options, in the tree of the field.
        options: String,
        /// The key of an option's id, at most 100 bytes.
        #[serde(default = "id")]
        id: String,
        /// The key of an option's text, at most 100 bytes.
        #[serde(default = "text")]
        text: String,
    },
}

/// A transform whose path is compiled.
#[derive(Debug, Clone)]
pub(super) enum CompiledTransform {
    /// One that needs the value alone.
    Plain(Transform),
    /// [`Transform::Option`].
    Option { options: Expression, id: String, text: String },
}

impl CompiledTransform {
    /// Applies the transform to all found values. `tree` is the tree that the options are in.
    pub(super) fn apply(
        &self,
        values: Vec<Value>,
        (tree, budget): (&Value, &mut Budget),
        context: &Context<'_>,
    ) -> Result<Vec<Value>, ProblemReason> {
        match self {
            Self::Plain(transform) => transform.apply(values, context),
            Self::Option { options, id, text } => {
                let found = options.find(tree, budget);
                let texts = found.and_then(|found| Texts::of(&found, (id, text), budget));
                let texts = texts.map_err(|_| ProblemReason::TooCostly)?;
                Ok(values.into_iter().map(|value| texts.replace(value)).collect())
            }
        }
    }
}

/// The texts of options by their ids.
struct Texts<'v>(HashMap<String, &'v Value>);

impl<'v> Texts<'v> {
    fn of(
        options: &[&'v Value],
        (id, text): (&str, &str),
        budget: &mut Budget,
    ) -> Result<Self, OverBudget> {
        let mut texts = HashMap::new();
        for option in options {
            budget.step()?;
            let key = option.get(id).and_then(value::text);
            if let (Some(key), Some(text)) = (key, option.get(text)) {
                budget.read(key.len())?;
                texts.entry(key).or_insert(text);
            }
        }
        Ok(Self(texts))
    }

    /// Replaces an id, also in a list. A value that is no id of an option stays as it is.
    fn replace(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.replace(item)).collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                let text = value::text(&value).and_then(|id| self.0.get(&id).copied().cloned());
                text.filter(|text| text.is_string() || text.is_number()).unwrap_or(value)
            }
        }
    }
}

fn id() -> String {
    "id".to_owned()
}

fn text() -> String {
    "text".to_owned()
}

impl Transform {
    /// The transform with its path compiled by `compile`.
    pub(super) fn compile<E>(
        &self,
        compile: impl Fn(&str) -> Result<Expression, E>,
    ) -> Result<CompiledTransform, E> {
        Ok(match self {
            Self::Option { options, id, text } => CompiledTransform::Option {
                options: compile(options)?,
                id: id.clone(),
                text: text.clone(),
            },
            Self::Trim {}
            | Self::Lower {}
            | Self::Upper {}
            | Self::Digits {}
            | Self::Phone {}
            | Self::Number { .. }
            | Self::Date { .. }
            | Self::Join { .. }
            | Self::Split { .. }
            | Self::Map { .. } => CompiledTransform::Plain(self.clone()),
        })
    }

    /// Returns true if its parameters are within bounds.
    pub(super) fn is_bounded(&self) -> bool {
        match self {
            Self::Join { separator } => separator.len() <= 20,
            Self::Split { separator } => (1..=20).contains(&separator.len()),
            Self::Map { values, .. } => values.len() <= 100,
            Self::Option { id, text, .. } => id.len() <= 100 && text.len() <= 100,
            Self::Trim {}
            | Self::Lower {}
            | Self::Upper {}
            | Self::Digits {}
            | Self::Phone {}
            | Self::Number { .. }
            | Self::Date { .. } => true,
        }
    }

    pub(super) fn is_join(&self) -> bool {
        matches!(self, Self::Join { .. })
    }

    /// Applies the transform to all found values.
    pub(super) fn apply(
        &self,
        values: Vec<Value>,
        context: &Context<'_>,
    ) -> Result<Vec<Value>, ProblemReason> {
        if let Self::Join { separator } = self {
            return join(&values, separator);
        }
        values.into_iter().map(|value| self.each(value, context)).collect()
    }

    fn each(&self, value: Value, context: &Context<'_>) -> Result<Value, ProblemReason> {
        if let Value::Array(items) = value {
            let items: Result<_, _> =
                items.into_iter().map(|item| self.each(item, context)).collect();
            return items.map(Value::Array);
        }
        if value::is_empty(&value) {
            return Ok(Value::Null);
        }
        match self {
            Self::Trim {} => on_text(&value, |text| Value::from(text.trim())),
            Self::Lower {} => on_text(&value, |text| Value::from(text.to_lowercase())),
            Self::Upper {} => on_text(&value, |text| Value::from(text.to_uppercase())),
            Self::Split { separator } => on_text(&value, |text| split(text, separator)),
            Self::Digits {} => on_text(&value, |text| {
                Value::from(text.chars().filter(char::is_ascii_digit).collect::<String>())
            }),
            Self::Phone {} => phone(&value, context),
            Self::Number { format } => number::number(&value, *format).map(Value::Number),
            Self::Date { input, output } => value::date(&value, *input, *output, context.zone)
                .map(Value::String)
                .ok_or(ProblemReason::InvalidDate),
            Self::Map { values, otherwise } => Ok(look_up(value, values, otherwise.as_deref())),
            Self::Join { .. } | Self::Option { .. } => Ok(value),
        }
    }
}

/// Applies a function to a text or a number; other values are of the wrong type.
fn on_text(value: &Value, change: impl Fn(&str) -> Value) -> Result<Value, ProblemReason> {
    value::text(value).map(|text| change(&text)).ok_or(ProblemReason::WrongType)
}

fn split(text: &str, separator: &str) -> Value {
    let items = text.split(separator).map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(Value::from).collect())
}

fn phone(value: &Value, context: &Context<'_>) -> Result<Value, ProblemReason> {
    let text = value::text(value).ok_or(ProblemReason::WrongType)?;
    let phone = normalise::phone(&text, context.default_region);
    phone.map(|phone| Value::String(phone.into())).map_err(|_| ProblemReason::InvalidPhone)
}

fn look_up(value: Value, values: &BTreeMap<String, String>, otherwise: Option<&str>) -> Value {
    let theirs = match &value {
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            value::text(&value).unwrap_or_default().trim().to_lowercase()
        }
    };
    let ours = values.iter().find(|(key, _)| key.trim().to_lowercase() == theirs);
    ours.map(|(_, ours)| ours.as_str()).or(otherwise).map_or(value, Value::from)
}

fn join(values: &[Value], separator: &str) -> Result<Vec<Value>, ProblemReason> {
    let mut texts = Vec::new();
    for value in values {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => std::slice::from_ref(value),
        };
        for item in items.iter().filter(|item| !value::is_empty(item)) {
            let text = value::text(item).ok_or(ProblemReason::WrongType)?;
            texts.push(text.trim().to_owned());
        }
    }
    Ok(if texts.is_empty() { Vec::new() } else { vec![Value::String(texts.join(separator))] })
}
