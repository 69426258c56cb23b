//! Plans the deliveries of an event from rules and gates, without I/O.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        expression::Budget,
        ids::{DeliveryId, EndpointId},
    },
    outbound::{
        delivery::{Delivery, Discarded, NewDelivery, State, Trigger},
        event::{Event, EventCause, EventType},
        gate::{Gate, GateKey},
        rule::{self, Rule, Taken, Target},
    },
};
use jiff::Timestamp;

use crate::rules::Config;

/// A rule that matches an event, and its decision.
pub(crate) type Match<'c> = (&'c Rule, Taken);

/// The deliveries to write for an event.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Deliveries outside lanes.
    pub(crate) plain: Vec<Delivery>,
    /// Deliveries in lanes, by endpoint, with the endpoint's number of lanes.
    pub(crate) lanes: BTreeMap<EndpointId, (u16, Vec<Delivery>)>,
}

impl Plan {
    /// The ids of all planned deliveries.
    pub(crate) fn ids(&self) -> Vec<DeliveryId> {
        let in_lanes = self.lanes.values().flat_map(|(_, deliveries)| deliveries);
        self.plain.iter().chain(in_lanes).map(|delivery| delivery.id).collect()
    }
}

/// The rules that match an event, in their order. An example event matches none: the function that
/// created it sends it.
pub(crate) fn matches<'c>(config: &'c Config, event: &Event) -> Vec<Match<'c>> {
    if event.cause == EventCause::Test {
        return Vec::new();
    }
    let mut budget = Budget::WHOLE;
    let matching = config.rules.iter().map(|rule| (rule, rule::takes(rule, event, &mut budget)));
    matching.filter_map(|(rule, taken)| Some((rule, taken?))).collect()
}

/// The gates of these rules' endpoints.
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
    for (rule, taken) in matches {
        let state = if taken.is_decided {
            first_state(config, event, rule.target, (gates, now))
        } else {
            State::Discarded { at: now, reason: Discarded::ConditionTooCostly }
        };
        let delivery = delivery(event, rule, taken.event_type, state);
        match lanes(config, &delivery) {
            Some((endpoint, lanes)) => {
                plan.lanes.entry(endpoint).or_insert_with(|| (lanes, Vec::new())).1.push(delivery);
            }
            None => plan.plain.push(delivery),
        }
    }
    plan
}

/// The endpoint of a delivery and its number of lanes, if the delivery goes through a lane. A
/// discarded delivery takes no slot in a lane.
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
    if event.has_looped() {
        return discarded(Discarded::LoopDetected);
    }
    match target {
        Target::Integration { .. } => State::first(true, now),
        Target::Endpoint(id) => match config.endpoints.get(&id) {
            None => discarded(Discarded::EndpointDeleted),
            Some(endpoint) => {
                let open = |key: &GateKey| gates.get(key).is_none_or(Gate::is_open);
                State::first(GateKey::of(endpoint).iter().all(open), now)
            }
        },
    }
}

fn delivery(event: &Event, rule: &Rule, name: EventType, state: State) -> Delivery {
    let new = NewDelivery {
        id: Delivery::id_for(event.id, rule.id),
        event_type: name,
        subject_status: event.subject_status.clone(),
        trigger: Trigger::Event,
        by: None,
        state,
        expires_at: event.expires_at,
    };
    Delivery::new(event, rule, new)
}

#[cfg(test)]
mod tests;
