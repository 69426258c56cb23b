//! Mapping of a payload's tree to the fields of a contact and a deal (`FACTS S3.2`).
//!
//! - [`Mapping`]: the stored definition, written by a person.
//! - [`CompiledMapping`]: the checked definition, which can be applied to any number of payloads.
//! - [`Mapped`]: the result for one payload, with problems, warnings and a trace.
//!
//! Nothing here can loop or backtrack: paths have no regular expressions, their evaluation takes from
//! a [`Budget`](crate::common::expression::Budget), and a field reads at most 64 KB of values.

mod apply;
mod compile;
mod fill;
mod format;
mod mapped;
mod number;
mod read;
mod target;
mod transform;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{common::condition::Condition, inbound::payload::Format};

pub use self::{
    compile::{CompiledMapping, FIELDS_MAX, KEYS_MAX, MappingError, PATHS_MAX, compile_path},
    format::{DateInput, DateOutput, NumberFormat},
    mapped::{ContactFields, Context, DealFields, FieldProblem, FieldTrace, Mapped, ProblemReason},
    read::Prepared,
    target::{Target, UnknownTarget},
    transform::Transform,
};

/// The most places of a mapping whose texts are read.
pub const READS_MAX: usize = 10;

/// The fields and their sources. Checked by [`CompiledMapping::compile`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The condition of the integration: other webhooks change nothing (decision 0084).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_if: Option<Condition>,
    /// Places whose text is read as something before anything else, at most [`READS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<Read>,
    /// The fields, at most [`FIELDS_MAX`].
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Paths of the body's business keys (order number, transaction) for searching the history; at
    /// most [`KEYS_MAX`].
    #[serde(default)]
    pub keys: Vec<String>,
    /// The sender's own time of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_time: Option<SourceTime>,
}

/// A place of the body whose text is read as something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// A JSONPath (RFC 9535). Values that are no texts stay as they are.
    pub path: String,
    /// The format of the text.
    #[serde(rename = "as")]
    pub format: Format,
    /// True if the result takes the place of the whole body: `payload=<JSON>` is read as if the JSON
    /// were the body.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_body: bool,
}

/// The place of the sender's own time of the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceTime {
    /// A JSONPath (RFC 9535); the first value counts.
    pub path: String,
    /// The tree that the path applies to.
    #[serde(default)]
    pub from: Source,
    /// The format of the time.
    #[serde(default)]
    pub input: DateInput,
}

/// One field. Its value comes from the paths or the template, or is the default, or is the constant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The target: `contact.email`, `deal.custom.segment`; see [`Target`].
    pub target: String,
    /// The tree that the paths apply to.
    #[serde(default)]
    pub from: Source,
    /// A JSONPath (RFC 9535).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Further paths: with a `join` their values are joined, else the first path with a value
    /// counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// A text with slots in place of a path: `{{first}} {{last}}`
    /// ([`Template`](crate::common::template::Template)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The constant value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    /// The value if the paths find nothing. It is not transformed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// True if a payload without this field is an error.
    #[serde(default)]
    pub required: bool,
    /// The effect of a value of a wrong form; by default an error if the field is required, else a
    /// warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_invalid: Option<OnInvalid>,
    /// The transforms, applied in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
}

/// The effect of a value that its field cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// The field stays unchanged, and the run has a warning.
    Warn,
    /// The run fails, and nothing is written.
    Error,
}

/// A tree of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The body; the query parameters if there is no body.
    #[default]
    Body,
    /// The query parameters.
    Query,
}

#[cfg(test)]
mod field_cases;
#[cfg(test)]
mod tests;
