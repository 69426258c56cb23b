//! A world, what its senders sent, and how it comes to rest.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use jiff::SignedDuration;
use local::{AwsError, Builder, Faults, faults::Rule, template::TEMPLATE};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::{
    Answer, Inbound, World,
    checker::{self, DELIVERY, Digest, RecordedCalls, Row},
};

/// Longer than a message of any queue is hidden.
pub(crate) const HIDDEN: SignedDuration = SignedDuration::from_secs(181);
/// How often dead letters are read.
pub(crate) const LETTERS: SignedDuration = SignedDuration::from_mins(5);
/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world with one integration.
pub(crate) struct Harness {
    pub(crate) world: World,
    pub(crate) recorded_calls: RecordedCalls,
    pub(crate) to: Inbound,
}

impl Harness {
    /// Deals are created or updated; the sender names its deliveries in a header.
    pub(crate) async fn new() -> Self {
        Self::with(json!({}), |builder| builder).await
    }

    /// With settings of the integration.
    pub(crate) async fn of(settings: Value) -> Self {
        Self::with(settings, |builder| builder).await
    }

    /// Where the stream brings nothing to *process*; tests do it by hand.
    pub(crate) async fn by_hand() -> Self {
        let (before, events) = TEMPLATE.split_once("        Received:").unwrap();
        let events = events.replacen("[\"INSERT\"]", "[\"NEVER\"]", 1);
        let template = format!("{before}        Received:{events}");
        Self::with(json!({}), |builder| builder.template(&template)).await
    }

    /// With settings of the integration and the host.
    pub(crate) async fn with(settings: Value, host: impl FnOnce(Builder) -> Builder) -> Self {
        let world = World::with(host).await;
        let dedupe = json!({"source": {"header": DELIVERY}, "window_hours": 720});
        let mut all = json!({ "dedupe": dedupe });
        for (name, value) in settings.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let to = world.inbound(all).await;
        Self { world, recorded_calls: RecordedCalls::default(), to }
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.world.host.faults()
    }

    /// A rule for one function's calls.
    pub(crate) fn on(&self, function: &str, operation: &str) -> Rule {
        self.faults().on(operation).function(function)
    }

    /// Every call of a function fails in this way until faults are cleared.
    pub(crate) fn always(&self, function: &str, operation: &str, error: AwsError) {
        self.on(function, operation).always().pre_err(error);
    }

    /// Sends person `n`.
    pub(crate) async fn send(&self, n: u32) -> Answer {
        self.recorded_calls.send(&self.world, &self.to, &name(n), &person(n)).await
    }

    /// Sends person `n`, who must be accepted; the webhook's id.
    pub(crate) async fn accepted(&self, n: u32) -> String {
        self.recorded_calls.accepted(&self.world, &self.to, &name(n), &person(n)).await
    }

    /// The same, processed.
    pub(crate) async fn received(&self, n: u32) -> String {
        let id = self.accepted(n).await;
        self.world.settle().await;
        id
    }

    /// Changes the integration.
    pub(crate) async fn set(&self, settings: Value) {
        let path = format!("/v1/integrations/{}", self.to.id);
        self.world.patch(&path, settings).await.expect(200);
    }

    /// Faults stop; what waits for its time gets it.
    pub(crate) async fn recover(&self) {
        self.faults().clear();
        self.world.settle().await;
        self.later(HIDDEN).await;
        self.later(SignedDuration::from_mins(10)).await;
        self.world.host.run_schedule("sweep").await.unwrap();
        self.world.settle().await;
        self.later(HIDDEN).await;
    }

    /// Some time passes.
    pub(crate) async fn later(&self, by: SignedDuration) {
        self.world.advance(by);
        self.world.settle().await;
    }

    /// The invariants hold.
    pub(crate) async fn holds(&self) {
        checker::holds(&self.world, &self.recorded_calls).await;
    }

    pub(crate) async fn digest(&self) -> Digest {
        checker::digest(&self.world, &self.recorded_calls).await
    }

    pub(crate) async fn shown(&self, id: &str) -> Value {
        self.world.webhook(&self.to, id).await
    }

    pub(crate) async fn rows(&self, setting: &str) -> Vec<Row> {
        checker::rows(&self.world, setting).await
    }

    /// Everybody who was sent became one deal of their own.
    pub(crate) async fn one_deal_each(&self, people: usize) {
        let mut titles: Vec<String> = self
            .world
            .deals(&self.to.origin)
            .await
            .iter()
            .map(|d| d["title"].to_string())
            .collect();
        titles.sort();
        let all = titles.len();
        titles.dedup();
        assert_eq!((all, titles.len()), (people, people), "{titles:?}");
        self.holds().await;
    }

    /// How many webhooks there are.
    pub(crate) async fn listed(&self) -> usize {
        checker::pages(&self.world, &self.to.origin, "").await.0.len()
    }

    /// A queue's messages: visible and in flight.
    pub(crate) fn depth(&self, queue: &str) -> (u64, u64) {
        let depth = self.world.host.queues().depth(&self.queue(queue)).unwrap();
        (depth.visible, depth.in_flight)
    }

    /// The full name of `process-retry` or `process-retry-dlq`.
    pub(crate) fn queue(&self, queue: &str) -> String {
        let all: Vec<String> = self.world.host.queues().names().map(str::to_owned).collect();
        all.into_iter().find(|name| name.ends_with(&format!("-{queue}"))).unwrap()
    }
}

/// Waits for what must come soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it never came")
}

/// The sender's name for person `n`.
pub(crate) fn name(n: u32) -> String {
    format!("delivery-{n}")
}

/// A person of their own, with a number that `f64` cannot hold.
pub(crate) fn person(n: u32) -> Vec<u8> {
    let text = format!(
        r#"{{ "name": "Pessoa {n}", "email": "Pessoa{n}@Example.com", "phone": "+5511{:09}",
  "title": "Pedido {n}", "value": 12345678901234567890.{n}, "order": "PED-{n}", "order": "PED-{n}" }}"#,
        900_000_000 + n
    );
    text.into_bytes()
}

/// A person whose body needs three chunks, for it hardly compresses.
pub(crate) fn large(n: u32) -> Vec<u8> {
    let mut hash = Sha256::digest(n.to_be_bytes());
    let mut noise = String::new();
    while noise.len() < 1_100_000 {
        hash = Sha256::digest(hash);
        noise.push_str(&STANDARD_NO_PAD.encode(hash));
    }
    let mut body = person(n);
    body.truncate(body.len() - 2);
    body.extend_from_slice(format!(r#", "noise": "{noise}" }}"#).as_bytes());
    body
}

/// The bare id, as keys have it.
pub(crate) fn bare(id: &str) -> &str {
    id.split_once('_').unwrap().1
}
