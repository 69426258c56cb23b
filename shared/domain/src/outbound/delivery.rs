//! Deliveries: one event for one rule (Portuguese: *disparo*), with its state and attempts.
//!
//! A delivery is `Queued` until the first response; then it is `Success`, `Retrying` until a wait
//! is over, or `Failure`. It is `Held` while its endpoint is suspended, and `Discarded` by a
//! person, a rule or a deleted endpoint (`FACTS D7`). A terminal state never changes, with one
//! exception: a person may retry or discard a failure that blocks an ordered endpoint
//! (`FACTS D11`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{
        by::By,
        ids::{DeliveryId, EndpointId, EventId, IntegrationId, OriginId, RuleId, WebhookId},
    },
    outbound::{
        event::{Event, EventType},
        rule::{Rule, Target},
    },
};

/// One event for one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, which holds the day of its row's key.
    pub id: DeliveryId,
    /// The event.
    pub event: EventId,
    /// The type under which the rule took the event.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The business key that people search by.
    pub subject: String,
    /// The subject's status at dispatch (`FACTS S2.6`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_status: Option<String>,
    /// The rule.
    pub rule: RuleId,
    /// The version of the rule that renders the request.
    pub rule_version: u64,
    /// The target.
    pub target: Target,
    /// The trigger of its creation.
    pub trigger: Trigger,
    /// The author of a manual delivery or a resend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Its place in a lane, if its endpoint has lanes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// Its state.
    pub state: State,
    /// Its attempts, oldest first, numbered from 1 without gaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The number of times that its message was redriven from the dead-letter queue.
    #[serde(default)]
    pub redrives: u8,
    /// The number of times that Gancho has passed its event on to itself.
    #[serde(default)]
    pub hops: u8,
    /// The end of its retention (`FACTS S2.3, D1`).
    pub expires_at: Timestamp,
}

/// The trigger of a delivery's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The event itself.
    Event,
    /// A person (`FACTS S2.7`).
    Manual,
    /// A person who resent this delivery.
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

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No response yet.
    Queued,
    /// It failed and will be tried again.
    Retrying {
        /// The time of the next attempt.
        next_at: Timestamp,
    },
    /// Held while the endpoint's gate is not open.
    Held {
        /// The time from which it is held.
        since: Timestamp,
    },
    /// It arrived.
    Success {
        /// The time of the success.
        at: Timestamp,
    },
    /// It failed for good: no automatic attempt follows.
    Failure {
        /// The time of the failure.
        at: Timestamp,
        /// Its reason.
        reason: Failed,
    },
    /// It was discarded by decision.
    Discarded {
        /// The time of the decision.
        at: Timestamp,
        /// Its reason.
        reason: Discarded,
    },
}

/// The name of a state, as filters and rows spell it (`FACTS D7`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// No response yet.
    Queued,
    /// Failed; the next attempt is scheduled.
    Retrying,
    /// Kept while the endpoint is suspended.
    Held,
    /// Delivered.
    Success,
    /// Failed for good.
    Failure,
    /// Discarded by decision.
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

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// `true` if an automatic attempt may still follow.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Retrying | Self::Held)
    }
}

impl State {
    /// Its name.
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

    /// `true` if an automatic attempt may still follow.
    pub fn is_open(&self) -> bool {
        self.name().is_open()
    }
}

/// The reason why a delivery failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// Every attempt that the policy allows failed.
    Exhausted,
    /// The endpoint answered 410; it is disabled.
    EndpointGone,
    /// The data does not fit in a URL (`GET`).
    UrlTooLong,
    /// It was still held when its retention ended (`FACTS D1`).
    Expired,
    /// Gancho failed repeatedly to process it.
    Internal,
}

/// The reason why a delivery was discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discarded {
    /// A person cancelled it.
    ByPerson,
    /// Its endpoint or integration was deleted.
    EndpointDeleted,
    /// Its rule was deleted.
    RuleDeleted,
    /// Gancho had passed its event on to itself three times (`FACTS D19`).
    LoopDetected,
    /// It was not released when the endpoint was enabled: none were, or only the newest of each
    /// subject.
    NotReleased,
    /// The budget of its event ended before the condition of its rule was decided.
    ConditionTooCostly,
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
            Self::ConditionTooCostly => "condition_too_costly",
        }
    }
}

