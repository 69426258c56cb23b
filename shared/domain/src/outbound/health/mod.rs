//! The suspension policy: the failures of an endpoint, and the verdict about them (`DESIGN 6`,
//! `FACTS S4.7, S5.2, S5.9, D3, D5`).
//!
//! The row holds the last failures, one more than the policy allows, and the numbers of attempts
//! that succeeded and failed in each minute. Attempts older than the policy's window do not count.
//! Records may arrive repeatedly and in any order.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        delivery::Outcome,
        endpoint::{Suspension, Trip},
    },
};

/// A host's tag: the first four bytes of the SHA-256 of its name.
pub type HostTag = u32;

/// The failures that count together, and the successes beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The last failures, oldest first, each once.
    #[serde(default)]
    pub failures: Vec<FailedAttempt>,
    /// Successes by minute of the epoch.
    #[serde(default)]
    pub successes: BTreeMap<i64, u32>,
    /// All failures by minute of the epoch, for their share: the list above ends at the limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_by_minute: BTreeMap<i64, u32>,
    /// The start of the last attempt that succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Timestamp>,
    /// The highest warning sent, in percent; 0 again once the failures are below 25 percent of the
    /// limit.
    #[serde(default)]
    pub warned: u8,
    /// The attempt that caused the last warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_for: Option<(DeliveryId, u32)>,
    /// The last record of the deliveries' stream that was counted by minute, by partition, so that
    /// repeated records are counted once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counted_to: BTreeMap<String, String>,
    /// Failures before this time do not count: the endpoint was enabled then, or they were not its
    /// fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgiven_until: Option<Timestamp>,
}

/// A failed attempt, as a suspension names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// The start of the attempt.
    pub at: Timestamp,
    /// The endpoint that it went to.
    pub endpoint: EndpointId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The number of the attempt.
    pub attempt: u32,
    /// Its outcome.
    pub outcome: Outcome,
    /// The host, if it could not be reached ([`crate::outbound::outage`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<HostTag>,
    /// `true`: Gancho's own network was taken to be down, so the attempt does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_counted: bool,
}

impl FailedAttempt {
    /// `true` if both are the same attempt, whatever their outcomes.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.delivery, self.attempt) == (other.delivery, other.attempt)
    }
}

/// The rule that was crossed, with the counted failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Too many failures in a window.
    Window {
        /// Failures in the window.
        failures: u32,
        /// The length of the window in seconds.
        seconds: u32,
        /// Their share of all attempts, in percent.
        percent: u8,
    },
    /// Too many failures in a row.
    Streak {
        /// The number of failures.
        failures: u32,
    },
}

/// The decision about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No action.
    Keep,
    /// Notify the recipients that the failures reached this share of the limit, in percent.
    Warn(u8),
    /// Stop sending to it.
    Suspend(Reason),
}

/// The shares of the limit at which the recipients are notified, in percent.
pub const WARNINGS: [u8; 3] = [50, 70, 90];
/// Below this share of the limit, in percent, the warnings start again.
const CALM: u64 = 25;
/// Partitions of the stream that are kept: the deliveries of some days.
const PARTITIONS: usize = 16;

impl Health {
    /// Records a failed attempt. Returns `true` if it was new.
    pub fn failed(&mut self, failed_attempt: FailedAttempt, policy: &Suspension) -> bool {
        if self.failures.iter().any(|known| known.is_same(&failed_attempt))
            || self.is_forgiven(failed_attempt.at)
        {
            return false;
        }
        self.failures.push(failed_attempt);
        self.failures.sort_by_key(|t| (t.at, t.delivery, t.attempt));
        let most = usize::try_from(policy.trip.limit()).unwrap_or(usize::MAX);
        let over = self.failures.len().saturating_sub(most);
        self.failures.drain(..over);
        true
    }

    /// Records attempts that succeeded, begun at `at`.
    pub fn succeeded(&mut self, at: Timestamp, count: u32) {
        *self.successes.entry(minute(at)).or_default() += count;
        self.last_success = self.last_success.max(Some(at));
    }

    /// Counts a failure for the share of failures.
    pub fn failed_too(&mut self, at: Timestamp) {
        if !self.is_forgiven(at) {
            *self.failed_by_minute.entry(minute(at)).or_default() += 1;
        }
    }

    /// Advances the partition's position. Returns `true` if the record was not counted before.
    /// Records of a partition come in the order of their numbers.
    pub fn first_seen(&mut self, partition: &str, sequence: &str) -> bool {
        // Zero-padded, since sequence numbers differ in length.
        let padded = format!("{sequence:0>40}");
        if self.counted_to.get(partition).is_some_and(|last| *last >= padded) {
            return false;
        }
        self.counted_to.insert(partition.to_owned(), padded);
        // A partition's name begins with its day: the oldest is dropped.
        while self.counted_to.len() > PARTITIONS {
            self.counted_to.pop_first();
        }
        true
    }

