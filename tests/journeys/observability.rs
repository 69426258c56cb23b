//! Observability: metrics that add up, one webhook's whole story by its id,
//! and no secret anywhere (`CATALOGUE TE-07`, `I14`; `infra/docs/LOGS.md`).

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use gancho_domain::{
    common::ids::EndpointId,
    outbound::{
        endpoint::{Policy, Preset, Scope, Suspension, Trip},
        rule::Target,
    },
};
use gancho_edge::{metrics::Metric, telemetry};
use jiff::SignedDuration;
use local::AwsError;
use serde_json::{Value, json};
use tests::{
    Inbound, answer,
    outbound::{Outbound, Reply},
};

/// The maximum length of a log line.
const LONGEST: usize = 640;

/// Every log line of this process, also those of other tests that run at the same time.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Starts to capture log lines, once per process.
    fn listen() -> Self {
        static LINES: OnceLock<Lines> = OnceLock::new();
        let started = || {
            let lines = Self::default();
            let writer = lines.clone();
            telemetry::start_with("info", move || writer.clone());
            lines
        };
        LINES.get_or_init(started).clone()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines whose field equals this text, in order.
    fn of(&self, field: &str, is: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().filter(|line| line.contains(is));
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line[field] == is).collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| text(&line["message"])).collect()
}

/// A policy with one attempt per delivery and a suspension after two failures in a row.
fn impatient() -> Policy {
    Policy {
        preset: None,
        waits: Vec::new(),
        timeout_ms: 10_000,
        jitter_percent: 0,
        suspension: Some(Suspension {
            scope: Scope::Endpoint,
            trip: Trip::Streak { failures: 2 },
            probe_after: None,
        }),
        ..Preset::StandardWebhooks.policy()
    }
}

/// A world with recorded metrics, an integration, and an endpoint that gets every new deal.
async fn watched() -> (Outbound, Inbound, EndpointId) {
    let out = Outbound::with(|builder| builder.keep_metrics(true)).await;
    let to = out.world.inbound(json!({})).await;
    let endpoint = out.endpoint("/deals", impatient()).await;
    out.rule_for("deal.created", Target::Endpoint(endpoint)).await;
    out.later(SignedDuration::from_secs(6)).await;
    (out, to, endpoint)
}

