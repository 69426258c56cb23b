use super::*;
use crate::{
    common::{
        condition::{Comparison, Op},
        ids::EventId,
    },
    outbound::event::{About, EventCause},
};
use serde_json::{Value, json};

/// The type under which a rule takes an event within a whole budget.
fn takes(rule: &Rule, event: &Event) -> Option<EventType> {
    let taken = super::takes(rule, event, &mut Budget::WHOLE.clone());
    taken.map(|taken| {
        assert!(taken.is_decided);
        taken.event_type
    })
}

fn is(path: &str, op: Op, value: Value) -> Condition {
    Condition::Is(Comparison { path: path.to_owned(), op, value })
}

#[test]
fn a_missing_path_is_false_with_every_operator() {
    let data = json!({"a": {"b": 1}});
    for op in [Op::Eq, Op::Ne, Op::In, Op::Exists, Op::Contains, Op::Gt, Op::Lt] {
        assert!(
            !is("a.c", op, json!(1)).holds(&data, &mut Budget::WHOLE.clone()).unwrap(),
            "{op:?}"
        );
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
        assert_eq!(
            is(path, op, value.clone()).holds(&data, &mut Budget::WHOLE.clone()).unwrap(),
            expected,
            "{path} {op:?} {value}"
        );
    }
}

#[test]
fn all_and_any_nest() {
    let data = json!({"a": 1, "b": 2});
    let yes = || is("a", Op::Eq, json!(1));
    let no = || is("b", Op::Eq, json!(1));
    assert!(Condition::Any(vec![no(), yes()]).holds(&data, &mut Budget::WHOLE.clone()).unwrap());
    assert!(!Condition::All(vec![no(), yes()]).holds(&data, &mut Budget::WHOLE.clone()).unwrap());
    let nested = Condition::All(vec![yes(), Condition::Any(vec![no(), yes()])]);
    assert!(nested.holds(&data, &mut Budget::WHOLE.clone()).unwrap());
    assert_eq!(nested.size(), (3, 3));
    assert!(Condition::All(Vec::new()).holds(&data, &mut Budget::WHOLE.clone()).unwrap());
    assert!(!Condition::Any(Vec::new()).holds(&data, &mut Budget::WHOLE.clone()).unwrap());
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
            assert_eq!(
                more.holds(&data, &mut Budget::WHOLE.clone()).unwrap(),
                expected,
                "{digits} digits"
            );
        }
        let data = json!({"n": number});
        assert!(
            comparison(Op::Eq, number).holds(&data, &mut Budget::WHOLE.clone()).unwrap(),
            "equal texts are equal numbers"
        );
    }
}

#[test]
fn f13_every_condition_of_an_event_takes_from_its_one_budget() {
    let long = "x".repeat(200_000);
    let event = Event { data: json!({"note": long}), ..event() };
    let comparison = is("note", Op::Contains, json!("y"));
    let condition = Condition::All(vec![is("note", Op::Exists, Value::Null), comparison]);
    let filter = Filter { condition: Some(condition), ..types(&["deal.updated"]) };
    let (costly, plain) = (rule(filter), rule(types(&["deal.updated"])));
    let mut budget = Budget::WHOLE;
    let decided = (0..1_000).take_while(|_| super::takes(&costly, &event, &mut budget).is_none());
    // 32 MB of bytes, 200 KB for each search.
    assert_eq!(decided.count(), 167);
    let undecided = super::takes(&costly, &event, &mut budget).unwrap();
    assert_eq!((undecided.event_type.as_str(), undecided.is_decided), ("deal.updated", false));
    // A rule without a condition needs no budget, and one of another type does not ask for it.
    assert!(super::takes(&plain, &event, &mut budget).unwrap().is_decided);
    let other = Rule {
        filter: Filter { types: types(&["deal.created"]).types, ..costly.filter },
        ..costly
    };
    assert_eq!(super::takes(&other, &event, &mut budget), None);
}

#[test]
fn f13_each_operator_takes_from_the_budget_what_it_reads() {
    let data = json!({"t": "abc", "l": ["abc", "abd"], "o": {"a": [1, 2]}, "n": 12});
    let used = |path: &str, op, value: Value| {
        let mut budget = Budget::WHOLE;
        is(path, op, value).holds(&data, &mut budget).unwrap();
        (Budget::WHOLE.steps - budget.steps, Budget::WHOLE.bytes - budget.bytes)
    };
    assert_eq!(used("t", Op::Exists, Value::Null), (1, 0));
    assert_eq!(used("t", Op::Eq, json!("abc")), (2, 3));
    assert_eq!(used("t", Op::Ne, json!("longer")), (2, 0));
    assert_eq!(used("t", Op::In, json!(["abd", "abc", "abe"])), (3, 6));
    assert_eq!(used("t", Op::Contains, json!("c")), (2, 4));
    assert_eq!(used("l", Op::Contains, json!("abd")), (3, 6));
    assert_eq!(used("o", Op::Eq, json!({"a": [1, 2]})), (5, 5));
    assert_eq!(used("n", Op::Gt, json!("5")), (2, 3));
    let mut empty = Budget { steps: 1, nodes: 0, bytes: 0 };
    assert_eq!(is("o.a", Op::Exists, Value::Null).holds(&data, &mut empty), Err(OverBudget));
}
