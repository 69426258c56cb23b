//! Outbound in tests: a receiver with configurable responses, endpoints and rules, events, and
//! their deliveries. Endpoints have names under `gancho.localhost`, which a local host exempts.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a missing value fails the test"
)]

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    common::{
        ids::{EndpointId, EventId, RuleId, WorkspaceId},
        secret::{Rotating, Secret},
    },
    outbound::{
        delivery::{Delivery, StateName},
        endpoint::{Endpoint, Limits, Policy},
        event::{About, Event, EventCause, EventType},
        gate::{Gate, GateKey},
        notice::Notice,
        rule::{Body, Filter, Method, Rule, Target},
        target_url::{TargetUrl, UrlRules},
    },
};
use gancho_edge::clock::ManualClock;
use gancho_store::{
    Store,
    deliveries::delivery_from_item,
    keys::{self, Key},
    parked::Entry,
};
use jiff::{SignedDuration, Timestamp};
use local::Builder;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::{World, checker::Row};

/// The host name of the receiver.
const HOST: &str = "receiver.gancho.localhost";
/// The event type that the rules of tests match.
pub const EVENT: &str = "order.dispatched";

/// A response of a receiver.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This status.
    Status(u16),
    /// This status, and `Retry-After`.
    RetryAfter(u16, u64),
    /// This status, after it is released.
    Wait(Arc<Notify>, u16),
    /// This status, after this duration by the real clock.
    After(Duration, u16),
    /// Bytes that are not HTTP.
    Garbage,
    /// Closes the connection without a response.
    HangUp,
}

/// A request to a receiver.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The path.
    pub path: String,
    /// The time of arrival by the clock of the test.
    pub at: Timestamp,
    /// The time of arrival by the real clock.
    pub arrived: Instant,
    /// Its headers, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Value,
}

impl Seen {
    /// The delivery's id.
    pub fn id(&self) -> &str {
        self.headers.get("webhook-id").map_or("", String::as_str)
    }

