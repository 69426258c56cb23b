//! Tests of listing and counting against a model that keeps every webhook in a list.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        calendar::{self, Day},
        code::Code,
        ids::{IntegrationId, OriginId, WebhookId, WorkspaceId},
    },
    inbound::{
        filter::{Filter, Search},
        tally::{Change, DayTally},
        webhook::{Cause, Received, Remark, Run, Status, Verdict, WebhookKey},
    },
};
use gancho_store::{
    Store, keys,
    listing::Scope,
    tallies::{Counted, TallyKey, sequence},
};
use jiff::{SignedDuration, Timestamp};
use local::Host;
use proptest::{prelude::*, sample::subsequence};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

const NOW: &str = "2026-11-21T13:20:00Z";
const APPLICATIONS: [&str; 3] = ["hotmart", "elementor", "webhook"];

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    t(NOW)
}

/// One host for all tests here; every test uses its own workspace.
fn world() -> &'static (Runtime, Host) {
    static WORLD: OnceLock<(Runtime, Host)> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let host = runtime.block_on(Host::builder().event_sources(false).start()).unwrap();
        (runtime, host)
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    world().0.block_on(future)
}

/// An origin, and the webhooks that were written to it.
struct Model {
    store: Store,
    workspace: WorkspaceId,
    origin: OriginId,
    webhooks: Vec<Kept>,
    sequence: u64,
}

#[derive(Clone)]
struct Kept {
    received: Received,
    runs: Vec<Run>,
}

impl Kept {
    fn id(&self) -> WebhookId {
        self.received.key.webhook
    }

    fn status(&self) -> Status {
        self.runs.last().map_or(Status::Pending, |run| run.verdict.into())
    }
}

/// The parameters of a webhook.
#[derive(Debug, Clone)]
struct Spec {
    at: Timestamp,
    shard: u8,
    sender: u8,
    months: u8,
    runs: Vec<bool>,
    chance: [u8; 10],
}

fn spec(at: &str) -> Spec {
    Spec { at: t(at), shard: 0, sender: 2, months: 3, runs: vec![true], chance: [7; 10] }
}

/// A webhook whose last run has the second of the codes.
fn rare(at: &str) -> Spec {
    Spec { runs: vec![true, false], ..spec(at) }
}

fn sender(number: u8) -> IntegrationId {
    IntegrationId::new(Timestamp::UNIX_EPOCH, &[number; 10])
}

impl Model {
    fn new() -> Self {
        let deps = world().1.deps_for("history").unwrap();
        let chance = gancho_edge::ids::Ids.entropy();
        Self {
            store: deps.store(),
            workspace: WorkspaceId::new(now(), &chance),
            origin: OriginId::new(now(), &chance),
            webhooks: Vec::new(),
            sequence: 0,
        }
    }

    fn scope(&self, shards: u8) -> Scope {
        Scope { workspace: self.workspace, origin: self.origin, shards }
    }

