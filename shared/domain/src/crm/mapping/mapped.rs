//! The result of applying a mapping to one payload.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::target::Target;
use crate::{
    common::{code::Code, ids::StageId, workspace::CustomField},
    crm::DealStatus,
    crm::normalise::{Email, Phone},
    inbound::{origin::Origin, webhook::Remark},
};

/// The settings of the workspace that a mapping needs.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// The region of phone numbers without a country code (`BR`).
    pub default_region: &'c str,
    /// The zone of times without an offset.
    pub zone: &'c TimeZone,
    /// The custom fields, by key. A key that is not defined for the entity is a text.
    pub custom_fields: &'c BTreeMap<String, CustomField>,
    /// The origin, whose stages a mapped stage must be one of.
    pub origin: &'c Origin,
}

/// The mapped fields, the problems and the warnings. With any problem nothing may be written
/// (`CATALOGUE IN-32`). A warning is about a field that stays unchanged; the others are written.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mapped {
    /// The contact's fields.
    pub contact: ContactFields,
    /// The deal's fields.
    pub deal: DealFields,
    /// The business keys, each once.
    pub keys: Vec<String>,
    /// The problems that fail the run.
    pub problems: Vec<FieldProblem>,
    /// The fields whose value has a wrong form, and which are not required.
    pub warnings: Vec<FieldProblem>,
    /// The sender's own time of the event.
    pub source_time: Option<Timestamp>,
    /// The warning about a source time that cannot be read.
    pub time_warning: Option<Remark>,
    /// The trace of each field, for the preview.
    pub trace: Vec<FieldTrace>,
}

/// Mapped fields; an absent field changes nothing (`FACTS D17`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContactFields {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Custom fields, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Value>,
}

/// Mapped fields; an absent field changes nothing (`FACTS D17`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DealFields {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The value as a decimal text, its digits as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The stage, found in the origin by its id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DealStatus>,
    /// Tags to add.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Custom fields, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Value>,
}

/// A field that could not be filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field; `None` for a problem of the whole payload.
    pub target: Option<Target>,
    /// The evaluated paths.
    pub path: Option<String>,
    /// The found value as text, at most 81 characters; `None` if nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The reason.
    pub reason: ProblemReason,
    /// The exceeded limit, for `too_long` and `too_many`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl Mapped {
    /// All warnings in the history.
    pub fn all_warnings(&self) -> impl Iterator<Item = Remark> + '_ {
        self.warnings.iter().map(FieldProblem::warning).chain(self.time_warning.clone())
    }
}

impl FieldProblem {
    /// The code of a problem in the history.
    pub fn code(&self) -> Code {
        if self.reason == ProblemReason::TooCostly {
            Code::MappingTooCostly
        } else {
            Code::MappingFailed
        }
    }

    /// The problem in the history: it fails the run.
    pub fn failure(&self) -> Remark {
        Remark { code: self.code(), params: self.params() }
    }

    /// The warning in the history: the field stays unchanged.
    pub fn warning(&self) -> Remark {
        Remark { code: Code::FieldSkipped, params: self.params() }
    }

    /// The parameters of the code's sentence.
    fn params(&self) -> BTreeMap<String, String> {
        let target = self.target.as_ref().map(ToString::to_string);
        let limit = self.limit.map(|limit| limit.to_string());
        let all = [
            ("field", target),
            ("path", self.path.clone()),
            ("value", self.value.clone()),
            ("reason", Some(self.reason.as_str().to_owned())),
            ("limit", limit),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The reason for failing to fill a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemReason {
    /// The field is required and the paths found nothing.
    Missing,
    /// A wrong type, such as a list or object in place of a text.
    WrongType,
    /// Not an e-mail address.
    InvalidEmail,
    /// Not a phone number.
    InvalidPhone,
    /// Not a number.
    InvalidNumber,
    /// A number with one separator before three digits: `1.234` is read in two ways.
    AmbiguousNumber,
    /// Not a date.
    InvalidDate,
    /// Not a stage of the origin.
    UnknownStage,
    /// Not a status of a deal.
    UnknownStatus,
    /// The text contains a NUL character.
    Nul,
    /// Longer than the field allows.
    TooLong,
    /// More values than the field allows.
    TooMany,
    /// The payload has no fields at all.
    NotObject,
    /// The paths would visit too many values of this body.
    TooCostly,
}

impl ProblemReason {
    /// The value of `params.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::InvalidEmail => "invalid_email",
            Self::InvalidPhone => "invalid_phone",
            Self::InvalidNumber => "invalid_number",
            Self::InvalidDate => "invalid_date",
            Self::AmbiguousNumber => "ambiguous_number",
            Self::UnknownStage => "unknown_stage",
            Self::UnknownStatus => "unknown_status",
            Self::Nul => "nul",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::NotObject => "not_object",
            Self::TooCostly => "too_costly",
        }
    }
}

/// The trace of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldTrace {
    /// The field.
    pub target: Target,
    /// The evaluated paths.
    pub path: Option<String>,
    /// The found values, shortened.
    pub matched: Vec<Value>,
    /// The new value of the field, shortened; absent if it stays unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}
