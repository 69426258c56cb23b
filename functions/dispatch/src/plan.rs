//! From an event, rules and gates to deliveries. Nothing is asked here.

use std::collections::BTreeMap;

use gancho_domain::{
    common::ids::{DeliveryId, EndpointId},
    outbound::{
        delivery::{Delivery, Discarded, State, Trigger},
        event::{Event, EventCause, EventType},
        gate::{Gate, GateKey},
        rule::{self, Rule, Target},
    },
};
use jiff::Timestamp;

use crate::rules::Config;

/// How many times Gancho may pass an event on to itself (`FACTS D19`).
const HOPS: u8 = 3;

/// A rule that takes an event, and the name under which it does.
pub(crate) type Match<'c> = (&'c Rule, EventType);

/// What there is to write for an event.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Rows of their own.
    pub(crate) plain: Vec<Delivery>,
    /// Rows in the lanes of an endpoint, which has so many.
    pub(crate) lanes: BTreeMap<EndpointId, (u16, Vec<Delivery>)>,
}

impl Plan {
    /// The ids of what there is to write.
    pub(crate) fn ids(&self) -> Vec<DeliveryId> {
        let in_lanes = self.lanes.values().flat_map(|(_, deliveries)| deliveries);
        self.plain.iter().chain(in_lanes).map(|delivery| delivery.id).collect()
    }
}

/// The rules that take an event, in their order. An example was sent by whoever wanted it.
pub(crate) fn matches<'c>(config: &'c Config, event: &Event) -> Vec<Match<'c>> {
    if event.cause == EventCause::Test {
        return Vec::new();
    }
    let taken = config.rules.iter().map(|rule| (rule, rule::takes(rule, event)));
    taken.filter_map(|(rule, name)| Some((rule, name?))).collect()
}

/// The gates that stand before these rules' endpoints.
pub(crate) fn gates(config: &Config, matches: &[Match<'_>]) -> Vec<GateKey> {
    let endpoints = matches.iter().filter_map(|(rule, _)| match rule.target {
        Target::Endpoint(id) => config.endpoints.get(&id),
        Target::Integration { .. } => None,
    });
    let mut keys: Vec<GateKey> = endpoints.flat_map(GateKey::of).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// The deliveries of an event.
pub(crate) fn plan(
    config: &Config,
    event: &Event,
    matches: Vec<Match<'_>>,
    (gates, now): (&BTreeMap<GateKey, Gate>, Timestamp),
) -> Plan {
    let mut plan = Plan::default();
    for (rule, name) in matches {
        let state = first_state(config, event, rule.target, (gates, now));
        let delivery = delivery(event, rule, name, state);
        match lanes(config, &delivery) {
            Some((endpoint, lanes)) => {
                plan.lanes.entry(endpoint).or_insert_with(|| (lanes, Vec::new())).1.push(delivery);
            }
            None => plan.plain.push(delivery),
        }
    }
    plan
}

/// The lanes that a delivery goes through; one that is discarded takes no place in them.
fn lanes(config: &Config, delivery: &Delivery) -> Option<(EndpointId, u16)> {
    let endpoint = config.endpoints.get(&delivery.endpoint()?)?;
    delivery.state.is_open().then(|| endpoint.lanes()).flatten().map(|lanes| (endpoint.id, lanes))
}

fn first_state(
    config: &Config,
    event: &Event,
    target: Target,
    (gates, now): (&BTreeMap<GateKey, Gate>, Timestamp),
) -> State {
    let discarded = |reason| State::Discarded { at: now, reason };
    match target {
        // A URL outside may lead back here too, by a name that nobody knows as ours (`OF-06`).
        Target::Integration { .. } | Target::Endpoint(_) if event.hops >= HOPS => {
            discarded(Discarded::LoopDetected)
        }
        Target::Integration { .. } => State::Queued,
        Target::Endpoint(id) => match config.endpoints.get(&id) {
            None => discarded(Discarded::EndpointDeleted),
            Some(endpoint) => {
                let open = |key: &GateKey| gates.get(key).is_none_or(Gate::is_open);
                let all_open = GateKey::of(endpoint).iter().all(open);
                if all_open { State::Queued } else { State::Held { since: now } }
            }
        },
    }
}

fn delivery(event: &Event, rule: &Rule, name: EventType, state: State) -> Delivery {
    Delivery {
        id: Delivery::id_for(event.id, rule.id),
        event: event.id,
        event_type: name,
        subject: event.subject.clone(),
        subject_status: event.subject_status.clone(),
        rule: rule.id,
        rule_version: rule.version,
        target: rule.target,
        trigger: Trigger::Event,
        slot: None,
        state,
        attempts: Vec::new(),
        redrives: 0,
        hops: event.hops,
        expires_at: event.expires_at,
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
