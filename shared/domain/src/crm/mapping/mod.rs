//! From a payload's tree to the fields of a contact and a deal (`FACTS S3.2`).
//!
//! - [`Mapping`]: what a person wrote and what is stored.
//! - [`CompiledMapping`]: the same, checked when it is saved, ready to be applied any number of times.
//! - [`Mapped`]: what it made of one payload, with the problems and a trace.
//!
//! Nothing here can loop or backtrack: paths have no regular expressions, and what a path may cost
//! on a body is known before it is followed.

mod apply;
mod compile;
mod fill;
mod mapped;
mod path;
mod target;
mod transform;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    compile::{CompiledMapping, FIELDS_MAX, KEYS_MAX, MappingError, PATHS_MAX},
    mapped::{ContactFields, Context, DealFields, FieldProblem, FieldTrace, Mapped, ProblemReason},
    path::{COST_MAX, PATH_MAX},
    target::{Target, UnknownTarget},
    transform::{DateInput, DateOutput, NumberFormat, Transform},
};

/// Which fields are filled from where. Checked by [`CompiledMapping::compile`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The fields, at most [`FIELDS_MAX`].
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Paths of the body's business keys (order number, transaction), by which people search the
    /// history; at most [`KEYS_MAX`].
    #[serde(default)]
    pub keys: Vec<String>,
}

/// One field. It comes from the paths, else it is the default; or it is the constant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What is filled: `contact.email`, `deal.custom.segment`; see [`Target`].
    pub target: String,
    /// Which tree the paths are of.
    #[serde(default)]
    pub from: Source,
    /// A JSONPath (RFC 9535).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Further paths: with a `join` their values are joined, else the first that finds something
    /// counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Always this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    /// This value where the paths find nothing. It is not transformed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether a payload without this field is an error.
    #[serde(default)]
    pub required: bool,
    /// What is done to the value, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
}

/// A tree of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The body; the query parameters where there is no body.
    #[default]
    Body,
    /// The query parameters.
    Query,
}

#[cfg(test)]
mod tests;
