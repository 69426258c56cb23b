//! Endpoints: external URLs that events are sent to, with their policies and limits.
//!
//! A [`Policy`] holds the settings of a preset (`FACTS D3`): the statuses that count as success,
//! the timeout, the waits between attempts, the order, and the rule of suspension.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::{ids::EndpointId, secret::Rotating},
    outbound::target_url::TargetUrl,
};

/// An external URL with its settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its display name.
    pub name: String,
    /// The target of its requests.
    pub url: TargetUrl,
    /// The signing secret; two are live while a rotation overlaps.
    pub secret: Rotating,
    /// Headers that are added to every request, in this order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Its policy of retries and suspension.
    pub policy: Policy,
    /// Limits of concurrent requests and of requests per second.
    #[serde(default)]
    pub limits: Limits,
    /// Grows by one at every change (`If-Match`).
    pub version: u64,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// The rules of retries, order and suspension of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset that this was taken from; `None` once anything was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// The statuses that count as success.
    pub success: Success,
    /// The timeout of a request in milliseconds, 1,000 to 10,000.
    pub timeout_ms: u32,
    /// Waits before the second, third, ... attempt, in seconds from the start of the one before.
    pub waits: Vec<u32>,
    /// The most random jitter that is added to each wait, in percent of it.
    pub jitter_percent: u8,
    /// Ordered delivery, one request at a time; `None`: in parallel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The rule of suspension; `None`: never suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
}

/// The statuses that count as success (`FACTS D2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Success {
    /// 200 to 299.
    Any2xx,
    /// 200 alone.
    Only200,
}

/// The behaviour of an ordered endpoint after a delivery failed for good (`FACTS D11`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The next delivery follows.
    Skip,
    /// The endpoint is blocked until a person intervenes.
    Block,
}

/// The rule that suspends an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// The endpoints whose failures count together, and that are suspended together.
    pub scope: Scope,
    /// The limit of failures.
    pub trip: Trip,
    /// Seconds until a probe; `None`: a person enables the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_after: Option<u32>,
}

/// The endpoints whose failures count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This endpoint alone.
    Endpoint,
    /// Every endpoint of the workspace with the same URL (`FACTS S4.7`).
    Url,
    /// Every endpoint of the workspace with this scope (`FACTS S5.2`).
    Workspace,
}

/// The limit of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trip {
    /// More than `more_than` failures in a window, and at least `percent` of its attempts failed.
    Window {
        /// The failures that are tolerated, 1 to 200: 30 means that the 31st trips it.
        more_than: u16,
        /// The length of the window in seconds, 60 to 3,600.
        seconds: u32,
        /// The least share of failed attempts in the window, in percent, 0 to 100.
        percent: u8,
    },
    /// Consecutive failures without a success.
    Streak {
        /// The number of failures, 1 to 200.
        failures: u16,
    },
}

/// Limits of concurrent requests and of requests per second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The most concurrent requests, 1 to 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u16>,
    /// The most requests started in a second, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_second: Option<u16>,
}

/// A named policy (`FACTS D3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// As RD Station CRM sends: 6 attempts, suspended per URL, probed.
    RdStation,
    /// As respond.io sends: in order, 4 attempts within three minutes, one quota for the workspace.
    RespondIo,
    /// As Standard Webhooks advises: 10 attempts over three days.
    StandardWebhooks,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
/// The timeout of every vendor in the facts (`FACTS S4.4, S5.4`), in milliseconds.
const FIVE_SECONDS: u32 = 5_000;
/// Seconds until an endpoint of the preset `rd-station` is probed.
const REST: u32 = 30 * MINUTE;

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::RdStation, Self::RespondIo, Self::StandardWebhooks];

    /// Its policy.
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

/// The most lanes of an endpoint that has only a rate limit.
const PACED_LANES: u16 = 10;

impl Endpoint {
    /// The number of lanes of its deliveries: one if ordered, else by its limits; `None`: no lanes.
    pub fn lanes(&self) -> Option<u16> {
        match (self.policy.order, self.limits.max_concurrency, self.limits.rate_per_second) {
            (Some(_), _, _) => Some(1),
            (None, Some(lanes), _) => Some(lanes.max(1)),
            (None, None, Some(pace)) => Some(pace.clamp(1, PACED_LANES)),
            (None, None, None) => None,
        }
    }

    /// The shortest time between the starts of two requests in one lane, in milliseconds.
    pub fn lane_pace_ms(&self) -> u64 {
        let lanes = u64::from(self.lanes().unwrap_or(1));
        self.limits.rate_per_second.map_or(0, |pace| 1_000 * lanes / u64::from(pace.max(1)))
    }
}

impl Policy {
    /// The number of attempts in all.
    pub fn tries(&self) -> u32 {
        u32::try_from(self.waits.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// `true` if a response with this status is a success (`FACTS D2`).
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
    fn d3_rd_station_makes_six_attempts() {
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
