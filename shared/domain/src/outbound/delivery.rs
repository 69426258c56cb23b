//! One event for one rule (Portuguese: *disparo*): its states, and the attempts that it took.
//!
//! `Queued` until the first answer; then `Success`, or `Retrying` until a wait is over, or
//! `Failure`. `Held` while its endpoint is suspended. `Discarded` by a person, a rule or a deleted
//! endpoint (`FACTS D7`). A terminal state never changes, but for a failure that blocks an ordered
//! endpoint: a person may try it once more or discard it (`FACTS D11`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::ids::{DeliveryId, EndpointId, EventId, IntegrationId, OriginId, RuleId, WebhookId},
    outbound::{event::EventType, rule::Target},
};

/// One event for one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, which says in which day's key its row lies.
    pub id: DeliveryId,
    /// The event.
    pub event: EventId,
    /// The name under which the rule took the event.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The business key that people search by.
    pub subject: String,
    /// Where the subject stood at dispatch (`FACTS S2.6`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_status: Option<String>,
    /// The rule.
    pub rule: RuleId,
    /// Which version of it makes the request.
    pub rule_version: u64,
    /// Where it goes.
    pub target: Target,
    /// What made it.
    pub trigger: Trigger,
    /// Its place in a lane, where its endpoint has lanes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Where it stands.
    pub state: State,
    /// Every request of it, oldest first, numbered from 1 without gaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// How often its message was enqueued again from the dead-letter queue.
    #[serde(default)]
    pub redrives: u8,
    /// How many times Gancho has passed its event on to itself.
    #[serde(default)]
    pub hops: u8,
    /// When it ends (`FACTS S2.3, D1`).
    pub expires_at: Timestamp,
}

/// What made a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The event, when it happened.
    Event,
    /// A person (`FACTS S2.7`).
    Manual,
    /// A person who sent this delivery again.
    Resend(DeliveryId),
}

/// A place in a lane of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// The lane, from 0.
    pub lane: u16,
    /// The place, from 1, in the order of commits.
    pub seq: u64,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No answer yet.
    Queued,
    /// It failed and will be tried again.
    Retrying {
        /// When.
        next_at: Timestamp,
    },
    /// Its endpoint takes nothing now.
    Held {
        /// Since when.
        since: Timestamp,
    },
    /// It arrived.
    Success {
        /// When.
        at: Timestamp,
    },
    /// It will not be tried again on its own.
    Failure {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Failed,
    },
    /// It was never meant to arrive any more.
    Discarded {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Discarded,
    },
}

/// A state's word, as filters and rows spell it (`FACTS D7`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// No answer yet.
    Queued,
    /// Failed, next time known.
    Retrying,
    /// Kept while the endpoint is suspended.
    Held,
    /// Arrived.
    Success,
    /// Failed for good.
    Failure,
    /// Given up by decision.
    Discarded,
}

impl StateName {
    /// Every state, in the order in which rows count them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Retrying, Self::Held, Self::Success, Self::Failure, Self::Discarded];

    /// As it is spelled.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Retrying => "retrying",
            Self::Held => "held",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Discarded => "discarded",
        }
    }

    /// Reads a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// Whether a request may still follow on its own.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Retrying | Self::Held)
    }
}

impl State {
    /// Its word.
    pub fn name(&self) -> StateName {
        match self {
            Self::Queued => StateName::Queued,
            Self::Retrying { .. } => StateName::Retrying,
            Self::Held { .. } => StateName::Held,
            Self::Success { .. } => StateName::Success,
            Self::Failure { .. } => StateName::Failure,
            Self::Discarded { .. } => StateName::Discarded,
        }
    }

    /// Whether a request may still follow on its own.
    pub fn is_open(&self) -> bool {
        self.name().is_open()
    }
}

/// Why a delivery failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// Every try that the policy allows was made.
    Exhausted,
    /// The endpoint answered 410; it is disabled.
    EndpointGone,
    /// The data does not fit in a URL (`GET`).
    UrlTooLong,
    /// It was still held when its retention ended (`FACTS D1`).
    Expired,
    /// Handling it failed over and over on our side.
    Internal,
}

