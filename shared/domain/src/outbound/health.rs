//! Has an endpoint failed too often? (`DESIGN 6`, `FACTS S4.7, S5.2, S5.9, D3, D5`)
//!
//! The row holds the last failures, one more than the policy allows, and how many attempts
//! succeeded and failed in each minute. What is older than the policy's window does not count; order of arrival
//! does not matter, so that a stream that repeats or shuffles changes nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        delivery::Outcome,
        endpoint::{Suspension, Trip},
        outage::HostTag,
    },
};

/// What is known about the failures that count together.
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
    /// The highest warning that was given, in percent; 0 once it is calm again.
    #[serde(default)]
    pub warned: u8,
    /// The attempt that the last warning was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_for: Option<(DeliveryId, u32)>,
    /// The last record of the deliveries' stream that was counted by minute, by partition, so that a
    /// stream that repeats counts none twice.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counted_to: BTreeMap<String, String>,
    /// Failures up to here do not count: the endpoint was enabled then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgiven_until: Option<Timestamp>,
}

/// A failed attempt, as a suspension names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// When it began.
    pub at: Timestamp,
    /// The endpoint that it went to.
    pub endpoint: EndpointId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The number of the attempt.
    pub attempt: u32,
    /// What it came to.
    pub outcome: Outcome,
    /// The host, where nobody was there ([`crate::outbound::outage`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<HostTag>,
    /// It was our own network's fault, as far as was known: it does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_counted: bool,
}

impl FailedAttempt {
    /// Whether both are the same attempt, whatever is known of it.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.delivery, self.attempt) == (other.delivery, other.attempt)
    }
}

/// Which rule was crossed, with what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Too many failures in a stretch of time.
    Window {
        /// Failures in it.
        failures: u32,
        /// The stretch in seconds.
        seconds: u32,
        /// Their share of all attempts, in percent.
        percent: u8,
    },
    /// Too many failures in a row.
    Streak {
        /// How many.
        failures: u32,
    },
}

/// What is to be done about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Keep,
    /// People are told that this share of what is too much was reached.
    Warn(u8),
    /// It is sent nothing more.
    Suspend(Reason),
}

/// The shares of what is too much at which people are told, in percent.
pub const WARNINGS: [u8; 3] = [50, 70, 90];
/// Below this share it is calm again, and the next warning is given.
const CALM: u64 = 25;
/// Partitions of the stream that are remembered: the deliveries of some days.
const PARTITIONS: usize = 16;

impl Health {
    /// Notes a failed attempt. Says whether it was new.
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

    /// Notes attempts that succeeded, begun at `at`.
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

    /// Whether a record is counted for the first time. Records of a partition come in the order of
    /// their numbers.
    pub fn first_seen(&mut self, partition: &str, sequence: &str) -> bool {
        // Numbers of different length, as one text: longer is later.
        let padded = format!("{sequence:0>40}");
        if self.counted_to.get(partition).is_some_and(|last| *last >= padded) {
            return false;
        }
        self.counted_to.insert(partition.to_owned(), padded);
        // Days come first in a partition's name: the oldest goes.
        while self.counted_to.len() > PARTITIONS {
            self.counted_to.pop_first();
        }
        true
    }

    /// Notes what was decided, so that the next warning is the next level's.
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

    /// Drops what no window reaches any more.
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

    /// Starts anew: the endpoint was enabled at `now`.
    pub fn forgive(&mut self, now: Timestamp) {
        let counted_to = std::mem::take(&mut self.counted_to);
        *self = Self { forgiven_until: Some(now), counted_to, ..Self::default() };
    }

    /// What failed until now was not the endpoint's fault: it stays known, and counts no more.
    pub fn excuse(&mut self, now: Timestamp) {
        self.forgiven_until = Some(now);
        self.failed_by_minute.clear();
    }

    /// Whether a failure at this time does not count any more.
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
    /// The failure that is one too many.
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

/// Whether an endpoint is kept, warned about or suspended.
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

/// How many attempts failed since `start`, and their share of all, in whole percent. Up to the limit
/// they are known one by one; beyond it, by minutes.
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
#[path = "health_tests.rs"]
mod tests;
