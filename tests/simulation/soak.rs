//! A soak test of some minutes (`CATALOGUE I6 - I11`): endpoints, some ordered,
//! limited, slow, dead, hostile, suspended and enabled; messages and stream
//! records that repeat in any order; lost requests and lost replies between functions and AWS.
//!
//! With `GANCHO_SOAK=full` 200 endpoints and 20,000 events, as `cargo xtask test --only soak` runs
//! it with optimised code; else 20 endpoints, 600 events and twenty processes of each function, as a
//! quick check.
//!
//! At the end every event is in exactly one state and visible, order was kept, no endpoint ever had
//! more open requests than its limit, none came beyond the recorded attempts except for lost
//! replies, and none came later than [`LATE`] after a suspension.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::{EndpointId, EventId},
    outbound::{
        delivery::{Attempt, Delivery, Outcome, StateName},
        endpoint::{Limits, Order, Policy, Preset, Scope, Suspension, Trip},
        event::{About, Event, EventCause, EventType},
        gate::GateState,
        rule::Target,
    },
};
use jiff::SignedDuration;
use local::{AwsError, Builder, Misdelivery, RecordedInstants};
use serde_json::{Value, json};
use tests::outbound::{Outbound, Reply, Seen};

/// The processes of each function in the quick check: none knows from its memory who answered or
/// who is slow.
const PROCESSES: NonZeroUsize = NonZeroUsize::new(20).unwrap();
/// Waves of events; each wave settles before the next.
const WAVES: usize = 10;
/// The maximum number of open requests of a limited endpoint.
const LIMIT: u16 = 3;
/// Attempts in total: the first and two retries.
const TRIES: u32 = 3;
const PATIENCE: Duration = Duration::from_mins(5);
/// Faults of each kind on each function.
const ROUNDS: u64 = 40;
/// The maximum delay of a request that passed the gate before the suspension reached the table,
/// on a machine where everything happens at once. `infra/docs/LIMITS.md` has the measured time.
const LATE: Duration = Duration::from_secs(2);

/// The behaviour of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Plain,
    Slow,
    Ordered,
    Limited,
    Dead,
    HostileServer,
    /// Fails until it is suspended, and is enabled after half of the events.
    Enabled,
    /// The same, in order.
    OrderedEnabled,
}

impl Kind {
    fn of(index: usize) -> Self {
        match index % 10 {
            0..=2 => Self::Plain,
            3 => Self::Slow,
            4 => Self::Ordered,
            5 => Self::OrderedEnabled,
            6 => Self::Limited,
            7 => Self::Dead,
            8 => Self::HostileServer,
            _ => Self::Enabled,
        }
    }

    fn is_ordered(self) -> bool {
        matches!(self, Self::Ordered | Self::OrderedEnabled)
    }

    /// True if it is suspended and enabled.
    fn is_enabled(self) -> bool {
        matches!(self, Self::Enabled | Self::OrderedEnabled)
    }

    fn suspension(self) -> Option<Suspension> {
        let trip = match self {
            Self::Dead => Trip::Window { more_than: 30, seconds: 1_800, percent: 50 },
            Self::Enabled => Trip::Window { more_than: 10, seconds: 1_800, percent: 50 },
            Self::OrderedEnabled => Trip::Streak { failures: 4 },
            Self::Plain | Self::Slow | Self::Ordered | Self::Limited | Self::HostileServer => {
                return None;
            }
        };
        Some(Suspension { scope: Scope::Endpoint, trip, probe_after: None })
    }

    fn policy(self) -> Policy {
        Policy {
            preset: None,
            waits: vec![1, 2],
            jitter_percent: 0,
            order: self.is_ordered().then_some(Order::Skip),
            suspension: self.suspension(),
            ..Preset::StandardWebhooks.policy()
        }
    }

    fn limits(self) -> Limits {
        Limits { max_concurrency: (self == Self::Limited).then_some(LIMIT), rate_per_second: None }
    }

    fn reply(self, index: usize) -> Reply {
        match self {
            Self::Plain | Self::Ordered => Reply::Status(200),
            Self::Slow => Reply::After(Duration::from_millis(250), 200),
            Self::Limited => Reply::After(Duration::from_millis(20), 200),
            Self::Dead | Self::Enabled | Self::OrderedEnabled => Reply::Status(500),
            Self::HostileServer if index % 20 == 8 => Reply::Garbage,
            Self::HostileServer => Reply::HangUp,
        }
    }
}