    /// The business key.
    pub fn subject(&self) -> &str {
        let subject = self.body.pointer("/subject/key").or_else(|| self.body.get("subject"));
        subject.and_then(Value::as_str).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Scripts {
    next: HashMap<String, VecDeque<Reply>>,
    then: HashMap<String, Reply>,
    pause: Duration,
    seen: Vec<Seen>,
    open: HashMap<String, (usize, usize)>,
    /// The number of further requests before one that is not answered until it is released.
    stand: Option<(usize, HeldAnswers)>,
}

/// A request that is not answered until it is released.
#[derive(Debug, Clone, Default)]
pub struct HeldAnswers {
    reached: Arc<Notify>,
    let_go: Arc<Notify>,
}

impl HeldAnswers {
    /// Returns after the request has arrived.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Answers it, if the connection is still open.
    pub fn release(&self) {
        self.let_go.notify_one();
    }
}

/// A server with configurable responses; 200 by default.
#[derive(Debug, Clone)]
pub struct Receiver {
    address: SocketAddr,
    clock: ManualClock,
    scripts: Arc<Mutex<Scripts>>,
}

impl Receiver {
    /// Listens on any port.
    pub fn start(clock: ManualClock) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self { address, clock, scripts: Arc::default() };
        let server = receiver.clone();
        // On a separate thread, so that a busy test does not make it look slow.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let server = server.clone();
                    tokio::spawn(async move { server.serve(stream).await });
                }
            });
        });
        receiver
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{HOST}:{}{path}", self.address.port())
    }

    /// Sets the response of a path from now on.
    pub fn answers(&self, path: &str, reply: Reply) {
        self.scripts.lock().unwrap().then.insert(path.to_owned(), reply);
    }

    /// Sets the next response of a path, then it answers as before; several calls add up.
    pub fn next(&self, path: &str, reply: Reply) {
        self.scripts.lock().unwrap().next.entry(path.to_owned()).or_default().push_back(reply);
    }

    /// Holds the `nth` request from now on, counted from 1, until it is released.
    pub fn stands(&self, nth: usize) -> HeldAnswers {
        let standing = HeldAnswers::default();
        self.scripts.lock().unwrap().stand = Some((nth, standing.clone()));
        standing
    }

    /// Delays every response by this duration of the real clock.
    pub fn takes(&self, pause: Duration) {
        self.scripts.lock().unwrap().pause = pause;
    }

    /// The requests to a path.
    pub fn seen(&self, path: &str) -> Vec<Seen> {
        let scripts = self.scripts.lock().unwrap();
        scripts.seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    /// The requests to any path.
    pub fn all(&self) -> Vec<Seen> {
        self.scripts.lock().unwrap().seen.clone()
    }

    /// The maximum number of concurrent requests to a path.
    pub fn most(&self, path: &str) -> usize {
        self.scripts.lock().unwrap().open.get(path).map_or(0, |(_, most)| *most)
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(seen) = read(&mut stream, &self.clock).await else { return };
        let (path, reply, pause) = self.begin(seen);
        if let Some(standing) = self.stopped() {
            standing.reached.notify_one();
            standing.let_go.notified().await;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let (status, extra) = match reply {
            Reply::Status(status) => (status, String::new()),
            Reply::RetryAfter(status, seconds) => (status, format!("retry-after: {seconds}\r\n")),
            Reply::Wait(let_go, status) => {
                let_go.notified().await;
                (status, String::new())
            }
            Reply::After(pause, status) => {
                tokio::time::sleep(pause).await;
                (status, String::new())
            }
            Reply::Garbage => {
                self.close(path);
                _ = stream.write_all(b"\x00\x01 this is not HTTP\r\n\r\n").await;
                return;
            }
            Reply::HangUp => return self.close(path),
        };
        self.close(path);
        let head = format!("HTTP/1.1 {status} X\r\n{extra}content-length: 0\r\n");
        _ = stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await;
        _ = stream.shutdown().await;
    }

    /// The hold of the current request, if it is the one to hold.
    fn stopped(&self) -> Option<HeldAnswers> {
        let mut scripts = self.scripts.lock().unwrap();
        let (left, _) = scripts.stand.as_mut()?;
        *left = left.saturating_sub(1);
        if *left > 0 {
            return None;
        }
        scripts.stand.take().map(|(_, standing)| standing)
    }

    fn close(&self, path: String) {
        self.scripts.lock().unwrap().open.entry(path).or_default().0 -= 1;
    }

    fn begin(&self, seen: Seen) -> (String, Reply, Duration) {
        let mut scripts = self.scripts.lock().unwrap();
        let path = seen.path.clone();
        let next = scripts.next.get_mut(&path).and_then(VecDeque::pop_front);
        let reply = next.or_else(|| scripts.then.get(&path).cloned());
        let open = scripts.open.entry(path.clone()).or_default();
        open.0 += 1;
        open.1 = open.1.max(open.0);
        scripts.seen.push(seen);
        (path, reply.unwrap_or(Reply::Status(200)), scripts.pause)
    }
}

async fn read(stream: &mut TcpStream, clock: &ManualClock) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(part.get(..count)?);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.split('?').next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = bytes.get(end + 4..)?.to_vec();
    while body.len() < length {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(part.get(..count)?);
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Seen { path, at: clock.now(), arrived: Instant::now(), headers, body })
}

/// A world with a receiver.
pub struct Outbound {
    /// The world.
    pub world: World,
    /// The receiver of deliveries.
    pub receiver: Receiver,
    /// The tables.
    pub store: Store,
    /// The workspace.
    pub ws: WorkspaceId,
    made: AtomicU32,
}