    fn received(&self, spec: &Spec) -> Received {
        let webhook = WebhookId::in_shard(spec.at, spec.shard, &spec.chance);
        Received {
            key: WebhookKey { workspace: self.workspace, origin: self.origin, webhook },
            integration: sender(spec.sender),
            integration_name: format!("sender {}", spec.sender),
            application: APPLICATIONS[usize::from(spec.sender % 3)].to_owned(),
            active: true,
            test: None,
            method: "POST".to_owned(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            source_ip: "198.51.100.7".to_owned(),
            delivery_id: None,
            body_size: 2,
            body_sha256: Sha256::digest(b"{}").into(),
            months: spec.months,
            expires_at: calendar::expires_at(webhook.made_at(), spec.months),
        }
    }

    /// Writes a webhook and its runs, as *ingest* and *process* do.
    async fn put(&mut self, spec: &Spec) -> WebhookId {
        let received = self.received(spec);
        self.store.put_webhook(&received, b"{}", "w".to_owned()).await.unwrap();
        let mut kept = Kept { received, runs: Vec::new() };
        for verdict in &spec.runs {
            let run = run(&kept, *verdict);
            self.store.put_run(&kept.received, &run).await.unwrap();
            kept.runs.push(run);
        }
        self.webhooks.push(kept.clone());
        kept.id()
    }

    /// Writes webhooks with the first of the codes, one each 40 ms.
    async fn errors(&mut self, number: u16, from: &str) {
        for n in 0..number {
            let at = t(from) + SignedDuration::from_millis(i64::from(n) * 40);
            let [high, low] = n.to_be_bytes();
            let chance = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
            self.put(&Spec { at, runs: vec![false], chance, ..spec(from) }).await;
        }
    }

    fn key_of(&self, received: &Received) -> TallyKey {
        TallyKey {
            workspace: self.workspace,
            origin: self.origin,
            day: Day::of(received.received_at()),
            shard: received.key.webhook.shard(),
            integration: received.integration,
            months: received.months,
        }
    }

    /// The stream's records of a webhook.
    fn records(&mut self, kept: &Kept) -> Vec<Counted> {
        let received_at = kept.received.received_at();
        let arrival = (Change::came(received_at), Some(kept.received.application.clone()));
        let ran = kept.runs.iter().map(|run| {
            let to = run.verdict.into();
            (Change { received_at, from: Some(run.previous), to }, None)
        });
        std::iter::once(arrival)
            .chain(ran)
            .map(|(change, application)| {
                self.sequence += 1;
                let sequence = sequence(&self.sequence.to_string()).unwrap();
                Counted { sequence, change, application }
            })
            .collect()
    }

    /// Counts everything that was written, as *tally* does.
    async fn count_all(&mut self) {
        for kept in self.webhooks.clone() {
            let records = self.records(&kept);
            self.store.count(&self.key_of(&kept.received), &records).await.unwrap();
        }
    }

    /// The webhooks that a filter selects at `now`, newest first.
    fn expected(&self, filter: &Filter, now: Timestamp) -> Vec<WebhookId> {
        let matches = |kept: &&Kept| {
            now < kept.received.expires_at && filter.takes(&kept.received, kept.runs.last())
        };
        let mut ids: Vec<_> = self.webhooks.iter().filter(matches).map(Kept::id).collect();
        ids.sort_by(|a, b| b.cmp(a));
        ids
    }

    /// Reads every page and returns the ids.
    async fn paged(
        &self,
        shards: u8,
        filter: &Filter,
        limit: usize,
        now: Timestamp,
    ) -> Vec<WebhookId> {
        let (mut seen, mut below) = (Vec::new(), None);
        loop {
            let listing = self.store.listing(self.scope(shards), filter, now).await.unwrap();
            let page = listing.page(below, limit).await.unwrap();
            assert!(page.items.len() <= limit);
            seen.extend(page.items.iter().map(gancho_store::listing::Listed::id));
            below = page.next;
            if below.is_none() {
                return seen;
            }
        }
    }

    async fn counted(&self, shards: u8, filter: &Filter, now: Timestamp) -> u64 {
        let listing = self.store.listing(self.scope(shards), filter, now).await.unwrap();
        listing.count().await.unwrap()
    }
}

/// The codes of failures.
const CODES: [Code; 2] = [Code::PayloadUnparseable, Code::MappingFailed];

fn run(kept: &Kept, good: bool) -> Run {
    Run {
        number: u32::try_from(kept.runs.len()).unwrap() + 1,
        previous: kept.status(),
        verdict: if good { Verdict::Success } else { Verdict::Error },
        cause: Cause::Received,
        failure: (!good).then(|| Remark::new(CODES[kept.runs.len() % CODES.len()])),
        warnings: Vec::new(),
        contact: None,
        deal: None,
        by: None,
        preview: None,
        duplicate_of: None,
        delivery_id: None,
        mapping_version: Some(1),
        finished_at: now(),
        found_by: Vec::new(),
    }
}

/// Timestamps at the boundaries: the ends of the retention and of the period, the last hours.
fn moment() -> impl Strategy<Value = Timestamp> {
    let near = |text: &'static str, spread: i64| {
        (-spread..spread).prop_map(move |ms| t(text) + SignedDuration::from_millis(ms))
    };
    let hours = 3_600_000;
    prop_oneof![
        2 => near("2026-08-21T13:20:00Z", 2 * hours),
        1 => near("2026-08-21T13:20:00Z", 3),
        2 => near("2026-10-21T13:20:00Z", 2 * hours),
        2 => near("2026-11-21T03:00:00Z", hours),
        1 => near("2026-11-21T03:00:00Z", 2),
        2 => (0..2 * hours).prop_map(|ms| now() - SignedDuration::from_millis(ms)),
        3 => (0..95 * 24 * hours).prop_map(|ms| now() - SignedDuration::from_millis(ms)),
    ]
}