struct Soak {
    out: Outbound,
    events: usize,
    endpoints: Vec<(Kind, EndpointId)>,
}

/// True if the full size was requested.
#[expect(clippy::disallowed_methods, reason = "a test reads no settings from anywhere else")]
pub(crate) fn is_full() -> bool {
    std::env::var("GANCHO_SOAK").is_ok_and(|size| size == "full")
}

/// The numbers of endpoints and events.
fn size() -> (usize, usize) {
    if is_full() { (200, 20_000) } else { (20, 600) }
}

fn path(index: usize) -> String {
    format!("/{index}")
}

fn event_type(index: usize) -> String {
    format!("for.e{index}")
}

impl Soak {
    async fn new() -> Self {
        let misdelivery = Misdelivery::new(4_711, 3, true);
        let processes = if is_full() { NonZeroUsize::MIN } else { PROCESSES };
        let prepare = |builder: Builder| builder.misdelivery(misdelivery).processes(processes);
        let out = Outbound::with(prepare).await;
        let (count, events) = size();
        let mut endpoints = Vec::new();
        for index in 0..count {
            let kind = Kind::of(index);
            let url = out.receiver.url(&path(index));
            let id = out.endpoint_at(&url, kind.policy(), kind.limits()).await;
            out.rule_for(&event_type(index), Target::Endpoint(id)).await;
            out.receiver.answers(&path(index), kind.reply(index));
            endpoints.push((kind, id));
        }
        out.later(SignedDuration::from_secs(6)).await;
        Self { out, events, endpoints }
    }

    /// Sets faults between the functions and AWS for the whole run.
    fn inject_faults(&self) {
        let faults = self.out.world.host.faults();
        for (function, step) in [("dispatch", 97), ("deliver", 211), ("suspension", 151)] {
            for round in 1..ROUNDS {
                let call = || faults.on("*").function(function);
                call().nth(round * step).pre_err(AwsError::throttling());
                call().nth(round * step + 31).post_err();
                call().nth(round * step + 57).lose_request();
            }
        }
    }

    /// Records the calls that suspend an endpoint, from now on.
    fn closings(&self) -> RecordedInstants {
        let puts = self.out.world.host.faults().on("PutItem").function("suspension");
        puts.table("coordination").containing("suspended").always().recorded()
    }

    /// Publishes events `from..to`, one endpoint after the other; every seventeenth request of an
    /// ordered endpoint fails once.
    async fn wave(&self, from: usize, to: usize) {
        let now = self.out.world.now();
        let events = (from..to).map(|number| {
            let mut entropy = [0; 10];
            entropy[2..].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
            Event {
                id: EventId::new(now, &entropy),
                types: vec![EventType::parse(&event_type(number % self.endpoints.len())).unwrap()],
                subject: format!("PED-{number}"),
                subject_status: None,
                occurred_at: now,
                about: About::default(),
                data: json!({ "order_number": number }),
                cause: EventCause::Producer,
                hops: 0,
                expires_at: now + SignedDuration::from_hours(30 * 24),
            }
        });
        let (store, ws) = (&self.out.store, self.out.ws);
        let puts = events.map(|event| async move {
            store.put_event(ws, &event, &event.id.key()).await.unwrap();
        });
        stream::iter(puts).buffer_unordered(16).collect::<Vec<()>>().await;
        for (index, (kind, _)) in self.endpoints.iter().enumerate() {
            if *kind == Kind::Ordered {
                self.out.receiver.next(&path(index), Reply::Status(503));
            }
        }
    }

    async fn pass(&self, seconds: i64) {
        self.out.world.advance(SignedDuration::from_secs(seconds));
        self.out.world.host.settle_within(PATIENCE).await.unwrap();
    }

    /// True if an endpoint was enabled again, so that its held deliveries are released.
    fn is_enabled(&self, id: Option<EndpointId>) -> bool {
        self.endpoints.iter().any(|(kind, it)| kind.is_enabled() && Some(*it) == id)
    }

    /// Advances the clock until only deliveries held for suspended endpoints are open.
    async fn rest(&self) {
        for _ in 0..90 {
            let open = self.out.deliveries().await.into_iter().filter(|delivery| {
                match delivery.state.name() {
                    StateName::Queued | StateName::Retrying => true,
                    StateName::Held => self.is_enabled(delivery.endpoint()),
                    StateName::Success | StateName::Failure | StateName::Discarded => false,
                }
            });
            let left: Vec<Delivery> = open.collect();
            if left.is_empty() {
                return;
            }
            self.pass(20).await;
        }
        panic!("some work never ended");
    }

