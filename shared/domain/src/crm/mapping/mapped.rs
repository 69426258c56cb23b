//! What a mapping makes of one payload.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::target::Target;
use crate::{
    common::{code::Code, workspace::CustomField},
    crm::DealStatus,
    crm::normalise::{Email, Phone},
};

/// What a mapping needs to know of the workspace.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// The region of phone numbers without a country code (`BR`).
    pub default_region: &'c str,
    /// The zone of times without an offset.
    pub zone: &'c TimeZone,
    /// The custom fields, by key. A key that is not among them, or is of the other entity, is taken
    /// as text.
    pub custom_fields: &'c BTreeMap<String, CustomField>,
}

/// The fields that were found, and what went wrong. With any problem nothing may be written
/// (`CATALOGUE IN-32`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mapped {
    /// The contact's.
    pub contact: ContactFields,
    /// The deal's.
    pub deal: DealFields,
    /// The business keys, each once.
    pub keys: Vec<String>,
    /// What went wrong.
    pub problems: Vec<FieldProblem>,
    /// How each field came about, for the preview.
    pub trace: Vec<FieldTrace>,
}

/// Absent means: nothing came, so nothing changes (`FACTS D17`).
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

/// Absent means: nothing came, so nothing changes (`FACTS D17`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DealFields {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The value as a decimal text, its digits as they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A stage's id or name; whoever knows the origin looks it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DealStatus>,
    /// Tags to be added.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Custom fields, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Value>,
}

/// Why a field could not be filled. It holds no value of the payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field; `None` when it is about the whole payload.
    pub target: Option<Target>,
    /// The paths that were followed.
    pub path: Option<String>,
    /// Why.
    pub reason: ProblemReason,
    /// The limit that was crossed, for `too_long`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl FieldProblem {
    /// The code that the history shows.
    pub fn code(&self) -> Code {
        match self.reason {
            ProblemReason::TooCostly => Code::MappingTooCostly,
            ProblemReason::Missing
            | ProblemReason::WrongType
            | ProblemReason::InvalidEmail
            | ProblemReason::InvalidPhone
            | ProblemReason::InvalidNumber
            | ProblemReason::InvalidDate
            | ProblemReason::UnknownStatus
            | ProblemReason::Nul
            | ProblemReason::TooLong
            | ProblemReason::NotObject => Code::MappingFailed,
        }
    }

    /// The parameters of the code's sentence.
    pub fn params(&self) -> BTreeMap<String, String> {
        let target = self.target.as_ref().map(ToString::to_string);
        let limit = self.limit.map(|limit| limit.to_string());
        let all = [
            ("field", target),
            ("path", self.path.clone()),
            ("reason", Some(self.reason.as_str().to_owned())),
            ("limit", limit),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Why a field could not be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemReason {
    /// Required, and nothing was found.
    Missing,
    /// A list or object where a text belongs, and the like.
    WrongType,
    /// Not an e-mail address.
    InvalidEmail,
    /// Not a phone number.
    InvalidPhone,
    /// Not a number.
    InvalidNumber,
    /// Not a date.
    InvalidDate,
    /// Not a status of a deal.
    UnknownStatus,
    /// It holds a NUL character.
    Nul,
    /// Longer than the field may be.
    TooLong,
    /// The payload has no fields at all.
    NotObject,
    /// The paths would visit too much on this body.
    TooCostly,
}

impl ProblemReason {
    /// As `params.reason` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::InvalidEmail => "invalid_email",
            Self::InvalidPhone => "invalid_phone",
            Self::InvalidNumber => "invalid_number",
            Self::InvalidDate => "invalid_date",
            Self::UnknownStatus => "unknown_status",
            Self::Nul => "nul",
            Self::TooLong => "too_long",
            Self::NotObject => "not_object",
            Self::TooCostly => "too_costly",
        }
    }
}

/// How a field came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldTrace {
    /// The field.
    pub target: Target,
    /// The paths that were followed.
    pub path: Option<String>,
    /// What they found, shortened.
    pub matched: Vec<Value>,
    /// What the field became, shortened; absent when it stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}