fn a_webhook() -> impl Strategy<Value = Spec> {
    let runs = proptest::collection::vec(any::<bool>(), 0..3);
    (moment(), 0u8..2, 0u8..5, prop_oneof![Just(1u8), Just(3)], runs, any::<[u8; 10]>()).prop_map(
        |(at, shard, sender, months, runs, chance)| Spec {
            at,
            shard,
            sender,
            months,
            runs,
            chance,
        },
    )
}

fn a_filter() -> impl Strategy<Value = Filter> {
    let statuses = vec![Status::Pending, Status::Success, Status::Error];
    let applications = APPLICATIONS.map(str::to_owned).to_vec();
    let integrations: Vec<_> = (0..5).map(sender).collect();
    let bound = || proptest::option::weighted(0.4, moment());
    (
        subsequence(statuses, 0..=2),
        subsequence(applications, 0..=2),
        prop_oneof![3 => subsequence(integrations.clone(), 0..=0), 1 => subsequence(integrations, 1..=3)],
        (bound(), bound()),
        prop_oneof![2 => Just(vec![]), 1 => subsequence(CODES.to_vec(), 1)],
    )
        .prop_map(|(statuses, applications, integrations, (from, to), codes)| Filter {
            from,
            to,
            statuses: statuses.into_iter().collect(),
            applications: applications.into_iter().collect(),
            integrations: integrations.into_iter().collect(),
            codes: codes.into_iter().collect(),
            search: None,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn i19_the_count_equals_the_number_of_listed_webhooks(
        specs in proptest::collection::vec(a_webhook(), 1..40),
        filters in proptest::collection::vec((a_filter(), 1usize..12, 0i64..3), 8),
        marked: bool,
    ) {
        block_on(async {
            let mut model = Model::new();
            for spec in &specs {
                model.put(spec).await;
            }
            model.count_all().await;
            if marked {
                for kept in &model.webhooks {
                    let at = kept.received.received_at();
                    let place = (Day::of(at), kept.id().shard());
                    model.store.watermark((model.workspace, model.origin), place, at).await.unwrap();
                }
            }
            let all = (Filter::default(), 3, 0);
            for (filter, limit, later) in filters.into_iter().chain([all]) {
                let now = now() + SignedDuration::from_millis(later);
                let expected = model.expected(&filter, now);
                let paged = model.paged(2, &filter, limit, now).await;
                assert_eq!(paged, expected, "{filter:?}");
                assert_eq!(model.counted(2, &filter, now).await, expected.len() as u64, "{filter:?}");
            }
        });
    }

    #[test]
    fn s1_8_each_record_is_counted_once_in_any_batching(
        specs in proptest::collection::vec(a_webhook(), 1..12),
        steps in proptest::collection::vec((0usize..6, 1usize..8, any::<bool>()), 40),
        order in any::<prop::sample::Index>(),
    ) {
        block_on(async {
            let mut model = Model::new();
            let mut right: BTreeMap<TallyKey, DayTally> = BTreeMap::new();
            let stream = a_stream(&mut model, &specs, order.index(97));
            for (key, record) in &stream {
                right.entry(*key).or_default().apply(&record.change);
            }
            let mut done = 0;
            for (back, forth, twice) in steps {
                let (from, to) = (done - back.min(done), (done + forth).min(stream.len()));
                let batch = deliver(&model, &stream[from..to]);
                if twice {
                    // A reader that was taken for dead writes at the same time.
                    futures::join!(batch, deliver(&model, &stream[from..to]));
                } else {
                    batch.await;
                }
                done = done.max(to);
            }
            deliver(&model, &stream[done..]).await;
            let days = (Day::of(now() - SignedDuration::from_hours(24 * 120)), Day::of(now()));
            let stored = model.store.tallies((model.workspace, model.origin), days).await.unwrap();
            let stored: BTreeMap<_, _> = stored.rows.iter().map(|row| {
                let TallyKey { workspace, origin, .. } = stream[0].0;
                let (day, shard) = (row.day, row.shard);
                let (integration, months) = (row.integration, row.months);
                (TallyKey { workspace, origin, day, shard, integration, months }, row.tally.clone())
            }).collect();
            assert_eq!(stored, right);
        });
    }
}

/// The interleaved records of some webhooks; the order of each webhook's own records is kept.
fn a_stream(model: &mut Model, specs: &[Spec], turn: usize) -> Vec<(TallyKey, Counted)> {
    let mut queues: Vec<(TallyKey, Vec<Counted>)> = Vec::new();
    for spec in specs {
        let mut kept = Kept { received: model.received(spec), runs: Vec::new() };
        for verdict in &spec.runs {
            let next = run(&kept, *verdict);
            kept.runs.push(next);
        }
        let mut records = model.records(&kept);
        records.reverse();
        queues.push((model.key_of(&kept.received), records));
    }
    let mut stream: Vec<(TallyKey, Counted)> = Vec::new();
    while !queues.is_empty() {
        let at = (stream.len() * turn) % queues.len();
        let (key, records) = &mut queues[at];
        let mut record = records.pop().unwrap();
        record.sequence = sequence(&(stream.len() + 1).to_string()).unwrap();
        stream.push((*key, record));
        queues.retain(|(_, records)| !records.is_empty());
    }
    stream
}

async fn deliver(model: &Model, batch: &[(TallyKey, Counted)]) {
    let mut groups: BTreeMap<TallyKey, Vec<Counted>> = BTreeMap::new();
    for (key, record) in batch {
        groups.entry(*key).or_default().push(record.clone());
    }
    for (key, records) in groups {
        model.store.count(&key, &records).await.unwrap();
    }
}

#[test]
fn hi_09_inserts_and_expiry_during_paging_do_not_move_other_webhooks() {
    block_on(async {
        let mut model = Model::new();
        let mut chance = 0;
        let mut at = |text: &str| {
            chance += 1;
            Spec { chance: [chance; 10], ..spec(text) }
        };
        for minute in 0..20 {
            model.put(&at(&format!("2026-10-10T10:{minute:02}:00Z"))).await;
        }
        // These expire one second from now.
        for _ in 0..5 {
            model.put(&at("2026-08-21T13:20:01Z")).await;
        }
        model.count_all().await;
        let stable = model.expected(&Filter::default(), now() + SignedDuration::from_secs(1));
        let filter = Filter::default();
        let mut seen: Vec<WebhookId> = Vec::new();
        loop {
            let later = now() + SignedDuration::from_secs(i64::try_from(seen.len()).unwrap());
            let listing = model.store.listing(model.scope(1), &filter, later).await.unwrap();
            let page = listing.page(seen.last().copied(), 3).await.unwrap();
            seen.extend(page.items.iter().map(gancho_store::listing::Listed::id));
            if page.next.is_none() {
                break;
            }
            // Insert a newer one.
            model.put(&at("2026-11-21T13:19:00Z")).await;
        }
        let distinct: BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "a webhook was listed twice");
        assert_eq!(seen[..stable.len()], stable);
    });
}

#[test]
fn d21_a_list_shows_webhooks_that_are_not_counted_yet() {
    block_on(async {
        let mut model = Model::new();
        let old = model.put(&spec("2026-11-21T09:00:00Z")).await;
        model.count_all().await;
        let place = (Day::of(now()), 0);
        let watermark = t("2026-11-21T13:15:00Z");
        let origin = (model.workspace, model.origin);
        model.store.watermark(origin, place, watermark).await.unwrap();
        let new = model.put(&Spec { runs: vec![false], ..spec("2026-11-21T13:19:59Z") }).await;
        let all = model.paged(1, &Filter::default(), 50, now()).await;
        assert_eq!(all, [new, old]);
        let errors = Filter { statuses: [Status::Error].into(), ..Filter::default() };
        assert_eq!(model.paged(1, &errors, 50, now()).await, [new]);
        // A run that is not counted yet.
        let pending = model.put(&Spec { runs: vec![], ..spec("2026-11-21T10:30:00Z") }).await;
        let kept = model.webhooks.last().unwrap().clone();
        let records = model.records(&kept);
        model.store.count(&model.key_of(&kept.received), &records).await.unwrap();
        model.store.put_run(&kept.received, &run(&kept, false)).await.unwrap();
        assert_eq!(model.paged(1, &errors, 50, now()).await, [new, pending]);
    });
}

/// After a burst, a rare filter reads the newest rows and the minutes that the counters name, not
/// the whole burst (issue 14, F9). What it passes over is listed as soon as it is counted, and bulk
/// work reads everything.
#[test]
fn f9_a_rare_filter_after_a_burst_reads_a_limited_number_of_rows() {
    block_on(async {
        let mut model = Model::new();
        let old = model.put(&Spec { runs: vec![false], ..spec("2026-11-21T13:18:00Z") }).await;
        for n in 0..600_u16 {
            let at = t("2026-11-21T13:18:01Z") + SignedDuration::from_millis(i64::from(n) * 100);
            let [high, low] = n.to_be_bytes();
            let chance = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
            model.put(&Spec { at, chance, ..spec("2026-11-21T13:18:01Z") }).await;
        }
        let errors = Filter { statuses: [Status::Error].into(), ..Filter::default() };
        assert_eq!(model.paged(1, &errors, 50, now()).await, []);
        assert_eq!(model.paged(1, &Filter::default(), 200, now()).await.len(), 601);
        let listing = model.store.listing(model.scope(1), &errors, now()).await.unwrap();
        let mut found = Vec::new();
        for part in listing.parts() {
            found.extend(listing.page_of(part, None, 50).await.unwrap().items);
        }
        assert_eq!(found.iter().map(gancho_store::listing::Listed::id).collect::<Vec<_>>(), [old]);
        model.count_all().await;
        assert_eq!(model.paged(1, &errors, 50, now()).await, [old]);
    });
}

/// A match behind many rows of a minute in which the counters know matches is found, but not by one
/// page: each reads a limited number of rows and names the place where the next one goes on
/// (issue 14, F9).
#[test]
fn f9_a_match_behind_a_burst_in_its_own_minute_is_found_by_pages_that_read_little() {
    block_on(async {
        let mut model = Model::new();
        let old = model.put(&Spec { runs: vec![true], ..spec("2026-11-21T10:18:00Z") }).await;
        for n in 0..1_200_u16 {
            let at = t("2026-11-21T10:18:01Z") + SignedDuration::from_millis(i64::from(n) * 40);
            let [high, low] = n.to_be_bytes();
            let chance = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
            // Some have a run, so that a page ends behind a webhook as well as inside one.
            let runs = if n % 3 == 0 { vec![false] } else { Vec::new() };
            model.put(&Spec { at, runs, chance, ..spec("2026-11-21T10:18:01Z") }).await;
        }
        model.count_all().await;
        let all = model.expected(&Filter::default(), now());
        assert_eq!(model.paged(1, &Filter::default(), 200, now()).await, all);
        let successes = Filter { statuses: [Status::Success].into(), ..Filter::default() };
        let (mut below, mut pages) = (None, Vec::new());
        loop {
            let listing = model.store.listing(model.scope(1), &successes, now()).await.unwrap();
            let page = listing.page(below, 1).await.unwrap();
            let newest = below.unwrap_or(all[0]);
            let passed = |next| all.iter().filter(|id| (next..newest).contains(id)).count();
            // 1,600 rows: at most 500 and one more reading are passed.
            assert!(page.next.is_none_or(|next| passed(next) <= 1_000), "it reads too far");
            pages.push(page.items.len());
            below = page.next;
            if below.is_none() {
                break;
            }
        }
        assert!(pages.len() > 1, "one page reads everything");
        assert_eq!(pages.iter().sum::<usize>(), 1);
        assert_eq!(model.paged(1, &successes, 50, now()).await, [old]);
    });
}

/// The counters know errors, not their codes: pages with a rare code end early too, the list goes on to
/// its match, and the count is exact (`infra/docs/decisions/0076-uncounted-filters-are-read-or-refused.md`).
#[test]
fn f9_a_rare_code_among_many_errors_is_counted_and_found_by_pages_that_end_early() {
    block_on(async {
        let mut model = Model::new();
        let rare = model.put(&rare("2026-11-21T10:18:00Z")).await;
        model.errors(600, "2026-11-21T10:18:01Z").await;
        model.count_all().await;
        let filter = Filter { codes: [CODES[1]].into(), ..Filter::default() };
        let listing = model.store.listing(model.scope(1), &filter, now()).await.unwrap();
        let first = listing.page(None, 1).await.unwrap();
        assert!(first.items.is_empty() && first.next.is_some(), "one page reads everything");
        assert_eq!((listing.uncounted(), listing.count().await.unwrap()), (601, 1));
        assert_eq!(model.paged(1, &filter, 1, now()).await, [rare]);
    });
}

/// Errors that are not counted yet are passed over beyond the limit of rows, by a filter of codes as by
/// any other: the first page has the counted match behind them.
#[test]
fn f9_a_code_is_found_behind_a_burst_that_is_not_counted_yet() {
    block_on(async {
        let mut model = Model::new();
        let rare = model.put(&rare("2026-11-21T10:18:00Z")).await;
        model.count_all().await;
        model.errors(400, "2026-11-21T13:18:01Z").await;
        let filter = Filter { codes: [CODES[1]].into(), ..Filter::default() };
        let listing = model.store.listing(model.scope(1), &filter, now()).await.unwrap();
        let page = listing.page(None, 1).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(gancho_store::listing::Listed::id).collect();
        assert_eq!((ids, page.next), (vec![rare], None));
    });
}

#[test]
fn hi_10_a_recount_corrects_counts_after_lost_records() {
    block_on(async {
        let mut model = Model::new();
        for minute in 0..7 {
            let runs = vec![minute % 2 == 0];
            let at = format!("2026-10-10T10:{minute:02}:00Z");
            model.put(&Spec { runs, chance: [minute; 10], ..spec(&at) }).await;
        }
        let first = model.webhooks[0].clone();
        let records = model.records(&first);
        model.store.count(&model.key_of(&first.received), &records).await.unwrap();
        let filter = Filter::default();
        assert_eq!(model.counted(1, &filter, now()).await, 1);
        let day = Day::of(t("2026-10-10T10:00:00Z"));
        let done = model.store.recount(model.workspace, model.origin, day).await.unwrap();
        assert_eq!((done.webhooks, done.corrected), (7, 1));
        assert_eq!(model.counted(1, &filter, now()).await, 7);
        assert_eq!(model.paged(1, &filter, 2, now()).await, model.expected(&filter, now()));
        let again = model.store.recount(model.workspace, model.origin, day).await.unwrap();
        assert_eq!((again.webhooks, again.corrected), (7, 0));
        // A late repeat of records that were counted before the recount changes nothing.
        model.store.count(&model.key_of(&first.received), &records).await.unwrap();
        assert_eq!(model.counted(1, &filter, now()).await, 7);
    });
}

#[test]
fn hi_15_a_search_matches_exactly_within_one_origin_of_one_workspace() {
    block_on(async {
        let (mut model, mut other) = (Model::new(), Model::new());
        let term = |text: &str| Filter {
            search: Some(Search::Terms(BTreeSet::from([text.to_owned()]))),
            ..Filter::default()
        };
        for (target, minute) in [(&mut model, 1), (&mut other, 2)] {
            for (n, found_by) in
                ["key:100%", "key:100%#1", "email:ana@example.com"].iter().enumerate()
            {
                let at = format!("2026-10-1{n}T10:{minute:02}:00Z");
                let id = target.put(&spec(&at)).await;
                let kept = target.webhooks.iter().find(|kept| kept.id() == id).unwrap().clone();
                let run = Run { found_by: vec![(*found_by).to_owned()], ..kept.runs[0].clone() };
                target.store.put_lookups(&kept.received, &run).await.unwrap();
            }
        }
        for (n, found_by) in ["key:100%", "key:100%#1", "email:ana@example.com"].iter().enumerate()
        {
            let mine = model.webhooks[n].id();
            assert_eq!(model.paged(1, &term(found_by), 1, now()).await, [mine], "{found_by}");
            assert_eq!(model.counted(1, &term(found_by), now()).await, 1);
        }
        for text in ["key:100", "key:%", "key:100%#", "key:", "email:ana", "key:100%2"] {
            assert!(model.paged(1, &term(text), 5, now()).await.is_empty(), "{text}");
        }
        let long = term(&format!("key:{}", "x".repeat(1_024)));
        assert_eq!(model.counted(1, &long, now()).await, 0);
        let foreign =
            Filter { search: Some(Search::Webhook(other.webhooks[0].id())), ..Filter::default() };
        assert_eq!(model.counted(1, &foreign, now()).await, 0);
        assert_eq!(other.counted(1, &foreign, now()).await, 1);
    });
}

#[test]
fn hi_01_a_search_omits_expired_webhooks_to_the_millisecond() {
    block_on(async {
        let mut model = Model::new();
        let filter = Filter {
            search: Some(Search::Terms(BTreeSet::from(["phone:+5511987654321".to_owned()]))),
            ..Filter::default()
        };
        for (n, at) in ["2026-08-21T13:20:00.500Z", "2026-08-21T13:20:01Z", "2026-11-01T10:00:00Z"]
            .iter()
            .enumerate()
        {
            let chance = [u8::try_from(n).unwrap(); 10];
            model.put(&Spec { chance, ..spec(at) }).await;
            let kept = model.webhooks.last().unwrap().clone();
            let found_by = vec!["phone:+5511987654321".to_owned()];
            let run = Run { found_by, ..kept.runs[0].clone() };
            model.store.put_lookups(&kept.received, &run).await.unwrap();
        }
        for (ms, left) in [(0, 3), (499, 3), (500, 2), (999, 2), (1_000, 1), (1_001, 1)] {
            let at = now() + SignedDuration::from_millis(ms);
            assert_eq!(model.counted(1, &filter, at).await, left, "{ms}");
            assert_eq!(model.paged(1, &filter, 1, at).await.len() as u64, left, "{ms}");
        }
    });
}

#[test]
fn hi_02_runs_whose_webhook_ttl_deleted_are_not_listed() {
    block_on(async {
        let mut model = Model::new();
        let gone =
            model.put(&Spec { runs: vec![false, true], ..spec("2026-11-21T13:00:00Z") }).await;
        let stays = model.put(&spec("2026-11-21T12:59:00Z")).await;
        let key = keys::history::webhook(&model.webhooks[0].received.key);
        let delete = model.store.client().delete_item().table_name(&model.store.tables().history);
        let delete =
            delete.key("pk", AttributeValue::S(key.pk)).key("sk", AttributeValue::S(key.sk));
        delete.send().await.unwrap();
        assert_eq!(model.paged(1, &Filter::default(), 50, now()).await, [stays]);
        let of = WebhookKey { workspace: model.workspace, origin: model.origin, webhook: gone };
        assert!(model.store.webhook(&of, now()).await.unwrap().is_none());
    });
}

#[test]
fn large_bodies_do_not_limit_a_list() {
    block_on(async {
        let mut model = Model::new();
        for minute in 0..10u8 {
            let at = format!("2026-10-10T10:{minute:02}:00Z");
            let received = model.received(&Spec { chance: [minute; 10], ..spec(&at) });
            let body: Vec<u8> =
                (0..200_000u32).map(|n| Sha256::digest(n.to_be_bytes())[0]).collect();
            let received = Received { body_sha256: Sha256::digest(&body).into(), ..received };
            model.store.put_webhook(&received, &body, "w".to_owned()).await.unwrap();
            model.webhooks.push(Kept { received, runs: Vec::new() });
        }
        model.count_all().await;
        let all = model.paged(1, &Filter::default(), 50, now()).await;
        assert_eq!(all, model.expected(&Filter::default(), now()));
    });
}

#[test]
fn parts_cover_every_match_once() {
    block_on(async {
        let mut model = Model::new();
        for (n, at) in ["2026-10-10T10:00:00Z", "2026-10-11T10:00:00Z", "2026-10-11T23:59:59.999Z"]
            .iter()
            .enumerate()
        {
            let n = u8::try_from(n).unwrap();
            model.put(&Spec { shard: n % 2, chance: [n; 10], ..spec(at) }).await;
        }
        model.count_all().await;
        let filter = Filter { to: Some(t("2026-11-01T00:00:00Z")), ..Filter::default() };
        let listing = model.store.listing(model.scope(2), &filter, now()).await.unwrap();
        let parts = listing.parts();
        assert_eq!(parts.len(), 3);
        let mut seen = Vec::new();
        for part in parts {
            let mut below = None;
            loop {
                let page = listing.page_of(part, below, 1).await.unwrap();
                below = page.items.last().map(gancho_store::listing::Listed::id).or(below);
                seen.extend(page.items.iter().map(gancho_store::listing::Listed::id));
                if page.next.is_none() {
                    break;
                }
            }
        }
        seen.sort_by(|a, b| b.cmp(a));
        assert_eq!(seen, model.expected(&filter, now()));
    });
}