    /// Publishes all events; returns the time at which the suspended endpoints were enabled.
    async fn waves(&self) -> Instant {
        let each = self.events / WAVES;
        let mut enabled = Instant::now();
        for wave in 0..WAVES {
            if wave == WAVES / 2 {
                self.all_suspended().await;
                enabled = Instant::now();
                self.enable().await;
            }
            self.wave(wave * each, (wave + 1) * each).await;
            self.pass(2).await;
        }
        enabled
    }

    /// Passes time until every endpoint that will be enabled is suspended. An injected fault may
    /// have delayed its failures.
    async fn all_suspended(&self) {
        for _ in 0..ROUNDS {
            let mut waiting = 0;
            for (_, id) in self.endpoints.iter().filter(|(kind, _)| kind.is_enabled()) {
                let gate = self.out.own_gate(*id).await;
                waiting += usize::from(!matches!(gate.state, GateState::Suspended(_)));
            }
            if waiting == 0 {
                return;
            }
            self.pass(20).await;
        }
    }

    async fn enable(&self) {
        for (index, (kind, id)) in self.endpoints.iter().enumerate() {
            if kind.is_enabled() {
                let gate = self.out.own_gate(*id).await;
                assert!(matches!(gate.state, GateState::Suspended(_)), "{kind:?}: {gate:?}");
                self.out.receiver.answers(&path(index), Reply::Status(200));
                let enable = format!("/v1/endpoints/{id}/enable");
                self.out.world.post(&enable, json!({ "held": "all" })).await.expect(200);
            }
        }
    }
}

/// The order of first arrivals.
fn first_arrivals(seen: &[Seen]) -> Vec<String> {
    let mut known = BTreeSet::new();
    seen.iter().filter(|one| known.insert(one.id())).map(|one| one.id().to_owned()).collect()
}

/// `late`: its event came after the suspended endpoints were enabled.
fn check_one(delivery: &Delivery, kind: Kind, late: bool) {
    let state = delivery.state.name();
    let expected: &[StateName] = match kind {
        Kind::Plain | Kind::Slow | Kind::Limited => &[StateName::Success],
        Kind::Dead => &[StateName::Failure, StateName::Held],
        Kind::HostileServer => &[StateName::Failure],
        Kind::Enabled | Kind::OrderedEnabled if late => &[StateName::Success],
        // For an ordered endpoint sometimes all attempts get a 503.
        Kind::Enabled | Kind::OrderedEnabled | Kind::Ordered => {
            &[StateName::Success, StateName::Failure]
        }
    };
    assert!(expected.contains(&state), "{kind:?}: {delivery:?}");
    let numbers: Vec<u32> = delivery.attempts.iter().map(|attempt| attempt.number).collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert!(numbers.iter().copied().eq(1..=count) && count <= TRIES, "{delivery:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soak_of_everything_at_once_loses_nothing_and_keeps_order_limits_and_gates() {
    let soak = Soak::new().await;
    soak.inject_faults();
    let closings = soak.closings();
    let enabled = soak.waves().await;
    soak.rest().await;
    soak.out.world.host.faults().clear();
    // A minute later the schedule has enqueued every waiting delivery.
    soak.pass(61).await;
    soak.rest().await;

    let deliveries = soak.out.deliveries().await;
    assert_eq!(deliveries.len(), soak.events, "one for each event");
    let events: BTreeSet<EventId> = deliveries.iter().map(|delivery| delivery.event).collect();
    assert_eq!(events.len(), soak.events);
    let place: HashMap<EndpointId, usize> =
        soak.endpoints.iter().enumerate().map(|(index, (_, id))| (*id, index)).collect();
    let mut by_endpoint: BTreeMap<usize, Vec<&Delivery>> = BTreeMap::new();
    for delivery in &deliveries {
        let index = place[&delivery.endpoint().unwrap()];
        let number: usize = delivery.subject["PED-".len()..].parse().unwrap();
        check_one(delivery, soak.endpoints[index].0, number >= soak.events / WAVES * (WAVES / 2));
        by_endpoint.entry(index).or_default().push(delivery);
    }
    let (mut repeats, mut latest) = (0, Duration::ZERO);
    for (index, (kind, id)) in soak.endpoints.iter().enumerate() {
        let seen = soak.out.receiver.seen(&path(index));
        let deliveries = &by_endpoint[&index];
        check_endpoint(&soak, (index, *kind, *id), &seen, deliveries).await;
        repeats += check_requests(*kind, &seen, deliveries);
        if kind.suspension().is_some() {
            let until = kind.is_enabled().then_some(enabled);
            latest = latest.max(after_closing(&closings, *id, &seen, until));
        }
    }
    let ms = latest.as_secs_f64() * 1_000.0;
    eprintln!(
        "{} deliveries, {repeats} requests repeated, {ms:.1} ms after a suspension at most",
        deliveries.len()
    );
    assert!(repeats <= ROUNDS * 3, "{repeats} requests were made again");
    assert!(latest <= LATE, "a request came {latest:?} after a suspension");
    check_visible(&soak, &deliveries).await;
}

/// Asserts that each delivery is listed once, in the state of its row, and that the counters agree.
async fn check_visible(soak: &Soak, deliveries: &[Delivery]) {
    let mut rows: BTreeMap<String, &str> =
        deliveries.iter().map(|it| (it.id.to_string(), it.state.name().as_str())).collect();
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    for state in rows.values() {
        *totals.entry(state).or_default() += 1;
    }
    for (state, count) in totals {
        let listed = soak.out.world.get(&format!("/v1/deliveries?state={state}&limit=1")).await;
        assert_eq!(listed.expect(200)["count"], count, "{state}");
    }
    let mut query = "?limit=200".to_owned();
    loop {
        let page = soak.out.world.get(&format!("/v1/deliveries{query}")).await.expect(200);
        assert_eq!(page["count"], soak.events);
        for item in page["items"].as_array().unwrap() {
            let state = rows.remove(item["id"].as_str().unwrap());
            assert_eq!(state, item["state"].as_str(), "{item}");
        }
        let Value::String(next) = &page["next"] else { break };
        query = format!("?limit=200&cursor={next}");
    }
    assert!(rows.is_empty(), "not listed: {rows:?}");
}

/// The number of requests beyond the recorded attempts.
fn check_requests(kind: Kind, seen: &[Seen], deliveries: &[&Delivery]) -> u64 {
    let answered = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::Status(_));
    let attempts = deliveries.iter().flat_map(|delivery| &delivery.attempts);
    let answered = attempts.clone().filter(answered).count();
    assert!(seen.len() >= answered, "{kind:?}: {} requests, {answered} answers", seen.len());
    u64::try_from(seen.len().saturating_sub(attempts.count())).unwrap()
}