impl Outbound {
    /// A world whose functions can send to the receiver.
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    /// A world with other settings of the host.
    pub async fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let world = World::with(settings).await;
        let receiver = Receiver::start(world.clock.clone());
        let store = world.host.deps_for("deliveries").unwrap().store();
        let ws = world.workspace.parse().unwrap();
        Self { world, receiver, store, ws, made: AtomicU32::new(1) }
    }

    /// New random bytes, greater than all earlier ones.
    fn entropy(&self) -> [u8; 10] {
        let [a, b, c, d] = self.made.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        [0, 0, 0, 0, a, b, c, d, 0, 0]
    }

    /// A new endpoint at a path of the receiver.
    pub async fn endpoint(&self, path: &str, policy: Policy) -> EndpointId {
        self.endpoint_at(&self.receiver.url(path), policy, Limits::default()).await
    }

    /// A new endpoint at any URL.
    pub async fn endpoint_at(&self, url: &str, policy: Policy, limits: Limits) -> EndpointId {
        let exempt = [".gancho.localhost".to_owned()];
        let rules = UrlRules { exempt_hosts: &exempt, ..UrlRules::default() };
        let now = self.world.now();
        let id = EndpointId::new(now, &self.entropy());
        let endpoint = Endpoint {
            id,
            name: format!("Destino {url}"),
            url: TargetUrl::parse(url, &rules).unwrap(),
            secret: Rotating::new(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
            headers: Vec::new(),
            policy,
            limits,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.store.put_endpoint(self.ws, &endpoint, None, &id.key()).await.unwrap();
        id
    }

    /// A new rule that sends every [`EVENT`] to a target.
    pub async fn rule(&self, target: Target) -> RuleId {
        self.rule_for(EVENT, target).await
    }

    /// A new rule that sends every event of a type to a target.
    pub async fn rule_for(&self, event_type: &str, target: Target) -> RuleId {
        let now = self.world.now();
        let types = vec![EventType::parse(event_type).unwrap()];
        let rule = Rule {
            id: RuleId::new(now, &self.entropy()),
            name: "Regra".to_owned(),
            active: true,
            filter: Filter { types, ..Filter::default() },
            target,
            method: Method::Post,
            body: Body::Standard,
            version: 1,
            created_at: now,
            updated_at: now,
            by: None,
        };
        self.store.put_rule(self.ws, &rule, None, &rule.id.key()).await.unwrap();
        rule.id
    }

    /// Creates an endpoint at a path and a rule that sends every [`EVENT`] there. Clears the cached
    /// configuration.
    pub async fn sends_to(&self, path: &str, policy: Policy) -> EndpointId {
        let id = self.endpoint(path, policy).await;
        self.rule(Target::Endpoint(id)).await;
        self.later(SignedDuration::from_secs(6)).await;
        id
    }

    /// Publishes an [`EVENT`] about a subject, a millisecond later than any before.
    pub async fn happen(&self, subject: &str) -> EventId {
        self.happen_as(EVENT, subject, 0).await
    }

    /// Publishes any event.
    pub async fn happen_as(&self, event_type: &str, subject: &str, hops: u8) -> EventId {
        self.world.advance(SignedDuration::from_millis(1));
        let now = self.world.now();
        let event = Event {
            id: EventId::new(now, &self.entropy()),
            types: vec![EventType::parse(event_type).unwrap()],
            subject: subject.to_owned(),
            subject_status: Some("in_transit".to_owned()),
            occurred_at: now,
            about: About::default(),
            data: json!({ "order_number": subject }),
            cause: EventCause::Producer,
            hops,
            expires_at: now + SignedDuration::from_hours(30 * 24),
        };
        self.store.put_event(self.ws, &event, &event.id.key()).await.unwrap();
        event.id
    }

    /// Publishes events about these subjects, and waits for the work that follows at once. Events of
    /// two subjects may be committed in either order: see [`Self::happened_in_turn`].
    pub async fn happened(&self, subjects: impl IntoIterator<Item = String>) {
        for subject in subjects {
            self.happen(&subject).await;
        }
        self.world.settle().await;
    }

    /// Publishes events about these subjects; each is committed before the next is published.
    pub async fn happened_in_turn(&self, subjects: impl IntoIterator<Item = String>) {
        for subject in subjects {
            self.happened([subject]).await;
        }
    }

    /// Advances the clock and waits for the work that follows.
    pub async fn later(&self, by: SignedDuration) {
        self.world.advance(by);
        self.world.settle().await;
    }

    /// Advances the clock minute by minute.
    pub async fn minutes(&self, count: u32) {
        for _ in 0..count {
            self.later(SignedDuration::from_mins(1)).await;
        }
    }

    /// Advances the clock to this time: in one step at first, in small steps at the end.
    pub async fn until(&self, moment: Timestamp) {
        let near = moment - SignedDuration::from_secs(150);
        if self.world.now() < near {
            self.later(near.duration_since(self.world.now())).await;
        }
        while self.world.now() < moment {
            let left = moment.duration_since(self.world.now());
            self.later(left.min(SignedDuration::from_secs(20))).await;
        }
    }

    /// The rows of all deliveries.
    pub(crate) async fn delivery_rows(&self) -> Vec<Row> {
        let table = self.world.host.environment("suspension", "TABLE_DELIVERIES").unwrap();
        let scan = self.world.host.dynamo_client().scan().table_name(table).consistent_read(true);
        let items = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        items.unwrap()
    }

    /// A row of the table `Coordination`.
    pub(crate) async fn coordination(&self, key: &Key) -> Option<Row> {
        let table = self.world.host.environment("suspension", "TABLE_COORDINATION").unwrap();
        let get = self.world.host.dynamo_client().get_item().table_name(table);
        let get = get.key("pk", AttributeValue::S(key.pk.clone()));
        let get = get.key("sk", AttributeValue::S(key.sk.clone())).consistent_read(true);
        get.send().await.unwrap().item
    }

    /// The parked entries of all workspaces.
    pub async fn parked(&self) -> Vec<Entry> {
        let table = self.world.host.environment("suspension", "TABLE_COORDINATION").unwrap();
        let scan = self.world.host.dynamo_client().scan().table_name(table).consistent_read(true);
        let scan = scan.filter_expression("begins_with(pk, :parked)");
        let parked = AttributeValue::S(keys::parked::PARKED.to_owned());
        let scan = scan.expression_attribute_values(":parked", parked);
        let items = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        items.unwrap().iter().map(|row| Entry::from_item(row).unwrap()).collect()
    }

    /// Every delivery, oldest first.
    pub async fn deliveries(&self) -> Vec<Delivery> {
        let read = |item| delivery_from_item(item).unwrap().delivery;
        let mut all: Vec<Delivery> = self.delivery_rows().await.into_iter().map(read).collect();
        all.sort_by_key(|delivery| delivery.id);
        all
    }

    /// The only delivery.
    pub async fn only(&self) -> Delivery {
        let mut all = self.deliveries().await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// The number of deliveries in a state.
    pub async fn count(&self, state: StateName) -> usize {
        let all = self.deliveries().await;
        all.iter().filter(|delivery| delivery.state.name() == state).count()
    }

    /// The notices to people, oldest first.
    pub async fn notices(&self) -> Vec<Notice> {
        let mut all = self.store.notices(self.ws, None, 1_000).await.unwrap();
        all.reverse();
        all
    }

    /// The notices of a kind.
    pub async fn notices_of(&self, kind: &str) -> Vec<Notice> {
        let mut all = self.notices().await;
        all.retain(|notice| notice.kind.as_str() == kind);
        all
    }

    /// The current state of a gate.
    pub async fn gate(&self, key: &GateKey) -> Gate {
        self.store.gates(self.ws, std::slice::from_ref(key)).await.unwrap().remove(0)
    }

    /// The gate of a single endpoint.
    pub async fn own_gate(&self, endpoint: EndpointId) -> Gate {
        self.gate(&GateKey::Endpoint(endpoint)).await
    }

    /// Enables an endpoint as a person, and waits for the work that follows at once.
    pub async fn enable(&self, endpoint: EndpointId, held: &str) {
        let path = format!("/v1/endpoints/{endpoint}/enable");
        self.world.post(&path, json!({ "held": held })).await.expect(200);
        self.world.settle().await;
    }

    /// A queue's messages: visible and in flight.
    pub fn depth(&self, queue: &str) -> (u64, u64) {
        let depth = self.world.host.queues().depth(&self.queue(queue)).unwrap();
        (depth.visible, depth.in_flight)
    }

    /// The full name of a queue: `deliver`, `deliver-dlq`, `lanes.fifo`.
    pub fn queue(&self, queue: &str) -> String {
        let all: Vec<String> = self.world.host.queues().names().map(str::to_owned).collect();
        all.into_iter().find(|name| name.ends_with(&format!("-{queue}"))).unwrap()
    }
}
