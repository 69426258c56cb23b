use super::*;
use gancho_domain::{
    common::{
        condition::{Comparison, Condition, Op},
        ids::{EventId, IntegrationId, OriginId, RuleId},
        secret::{Rotating, Secret},
    },
    outbound::{
        delivery::StateName,
        endpoint::{Endpoint, Limits, Order, Preset},
        event::About,
        gate::{DisabledReason, GateState},
        rule::{Body, Filter, Method},
        target_url::{TargetUrl, UrlRules},
    },
};
use serde_json::json;

fn now() -> Timestamp {
    "2026-11-21T13:00:00Z".parse().unwrap()
}

fn endpoint(number: u8) -> Endpoint {
    Endpoint {
        id: EndpointId::new(now(), &[number; 10]),
        name: "Um".to_owned(),
        url: TargetUrl::parse("https://example.com/a", &UrlRules::default()).unwrap(),
        secret: Rotating::new(Secret::new("s")),
        headers: Vec::new(),
        policy: Preset::StandardWebhooks.policy(),
        limits: Limits::default(),
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn rule(number: u8, target: Target) -> Rule {
    let types = vec![EventType::parse("order.dispatched").unwrap()];
    Rule {
        id: RuleId::new(now(), &[number; 10]),
        name: "R".to_owned(),
        active: true,
        filter: Filter { types, ..Filter::default() },
        target,
        method: Method::Post,
        body: Body::Standard,
        version: 7,
        created_at: now(),
        updated_at: now(),
        by: None,
    }
}

fn event(hops: u8, cause: EventCause) -> Event {
    Event {
        id: EventId::new(now(), &[9; 10]),
        types: vec![EventType::parse("order.dispatched").unwrap()],
        subject: "PED-1".to_owned(),
        subject_status: Some("in_transit".to_owned()),
        occurred_at: now(),
        about: About::default(),
        data: json!({}),
        cause,
        hops,
        expires_at: now() + jiff::SignedDuration::from_hours(720),
    }
}

fn config(endpoints: Vec<Endpoint>, rules: Vec<Rule>) -> Config {
    Config { rules, endpoints: endpoints.into_iter().map(|one| (one.id, one)).collect() }
}

fn planned(config: &Config, event: &Event, gates: &BTreeMap<GateKey, Gate>) -> Plan {
    plan(config, event, matches(config, event), (gates, now()))
}

fn to_integration() -> Target {
    let (origin, integration) =
        (OriginId::new(now(), &[1; 10]), IntegrationId::new(now(), &[2; 10]));
    Target::Integration { origin, integration }
}

#[test]
fn of_04_each_matching_rule_gives_one_delivery_with_the_same_id_each_time() {
    let (one, two) = (endpoint(1), endpoint(2));
    let rules = vec![rule(1, Target::Endpoint(one.id)), rule(2, Target::Endpoint(two.id))];
    let config = config(vec![one, two], rules);
    let event = event(0, EventCause::Producer);
    let (first, again) = (
        planned(&config, &event, &BTreeMap::new()).plain,
        planned(&config, &event, &BTreeMap::new()).plain,
    );
    assert_eq!((first.len(), &first), (2, &again));
    assert!(first.iter().all(|one| one.rule_version == 7 && one.state == State::Queued));
    assert_eq!(first[0].subject_status.as_deref(), Some("in_transit"));
}

#[test]
fn su_04_a_delivery_is_held_while_the_gate_is_closed() {
    let one = endpoint(1);
    let key = GateKey::Endpoint(one.id);
    let config = config(vec![one.clone()], vec![rule(1, Target::Endpoint(one.id))]);
    let state = GateState::Disabled { since: now(), reason: DisabledReason::ByPerson };
    let gates = BTreeMap::from([(key.clone(), Gate::default().into_state(state))]);
    assert_eq!(super::gates(&config, &matches(&config, &event(0, EventCause::Producer))), [key]);
    let plan = planned(&config, &event(0, EventCause::Producer), &gates);
    assert_eq!(plan.plain[0].state, State::Held { since: now() });
}

#[test]
fn s5_7_an_ordered_endpoint_s_deliveries_go_through_its_lane() {
    let mut one = endpoint(1);
    one.policy.order = Some(Order::Skip);
    let id = one.id;
    let rules = vec![rule(1, Target::Endpoint(id)), rule(2, Target::Endpoint(id))];
    let plan =
        planned(&config(vec![one], rules), &event(0, EventCause::Producer), &BTreeMap::new());
    assert!(plan.plain.is_empty());
    let (lanes, deliveries) = &plan.lanes[&id];
    assert_eq!((*lanes, deliveries.len()), (1, 2));
}

#[test]
fn su_08_a_delivery_to_a_deleted_endpoint_is_discarded_with_its_reason() {
    let gone = rule(1, Target::Endpoint(endpoint(1).id));
    let plan =
        planned(&config(Vec::new(), vec![gone]), &event(0, EventCause::Producer), &BTreeMap::new());
    let expected = State::Discarded { at: now(), reason: Discarded::EndpointDeleted };
    assert_eq!(plan.plain[0].state, expected);
}

#[test]
fn d19_the_fourth_hop_is_a_loop() {
    let one = endpoint(1);
    let rules = vec![rule(1, to_integration()), rule(2, Target::Endpoint(one.id))];
    let config = config(vec![one], rules);
    for (hops, expected) in [(0, StateName::Queued), (2, StateName::Queued)] {
        let plan = planned(&config, &event(hops, EventCause::Producer), &BTreeMap::new());
        assert_eq!(plan.plain[0].state.name(), expected, "{hops}");
    }
    let plan = planned(&config, &event(3, EventCause::Producer), &BTreeMap::new());
    let expected = State::Discarded { at: now(), reason: Discarded::LoopDetected };
    assert!(plan.plain.iter().all(|one| one.state == expected), "of_06: outside too");
    assert_eq!(plan.plain.len(), 2);
}

#[test]
fn an_example_event_matches_no_rule() {
    let config = config(Vec::new(), vec![rule(1, to_integration())]);
    assert!(matches(&config, &event(0, EventCause::Test)).is_empty());
}

#[test]
fn f13_a_rule_whose_condition_is_not_decided_has_a_discarded_delivery() {
    let costly = |number| {
        let mut costly = rule(number, to_integration());
        let comparison =
            Comparison { path: "note".to_owned(), op: Op::Contains, value: json!("y") };
        costly.filter.condition = Some(Condition::Is(comparison));
        costly
    };
    let mut rules: Vec<Rule> = (0..=200).map(costly).collect();
    rules.push(rule(201, to_integration()));
    let event =
        Event { data: json!({"note": "x".repeat(200_000)}), ..event(0, EventCause::Producer) };
    let plan = planned(&config(Vec::new(), rules), &event, &BTreeMap::new());
    let expected = State::Discarded { at: now(), reason: Discarded::ConditionTooCostly };
    let (last, undecided) = plan.plain.split_last().unwrap();
    // Those that the budget reached do not match, as their conditions say.
    assert_eq!(undecided.len(), 201 - 167);
    assert!(undecided.iter().all(|one| one.state == expected));
    assert_eq!(last.state, State::Queued, "a rule without a condition");
}