/// The delay of an endpoint's last request after its suspension, before it was enabled.
fn after_closing(
    closings: &RecordedInstants,
    id: EndpointId,
    seen: &[Seen],
    until: Option<Instant>,
) -> Duration {
    let of_it = closings.all().into_iter().find(|(_, body)| body.contains(&id.to_string()));
    let (closed, _) = of_it.expect("it was suspended");
    let before = seen.iter().map(|one| one.arrived).filter(|at| until.is_none_or(|end| *at < end));
    before.map(|at| at.saturating_duration_since(closed)).max().unwrap_or_default()
}

async fn check_endpoint(
    soak: &Soak,
    (index, kind, id): (usize, Kind, EndpointId),
    seen: &[Seen],
    deliveries: &[&Delivery],
) {
    let most = soak.out.receiver.most(&path(index));
    if kind.is_ordered() {
        assert!(most <= 1, "ordered, and {most} open at once");
        let mut order: Vec<&&Delivery> = deliveries.iter().collect();
        order.sort_by_key(|delivery| delivery.slot.unwrap().seq);
        let order: Vec<String> = order.iter().map(|d| d.id.to_string()).collect();
        assert_eq!(first_arrivals(seen), order, "in the order of commits");
    }
    match kind {
        Kind::Ordered => {
            // There was a 503 in each wave, and a permanent failure has got three of them.
            let failed = deliveries.iter().filter(|it| it.state.name() == StateName::Failure);
            assert!(failed.count() * 3 <= WAVES, "{deliveries:?}");
        }
        Kind::Limited => assert!(most <= usize::from(LIMIT), "limited, and {most} open at once"),
        Kind::Dead => {
            let gate = soak.out.own_gate(id).await;
            assert!(matches!(gate.state, GateState::Suspended(_)), "{gate:?}");
        }
        Kind::Enabled | Kind::OrderedEnabled => {
            assert!(soak.out.own_gate(id).await.is_open());
        }
        Kind::Plain | Kind::Slow | Kind::HostileServer => {}
    }
}
