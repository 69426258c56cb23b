//! Filters of the webhook history (`FACTS S1.9, D16`).
//!
//! The edge parses the query of a request into a [`Filter`], which is always valid. Days are in
//! the workspace's time zone, both included.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        calendar::Period,
        code::Code,
        ids::{IntegrationId, WebhookId},
        list_query::{self, Criteria, FilterError, each, once, text},
        workspace::Workspace,
    },
    crm::normalise,
    inbound::webhook::{Received, Run, Status, status_of},
};

/// The longest key of an application.
const APPLICATION_MAX: usize = 64;
/// The longest search text, in bytes.
const SEARCH_MAX: usize = 1_024;

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
    /// Any of these codes of the last run's failure. Counters do not know codes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub codes: BTreeSet<Code>,
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
    /// Returns true if not every webhook of the period matches, without regard to the search.
    pub fn narrows(&self) -> bool {
        let any_sender = self.applications.is_empty() && self.integrations.is_empty();
        !(self.statuses.is_empty() && any_sender && self.is_counted())
    }

    /// Returns true if a webhook with this last run matches, without regard to the search.
    pub fn takes(&self, received: &Received, last: Option<&Run>) -> bool {
        let status = status_of(last);
        let any_or_one_of = self.statuses.is_empty() || self.statuses.contains(&status);
        any_or_one_of
            && self.takes_code(last)
            && self.takes_sender(received.integration, &received.application)
            && self.period().holds(received.received_at())
    }

    /// Returns true if webhooks of an integration and application match.
    pub fn takes_sender(&self, integration: IntegrationId, application: &str) -> bool {
        (self.integrations.is_empty() || self.integrations.contains(&integration))
            && (self.applications.is_empty() || self.applications.contains(application))
    }

    fn takes_code(&self, last: Option<&Run>) -> bool {
        let failure = last.and_then(|run| run.failure.as_ref());
        self.codes.is_empty() || failure.is_some_and(|it| self.codes.contains(&it.code))
    }

    /// The requested statuses. A failure has the status *error* only.
    pub fn requested(&self) -> impl Iterator<Item = Status> + '_ {
        [Status::Pending, Status::Success, Status::Error]
            .into_iter()
            .filter(|status| self.statuses.is_empty() || self.statuses.contains(status))
            .filter(|status| self.codes.is_empty() || *status == Status::Error)
    }

    /// Returns true if the counters say how many webhooks match. Otherwise they are read one by one.
    pub fn is_counted(&self) -> bool {
        self.codes.is_empty()
    }

    /// The period; an open end is the minimum or maximum timestamp.
    pub fn period(&self) -> Period {
        list_query::period(self.from, self.to)
    }

    /// The canonical text of the filter, which identifies the list of a cursor.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Criteria for Filter {
    fn take(
        &mut self,
        name: &str,
        value: &str,
        workspace: &Workspace,
    ) -> Result<bool, FilterError> {
        match name {
            "q" => {
                let text = text(name, value, |text| text.len() > SEARCH_MAX)?;
                once(&mut self.search, name, Search::parse(&text, &workspace.default_region))?;
            }
            "status" => each(&mut self.statuses, name, value, status)?,
            "code" => each(&mut self.codes, name, value, Code::parse)?,
            "application" => each(&mut self.applications, name, value, application)?,
            "integration" => each(&mut self.integrations, name, value, |id| id.parse().ok())?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_period(&mut self, from: Option<Timestamp>, to: Option<Timestamp>) {
        (self.from, self.to) = (from, to);
    }
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

#[cfg(test)]
mod tests;
