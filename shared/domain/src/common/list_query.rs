//! The parameters of a list request: the criteria of its filter, a period, and the page.
//!
//! The only place that reads a period, values separated by commas, `limit`, `cursor` and `format`.
//! A list names its own parameters by [`Criteria`].

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};

use crate::common::{
    calendar::{Period, lower_bound, upper_bound},
    workspace::Workspace,
};

/// The most values of one parameter.
pub(crate) const VALUES_MAX: usize = 50;
/// The default number of items of a page.
pub const LIMIT: u16 = 50;
/// The most items of a page.
pub const LIMIT_MAX: u16 = 200;

/// The reason for rejecting a list request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A parameter that is unknown or has an invalid value.
    #[error("{path}: {reason}")]
    Invalid {
        /// The parameter.
        path: String,
        /// A reason of [`crate::common::code::REASONS`].
        reason: &'static str,
    },
    /// The period ends before it begins.
    #[error("the period ends before it begins")]
    BadPeriod,
}

pub(crate) fn invalid(path: &str, reason: &'static str) -> FilterError {
    // The name comes from the client and may be of any length.
    FilterError::Invalid { path: path.chars().take(64).collect(), reason }
}

/// The criteria of a list, which a filter is read into.
pub trait Criteria: Default {
    /// Reads a parameter other than `from` and `to`; returns false if it is not one of the filter.
    fn take(&mut self, name: &str, value: &str, workspace: &Workspace)
    -> Result<bool, FilterError>;

    /// Sets the first moment of the period, and the first moment after it.
    fn set_period(&mut self, from: Option<Timestamp>, to: Option<Timestamp>);

    /// Reads a filter from a request's parameters; no other parameter is allowed.
    fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        read(pairs, workspace, |name, _| Err(invalid(name, "unknown_field")))
    }
}

/// Reads a filter; `other` reads the parameters that are not of the filter.
fn read<'a, F: Criteria>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    workspace: &Workspace,
    mut other: impl FnMut(&'a str, &'a str) -> Result<(), FilterError>,
) -> Result<F, FilterError> {
    let (mut filter, mut from, mut to) = (F::default(), None, None);
    for (name, value) in pairs {
        match name {
            "from" => once(&mut from, name, value)?,
            "to" => once(&mut to, name, value)?,
            _ if filter.take(name, value, workspace)? => {}
            _ => other(name, value)?,
        }
    }
    let (from, to) = bounds(from, to, &workspace.zone())?;
    filter.set_period(from, to);
    Ok(filter)
}

/// The format of a list response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A page of JSON.
    #[default]
    Json,
    /// The whole list as comma separated values.
    Csv,
}

/// A request for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery<F> {
    /// The criteria.
    pub filter: F,
    /// The number of items of a page, 1 to 200.
    pub limit: u16,
    /// The cursor of the page.
    pub cursor: Option<String>,
    /// The format of the response.
    pub format: Format,
}

impl<F: Criteria> ListQuery<F> {
    /// Reads the decoded parameters of a request in order; repeated ones occur several times.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        let (mut limit, mut cursor, mut format) = (None, None, None);
        let filter = read(pairs, workspace, |name, value| match name {
            "limit" => once(&mut limit, name, parse_limit(value)?),
            "cursor" => once(&mut cursor, name, value.to_owned()),
            "format" => once(&mut format, name, parse_format(value)?),
            _ => Err(invalid(name, "unknown_field")),
        })?;
        let (limit, format) = (limit.unwrap_or(LIMIT), format.unwrap_or_default());
        Ok(Self { filter, limit, cursor, format })
    }
}

/// A period; an open end is the minimum or maximum timestamp.
pub(crate) fn period(from: Option<Timestamp>, to: Option<Timestamp>) -> Period {
    Period { from: from.unwrap_or(Timestamp::MIN), to: to.unwrap_or(Timestamp::MAX) }
}

pub(crate) fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), FilterError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(invalid(name, "duplicate")),
    }
}

/// Reads the parameter `limit`: digits, 1 to [`LIMIT_MAX`].
pub fn parse_limit(text: &str) -> Result<u16, FilterError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let limit = text.parse().ok().filter(|limit| digits && (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| invalid("limit", "out_of_range"))
}

fn parse_format(text: &str) -> Result<Format, FilterError> {
    match text {
        "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        _ => Err(invalid("format", "unknown_value")),
    }
}

type Bounds = (Option<Timestamp>, Option<Timestamp>);

/// Reads the bounds of a requested period (`FACTS D16`).
fn bounds(from: Option<&str>, to: Option<&str>, zone: &TimeZone) -> Result<Bounds, FilterError> {
    let from = from.map(|text| lower_bound(text, zone)).transpose();
    let from = from.map_err(|_| invalid("from", "invalid_date"))?;
    let to = to.map(|text| upper_bound(text, zone)).transpose();
    let to = to.map_err(|_| invalid("to", "invalid_date"))?;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(FilterError::BadPeriod);
    }
    Ok((from, to))
}

/// Reads several values: a repeated parameter or a list separated by commas.
pub(crate) fn each<T: Ord>(
    set: &mut BTreeSet<T>,
    name: &str,
    value: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(), FilterError> {
    for part in value.split(',') {
        set.insert(parse(part.trim()).ok_or_else(|| invalid(name, "unknown_value"))?);
    }
    if set.len() > VALUES_MAX { Err(invalid(name, "too_long")) } else { Ok(()) }
}

/// Reads a trimmed text that is neither empty nor too long.
pub(crate) fn text(
    name: &str,
    value: &str,
    is_too_long: impl Fn(&str) -> bool,
) -> Result<String, FilterError> {
    match value.trim() {
        "" => Err(invalid(name, "required")),
        text if is_too_long(text) => Err(invalid(name, "too_long")),
        text if text.contains('\0') => Err(invalid(name, "nul")),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_digits_from_1_to_200() {
        assert_eq!((parse_limit("1"), parse_limit("200")), (Ok(1), Ok(200)));
        for bad in ["", "0", "201", "-1", "+5", "5 ", "70000"] {
            assert_eq!(parse_limit(bad), Err(invalid("limit", "out_of_range")), "{bad}");
        }
    }
}
