//! The state of endpoints: their gates, the reasons of a closed gate, held deliveries and recent
//! failures.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        endpoint::{Endpoint, Trip},
        gate::{Gate, GateKey, GateState, Suspended},
        health::{Health, Reason},
    },
};
use gancho_edge::problem::ApiError;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{App, delivery_stats::Sent, patch::Object};

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
        Ok(Self { gates, health, held, sent, now: app.clock.now() })
    }

    /// The fields of an endpoint's view that are not settings.
    pub(crate) fn shown(&self, endpoint: &Endpoint) -> Object {
        let (state, stopped) = self.state(endpoint);
        let held = self.held.get(&endpoint.id).copied().unwrap_or_default();
        let shown = json!({
            "state": state,
            "stopped": stopped,
            "held": held,
            "health": self.health(endpoint),
            "activity": self.sent.of_endpoint(endpoint.id),
        });
        shown.as_object().cloned().unwrap_or_default()
    }

    /// The name of the endpoint's state and the reason for it. If both gates are closed, the one
    /// that lasts longer decides.
    fn state(&self, endpoint: &Endpoint) -> (&'static str, Value) {
        let keys = GateKey::of(endpoint);
        let found = keys.iter().filter_map(|key| {
            let gate = self.gates.get(key)?;
            let (rank, word, stopped) = summary_of(&gate.state, key)?;
            Some((rank, word, stopped))
        });
        let worst = found.max_by_key(|(rank, _, _)| *rank);
        worst.map_or(("active", Value::Null), |(_, word, stopped)| (word, stopped))
    }

    fn health(&self, endpoint: &Endpoint) -> Value {
        let Some(policy) = &endpoint.policy.suspension else { return Value::Null };
        let none = Health::default();
        let health = self.health.get(&GateKey::judged(endpoint)).unwrap_or(&none);
        let failures = health.counted(policy, self.now);
        let count = u32::try_from(failures.len()).unwrap_or(u32::MAX);
        let (seconds, percent) = match policy.trip {
            Trip::Window { seconds, .. } => (Some(seconds), self.share(health, count, seconds)),
            Trip::Streak { .. } => (None, None),
        };
        json!({
            "failures": count,
            "limit": policy.trip.limit(),
            "seconds": seconds,
            "percent": percent,
            "last_failure": health.failures.last(),
            "last_success": health.last_success,
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
fn summary_of(state: &GateState, key: &GateKey) -> Option<(u8, &'static str, Value)> {
    let shared_by = match key {
        GateKey::Endpoint(_) => "endpoint",
        GateKey::Url(_) => "url",
        GateKey::Workspace => "workspace",
    };
    match state {
        GateState::Open => None,
        GateState::Probing { delivery, suspended, by_person } => {
            let probe = json!({ "delivery": delivery, "by_person": by_person });
            Some((1, "probing", stopped(suspended, shared_by, probe)))
        }
        GateState::Suspended(suspended) => {
            Some((2, "suspended", stopped(suspended, shared_by, Value::Null)))
        }
        GateState::Disabled { since, reason } => {
            let reason = json!({ "code": reason });
            Some((3, "disabled", json!({"since": since, "reason": reason, "shared_by": shared_by})))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it goes into the answer")]
fn stopped(suspended: &Suspended, shared_by: &str, probe: Value) -> Value {
    let reason = match suspended.reason {
        // Enabled by a person after a person had disabled it: no threshold was exceeded.
        Reason::Streak { failures: 0 } => json!({ "code": "enabled" }),
        Reason::Streak { failures } => json!({ "code": "streak", "failures": failures }),
        Reason::Window { failures, seconds, percent } => json!({
            "code": "window", "failures": failures, "seconds": seconds, "percent": percent,
        }),
    };
    json!({
        "since": suspended.since,
        "reason": reason,
        "shared_by": shared_by,
        "attempts": suspended.attempts,
        "probe_at": suspended.probe_at,
        "probe": probe,
    })
}
