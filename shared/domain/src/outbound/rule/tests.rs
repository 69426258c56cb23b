use super::*;
use crate::{
    common::ids::EventId,
    outbound::event::{About, EventCause},
};
use serde_json::json;

fn is(path: &str, op: Op, value: Value) -> Condition {
    Condition::Is(Comparison { path: path.to_owned(), op, value })
}

#[test]
fn a_missing_path_is_false_with_every_operator() {
    let data = json!({"a": {"b": 1}});
    for op in [Op::Eq, Op::Ne, Op::In, Op::Exists, Op::Contains, Op::Gt, Op::Lt] {
        assert!(!is("a.c", op, json!(1)).holds(&data), "{op:?}");
    }
}

#[test]
fn each_operator_compares_by_value() {
    let data = json!({"n": 10, "v": "199.90", "s": "frete grátis", "l": ["a", 2],
        "t": "2026-11-21T10:00:00Z", "items": [{"sku": "X"}]});
    let table = [
        ("n", Op::Eq, json!(10.0), true),
        ("n", Op::Ne, json!(10), false),
        ("n", Op::In, json!([1, 10]), true),
        ("n", Op::In, json!(10), false),
        ("n", Op::Gt, json!(9.5), true),
        ("n", Op::Lt, json!(10), false),
        ("v", Op::Gt, json!("99.9"), true),
        ("v", Op::Gt, json!(200), false),
        ("s", Op::Contains, json!("grátis"), true),
        ("s", Op::Gt, json!(1), false),
        ("l", Op::Contains, json!(2), true),
        ("l", Op::Contains, json!("b"), false),
        ("t", Op::Lt, json!("2026-11-21T10:00:01Z"), true),
        ("items.0.sku", Op::Eq, json!("X"), true),
        ("items.1.sku", Op::Exists, Value::Null, false),
        ("items", Op::Exists, Value::Null, true),
    ];
    for (path, op, value, expected) in table {
        assert_eq!(is(path, op, value.clone()).holds(&data), expected, "{path} {op:?} {value}");
    }
}

#[test]
fn all_and_any_nest() {
    let data = json!({"a": 1, "b": 2});
    let yes = || is("a", Op::Eq, json!(1));
    let no = || is("b", Op::Eq, json!(1));
    assert!(Condition::Any(vec![no(), yes()]).holds(&data));
    assert!(!Condition::All(vec![no(), yes()]).holds(&data));
    let nested = Condition::All(vec![yes(), Condition::Any(vec![no(), yes()])]);
    assert!(nested.holds(&data));
    assert_eq!(nested.size(), (3, 3));
    assert!(Condition::All(Vec::new()).holds(&data));
    assert!(!Condition::Any(Vec::new()).holds(&data));
}

fn event() -> Event {
    let at = Timestamp::UNIX_EPOCH;
    Event {
        id: EventId::new(at, &[1; 10]),
        types: ["deal.stage_changed", "deal.entered_stage", "deal.updated"]
            .map(|name| EventType::parse(name).unwrap())
            .to_vec(),
        subject: "deal_1".to_owned(),
        subject_status: None,
        occurred_at: at,
        about: About {
            origin: Some(OriginId::new(at, &[1; 10])),
            stage: Some(StageId::new(at, &[2; 10])),
            status: Some("open".to_owned()),
        },
        data: json!({"value": "10"}),
        cause: EventCause::Person,
        hops: 0,
        expires_at: at,
    }
}

fn rule(filter: Filter) -> Rule {
    let at = Timestamp::UNIX_EPOCH;
    Rule {
        id: RuleId::new(at, &[1; 10]),
        name: "R".to_owned(),
        active: true,
        filter,
        target: Target::Endpoint(EndpointId::new(at, &[1; 10])),
        method: Method::Post,
        body: Body::Standard,
        version: 1,
        created_at: at,
        updated_at: at,
        by: None,
    }
}

fn types(names: &[&str]) -> Filter {
    let types = names.iter().map(|name| EventType::parse(name).unwrap()).collect();
    Filter { types, ..Filter::default() }
}

#[test]
fn d12_a_rule_takes_a_change_once_under_its_most_specific_type() {
    let taken = takes(&rule(types(&["deal.updated", "deal.entered_stage"])), &event());
    assert_eq!(taken.unwrap().as_str(), "deal.entered_stage");
    assert_eq!(takes(&rule(types(&["deal.created"])), &event()), None);
}

#[test]
fn s3_10_origin_stage_and_status_are_filters_of_their_own() {
    let at = Timestamp::UNIX_EPOCH;
    let base = types(&["deal.updated"]);
    let origin = |n| Filter { origins: vec![OriginId::new(at, &[n; 10])], ..base.clone() };
    let stage = |n| Filter { stages: vec![StageId::new(at, &[n; 10])], ..base.clone() };
    let status = |status| Filter { statuses: vec![status], ..base.clone() };
    for (filter, expected) in [
        (origin(1), true),
        (origin(9), false),
        (stage(2), true),
        (stage(9), false),
        (status(DealStatus::Open), true),
        (status(DealStatus::Won), false),
    ] {
        assert_eq!(takes(&rule(filter.clone()), &event()).is_some(), expected, "{filter:?}");
        let plain = Event { about: About::default(), ..event() };
        assert_eq!(takes(&rule(filter), &plain), None, "an event without a deal is not of it");
    }
}

#[test]
fn an_inactive_rule_takes_nothing() {
    let inactive = Rule { active: false, ..rule(types(&["deal.updated"])) };
    assert_eq!(takes(&inactive, &event()), None);
}

#[test]
fn f13_a_text_longer_than_any_number_is_never_read_as_one() {
    let comparison = |op, value| Condition::Is(Comparison { path: "n".to_owned(), op, value });
    for (digits, expected) in [(400, true), (401, false)] {
        let number: Value = serde_json::from_str(&"9".repeat(digits)).unwrap();
        for data in [json!({"n": number}), json!({"n": "9".repeat(digits)})] {
            let more = comparison(Op::Gt, json!(1));
            assert_eq!(more.holds(&data), expected, "{digits} digits");
        }
        let data = json!({"n": number});
        assert!(comparison(Op::Eq, number).holds(&data), "equal texts are equal numbers");
    }
}
