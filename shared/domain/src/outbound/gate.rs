//! The gate of an endpoint: a circuit breaker that admits or stops its deliveries.
//!
//! An *open* gate lets every delivery through, a *probing* one (half-open) lets one through. A gate
//! is a row of its own, apart from configuration. It is never cached: it is read, strongly
//! consistent, before every request (`DESIGN 2`). Endpoints whose failures count together, by URL
//! or by workspace, share one gate; an endpoint is open when its own and its shared gate are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        endpoint::{Endpoint, Scope},
        health::{FailedAttempt, Reason},
    },
};

/// The scope of a gate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateKey {
    /// One endpoint.
    Endpoint(EndpointId),
    /// Every endpoint of the workspace with this URL and the scope `url`: the first 32 hexadecimal
    /// digits of the URL's SHA-256.
    Url(String),
    /// Every endpoint of the workspace with the scope `workspace`.
    Workspace,
}

impl GateKey {
    /// The gate that an endpoint's failures may suspend.
    pub fn judged(endpoint: &Endpoint) -> Self {
        match endpoint.policy.suspension.as_ref().map(|suspension| suspension.scope) {
            Some(Scope::Url) => Self::Url(endpoint.url.fingerprint()),
            Some(Scope::Workspace) => Self::Workspace,
            Some(Scope::Endpoint) | None => Self::Endpoint(endpoint.id),
        }
    }

    /// The gates that must be open for an endpoint: its own, and the one that it shares.
    pub fn of(endpoint: &Endpoint) -> Vec<Self> {
        let own = Self::Endpoint(endpoint.id);
        let judged = Self::judged(endpoint);
        if own == judged { vec![own] } else { vec![own, judged] }
    }

    /// `true` if a suspension of this gate stops the endpoint.
    pub fn covers(&self, endpoint: &Endpoint) -> bool {
        Self::of(endpoint).contains(self)
    }
}

/// A gate. A missing row is an open gate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Its state.
    pub state: GateState,
    /// Grows by one at every change, so that each change is applied once.
    pub generation: u64,
}

/// The state of a gate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateState {
    /// Lets every delivery through.
    #[default]
    Open,
    /// Lets nothing through because of failures.
    Suspended(Suspended),
    /// Lets one delivery through to test the endpoint (half-open).
    Probing {
        /// The probe; `None`: the next delivery becomes it.
        delivery: Option<DeliveryId>,
        /// The suspension that is being probed.
        suspended: Suspended,
        /// `true`: a person requested the probe; `false`: the policy did.
        by_person: bool,
    },
    /// Lets nothing through, by decision.
    Disabled {
        /// The start of this state.
        since: Timestamp,
        /// Its reason.
        reason: DisabledReason,
    },
}

/// The reason and the start of a suspension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// The start of this state.
    pub since: Timestamp,
    /// The rule that was crossed.
    pub reason: Reason,
    /// The attempts that crossed it.
    pub attempts: Vec<FailedAttempt>,
    /// The time of the next probe; `None`: no probe is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_at: Option<Timestamp>,
}

/// The reason why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A person disabled it or set it to inactive.
    ByPerson,
    /// It answered 410.
    EndpointGone,
}

impl Gate {
    /// `true` if a request of this delivery may start.
    pub fn admits(&self, delivery: DeliveryId) -> bool {
        match &self.state {
            GateState::Open => true,
            GateState::Probing { delivery: probe, .. } => *probe == Some(delivery),
            GateState::Suspended(_) | GateState::Disabled { .. } => false,
        }
    }

    /// `true` if every delivery may start.
    pub fn is_open(&self) -> bool {
        self.state == GateState::Open
    }

    /// The gate in another state.
    #[must_use]
    pub fn into_state(self, state: GateState) -> Self {
        Self { state, generation: self.generation + 1 }
    }
}

/// The gate's state after a probe's attempt; `None`: the delivery was not this gate's probe. HTTP
/// 410 of one endpoint does not disable a shared gate: it is suspended as before.
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

/// The treatment of held deliveries when an endpoint is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// All are sent, in order.
    #[default]
    All,
    /// The newest of each subject is sent, the others are discarded.
    NewestPerSubject,
    /// All are discarded.
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
    fn a_probing_gate_admits_only_the_probe() {
        let gate = probing(Some(delivery(1)));
        assert!(gate.admits(delivery(1)) && !gate.admits(delivery(2)) && !gate.is_open());
        assert!(!probing(None).admits(delivery(1)));
        assert!(Gate::default().admits(delivery(2)));
    }

    #[test]
    fn su_05_a_failed_probe_keeps_the_start_of_the_suspension() {
        let gate = probing(Some(delivery(1)));
        let after = after_probe(&gate, delivery(1), true, (at(30), Some(60)));
        let expected = Suspended { probe_at: Some(at(90)), ..suspended() };
        assert_eq!(after, Some(GateState::Suspended(expected)));
        let by_hand = after_probe(&gate, delivery(1), true, (at(30), None));
        let expected = Suspended { probe_at: None, ..suspended() };
        assert_eq!(by_hand, Some(GateState::Suspended(expected)));
    }

    #[test]
    fn a_successful_probe_opens_the_gate_and_another_delivery_does_not() {
        let gate = probing(Some(delivery(1)));
        let after = |number| after_probe(&gate, delivery(number), false, (at(30), None));
        assert_eq!((after(1), after(2)), (Some(GateState::Open), None));
        assert_eq!(after_probe(&Gate::default(), delivery(1), false, (at(30), None)), None);
    }
}