    /// Records the verdict, so that the next warning is that of the next level.
    pub fn decided(&mut self, verdict: &Verdict, policy: &Suspension, now: Timestamp) {
        match verdict {
            Verdict::Warn(level) => {
                self.warned = *level;
                let last = self.counted(policy, now).last().map(|t| (t.delivery, t.attempt));
                self.warned_for = last;
            }
            Verdict::Suspend(_) => self.warned = 100,
            Verdict::Keep => {
                let failures = self.counted(policy, now).len() as u64;
                if failures * 100 < CALM * u64::from(policy.trip.limit().max(1)) {
                    (self.warned, self.warned_for) = (0, None);
                }
            }
        }
    }

    /// Drops attempts older than the window.
    pub fn forget(&mut self, policy: &Suspension, now: Timestamp) {
        if let Some(start) = policy.trip.start(now) {
            let minute = minute(start);
            self.successes.retain(|at, _| *at >= minute);
            self.failed_by_minute.retain(|at, _| *at >= minute);
            self.failures.retain(|t| t.at > start);
        } else {
            self.successes.clear();
            self.failed_by_minute.clear();
        }
    }

    /// Resets the health: the endpoint was enabled at `now`.
    pub fn forgive(&mut self, now: Timestamp) {
        let counted_to = std::mem::take(&mut self.counted_to);
        *self = Self { forgiven_until: Some(now), counted_to, ..Self::default() };
    }

    /// Excludes the failures before `now` from the count, and keeps them in the list: they were not
    /// the endpoint's fault.
    pub fn discount(&mut self, now: Timestamp) {
        self.forgiven_until = Some(now);
        self.failed_by_minute.clear();
    }

    /// `true` if a failure at this time no longer counts.
    pub fn is_forgiven(&self, at: Timestamp) -> bool {
        self.forgiven_until.is_some_and(|until| at < until)
    }

    /// The failures that count at `now`.
    pub fn counted(&self, policy: &Suspension, now: Timestamp) -> Vec<FailedAttempt> {
        let since = match policy.trip {
            Trip::Window { .. } => policy.trip.start(now),
            Trip::Streak { .. } => self.last_success,
        };
        let counts = |t: &&FailedAttempt| {
            !t.not_counted && since.is_none_or(|since| t.at > since) && !self.is_forgiven(t.at)
        };
        self.failures.iter().filter(counts).copied().collect()
    }
}

impl Trip {
    /// The number of failures that trips the policy.
    pub fn limit(self) -> u32 {
        match self {
            Self::Window { more_than, .. } => u32::from(more_than) + 1,
            Self::Streak { failures } => u32::from(failures),
        }
    }

    fn start(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Window { seconds, .. } => {
                now.checked_sub(SignedDuration::from_secs(seconds.into())).ok()
            }
            Self::Streak { .. } => None,
        }
    }
}

/// Decides whether an endpoint is kept, warned about or suspended.
pub fn judge(health: &Health, policy: &Suspension, now: Timestamp) -> Verdict {
    let counted = health.counted(policy, now);
    let failures = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    let limit = policy.trip.limit().max(1);
    match policy.trip {
        Trip::Streak { .. } if failures >= limit => Verdict::Suspend(Reason::Streak { failures }),
        Trip::Window { seconds, percent, .. } => {
            let (all, share) = share(health, (failures, limit), policy.trip.start(now));
            if failures >= limit && share >= percent {
                let reason = Reason::Window { failures: all, seconds, percent: share };
                return Verdict::Suspend(reason);
            }
            if share < percent { Verdict::Keep } else { warning(health, failures, limit) }
        }
        Trip::Streak { .. } => warning(health, failures, limit),
    }
}

/// The number of attempts that failed since `start`, and their share of all, in whole percent.
/// Below the limit the list holds every failure; from there on they are counted by minute.
fn share(health: &Health, (known, limit): (u32, u32), start: Option<Timestamp>) -> (u32, u8) {
    let since = start.map_or(i64::MIN, minute);
    let sum = |counts: &BTreeMap<i64, u32>| counts.range(since..).map(|(_, count)| *count).sum();
    let (successes, failures): (u32, u32) = (sum(&health.successes), sum(&health.failed_by_minute));
    let failures = if known < limit { known } else { failures.max(known) };
    let all = u64::from(failures) + u64::from(successes);
    let percent = (u64::from(failures) * 100).checked_div(all).unwrap_or(0);
    (failures, u8::try_from(percent).unwrap_or(100))
}

/// The minute of the epoch that a moment lies in.
fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

fn warning(health: &Health, failures: u32, limit: u32) -> Verdict {
    let reached = u64::from(failures) * 100 / u64::from(limit);
    let level = WARNINGS.into_iter().rfind(|level| reached >= u64::from(*level));
    level.filter(|level| *level > health.warned).map_or(Verdict::Keep, Verdict::Warn)
}

#[cfg(test)]
mod tests;
