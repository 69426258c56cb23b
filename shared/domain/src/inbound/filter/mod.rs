//! Filters of the webhook history (`FACTS S1.9, D16`).
//!
//! The edge parses the query of a request into a [`Filter`], which is always valid. Days are in
//! the workspace's time zone, both included.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        calendar::{Period, lower_bound, upper_bound},
        ids::{IntegrationId, WebhookId},
        workspace::Workspace,
    },
    crm::normalise,
    inbound::webhook::{Received, Status},
};

/// The most values of one parameter.
pub(crate) const VALUES_MAX: usize = 50;
/// The longest key of an application.
const APPLICATION_MAX: usize = 64;
/// The longest search text, in bytes.
const SEARCH_MAX: usize = 1_024;
/// The default number of items of a page.
pub(crate) const LIMIT: u16 = 50;
/// The most items of a page.
const LIMIT_MAX: u16 = 200;

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

/// The criteria for webhooks of an origin. An empty set matches any value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// The first moment of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment after the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Any of these statuses.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub statuses: BTreeSet<Status>,
    /// Any of these applications, by key.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub applications: BTreeSet<String>,
    /// Any of these integrations.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub integrations: BTreeSet<IntegrationId>,
    /// The search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
}

/// The search term, matched exactly (`CATALOGUE HI-15`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// The webhook's id.
    Webhook(WebhookId),
    /// Any of these terms: `email:…`, `phone:…`, `key:…`.
    Terms(BTreeSet<String>),
}

impl Search {
    /// Reads a search text. Eleven digits can be a phone number or an order number, so the search
    /// covers both.
    pub fn parse(text: &str, default_region: &str) -> Self {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Self::Webhook(id);
        }
        Self::Terms(terms(text, default_region))
    }
}

/// The lookup terms of a text: `key:…` with the text as it is, and `email:…` or `phone:…` if it can
/// be an address or a number. A number without a country is of the default region.
pub fn terms(text: &str, default_region: &str) -> BTreeSet<String> {
    let email = normalise::email(text).map(|email| format!("email:{email}"));
    let contact = email
        .or_else(|_| normalise::phone(text, default_region).map(|phone| format!("phone:{phone}")));
    contact.into_iter().chain([format!("key:{text}")]).collect()
}

impl Filter {
    /// Returns true if a webhook matches, without regard to the search.
    pub fn takes(&self, received: &Received, status: Status) -> bool {
        let any_or_one_of = self.statuses.is_empty() || self.statuses.contains(&status);
        any_or_one_of
            && self.takes_sender(received.integration, &received.application)
            && self.period().holds(received.received_at())
    }

    /// Returns true if webhooks of an integration and application match.
    pub fn takes_sender(&self, integration: IntegrationId, application: &str) -> bool {
        (self.integrations.is_empty() || self.integrations.contains(&integration))
            && (self.applications.is_empty() || self.applications.contains(application))
    }

    /// The requested statuses.
    pub fn requested(&self) -> impl Iterator<Item = Status> + '_ {
        [Status::Pending, Status::Success, Status::Error]
            .into_iter()
            .filter(|status| self.statuses.is_empty() || self.statuses.contains(status))
    }

    /// The period; an open end is the minimum or maximum timestamp.
    pub fn period(&self) -> Period {
        Period { from: self.from.unwrap_or(Timestamp::MIN), to: self.to.unwrap_or(Timestamp::MAX) }
    }

    /// The canonical text of the filter, which identifies the list of a cursor.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a filter from a request's parameters; no other parameter is allowed.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        let mut draft = Draft::default();
        for (name, value) in pairs {
            if !draft.take(name, value)? {
                return Err(invalid(name, "unknown_field"));
            }
        }
        draft.finish(&workspace.zone(), &workspace.default_region)
    }
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
pub struct ListQuery {
    /// The criteria.
    pub filter: Filter,
    /// The number of items of a page, 1 to 200.
    pub limit: u16,
    /// The cursor of the page.
    pub cursor: Option<String>,
    /// The format of the response.
    pub format: Format,
}

impl ListQuery {
    /// Reads the decoded parameters of a request in order; repeated ones occur several times.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        workspace: &Workspace,
    ) -> Result<Self, FilterError> {
        let mut draft = Draft::default();
        let (mut limit, mut cursor, mut format) = (None, None, None);
        for (name, value) in pairs {
            match name {
                "limit" => once(&mut limit, name, parse_limit(value)?)?,
                "cursor" => once(&mut cursor, name, value.to_owned())?,
                "format" => once(&mut format, name, parse_format(value)?)?,
                _ if draft.take(name, value)? => {}
                _ => return Err(invalid(name, "unknown_field")),
            }
        }
        Ok(Self {
            filter: draft.finish(&workspace.zone(), &workspace.default_region)?,
            limit: limit.unwrap_or(LIMIT),
            cursor,
            format: format.unwrap_or_default(),
        })
    }
}

pub(crate) fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), FilterError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(invalid(name, "duplicate")),
    }
}

pub(crate) fn parse_limit(text: &str) -> Result<u16, FilterError> {
    let number: u16 = text.parse().map_err(|_| invalid("limit", "out_of_range"))?;
    let fits = (1..=LIMIT_MAX).contains(&number);
    fits.then_some(number).ok_or_else(|| invalid("limit", "out_of_range"))
}

pub(crate) fn parse_format(text: &str) -> Result<Format, FilterError> {
    match text {
        "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        _ => Err(invalid("format", "unknown_value")),
    }
}

/// Parameters as received, before the workspace's time zone and region are applied.
#[derive(Debug, Default)]
struct Draft {
    from: Option<String>,
    to: Option<String>,
    search: Option<String>,
    filter: Filter,
}

impl Draft {
    /// Reads a parameter of the filter; returns false for other parameters.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, FilterError> {
        let filter = &mut self.filter;
        match name {
            "from" => once(&mut self.from, name, value.to_owned())?,
            "to" => once(&mut self.to, name, value.to_owned())?,
            "q" => once(&mut self.search, name, search_text(value)?)?,
            "status" => each(&mut filter.statuses, name, value, status)?,
            "application" => each(&mut filter.applications, name, value, application)?,
            "integration" => each(&mut filter.integrations, name, value, |id| id.parse().ok())?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self, zone: &TimeZone, region: &str) -> Result<Filter, FilterError> {
        let (from, to) = bounds(self.from.as_deref(), self.to.as_deref(), zone)?;
        let search = self.search.map(|text| Search::parse(&text, region));
        Ok(Filter { from, to, search, ..self.filter })
    }
}

/// Reads the bounds of a requested period (`FACTS D16`).
pub(crate) fn bounds(
    from: Option<&str>,
    to: Option<&str>,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, Option<Timestamp>), FilterError> {
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

fn status(text: &str) -> Option<Status> {
    match text {
        "pending" => Some(Status::Pending),
        "success" => Some(Status::Success),
        "error" => Some(Status::Error),
        _ => None,
    }
}

fn application(text: &str) -> Option<String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let fits = (1..=APPLICATION_MAX).contains(&text.len()) && text.bytes().all(good);
    fits.then(|| text.to_owned())
}

fn search_text(text: &str) -> Result<String, FilterError> {
    let trimmed = text.trim();
    match trimmed {
        "" => Err(invalid("q", "required")),
        _ if trimmed.len() > SEARCH_MAX => Err(invalid("q", "too_long")),
        _ if trimmed.contains('\0') => Err(invalid("q", "nul")),
        _ => Ok(trimmed.to_owned()),
    }
}

#[cfg(test)]
mod tests;
