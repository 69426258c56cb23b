use super::*;
use gancho_domain::{
    common::ids::{EndpointId, RuleId},
    outbound::delivery_tally::{DeliveryChange, DeliveryDay, Receiver},
};

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn row(rule: u8, created: &[(&str, StateName)]) -> DeliveryTallyRow {
    let mut day = DeliveryDay::default();
    for (at, state) in created {
        day.apply(&DeliveryChange { made_at: t(at), from: None, to: Some(*state) });
    }
    DeliveryTallyRow {
        place: (Day::of(t(created[0].0)), 0),
        rule: RuleId::from_bytes([rule; 16]),
        receiver: Receiver::Endpoint(EndpointId::from_bytes([1; 16])),
        hours: 720,
        day,
    }
}

fn plan(rows: Vec<DeliveryTallyRow>, filter: &DeliveryFilter, now: &str) -> Plan {
    Plan::new(&DeliveryTallies { rows, marks: BTreeMap::new() }, filter, t(now))
}

fn stretches(plan: &Plan, filter: &DeliveryFilter) -> Vec<(String, String)> {
    let segments = plan.segments(filter, 0, None, None);
    segments.iter().map(|it| (it.window.from.to_string(), it.window.to.to_string())).collect()
}

#[test]
fn hours_without_matches_are_not_read() {
    let rows = || {
        vec![
            row(1, &[("2026-11-01T03:10:00Z", StateName::Success)]),
            row(1, &[("2026-11-02T05:10:00Z", StateName::Failure)]),
            row(1, &[("2026-11-03T07:10:00Z", StateName::Held)]),
        ]
    };
    let filter =
        DeliveryFilter { states: [StateName::Failure].into(), ..DeliveryFilter::default() };
    let plan = plan(rows(), &filter, "2026-11-21T13:00:00Z");
    let old: Vec<_> =
        stretches(&plan, &filter).into_iter().filter(|it| it.0.as_str() < "2026-11-19").collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    // A held delivery may have failed a moment ago.
    assert_eq!(
        old,
        [
            pair("2026-11-03T07:00:00Z", "2026-11-03T08:00:00Z"),
            pair("2026-11-02T05:00:00Z", "2026-11-02T06:00:00Z"),
        ]
    );
    assert_eq!(plan.whole_hours().sum(), 3);
}

#[test]
fn another_rules_deliveries_are_neither_read_nor_counted() {
    let rows = vec![
        row(1, &[("2026-11-01T03:10:00Z", StateName::Success)]),
        row(2, &[("2026-11-01T04:10:00Z", StateName::Success)]),
    ];
    let filter = DeliveryFilter {
        rules: [RuleId::from_bytes([2; 16])].into(),
        to: Some(t("2026-11-10T00:00:00Z")),
        ..DeliveryFilter::default()
    };
    let plan = plan(rows, &filter, "2026-11-21T13:00:00Z");
    let read = stretches(&plan, &filter);
    assert_eq!(read, [("2026-11-01T04:00:00Z".to_owned(), "2026-11-01T05:00:00Z".to_owned())]);
    assert_eq!(plan.whole_hours().sum(), 1);
}

#[test]
fn the_newest_day_is_read_as_far_as_it_is_not_marked() {
    let now = t("2026-11-21T13:30:00Z");
    let mut tallies = DeliveryTallies::default();
    let filter = DeliveryFilter::default();
    let read = |tallies: &DeliveryTallies| {
        stretches(&Plan::new(tallies, &filter, now), &filter).pop().unwrap().0
    };
    assert_eq!(read(&tallies), "2026-11-20T13:00:00Z");
    for day in ["2026-11-20T23:59:00Z", "2026-11-21T13:20:00Z"] {
        tallies.marks.insert((Day::of(t(day)), 0), t(day));
    }
    let from: Vec<String> =
        stretches(&Plan::new(&tallies, &filter, now), &filter).into_iter().map(|it| it.0).collect();
    assert_eq!(from, ["2026-11-21T12:00:00Z", "2026-11-20T22:00:00Z"]);
}

#[test]
fn s2_3_an_hour_in_which_a_retention_ends_is_counted_by_reading_it() {
    let created = "2026-10-22T13:30:00Z";
    let rows = || vec![row(1, &[(created, StateName::Success)])];
    let filter = DeliveryFilter::default();
    for (now, whole, edges) in [
        ("2026-11-21T12:00:00Z", 1, 0),
        ("2026-11-21T12:00:00.001Z", 0, 1),
        ("2026-11-21T13:30:00Z", 0, 1),
        ("2026-11-21T14:00:00Z", 0, 0),
    ] {
        let plan = plan(rows(), &filter, now);
        assert_eq!(plan.whole_hours().sum(), whole, "{now}");
        assert_eq!(plan.edges(&filter).len(), edges, "{now}");
    }
}
