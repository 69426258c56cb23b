//! Whether an endpoint may be sent to now: its own state, and that of those it shares failures with.
//!
//! A gate is a row of its own, apart from configuration and never cached: read, strongly
//! consistent, before every request (`DESIGN 2`). Where failures count together by URL or by
//! workspace, one gate stands for all of them; an endpoint is open when both of its gates are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        endpoint::{Endpoint, Scope},
        health::{FailedAttempt, Reason},
    },
};

/// What a gate stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateKey {
    /// One endpoint.
    Endpoint(EndpointId),
    /// Every endpoint of the workspace with this URL and that scope: the first 32 hexadecimal
    /// digits of the URL's SHA-256.
    Url(String),
    /// Every endpoint of the workspace with that scope.
    Workspace,
}

impl GateKey {
    /// The gate that an endpoint's failures may close.
    pub fn judged(endpoint: &Endpoint) -> Self {
        match endpoint.policy.suspension.as_ref().map(|suspension| suspension.scope) {
            Some(Scope::Url) => Self::Url(endpoint.url.fingerprint()),
            Some(Scope::Workspace) => Self::Workspace,
            Some(Scope::Endpoint) | None => Self::Endpoint(endpoint.id),
        }
    }

    /// Every gate that must be open for an endpoint: its own, and the one that it shares.
    pub fn of(endpoint: &Endpoint) -> Vec<Self> {
        let own = Self::Endpoint(endpoint.id);
        let judged = Self::judged(endpoint);
        if own == judged { vec![own] } else { vec![own, judged] }
    }

    /// Whether a suspension of this gate stops an endpoint.
    pub fn covers(&self, endpoint: &Endpoint) -> bool {
        Self::of(endpoint).contains(self)
    }
}

/// A gate. A row that is not there is an open one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Whether it lets through.
    pub state: GateState,
    /// Grows by one at every change; makes a change happen once.
    pub generation: u64,
}

/// Whether a gate lets through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateState {
    /// Everything.
    #[default]
    Open,
    /// Nothing, because of failures.
    Suspended(Suspended),
    /// One delivery, to see whether it arrives.
    Probing {
        /// The one; `None`: the first that comes.
        delivery: Option<DeliveryId>,
        /// What it was suspended for.
        suspended: Suspended,
        /// Who asked for it: a person, or the policy.
        by_person: bool,
    },
    /// Nothing, by decision.
    Disabled {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: DisabledReason,
    },
}

/// Why and since when a gate is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// Since when.
    pub since: Timestamp,
    /// The rule that was crossed.
    pub reason: Reason,
    /// The attempts that crossed it.
    pub attempts: Vec<FailedAttempt>,
    /// When one delivery is tried on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_at: Option<Timestamp>,
}

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A person did it, or made it inactive.
    ByPerson,
    /// It answered 410.
    EndpointGone,
}

impl Gate {
    /// Whether a request of this delivery may start.
    pub fn admits(&self, delivery: DeliveryId) -> bool {
        match &self.state {
            GateState::Open => true,
            GateState::Probing { delivery: probe, .. } => *probe == Some(delivery),
            GateState::Suspended(_) | GateState::Disabled { .. } => false,
        }
    }

    /// Whether everything may start.
    pub fn is_open(&self) -> bool {
        self.state == GateState::Open
    }

    /// The gate in another state.
    #[must_use]
    pub fn into_state(self, state: GateState) -> Self {
        Self { state, generation: self.generation + 1 }
    }
}

/// What a probe's attempt does to its gate; `None`: it was not that gate's probe. That an endpoint
/// is gone (410) is that endpoint's own matter; a gate that others share is suspended as before.
pub fn after_probe(
    gate: &Gate,
    delivery: DeliveryId,
    failed: bool,
    (now, probe_after): (Timestamp, Option<u32>),
) -> Option<GateState> {
    let GateState::Probing { delivery: Some(probe), suspended, .. } = &gate.state else {
        return None;
    };
    if *probe != delivery {
        return None;
    }
    if !failed {
        return Some(GateState::Open);
    }
    let pause = probe_after.map(|seconds| jiff::SignedDuration::from_secs(seconds.into()));
    let probe_at = pause.and_then(|pause| now.checked_add(pause).ok());
    Some(GateState::Suspended(Suspended { probe_at, ..suspended.clone() }))
}

/// What happens to what was held when an endpoint is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// Everything is sent, in order.
    #[default]
    All,
    /// The newest of each subject is sent, the others are discarded.
    NewestPerSubject,
    /// Everything is discarded.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn delivery(number: u8) -> DeliveryId {
        DeliveryId::new(at(1), &[number; 10])
    }

    fn suspended() -> Suspended {
        let reason = Reason::Streak { failures: 10 };
        Suspended { since: at(10), reason, attempts: Vec::new(), probe_at: Some(at(20)) }
    }

    fn probing(probe: Option<DeliveryId>) -> Gate {
        let state =
            GateState::Probing { delivery: probe, suspended: suspended(), by_person: false };
        Gate { state, generation: 3 }
    }

    #[test]
    fn a_gate_that_is_probed_admits_the_probe_alone() {
        let gate = probing(Some(delivery(1)));
        assert!(gate.admits(delivery(1)) && !gate.admits(delivery(2)) && !gate.is_open());
        assert!(!probing(None).admits(delivery(1)));
        assert!(Gate::default().admits(delivery(2)));
    }

    #[test]
    fn su_05_a_probe_that_fails_leaves_it_suspended_since_when_it_was() {
        let gate = probing(Some(delivery(1)));
        let after = after_probe(&gate, delivery(1), true, (at(30), Some(60)));
        let expected = Suspended { probe_at: Some(at(90)), ..suspended() };
        assert_eq!(after, Some(GateState::Suspended(expected)));
        let by_hand = after_probe(&gate, delivery(1), true, (at(30), None));
        let expected = Suspended { probe_at: None, ..suspended() };
        assert_eq!(by_hand, Some(GateState::Suspended(expected)));
    }

    #[test]
    fn a_probe_that_arrives_opens_it_and_any_other_delivery_does_not() {
        let gate = probing(Some(delivery(1)));
        let after = |number| after_probe(&gate, delivery(number), false, (at(30), None));
        assert_eq!((after(1), after(2)), (Some(GateState::Open), None));
        assert_eq!(after_probe(&Gate::default(), delivery(1), false, (at(30), None)), None);
    }
}
