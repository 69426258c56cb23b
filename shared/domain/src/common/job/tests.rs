use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    common::ids::{IntegrationId, WorkspaceId},
    crm::mapping::Mapping,
    inbound::{
        integration::{Action, StageOnUpdate},
        webhook::{Status, Verdict, WebhookKey},
    },
};

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn received(at: Timestamp) -> Received {
    Received {
        key: WebhookKey {
            workspace: WorkspaceId::new(at, &[1; 10]),
            origin: OriginId::new(at, &[2; 10]),
            webhook: WebhookId::in_shard(at, 0, &[3; 10]),
        },
        integration: IntegrationId::new(at, &[4; 10]),
        integration_name: "n".to_owned(),
        application: "webhook".to_owned(),
        active: true,
        test: None,
        method: "POST".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        source_ip: "192.0.2.1".to_owned(),
        delivery_id: None,
        body_size: 2,
        body_sha256: [0; 32],
        months: 3,
        expires_at: at + KEPT,
    }
}

fn integration(active: bool) -> Integration {
    let at = t("2026-11-01T00:00:00Z");
    Integration {
        id: IntegrationId::new(at, &[4; 10]),
        origin: OriginId::new(at, &[2; 10]),
        application: "webhook".to_owned(),
        name: "n".to_owned(),
        active,
        verification: Vec::new(),
        allowed_ips: Vec::new(),
        methods: Vec::new(),
        success_status: 200,
        sniff_json: false,
        dedupe: None,
        action: Action::CreateDeal,
        tag: None,
        stage: None,
        stage_on_update: StageOnUpdate::Always,
        status: None,
        mapping_version: 1,
        mapping_changed: None,
        mapping: serde_json::from_value::<Mapping>(serde_json::json!({})).unwrap(),
        token_generation: 1,
        previous_token_until: None,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

fn run(number: u32, verdict: Verdict, cause: Cause) -> Run {
    Run {
        number,
        previous: Status::Pending,
        verdict,
        cause,
        failure: None,
        warnings: Vec::new(),
        contact: None,
        deal: None,
        by: None,
        preview: None,
        duplicate_of: None,
        delivery_id: None,
        mapping_version: Some(1),
        finished_at: t("2026-11-21T10:00:01Z"),
        found_by: Vec::new(),
    }
}

fn job_id(n: u8) -> JobId {
    JobId::new(t("2026-11-21T10:00:00Z"), &[n; 10])
}

#[test]
fn s1_13_any_status_may_have_another_run() {
    let (at, active) = (t("2026-11-21T10:00:00Z"), integration(true));
    for verdict in [Verdict::Success, Verdict::Error] {
        let runs = [run(1, verdict, Cause::Received), run(2, verdict, Cause::Reprocess)];
        assert_eq!(next_run(&received(at), &runs, Some(&active), at), Ok(3));
    }
}

#[test]
fn d15_a_lost_pending_webhook_has_its_first_run_again() {
    let (at, active) = (t("2026-11-21T10:00:00Z"), integration(true));
    let next = |now| next_run(&received(at), &[], Some(&active), now);
    assert_eq!(next(at), Err(Code::ReprocessInProgress));
    assert_eq!(
        next(at + LOST_AFTER - SignedDuration::from_millis(1)),
        Err(Code::ReprocessInProgress)
    );
    assert_eq!(next(at + LOST_AFTER), Ok(1));
}

#[test]
fn hi_05_an_inactive_or_deleted_integration_processes_nothing() {
    let at = t("2026-11-21T10:00:00Z");
    let runs = [run(1, Verdict::Success, Cause::Received)];
    let next = |integration| next_run(&received(at), &runs, integration, at);
    let inactive = integration(false);
    assert_eq!(next(Some(&inactive)), Err(Code::IntegrationInactive));
    assert_eq!(next(None), Err(Code::IntegrationDeleted));
}

#[test]
fn hi_07_a_webhook_with_a_run_of_the_job_is_skipped() {
    let (at, active) = (t("2026-11-21T10:00:00Z"), integration(true));
    let runs = [
        run(1, Verdict::Error, Cause::Received),
        run(2, Verdict::Error, Cause::Job(job_id(1))),
        run(3, Verdict::Error, Cause::Reprocess),
    ];
    let webhook = received(at);
    assert_eq!(visit(job_id(1), (&webhook, &runs), Some(&active), at), Visit::Already);
    assert_eq!(visit(job_id(1), (&webhook, &runs), None, at), Visit::Already);
    assert_eq!(visit(job_id(2), (&webhook, &runs), Some(&active), at), Visit::Enqueue(4));
    assert_eq!(
        visit(job_id(2), (&webhook, &[]), Some(&active), at),
        Visit::Skip(Code::ReprocessInProgress)
    );
}

#[test]
fn a_part_has_one_spelling() {
    let part: PartId = "20261121#0a".parse().unwrap();
    assert_eq!((part.day.to_string(), part.shard), ("20261121".to_owned(), 10));
    assert_eq!(part.to_string(), "20261121#0a");
    for bad in ["20261121#0A", "20261121#a", "20261121", "20261131#00", "20261121#+1", "#", ""] {
        assert_eq!(bad.parse::<PartId>(), Err(BadPart), "{bad}");
    }
}

#[test]
fn the_filter_of_a_job_ends_at_its_creation() {
    let now = t("2026-11-21T10:00:00.123Z");
    let filter = until_now(Filter::default(), now);
    assert!(filter.period().holds(now));
    assert!(!filter.period().holds(now + SignedDuration::from_millis(1)));
    let earlier = Filter { to: Some(t("2026-11-20T00:00:00Z")), ..Filter::default() };
    assert_eq!(until_now(earlier.clone(), now), earlier);
    let day = within(&filter, Day::of(now));
    assert_eq!(day.from, Some(t("2026-11-21T00:00:00Z")));
    assert_eq!(day.to, filter.to);
}

#[test]
fn a_part_without_progress_for_ten_minutes_is_stalled() {
    let start = t("2026-11-21T10:00:00Z");
    let part = PartProgress::default();
    assert!(!part.stalled(start, start + SignedDuration::from_mins(9)));
    assert!(part.stalled(start, start + STALLED_AFTER));
    let moved = part.after(Worked::default(), start + SignedDuration::from_mins(5));
    assert!(!moved.stalled(start, start + STALLED_AFTER));
    assert!(!moved.finished(start).stalled(start, start + KEPT));
}

fn job(parts: usize) -> Job {
    let at = t("2026-11-21T10:00:00Z");
    let part = |n| PartId { day: Day::of(at), shard: u8::try_from(n).unwrap() };
    Job {
        id: job_id(1),
        kind: Kind::Reprocess,
        origin: Some(OriginId::new(at, &[2; 10])),
        deliveries: None,
        shards: 1,
        filter: Filter { statuses: BTreeSet::from([Status::Error]), ..Filter::default() },
        requested: serde_json::json!({"status": "error"}),
        created_at: at,
        by: None,
        total: 3,
        parts: (0..parts).map(part).collect(),
    }
}

#[test]
fn a_job_is_read_back_and_done_when_all_its_parts_are() {
    let job = job(2);
    let text = serde_json::to_string(&job).unwrap();
    assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    let done = PartProgress::default().finished(job.created_at);
    let of = |parts: [&PartProgress; 2]| Progress::of(&job, parts, EndedRuns::default());
    let open = of([&done, &PartProgress::default()]);
    assert_eq!(open.state(None), State::Running);
    assert_eq!(open.state(Some(State::Cancelled)), State::Cancelled);
    assert_eq!(of([&done, &done]).state(None), State::Done);
    assert_eq!(Progress::of(&job, [&done], EndedRuns::default()).state(None), State::Running);
}

#[test]
fn f14_a_reprocess_job_is_done_when_its_runs_have_ended_and_a_resend_job_with_its_parts() {
    let mut job = job(1);
    let now = job.created_at;
    let part = PartProgress { enqueued: 5, ..PartProgress::default() }.finished(now);
    let later = now + SignedDuration::from_secs(9);
    let after = |count| Progress::of(&job, [&part], EndedRuns { count, last_at: Some(later) });
    assert_eq!((after(0).under_way, after(0).state(None)), (5, State::Running));
    assert_eq!((after(4).under_way, after(4).state(None)), (1, State::Running));
    assert_eq!((after(5).under_way, after(5).state(None)), (0, State::Done));
    assert_eq!(after(5).done_at(), Some(later));
    job.kind = Kind::Resend;
    let resent = Progress::of(&job, [&part], EndedRuns::default());
    assert_eq!((resent.under_way, resent.state(None)), (0, State::Done));
    assert_eq!(resent.done_at(), Some(now));
}

fn page() -> impl Strategy<Value = Worked> {
    let skipped = prop_oneof![Just(Code::IntegrationInactive), Just(Code::ReprocessInProgress)];
    (0u32..20, proptest::collection::vec(skipped, 0..20), 0u64..3, any::<bool>()).prop_map(
        |(enqueue, skipped, failed, more)| Worked {
            enqueueing: (0..enqueue).map(|n| (WebhookId::from_bytes([7; 16]), n)).collect(),
            skipped,
            failed,
            last: Some(WebhookId::from_bytes([7; 16])),
            more,
        },
    )
}

proptest! {
    #[test]
    fn every_webhook_of_every_page_is_counted_once(pages in proptest::collection::vec(page(), 0..10)) {
        let now = t("2026-11-21T10:00:00Z");
        let visited: u64 = pages
            .iter()
            .map(|page| (page.enqueueing.len() + page.skipped.len()) as u64 + page.failed)
            .sum();
        let enqueued: u64 = pages.iter().map(|page| page.enqueueing.len() as u64).sum();
        let part = pages.into_iter().fold(PartProgress::default(), |part, page| {
            // The stored form is read back between two pages.
            let text = serde_json::to_string(&part.after(page, now)).unwrap();
            serde_json::from_str(&text).unwrap()
        });
        let runs = EndedRuns { count: enqueued, last_at: None };
        let sum = Progress::of(&job(1), [&part.finished(now)], runs);
        prop_assert_eq!(sum.done(), visited);
        prop_assert_eq!(sum.enqueued, enqueued);
        prop_assert_eq!(sum.state(None), State::Done);
    }

    #[test]
    fn no_text_makes_reading_a_part_panic(text: String) {
        if let Ok(part) = text.parse::<PartId>() {
            prop_assert_eq!(part.to_string(), text);
        }
    }
}
