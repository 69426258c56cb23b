use gancho_domain::{
    common::ids::IntegrationId,
    inbound::tally::{Change, DayTally},
};

use super::*;

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Counters with webhooks at these times of one day, all of the same status.
fn tallies(status: Status, moments: &[&str]) -> Tallies {
    let mut tally = DayTally::default();
    for moment in moments {
        tally.apply(&Change::came(t(moment)));
        if status != Status::Pending {
            let change = Change { received_at: t(moment), from: Some(Status::Pending), to: status };
            tally.apply(&change);
        }
    }
    let day = Day::of(t(moments[0]));
    let row = TallyRow {
        day,
        shard: 0,
        integration: IntegrationId::new(t(moments[0]), &[1; 10]),
        months: 3,
        application: "webhook".to_owned(),
        tally,
    };
    Tallies { rows: vec![row], marks: BTreeMap::new() }
}

fn only(status: Status) -> Filter {
    Filter { statuses: [status].into(), ..Filter::default() }
}

fn windows(plan: &Plan, filter: &Filter, below: Option<WebhookId>) -> Vec<(String, String)> {
    let segments = plan.segments(filter, 0, None, below);
    segments.iter().map(|s| (s.window.from.to_string(), s.window.to.to_string())).collect()
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[test]
fn only_minutes_with_matches_are_read_and_close_ones_together() {
    let tallies = tallies(
        Status::Error,
        &["2026-08-01T10:05:30Z", "2026-08-01T10:07:10Z", "2026-08-01T12:59:59.999Z"],
    );
    let filter = only(Status::Error);
    let plan = Plan::new(&tallies, &filter, 1, t("2026-10-01T00:00:00Z"));
    let old: Vec<_> = windows(&plan, &filter, None)
        .into_iter()
        .filter(|(from, _)| from < &"2026-09".to_owned())
        .collect();
    assert_eq!(
        old,
        [
            pair("2026-08-01T12:59:00Z", "2026-08-01T13:00:00Z"),
            pair("2026-08-01T10:05:00Z", "2026-08-01T10:08:00Z"),
        ]
    );
    assert_eq!(plan.whole_hours(), 3);
    let none = only(Status::Success);
    assert_eq!(Plan::new(&tallies, &none, 1, t("2026-10-01T00:00:00Z")).whole_hours(), 0);
}

#[test]
fn a_sparse_hour_is_read_in_pieces_so_that_a_page_reads_what_it_needs() {
    let every = |seconds: i64, count: i64| -> Vec<String> {
        let start = t("2026-08-01T10:00:00Z");
        (0..count).map(|n| (start + SignedDuration::from_secs(n * seconds)).to_string()).collect()
    };
    let of = |status: Status, moments: &[String]| {
        tallies(status, &moments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut both = of(Status::Error, &every(120, 30));
    both.rows.extend(of(Status::Success, &every(6, 600)).rows);
    let filter = only(Status::Error);
    let plan = Plan::new(&both, &filter, 1, t("2026-10-01T00:00:00Z"));
    let pieces = plan.segments(&filter, 0, Some(both.rows[0].day), None);
    let expected: Vec<u64> = pieces.iter().map(|segment| segment.expected).collect();
    assert_eq!(expected, [16, 14]);
}

#[test]
fn the_last_day_is_read_unless_it_is_marked_as_counted() {
    let now = t("2026-10-01T12:30:00Z");
    let filter = only(Status::Error);
    let unmarked = Plan::new(&Tallies::default(), &filter, 1, now);
    assert_eq!(
        windows(&unmarked, &filter, None),
        [
            pair("2026-10-01T00:00:00Z", "2026-10-01T13:00:00Z"),
            pair("2026-09-30T12:30:00Z", "2026-10-01T00:00:00Z"),
        ]
    );
    let mut tallies = Tallies::default();
    tallies.marks.insert((Day::of(now), 0), t("2026-10-01T12:20:00Z"));
    tallies.marks.insert((Day::of(now).before(), 0), t("2026-09-30T23:59:30Z"));
    let marked = Plan::new(&tallies, &filter, 1, now);
    assert_eq!(
        windows(&marked, &filter, None),
        [
            pair("2026-10-01T12:19:00Z", "2026-10-01T13:00:00Z"),
            pair("2026-09-30T23:58:00Z", "2026-10-01T00:00:00Z"),
        ]
    );
}

#[test]
fn hi_01_an_hour_in_which_retention_ends_is_counted_by_reading_it() {
    let tallies = tallies(Status::Success, &["2026-05-31T10:30:00Z", "2026-05-31T11:30:00Z"]);
    let filter = Filter::default();
    let before = Plan::new(&tallies, &filter, 1, t("2026-08-31T09:59:59.999Z"));
    assert_eq!((before.whole_hours(), before.edges(&filter).len()), (2, 0));
    let within = Plan::new(&tallies, &filter, 1, t("2026-08-31T10:00:00Z"));
    assert_eq!((within.whole_hours(), within.edges(&filter).len()), (1, 1));
    let after = Plan::new(&tallies, &filter, 1, t("2026-08-31T10:59:59.999Z"));
    assert_eq!((after.whole_hours(), after.edges(&filter).len()), (1, 0));
}

#[test]
fn a_cursor_cuts_off_what_is_newer() {
    let tallies = tallies(Status::Error, &["2026-08-01T10:05:30Z", "2026-08-01T12:59:59.999Z"]);
    let filter = only(Status::Error);
    let plan = Plan::new(&tallies, &filter, 1, t("2026-10-01T00:00:00Z"));
    let below = WebhookId::new(t("2026-08-01T10:05:30.500Z"), &[9; 10]);
    assert_eq!(
        windows(&plan, &filter, Some(below)),
        [pair("2026-08-01T10:05:00Z", "2026-08-01T10:05:30.501Z")]
    );
}

#[test]
fn a_part_of_an_hour_is_an_edge() {
    let tallies = tallies(Status::Error, &["2026-08-01T10:05:30Z", "2026-08-01T10:50:00Z"]);
    let filter = Filter { from: Some(t("2026-08-01T10:30:00Z")), ..only(Status::Error) };
    let plan = Plan::new(&tallies, &filter, 1, t("2026-08-20T00:00:00Z"));
    assert_eq!(plan.whole_hours(), 0);
    let edges = plan.edges(&filter);
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].1.window.from, t("2026-08-01T10:50:00Z"));
}
