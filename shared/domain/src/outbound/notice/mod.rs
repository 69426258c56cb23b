//! Notices for people: suspensions, warnings, endpoints that are gone, deliveries that expired.
//!
//! A notice is written in the workspace's language at the time of its cause, and stored as it was
//! sent. Its id is derived from its cause, so that a step that runs twice creates one notice.

mod english;
mod portuguese;
#[cfg(test)]
mod tests;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        ids::{EndpointId, NoticeId},
        mask,
        workspace::NoticeLanguage,
    },
    outbound::{
        delivery::Outcome,
        endpoint::Endpoint,
        gate::GateKey,
        health::{FailedAttempt, Reason},
    },
};

/// A notice, sent to people once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id, derived from its cause.
    pub id: NoticeId,
    /// The time of its cause.
    pub at: Timestamp,
    /// Its subject matter.
    pub kind: NoticeKind,
    /// The endpoint, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointId>,
    /// The first line.
    pub title: String,
    /// The message, as it was sent.
    pub text: String,
    /// `true` once the topic accepted it.
    #[serde(default)]
    pub sent: bool,
}

/// The kind of a notice, with its details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Sending to an endpoint, or to all that share its failures, stopped.
    Suspended {
        /// The gate that was suspended.
        gate: GateKey,
        /// The rule that was crossed.
        reason: Reason,
        /// The attempts that crossed it.
        attempts: Vec<FailedAttempt>,
    },
    /// The failures reached a share of the policy's limit.
    Warned {
        /// The share in percent: 50, 70 or 90.
        percent: u8,
    },
    /// The endpoint answered 410 and is disabled.
    Gone,
    /// A probe succeeded: sending to the endpoint resumed.
    Recovered,
    /// Held deliveries reached the end of their retention.
    Expired {
        /// The number of deliveries.
        count: u32,
    },
}

impl NoticeKind {
    /// Its name, as the topic's subscribers filter by it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Suspended { .. } => "suspended",
            Self::Warned { .. } => "warned",
            Self::Gone => "gone",
            Self::Recovered => "recovered",
            Self::Expired { .. } => "expired",
        }
    }
}

/// The context that a notice's text is rendered with.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// The language.
    pub language: NoticeLanguage,
    /// The time zone of the times in the text.
    pub zone: &'a TimeZone,
    /// The base URL of the API; empty where it is not known.
    pub base_url: &'a str,
    /// The endpoints that it concerns.
    pub endpoints: &'a [Endpoint],
    /// The attempts that led to it, oldest first.
    pub attempts: &'a [FailedAttempt],
    /// The number of deliveries that are held now.
    pub held: Held,
    /// The time of the next probe; `None`: no probe is scheduled.
    pub probe_at: Option<Timestamp>,
}

/// The number of held deliveries; counting stops at a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Exactly this many.
    Exactly(u32),
    /// This many or more.
    AtLeast(u32),
}

/// The attempts that a message names: the last ones.
const NAMED: usize = 10;
/// The endpoints that a message names.
const ENDPOINTS: usize = 10;
/// The longest name that a title holds, in characters.
const NAME: usize = 60;

impl Notice {
    /// Creates a notice with its text; `cause` distinguishes it from every other one of its kind.
    pub fn new(kind: NoticeKind, at: Timestamp, cause: &[&str], setting: &Setting<'_>) -> Self {
        let parts: Vec<&str> =
            ["notice", kind.as_str()].into_iter().chain(cause.iter().copied()).collect();
        let (title, text) = match setting.language {
            NoticeLanguage::Portuguese => portuguese::message(&kind, at, setting),
            NoticeLanguage::English => english::message(&kind, at, setting),
        };
        let only = match setting.endpoints {
            [only] => Some(only.id),
            [] | [_, _, ..] => None,
        };
        let id = NoticeId::derived(at, &parts);
        Self { id, at, kind, endpoint: only, title, text, sent: false }
    }

    /// The title as a subject of the topic takes it: ASCII, at most 99 characters.
    pub fn subject(&self) -> String {
        self.title.chars().map(plain).take(99).collect()
    }
}

/// A character without its accent; one that a subject must not hold becomes a question mark.
fn plain(character: char) -> char {
    match character {
        'á' | 'à' | 'ã' | 'â' | 'ä' => 'a',
        'Á' | 'À' | 'Ã' | 'Â' | 'Ä' => 'A',
        'é' | 'ê' | 'è' => 'e',
        'É' | 'Ê' | 'È' => 'E',
        'í' | 'ì' => 'i',
        'Í' | 'Ì' => 'I',
        'ó' | 'õ' | 'ô' | 'ò' | 'ö' => 'o',
        'Ó' | 'Õ' | 'Ô' | 'Ò' | 'Ö' => 'O',
        'ú' | 'ù' | 'ü' => 'u',
        'Ú' | 'Ù' | 'Ü' => 'U',
        'ç' => 'c',
        'Ç' => 'C',
        ' '..='~' => character,
        _ => '?',
    }
}

/// The beginning of a name, on one line.
fn short(name: &str) -> String {
    let line = name.chars().map(|character| if character.is_control() { ' ' } else { character });
    line.take(NAME).collect()
}

/// A line for each endpoint: its name and host. E-mails go to people who may not see its secrets.
fn endpoints(setting: &Setting<'_>) -> String {
    let named = setting.endpoints.iter().take(ENDPOINTS);
    let host = |one: &Endpoint| mask::host(one.url.as_str());
    let lines = named.map(|one| format!("- {} ({}): {}", short(&one.name), one.id, host(one)));
    let more = setting.endpoints.len().saturating_sub(ENDPOINTS);
    let more = (more > 0).then(|| format!("- + {more}"));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}

/// A line for each of the last attempts: time, delivery, number, outcome.
fn attempts(setting: &Setting<'_>, format: &str) -> String {
    let skipped = setting.attempts.len().saturating_sub(NAMED);
    let line = |one: &FailedAttempt| {
        let at = time(one.at, setting, format);
        format!("- {at}  {}  #{}  {}", one.delivery, one.attempt, outcome(one.outcome))
    };
    setting.attempts.iter().skip(skipped).map(line).collect::<Vec<_>>().join("\n")
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Status(status) => format!("HTTP {status}"),
        Outcome::Fault(fault) => fault.as_str().to_owned(),
        Outcome::HandedOver(webhook) => webhook.to_string(),
    }
}

fn time(at: Timestamp, setting: &Setting<'_>, format: &str) -> String {
    at.to_zoned(setting.zone.clone()).strftime(format).to_string()
}

/// The call that enables an endpoint.
fn enable(setting: &Setting<'_>) -> String {
    let id = match setting.endpoints {
        [first, ..] => first.id.to_string(),
        [] => "{endpoint}".to_owned(),
    };
    format!("POST {}/v1/endpoints/{id}/enable  {{\"held\": \"all\"}}", setting.base_url)
}

/// Paragraphs that are not empty, with a line between them.
fn joined(paragraphs: impl IntoIterator<Item = String>) -> String {
    let filled = paragraphs.into_iter().filter(|text| !text.is_empty());
    filled.collect::<Vec<_>>().join("\n\n")
}
