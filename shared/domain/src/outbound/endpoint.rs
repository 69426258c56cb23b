//! A URL outside that events are sent to: how patiently, in which order, and when no more.
//!
//! A [`Policy`] is everything that a preset bundles (`FACTS D3`): what counts as success, how long
//! a request may take, when to try again, when to stop sending altogether.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{ids::EndpointId, secret::Rotating},
    outbound::target_url::TargetUrl,
};

/// A URL outside, with everything that people set for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where requests go.
    pub url: TargetUrl,
    /// What requests are signed with: two while a rotation overlaps.
    pub secret: Rotating,
    /// Sent along with every request, in this order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// How patiently.
    pub policy: Policy,
    /// At most so many requests at a time and per second.
    #[serde(default)]
    pub limits: Limits,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// How patiently an endpoint is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset that this was taken from, while nothing of it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// What counts as success.
    pub success: Success,
    /// The longest that a request may take, in milliseconds, 1,000 to 10,000.
    pub timeout_ms: u32,
    /// Waits before the second, third, ... try, in seconds from the start of the one before.
    pub waits: Vec<u32>,
    /// Added to each wait by chance, at most so many percent of it.
    pub jitter_percent: u8,
    /// One at a time and in order; `None`: side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// When to stop sending; `None`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
}

/// What counts as success (`FACTS D2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Success {
    /// 200 to 299.
    Any2xx,
    /// 200 and nothing else.
    Only200,
}

/// What an ordered endpoint does about an event that fails for good (`FACTS D11`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The next event goes on.
    Skip,
    /// The endpoint waits for a person.
    Block,
}

/// When to stop sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// Whose failures count together, and who is stopped.
    pub scope: Scope,
    /// How many failures are too many.
    pub trip: Trip,
    /// Seconds until one delivery is tried again on its own; `None`: a person enables it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_after: Option<u32>,
}

/// Whose failures count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The endpoint's own.
    Endpoint,
    /// Those of every endpoint of the workspace with the same URL (`FACTS S4.7`).
    Url,
    /// Those of every endpoint of the workspace with this scope (`FACTS S5.2`).
    Workspace,
}

/// How many failures are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trip {
    /// More than so many failures in a stretch of time, and at least so many percent failing.
    Window {
        /// More than these: 30 means that the 31st trips it. 1 to 200.
        more_than: u16,
        /// The stretch, in seconds, 60 to 3,600.
        seconds: u32,
        /// At least this share of the attempts in it, 0 to 100.
        percent: u8,
    },
    /// So many failures in a row without a success. 1 to 200.
    Streak {
        /// How many.
        failures: u16,
    },
}

/// At most so many requests at a time and per second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Open requests at any moment, 1 to 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u16>,
    /// Requests begun in any second, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_second: Option<u16>,
}

/// A policy that is known by name (`FACTS D3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// As RD Station CRM sends: 6 tries, suspended per URL, probed.
    RdStation,
    /// As respond.io sends: in order, 4 tries within three minutes, one quota for the workspace.
    RespondIo,
    /// As Standard Webhooks advises: 10 tries over three days.
    StandardWebhooks,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
/// The limit of every vendor in the facts (`FACTS S4.4, S5.4`).
const FIVE_SECONDS: u32 = 5_000;
/// How long an endpoint of the preset `rd-station` rests before it is probed.
const REST: u32 = 30 * MINUTE;

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::RdStation, Self::RespondIo, Self::StandardWebhooks];

    /// What it bundles.
    pub fn policy(self) -> Policy {
        match self {
            Self::RdStation => rd_station(),
            Self::RespondIo => respond_io(),
            Self::StandardWebhooks => standard_webhooks(),
        }
    }
}

fn rd_station() -> Policy {
    Policy {
        preset: Some(Preset::RdStation),
        success: Success::Any2xx,
        timeout_ms: FIVE_SECONDS,
        waits: vec![MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR],
        jitter_percent: 10,
        order: None,
        suspension: Some(Suspension {
            scope: Scope::Url,
            trip: Trip::Streak { failures: 10 },
            probe_after: Some(REST),
        }),
    }
}

fn respond_io() -> Policy {
    Policy {
        preset: Some(Preset::RespondIo),
        success: Success::Only200,
        timeout_ms: FIVE_SECONDS,
        waits: vec![30, 60, 90],
        jitter_percent: 0,
        order: Some(Order::Skip),
        suspension: Some(Suspension {
            scope: Scope::Workspace,
            trip: Trip::Window { more_than: 30, seconds: 30 * MINUTE, percent: 0 },
            probe_after: None,
        }),
    }
}

fn standard_webhooks() -> Policy {
    let hours = [2, 5, 10, 14, 20, 24].map(|hours| hours * HOUR);
    Policy {
        preset: Some(Preset::StandardWebhooks),
        success: Success::Any2xx,
        timeout_ms: FIVE_SECONDS,
        waits: [5, 5 * MINUTE, 30 * MINUTE].into_iter().chain(hours).collect(),
        jitter_percent: 10,
        order: None,
        suspension: Some(Suspension {
            scope: Scope::Endpoint,
            trip: Trip::Window { more_than: 30, seconds: 30 * MINUTE, percent: 50 },
            probe_after: None,
        }),
    }
}

/// The most lanes of an endpoint that has only a pace.
const PACED_LANES: u16 = 10;

impl Endpoint {
    /// How many lanes its deliveries go through: one when ordered, as many as its limit, or none.
    pub fn lanes(&self) -> Option<u16> {
        match (self.policy.order, self.limits.max_concurrency, self.limits.rate_per_second) {
            (Some(_), _, _) => Some(1),
            (None, Some(lanes), _) => Some(lanes.max(1)),
            (None, None, Some(pace)) => Some(pace.clamp(1, PACED_LANES)),
            (None, None, None) => None,
        }
    }

    /// The shortest time between two starts in one lane, in milliseconds.
    pub fn lane_pace_ms(&self) -> u64 {
        let lanes = u64::from(self.lanes().unwrap_or(1));
        self.limits.rate_per_second.map_or(0, |pace| 1_000 * lanes / u64::from(pace.max(1)))
    }
}

impl Policy {
    /// How many tries there are in all.
    pub fn tries(&self) -> u32 {
        u32::try_from(self.waits.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Whether an answer of this status is a success (`FACTS D2`).
    pub fn takes(&self, status: u16) -> bool {
        match self.success {
            Success::Any2xx => (200..300).contains(&status),
            Success::Only200 => status == 200,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d3_rd_station_makes_six_tries() {
        let policy = Preset::RdStation.policy();
        assert_eq!(policy.tries(), 6);
        assert_eq!(policy.waits.iter().map(|s| s / 60).collect::<Vec<_>>(), [1, 5, 15, 60, 180]);
    }

    #[test]
    fn s5_8_respond_io_tries_at_0_30_90_and_180_seconds_and_only_200_counts() {
        let policy = Preset::RespondIo.policy();
        let at: Vec<u32> = policy
            .waits
            .iter()
            .scan(0, |t, w| {
                *t += w;
                Some(*t)
            })
            .collect();
        assert_eq!(at, [30, 90, 180]);
        assert!(policy.takes(200) && !policy.takes(201));
    }
}
