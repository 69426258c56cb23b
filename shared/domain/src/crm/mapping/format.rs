//! The formats of numbers and dates in payloads and results.

use serde::{Deserialize, Serialize};

/// The format of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    /// As people write it: `R$ 1.234,56`, `1234,56`, `1,234.56`. A text with one separator before
    /// three digits, such as `1.234`, is read in two ways and therefore refused, unless `R$` says
    /// that its point is no decimal point.
    #[default]
    Auto,
    /// `1,234.56` or `1234.56`.
    Plain,
    /// `1.234,56` or `1234,56`.
    Br,
}

/// The format of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateInput {
    /// Detects the format, with the day before the month.
    #[default]
    Auto,
    /// ISO 8601.
    Iso,
    /// `21/11/2026`, also with a time.
    Dmy,
    /// `11/21/2026`, also with a time.
    Mdy,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
}

/// The output format of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOutput {
    /// A day stays a day, a time stays a time.
    #[default]
    Auto,
    /// `2026-11-21`, in the workspace's time zone.
    Date,
    /// `2026-11-21T13:15:02Z`.
    Timestamp,
}
