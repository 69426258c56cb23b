//! A world, the record of its senders' requests, and its recovery after faults.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use gancho_domain::outbound::endpoint::{Order, Policy, Preset};
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
/// The period of reading dead letters.
pub(crate) const LETTERS: SignedDuration = SignedDuration::from_mins(5);
/// The time-out of a test that waits for a result.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world with one integration.
pub(crate) struct Harness {
    pub(crate) world: World,
    pub(crate) recorded_calls: RecordedCalls,
    pub(crate) to: Inbound,
}

impl Harness {
    /// A world whose deals are created or updated; the sender's delivery ids are in a header.
    pub(crate) async fn new() -> Self {
        Self::with(json!({}), |builder| builder).await
    }

    /// A world with settings of the integration.
    pub(crate) async fn of(settings: Value) -> Self {
        Self::with(settings, |builder| builder).await
    }

    /// A world whose stream does not invoke *process*; tests do it by hand.
    pub(crate) async fn by_hand() -> Self {
        let (before, events) = TEMPLATE.split_once("        Received:").unwrap();
        let events = events.replacen("[\"INSERT\"]", "[\"NEVER\"]", 1);
        let template = format!("{before}        Received:{events}");
        Self::with(json!({}), |builder| builder.template(&template)).await
    }

    /// A world with settings of the integration and the host.
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

    /// Makes every call of a function fail with this error until faults are cleared.
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

    /// Clears faults and advances the clock until pending work is done.
    pub(crate) async fn recover(&self) {
        self.faults().clear();
        self.world.settle().await;
        self.later(HIDDEN).await;
        self.later(SignedDuration::from_mins(10)).await;
        self.world.host.run_schedule("sweep").await.unwrap();
        self.world.settle().await;
        self.later(HIDDEN).await;
    }

    /// Advances the clock and waits for the work that follows.
    pub(crate) async fn later(&self, by: SignedDuration) {
        self.world.advance(by);
        self.world.settle().await;
    }

    /// Asserts the invariants.
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

    /// Asserts that every person who was sent became exactly one deal.
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

    /// The number of webhooks.
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

/// Awaits a future with the time-out of a test.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("timed out")
}

/// A duration in seconds.
pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A policy without jitter and suspension.
pub(crate) fn policy(waits: &[u32], order: Option<Order>) -> Policy {
    Policy {
        preset: None,
        waits: waits.to_vec(),
        timeout_ms: 10_000,
        jitter_percent: 0,
        order,
        suspension: None,
        ..Preset::StandardWebhooks.policy()
    }
}

/// The sender's name for person `n`.
pub(crate) fn name(n: u32) -> String {
    format!("delivery-{n}")
}

/// The body of person `n`, with a number that `f64` cannot hold.
pub(crate) fn person(n: u32) -> Vec<u8> {
    let text = format!(
        r#"{{ "name": "Pessoa {n}", "email": "Pessoa{n}@Example.com", "phone": "+5511{:09}",
  "title": "Pedido {n}", "value": 12345678901234567890.{n}, "order": "PED-{n}", "order": "PED-{n}" }}"#,
        900_000_000 + n
    );
    text.into_bytes()
}

/// The body of a person that hardly compresses and so needs three chunks.
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