/// One request of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// The start.
    pub started_at: Timestamp,
    /// The duration in milliseconds.
    pub duration_ms: u64,
    /// The URL that received it, its query masked (`FACTS S2.6, D14`).
    pub url: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// The beginning of the response body, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// The response's `Retry-After`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// `true`: Gancho's own network was taken to be down, so it does not count as a retry
    /// (`CATALOGUE I7`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_counted: bool,
}

/// The most characters of a response that are kept.
pub const EXCERPT: usize = 1_000;

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A response with this status, a success or not.
    Status(u16),
    /// No response, or none that could be read.
    Fault(Fault),
    /// Handed over to an integration as this webhook.
    HandedOver(WebhookId),
}

/// The reason why there was no response. Users see only these names (`CATALOGUE TE-08`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It took longer than the policy allows.
    Timeout,
    /// The connection could not be established, or broke.
    ConnectFailed,
    /// The name has no address.
    DnsFailure,
    /// The certificate was not valid, or the handshake failed.
    TlsFailed,
    /// The response is not HTTP.
    ProtocolError,
    /// The name leads to an address that is never dialled.
    TargetIpForbidden,
    /// The URL is no longer allowed.
    UrlNotAllowed,
    /// The data does not fit in a URL (`GET`).
    UrlTooLong,
    /// The response was a redirect; none is followed.
    RedirectRefused,
}

impl Fault {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Timeout,
        Self::ConnectFailed,
        Self::DnsFailure,
        Self::TlsFailed,
        Self::ProtocolError,
        Self::TargetIpForbidden,
        Self::UrlNotAllowed,
        Self::UrlTooLong,
        Self::RedirectRefused,
    ];

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

/// The parts of a new delivery that its event and its rule do not give.
#[derive(Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The type under which the rule takes the event.
    pub event_type: EventType,
    /// The subject's status (`FACTS S2.6`).
    pub subject_status: Option<String>,
    /// The cause of the delivery.
    pub trigger: Trigger,
    /// The author of a manual delivery or a resend.
    pub by: Option<By>,
    /// Its first state.
    pub state: State,
    /// The end of its retention.
    pub expires_at: Timestamp,
}

impl State {
    /// The first state of a delivery to an endpoint or integration that exists: held while a gate
    /// of its endpoint is not open.
    pub fn first(gates_open: bool, now: Timestamp) -> Self {
        if gates_open { Self::Queued } else { Self::Held { since: now } }
    }
}

impl Delivery {
    /// A delivery of an event for a rule, before its first attempt and without a place in a lane.
    pub fn new(event: &Event, rule: &Rule, new: NewDelivery) -> Self {
        let NewDelivery { id, event_type, subject_status, trigger, by, state, expires_at } = new;
        Self {
            id,
            event: event.id,
            event_type,
            subject: event.subject.clone(),
            subject_status,
            rule: rule.id,
            rule_version: rule.version,
            target: rule.target,
            trigger,
            by,
            slot: None,
            state,
            attempts: Vec::new(),
            redrives: 0,
            hops: event.hops,
            expires_at,
        }
    }

    /// The number of the next attempt.
    pub fn next_attempt(&self) -> u32 {
        u32::try_from(self.attempts.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The endpoint, if the target is one.
    pub fn endpoint(&self) -> Option<EndpointId> {
        match self.target {
            Target::Endpoint(id) => Some(id),
            Target::Integration { .. } => None,
        }
    }

    /// The id of the delivery of an event for a rule, the same if the step runs twice.
    pub fn id_for(event: EventId, rule: RuleId) -> DeliveryId {
        DeliveryId::derived(event.made_at(), &["delivery", &event.key(), &rule.key()])
    }

    /// The id of the webhook that the delivery creates for an integration.
    pub fn webhook_id(
        &self,
        origin: OriginId,
        integration: IntegrationId,
        (at, shard): (Timestamp, u8),
    ) -> WebhookId {
        let cause = ["handed_over", &self.id.key(), &origin.key(), &integration.key()];
        WebhookId::derived(at, &cause).with_shard(shard)
    }
}
