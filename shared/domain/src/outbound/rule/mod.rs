//! Rules: they send matching events to a target, with a method and a body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        by::By,
        condition::Condition,
        expression::{Budget, OverBudget},
        ids::{EndpointId, IntegrationId, OriginId, RuleId, StageId},
    },
    crm::DealStatus,
    outbound::event::{Event, EventType},
};

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Its display name.
    pub name: String,
    /// `false`: it takes no events.
    pub active: bool,
    /// The filter of the events that it takes.
    pub filter: Filter,
    /// The target of the events.
    pub target: Target,
    /// The HTTP method (`FACTS S3.12`).
    pub method: Method,
    /// The body of the request (`FACTS D6`).
    pub body: Body,
    /// Grows by one at every change (`If-Match`). Older versions are kept, so that a delivery sends
    /// the same bytes at every attempt.
    pub version: u64,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The author of this version; `None` if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// The filter of a rule. An event must match every part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Matches one of these types; never empty.
    pub types: Vec<EventType>,
    /// Matches deals in one of these origins; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginId>,
    /// Matches deals in one of these stages; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageId>,
    /// Matches deals with one of these statuses; empty: any event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<DealStatus>,
    /// Matches data that meets this condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// The target of a rule's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An endpoint, outside Gancho.
    Endpoint(EndpointId),
    /// An integration of the same workspace, reached without HTTP (`FACTS D19`).
    Integration {
        /// Its origin.
        origin: OriginId,
        /// The integration.
        integration: IntegrationId,
    },
}

/// The HTTP method of a request (`FACTS S3.12, S4.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Sends the data as query parameters, which exposes it in URLs and logs.
    Get,
    /// The default choice.
    Post,
    /// As `POST`.
    Put,
    /// As `POST`.
    Patch,
}

impl Method {
    /// Its name in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// The body of a request (`FACTS D6`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The fixed envelope with the whole entity.
    Standard,
    /// Chosen and renamed fields (`FACTS S3.13`).
    Mapped(Vec<MappedField>),
}

/// A field of a mapped body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedField {
    /// The path in the standard body: keys joined by dots (`data.title`, `subject.key`).
    pub from: String,
    /// The path in the mapped body: keys joined by dots create nested objects.
    pub to: String,
}

/// A rule's decision to take an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The type under which the rule takes the event.
    pub event_type: EventType,
    /// False if the budget ended before the condition was decided.
    pub is_decided: bool,
}

/// The decision of a rule about an event; `None`: it does not match. All rules that see the event
/// share its budget.
pub fn takes(rule: &Rule, event: &Event, budget: &mut Budget) -> Option<Taken> {
    let filter = &rule.filter;
    if !rule.active || !filter.accepts(event) {
        return None;
    }
    let event_type = event.types.iter().find(|name| filter.types.contains(name)).cloned()?;
    let condition = filter.condition.as_ref();
    match condition.map_or(Ok(true), |condition| condition.holds(&event.data, budget)) {
        Ok(false) => None,
        Ok(true) => Some(Taken { event_type, is_decided: true }),
        Err(OverBudget) => Some(Taken { event_type, is_decided: false }),
    }
}

impl Filter {
    /// `true` if an event matches, apart from its type and its data.
    fn accepts(&self, event: &Event) -> bool {
        let about = &event.about;
        let origin = self.origins.is_empty()
            || about.origin.is_some_and(|origin| self.origins.contains(&origin));
        let stage =
            self.stages.is_empty() || about.stage.is_some_and(|stage| self.stages.contains(&stage));
        let status = self.statuses.is_empty()
            || about
                .status
                .as_deref()
                .and_then(DealStatus::parse)
                .is_some_and(|status| self.statuses.contains(&status));
        origin && stage && status
    }
}

#[cfg(test)]
mod tests;
