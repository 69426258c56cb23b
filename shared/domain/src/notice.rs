//! What people are told: suspensions, warnings, endpoints that are gone, deliveries that expired.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    gate::GateKey,
    health::{Reason, Trespass},
    ids::{EndpointId, NoticeId},
};

/// Something that people are told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id, derived from what it tells of.
    pub id: NoticeId,
    /// When it happened.
    pub at: Timestamp,
    /// What it is about.
    pub kind: NoticeKind,
    /// The endpoint, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointId>,
    /// The first line.
    pub title: String,
    /// The message, as it was sent.
    pub text: String,
    /// Whether the topic took it.
    #[serde(default)]
    pub sent: bool,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// An endpoint, or all that share its failures, is sent nothing more.
    Suspended {
        /// What was stopped.
        gate: GateKey,
        /// The rule that was crossed.
        reason: Reason,
        /// The attempts that crossed it.
        attempts: Vec<Trespass>,
    },
    /// A share of what is too much was reached, in percent.
    Warned {
        /// 50, 70 or 90.
        percent: u8,
    },
    /// The endpoint answered 410 and is disabled.
    Gone,
    /// A probe arrived: the endpoint is sent to again.
    Recovered,
    /// Held deliveries came to the end of their retention.
    Expired {
        /// How many.
        count: u32,
    },
}