/// Why a delivery was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discarded {
    /// A person cancelled it.
    ByPerson,
    /// Its endpoint, or the integration that it was for, was deleted.
    EndpointDeleted,
    /// Its rule was deleted.
    RuleDeleted,
    /// Its event had gone round three times (`FACTS D19`).
    LoopDetected,
    /// Enabling the endpoint left it out: none was wanted, or only the newest of its subject.
    NotReleased,
}

impl Failed {
    /// As it is spelled.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::EndpointGone => "endpoint_gone",
            Self::UrlTooLong => "url_too_long",
            Self::Expired => "expired",
            Self::Internal => "internal",
        }
    }
}

impl Discarded {
    /// As it is spelled.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByPerson => "by_person",
            Self::EndpointDeleted => "endpoint_deleted",
            Self::RuleDeleted => "rule_deleted",
            Self::LoopDetected => "loop_detected",
            Self::NotReleased => "not_released",
        }
    }
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it was begun.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// The URL that received it, its query masked (`FACTS S2.6, D14`).
    pub url: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The beginning of the answer's body, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// What the answer asked for by `Retry-After`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Nothing could be reached from here: it uses up no try (`CATALOGUE I7`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_counted: bool,
}

/// The most characters of an answer that are kept.
pub const EXCERPT: usize = 1_000;

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer of this status, whether it counts as success or not.
    Status(u16),
    /// No answer, or none that could be read.
    Fault(Fault),
    /// Handed to an integration as this webhook.
    HandedOver(WebhookId),
}

/// Why there was no answer. The words are all that a customer is told (`CATALOGUE TE-08`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It took longer than the policy allows.
    Timeout,
    /// The connection could not be made, or broke.
    ConnectFailed,
    /// The name has no address.
    DnsFailure,
    /// The certificate or the handshake was not good.
    TlsFailed,
    /// What came back is not HTTP.
    ProtocolError,
    /// The name leads to an address that is never dialled.
    TargetIpForbidden,
    /// The URL is not one that may be named any more.
    UrlNotAllowed,
    /// The data does not fit in a URL (`GET`).
    UrlTooLong,
    /// The answer was a redirect; none is followed.
    RedirectRefused,
}

impl Fault {
    /// As it is spelled.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ConnectFailed => "connect_failed",
            Self::DnsFailure => "dns_failure",
            Self::TlsFailed => "tls_failed",
            Self::ProtocolError => "protocol_error",
            Self::TargetIpForbidden => "target_ip_forbidden",
            Self::UrlNotAllowed => "url_not_allowed",
            Self::UrlTooLong => "url_too_long",
            Self::RedirectRefused => "redirect_refused",
        }
    }
}

impl Delivery {
    /// The number of the attempt that is next.
    pub fn next_attempt(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The endpoint, when it goes to one.
    pub fn endpoint(&self) -> Option<EndpointId> {
        match self.target {
            Target::Endpoint(id) => Some(id),
            Target::Integration { .. } => None,
        }
    }

    /// The id of the delivery of an event for a rule: the same again when the step runs twice.
    pub fn id_for(event: EventId, rule: RuleId) -> DeliveryId {
        DeliveryId::derived(event.made_at(), &["delivery", &event.key(), &rule.key()])
    }

    /// The id of the webhook that an integration gets from it.
    pub fn webhook_id(
        &self,
        origin: OriginId,
        integration: IntegrationId,
        (at, shard): (Timestamp, u8),
    ) -> WebhookId {
        let hash = WebhookId::derived(
            at,
            &["handed_over", &self.id.key(), &origin.key(), &integration.key()],
        );
        let mut bytes = *hash.as_bytes();
        if let Some(last) = bytes.last_mut() {
            *last = shard;
        }
        WebhookId::from_bytes(bytes)
    }
}