async fn receive(out: &Outbound, to: &Inbound, who: &str) -> String {
    let body = json!({"email": format!("{who}@example.com"), "title": who});
    out.world.receive(to, body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_add_up() {
    let (out, to, endpoint) = watched().await;
    out.receiver.answers("/deals", Reply::Status(500));
    let unknown = format!("{}/in/{}", out.world.host.base_url(), "x".repeat(46));
    let refused = answer(out.world.request(reqwest::Method::POST, &unknown)).await;
    assert_eq!(refused.status, 404);
    for who in ["ana", "bia", "carla"] {
        receive(&out, &to, who).await;
    }
    out.world.send(&to, "{").await.expect(200);
    out.receiver.answers("/deals", Reply::Status(200));
    out.enable(endpoint, "all").await;
    out.later(SignedDuration::from_secs(2)).await;
    out.world.host.run_schedule("minute").await.unwrap();
    out.world.host.run_schedule("sweep").await.unwrap();
    out.world.settle().await;

    let kept = out.world.host.metrics();
    let sum = |metric, word| kept.sum(metric, word);
    let count = |metric| kept.values(metric, None).len();
    assert_eq!(sum(Metric::WebhooksAccepted, None), 4);
    assert_eq!(sum(Metric::WebhooksRefused, Some("unknown_ingest_url")), 1);
    assert_eq!(sum(Metric::WebhooksRefused, None), 1);
    assert_eq!(sum(Metric::WebhooksProcessed, Some("success")), 3);
    assert_eq!(sum(Metric::WebhooksProcessed, Some("error")), 1);
    assert_eq!(count(Metric::ProcessingDelay), 4);
    assert_eq!(sum(Metric::EventsDispatched, None), 6, "a deal and a contact each");
    assert_eq!(sum(Metric::DeliveriesMade, None), 3);
    assert_eq!(sum(Metric::Attempts, Some("http_5xx")), 2);
    assert_eq!(sum(Metric::Attempts, Some("success")), 1);
    assert_eq!(sum(Metric::Attempts, None), 3);
    assert_eq!(count(Metric::AttemptMilliseconds), 3);
    assert_eq!(count(Metric::DeliveryDelay), 1);
    assert_eq!(sum(Metric::DeliveryDelay, None), 0, "the clock stood still");
    assert_eq!(sum(Metric::DeliveriesHeld, None), 1);
    assert_eq!(sum(Metric::DeliveriesEnded, Some("failure")), 2);
    assert_eq!(sum(Metric::DeliveriesEnded, Some("success")), 1);
    assert_eq!(sum(Metric::DeliveriesEnded, None), 3);
    assert_eq!(sum(Metric::EndpointsSuspended, None), 1);
    assert!(count(Metric::TallyLagMilliseconds) > 0);
    assert!(count(Metric::TimerLagSeconds) > 0 && count(Metric::OldestPendingSeconds) > 0);
    assert_eq!(sum(Metric::OldestPendingSeconds, None), 0);
    for none in [Metric::WebhooksDeferred, Metric::DeliveriesRedriven, Metric::StorageUnavailable] {
        assert_eq!(sum(none, None), 0, "{none:?}");
    }
    assert!(kept.lines().iter().all(|line| line["Stage"] == "prod"));
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_failures_are_counted_too() {
    let (out, to, _) = watched().await;
    let faults = out.world.host.faults();
    faults.on("PutItem").function("ingest").always().pre_err(AwsError::internal());
    out.world.send(&to, "{}").await.expect(503);
    faults.clear();
    let kept = out.world.host.metrics();
    assert_eq!(kept.sum(Metric::StorageUnavailable, None), 1, "once, after the last attempt");
    assert_eq!(kept.sum(Metric::WebhooksRefused, Some("storage_unavailable")), 1);

    // A run that cannot be committed is deferred; the webhook is processed later, from the queue.
    faults.on("TransactWriteItems").function("process").times(25).pre_err(AwsError::throttling());
    receive(&out, &to, "ana").await;
    faults.clear();
    assert_eq!(kept.sum(Metric::WebhooksDeferred, None), 1);
    assert_eq!(kept.sum(Metric::StorageUnavailable, None), 6);
    assert_eq!(kept.sum(Metric::WebhooksProcessed, Some("success")), 1);
    assert_eq!(kept.values(Metric::ProcessingDelay, None).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhooks_whole_story_is_found_by_its_id() {
    let lines = Lines::listen();
    let (out, to, endpoint) = watched().await;
    out.receiver.answers("/deals", Reply::Status(500));
    let first = receive(&out, &to, "ana").await;
    let second = receive(&out, &to, "bia").await;

    let story = lines.of("webhook.id", &first);
    let expected = [
        "webhook accepted",
        "webhook processed",
        "event dispatched",
        "event dispatched",
        "attempt made",
    ];
    let mut logged = messages(&story);
    logged[2..].sort_by_key(|message| *message == "attempt made");
    assert_eq!(logged, expected);
    for line in &story {
        assert_eq!(line["workspace.id"], out.world.workspace, "{line}");
        assert!(!text(&line["request.id"]).is_empty(), "{line}");
        assert_eq!(line["level"], "INFO");
        // Logs are billed by their bytes (`infra/docs/LOGS.md`).
        assert!(line.to_string().len() <= LONGEST, "{} bytes: {line}", line.to_string().len());
    }
    // Each step has the id of the next one.
    let named = |message: &str| story.iter().find(|line| line["message"] == message).unwrap();
    assert_eq!(named("webhook accepted")["integration.id"], to.id);
    let processed = named("webhook processed");
    assert_eq!(
        (&processed["run.number"], &processed["run.status"]),
        (&json!(1), &json!("success"))
    );
    let events: BTreeSet<&str> = text(&processed["event.ids"]).split(' ').collect();
    let dispatched: Vec<&Value> =
        story.iter().filter(|line| line["message"] == "event dispatched").collect();
    let of_dispatch: BTreeSet<&str> =
        dispatched.iter().map(|line| text(&line["event.id"])).collect();
    assert_eq!(events, of_dispatch);
    let deliveries: Vec<&str> =
        dispatched.iter().filter_map(|line| line["delivery.ids"].as_str()).collect();
    let attempt = named("attempt made");
    assert_eq!(deliveries, [text(&attempt["delivery.id"])]);
    let of_attempt: BTreeMap<&str, Value> = [
        ("attempt.number", json!(1)),
        ("http.status", json!(500)),
        ("outcome.class", json!("http_5xx")),
        ("delivery.state", json!("failure")),
        ("endpoint.id", json!(endpoint.to_string())),
    ]
    .into();
    for (field, value) in of_attempt {
        assert_eq!(attempt[field], value, "{field}");
    }
    assert!(attempt["attempt.duration_ms"].is_u64() && attempt["rule.id"].is_string());

    // The second failure closed the gate; the endpoint's lines show it.
    // Other tests may use the same id in their own workspaces.
    let of_endpoint: Vec<Value> = lines
        .of("endpoint.id", &endpoint.to_string())
        .into_iter()
        .filter(|line| line["workspace.id"] == out.world.workspace)
        .collect();
    let gate = of_endpoint.iter().find(|line| line["message"] == "gate changed").unwrap();
    assert_eq!(
        (&gate["gate.state"], &gate["gate.reason"]),
        (&json!("suspended"), &json!("streak"))
    );
    let attempts = of_endpoint.iter().filter(|line| line["message"] == "attempt made");
    let causes: Vec<&str> = attempts.map(|line| text(&line["webhook.id"])).collect();
    assert_eq!(causes, [first.as_str(), &second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_07_i14_no_line_and_no_metric_has_a_secret_or_personal_data() {
    let lines = Lines::listen();
    let (out, _, _) = watched().await;
    let world = &out.world;
    let check = json!([{"type": "token", "in": {"header": "x-token"}, "secret": "canary-shared-secret-0123456789"}]);
    let to = world.inbound(json!({"verification": check})).await;
    let body = json!({
        "email": "canary-person@example.com", "phone": "+5511987654321", "name": "Canary Nome",
        "title": "canary-title", "cpf": "529.982.247-25",
    });
    let endpoint = json!({
        "name": "Destino", "url": out.receiver.url("/canary-path?key=canary-query"),
        "headers": [{"name": "x-api-key", "value": "canary-header"}],
    });
    let created = world.post("/v1/endpoints", endpoint).await.expect(201);
    let target = Target::Endpoint(text(&created["id"]).parse().unwrap());
    out.rule_for("deal.created", target).await;
    out.later(SignedDuration::from_secs(6)).await;
    out.receiver.answers("/canary-path", Reply::HangUp);
    let send = |token: &str| {
        let request =
            world.request(reqwest::Method::POST, &format!("{}?t=canary-in-query", to.url));
        let request = request.header("x-token", token).header("cookie", "canary-cookie");
        answer(request.header("authorization", "Bearer canary-bearer").json(&body))
    };
    // With the right token, a wrong one, and while no row can be stored and no message enqueued.
    send("canary-shared-secret-0123456789").await.expect(200);
    world.settle().await;
    send("canary-wrong-token").await.expect(401);
    for operation in ["PutItem", "TransactWriteItems", "UpdateItem", "SendMessage", "Publish"] {
        world.host.faults().on(operation).times(8).pre_err(AwsError::internal());
    }
    send("canary-shared-secret-0123456789").await;
    out.later(SignedDuration::from_secs(30)).await;
    world.host.faults().clear();
    out.later(SignedDuration::from_mins(10)).await;
    world.get("/v1/webhooks?search=canary-search").await;
    world.post("/v1/events", json!({"type": "x", "subject": "canary-subject", "data": 1})).await;

    let token = to.url.rsplit('/').next().unwrap();
    let signing = text(&created["secret"]);
    let personal =
        ["canary", "Canary", "5511987654321", "529.982.247-25", token, &world.key, signing];
    let log = lines.text();
    let metrics: String = world.host.metrics().lines().iter().map(ToString::to_string).collect();
    for secret in personal {
        // Lines of other tests have their own canaries, which must not appear either.
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
        assert!(!metrics.contains(secret), "{secret}");
    }
    let story = lines.of("workspace.id", &world.workspace);
    let logged: BTreeSet<&str> = messages(&story).into_iter().collect();
    for message in ["webhook accepted", "webhook refused", "webhook processed", "attempt made"] {
        assert!(logged.contains(message), "{message} was not reached: {logged:?}");
    }
}
