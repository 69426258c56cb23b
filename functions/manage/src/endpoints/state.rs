//! The state of endpoints: their gates, the reasons of a closed gate, held deliveries and recent
//! failures.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::{
        endpoint::{Endpoint, Trip},
        gate::{DisabledReason, Gate, GateKey, GateState, Suspended},
        health::{FailedAttempt, Health, Reason},
    },
};
use gancho_edge::problem::ApiError;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    App,
    delivery_stats::{Sent, SentView},
};

/// The number of held deliveries at which counting stops.
const COUNTED: u32 = 1_000;
/// The maximum number of gates of one read.
const GATES: usize = 100;
/// The maximum number of health rows that are read individually. For more, all rows of the
/// workspace are read.
const ONE_BY_ONE: usize = 5;

/// Reads one gate, strongly consistently.
pub(crate) async fn gate(app: &App, ws: WorkspaceId, key: &GateKey) -> Result<Gate, ApiError> {
    let found = app.store.gates(ws, std::slice::from_ref(key)).await?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// The states of some endpoints.
#[derive(Debug)]
pub(crate) struct States {
    gates: BTreeMap<GateKey, Gate>,
    health: BTreeMap<GateKey, Health>,
    held: BTreeMap<EndpointId, u32>,
    sent: Sent,
    now: Timestamp,
}

/// The fields of an endpoint's view that are not settings.
#[derive(Debug, Serialize)]
pub(crate) struct StateView {
    state: &'static str,
    stopped: Option<StoppedView>,
    held: u32,
    health: Option<HealthView>,
    activity: SentView,
}

/// The reason of a closed gate.
#[derive(Debug, Serialize)]
struct StoppedView {
    since: Timestamp,
    reason: ReasonView,
    shared_by: &'static str,
    /// Not of a disabled endpoint.
    #[serde(flatten)]
    suspension: Option<SuspensionView>,
}

#[derive(Debug, Serialize)]
struct SuspensionView {
    attempts: Vec<FailedAttempt>,
    probe_at: Option<Timestamp>,
    probe: Option<ProbeView>,
}

#[derive(Debug, Serialize)]
struct ProbeView {
    delivery: Option<DeliveryId>,
    by_person: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ReasonView {
    Disabled { code: DisabledReason },
    Enabled { code: &'static str },
    Streak { code: &'static str, failures: u32 },
    Window { code: &'static str, failures: u32, seconds: u32, percent: u8 },
}

/// The recent failures of an endpoint beside its limit.
#[derive(Debug, Serialize)]
struct HealthView {
    failures: u32,
    limit: u32,
    seconds: Option<u32>,
    percent: Option<u64>,
    last_failure: Option<FailedAttempt>,
    last_success: Option<Timestamp>,
}

impl States {
    /// Reads the states of these endpoints.
    pub(crate) async fn of(
        app: &App,
        ws: WorkspaceId,
        endpoints: &[Endpoint],
    ) -> Result<Self, ApiError> {
        let mut keys: Vec<GateKey> = endpoints.iter().flat_map(GateKey::of).collect();
        keys.sort();
        keys.dedup();
        let mut gates = BTreeMap::new();
        for keys in keys.chunks(GATES) {
            gates.extend(keys.iter().cloned().zip(app.store.gates(ws, keys).await?));
        }
        let mut judged: Vec<GateKey> = endpoints.iter().map(GateKey::judged).collect();
        judged.sort();
        judged.dedup();
        let health = if judged.len() > ONE_BY_ONE {
            app.store.all_health(ws).await?.into_iter().collect()
        } else {
            let read = judged.iter().map(|key| app.store.health(ws, key));
            let read = try_join_all(read).await?.into_iter().map(|(health, _)| health);
            judged.iter().cloned().zip(read).collect()
        };
        let counts = endpoints.iter().map(|it| app.store.held_count(ws, it.id, COUNTED));
        let counts = try_join_all(counts).await?;
        let held = endpoints.iter().map(|it| it.id).zip(counts).collect();
        let sent = Sent::lately(app, ws).await?;
        Ok(Self { gates, health, held, sent, now: app.deps.clock.now() })
    }

    /// The fields of an endpoint's view that are not settings.
    pub(crate) fn shown(&self, endpoint: &Endpoint) -> StateView {
        let (state, stopped) = self.state(endpoint);
        StateView {
            state,
            stopped,
            held: self.held.get(&endpoint.id).copied().unwrap_or_default(),
            health: self.health(endpoint),
            activity: self.sent.of_endpoint(endpoint.id),
        }
    }

    /// The name of the endpoint's state and the reason for it. If both gates are closed, the one
    /// that lasts longer decides.
    fn state(&self, endpoint: &Endpoint) -> (&'static str, Option<StoppedView>) {
        let keys = GateKey::of(endpoint);
        let found = keys.iter().filter_map(|key| {
            let gate = self.gates.get(key)?;
            let (rank, word, stopped) = summary_of(&gate.state, key)?;
            Some((rank, word, stopped))
        });
        let worst = found.max_by_key(|(rank, _, _)| *rank);
        worst.map_or(("active", None), |(_, word, stopped)| (word, Some(stopped)))
    }

    fn health(&self, endpoint: &Endpoint) -> Option<HealthView> {
        let policy = endpoint.policy.suspension.as_ref()?;
        let none = Health::default();
        let health = self.health.get(&GateKey::judged(endpoint)).unwrap_or(&none);
        let failures = health.counted(policy, self.now);
        let count = u32::try_from(failures.len()).unwrap_or(u32::MAX);
        let (seconds, percent) = match policy.trip {
            Trip::Window { seconds, .. } => (Some(seconds), self.share(health, count, seconds)),
            Trip::Streak { .. } => (None, None),
        };
        Some(HealthView {
            failures: count,
            limit: policy.trip.limit(),
            seconds,
            percent,
            last_failure: health.failures.last().copied(),
            last_success: health.last_success,
        })
    }

    /// The share of failures in all attempts of the window, in whole percent; `None` without
    /// attempts.
    fn share(&self, health: &Health, failures: u32, seconds: u32) -> Option<u64> {
        let start = self.now.checked_sub(SignedDuration::from_secs(seconds.into())).ok()?;
        let minute = start.as_second().div_euclid(60);
        let successes: u64 = health.successes.range(minute..).map(|(_, n)| u64::from(*n)).sum();
        (u64::from(failures) * 100).checked_div(u64::from(failures) + successes)
    }
}

/// The rank, state name and reason of a closed gate; `None` if it is open. States that last longer
/// have a higher rank.
fn summary_of(state: &GateState, key: &GateKey) -> Option<(u8, &'static str, StoppedView)> {
    let shared_by = match key {
        GateKey::Endpoint(_) => "endpoint",
        GateKey::Url(_) => "url",
        GateKey::Workspace => "workspace",
    };
    match state {
        GateState::Open => None,
        GateState::Probing { delivery, suspended, by_person } => {
            let probe = ProbeView { delivery: *delivery, by_person: *by_person };
            Some((1, "probing", StoppedView::of(suspended, shared_by, Some(probe))))
        }
        GateState::Suspended(suspended) => {
            Some((2, "suspended", StoppedView::of(suspended, shared_by, None)))
        }
        GateState::Disabled { since, reason } => {
            let reason = ReasonView::Disabled { code: *reason };
            let stopped = StoppedView { since: *since, reason, shared_by, suspension: None };
            Some((3, "disabled", stopped))
        }
    }
}

impl StoppedView {
    fn of(suspended: &Suspended, shared_by: &'static str, probe: Option<ProbeView>) -> Self {
        let reason = match suspended.reason {
            // Enabled by a person after a person had disabled it: no threshold was exceeded.
            Reason::Streak { failures: 0 } => ReasonView::Enabled { code: "enabled" },
            Reason::Streak { failures } => ReasonView::Streak { code: "streak", failures },
            Reason::Window { failures, seconds, percent } => {
                ReasonView::Window { code: "window", failures, seconds, percent }
            }
        };
        let (attempts, probe_at) = (suspended.attempts.clone(), suspended.probe_at);
        let suspension = Some(SuspensionView { attempts, probe_at, probe });
        Self { since: suspended.since, reason, shared_by, suspension }
    }
}
