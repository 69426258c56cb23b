//! A small world for tests: a host in memory, a clock moved by hand, a workspace with a key.
//!
//! Tests use HTTP, as people and senders do. Everything beyond that (faults,
//! raw tables, schedules) is on [`World::host`].
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a missing value fails the test"
)]

pub mod at_rest;
pub mod checker;
pub mod hostile_servers;
pub mod outbound;

use gancho_domain::common::token;
use gancho_edge::clock::{Clock, ManualClock};
use jiff::{SignedDuration, Timestamp};
pub use local::Answer;
use local::{Builder, Client, Host};
use reqwest::Method;
use serde_json::{Value, json};

/// The time at which tests begin: a Saturday morning in São Paulo.
pub const START: &str = "2026-11-21T13:00:00Z";
/// The deployment's admin key in tests.
pub const OWNER: &str = "gk_owner_a-key-that-only-tests-know-0123456789";

/// A host, and a workspace on it.
pub struct World {
    /// The host.
    pub host: Host,
    /// The clock of all functions.
    pub clock: ManualClock,
    /// The admin key of the workspace.
    pub key: String,
    /// The workspace.
    pub workspace: String,
    client: Client,
}

/// An integration and its ingest URL.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The origin's id.
    pub origin: String,
    /// The integration's id.
    pub id: String,
    /// The ingest URL.
    pub url: String,
}

impl World {
    /// A host in memory with a new workspace.
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    /// A world with other settings of the host.
    pub async fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = ManualClock::new(START.parse().unwrap());
        Self::at(clock, settings).await
    }

    /// A world with an existing clock.
    pub async fn at(clock: ManualClock, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = Host::builder()
            .clock(Clock::Manual(clock.clone()))
            .trust_source_header(true)
            .parameter("AdminKeyHash", &token::hash(OWNER));
        let host = settings(builder).start().await.unwrap();
        let client = Client::new(host.base_url(), OWNER).unwrap();
        let (key, workspace) = (OWNER.to_owned(), String::new());
        let mut world = Self { host, clock, key, workspace, client };
        (world.workspace, world.key) = world.new_workspace("Loja da Ana").await;
        world
    }

    /// Another workspace on the same host: its id and its admin key.
    pub async fn new_workspace(&self, name: &str) -> (String, String) {
        let body = json!({ "name": name });
        let created = self.call_as(OWNER, Method::POST, "/v1/workspaces", Some(&body)).await;
        let created = created.expect(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&created["workspace"]["id"]), text(&created["key"]["key"]))
    }

    /// Calls the API with any key.
    pub async fn call_as(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.client.with_key(key).call(method, path, body).await.unwrap()
    }

    /// `GET`, as the workspace's admin.
    pub async fn get(&self, path: &str) -> Answer {
        self.call_as(&self.key, Method::GET, path, None).await
    }

    /// `POST`, as the workspace's admin.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call_as(&self.key, Method::POST, path, Some(&body)).await
    }

    /// `PATCH`, as the workspace's admin.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call_as(&self.key, Method::PATCH, path, Some(&body)).await
    }

    /// `DELETE`, as the workspace's admin.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call_as(&self.key, Method::DELETE, path, None).await
    }

    /// A request for the test to complete.
    pub fn request(&self, method: Method, url: &str) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// An origin with three stages.
    pub async fn origin(&self, name: &str) -> String {
        let stages = json!([{"name": "Novo"}, {"name": "Proposta enviada"}, {"name": "Fechado"}]);
        let created = self.post("/v1/origins", json!({"name": name, "stages": stages})).await;
        created.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Creates an integration of an origin; `settings` override name and application.
    pub async fn integration(&self, origin: &str, settings: Value) -> Inbound {
        let mut body = json!({"origin": origin, "application": "webhook", "name": "Site"});
        for (name, value) in settings.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let created = self.post("/v1/integrations", body).await.expect(201);
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        Inbound { origin: origin.to_owned(), id: text("id"), url: text("url") }
    }

    /// A new origin, and an integration that maps `name`, `email`, `phone` and `title` of a JSON
    /// object or form to contact and deal.
    pub async fn inbound(&self, settings: Value) -> Inbound {
        let origin = self.origin("Vendas").await;
        let mut all = json!({ "mapping": simple_mapping() });
        for (name, value) in settings.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        self.integration(&origin, all).await
    }

    /// Sends a JSON text; returns the response.
    pub async fn send(&self, to: &Inbound, body: impl Into<reqwest::Body>) -> Answer {
        self.send_as(to, "application/json", body).await
    }

    /// Sends a body of a type.
    pub async fn send_as(
        &self,
        to: &Inbound,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self.request(Method::POST, &to.url).header("content-type", content_type);
        answer(request.body(body)).await
    }

    /// Sends a JSON text that must be accepted, and waits until it is processed; its id.
    pub async fn receive(&self, to: &Inbound, body: impl Into<reqwest::Body>) -> String {
        let sent = self.send(to, body).await.expect(200);
        self.settle().await;
        sent["id"].as_str().unwrap().to_owned()
    }

    /// Waits until every stream and queue is empty.
    pub async fn settle(&self) {
        self.host.settle().await.unwrap();
    }

    /// Moves the clock on.
    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// The current time of the clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// One webhook, in full.
    pub async fn webhook(&self, to: &Inbound, id: &str) -> Value {
        self.get(&format!("/v1/origins/{}/webhooks/{id}", to.origin)).await.expect(200)
    }

    /// The first page of a list of webhooks; `query` begins with `?` or is empty.
    pub async fn webhooks(&self, origin: &str, query: &str) -> Value {
        self.get(&format!("/v1/origins/{origin}/webhooks{query}")).await.expect(200)
    }

    /// The exact bytes of a webhook from the API.
    pub async fn payload(&self, to: &Inbound, id: &str) -> Vec<u8> {
        let path = format!("/v1/origins/{}/webhooks/{id}/payload", to.origin);
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.bytes
    }

    /// Every deal of an origin.
    pub async fn deals(&self, origin: &str) -> Vec<Value> {
        let list = self.get(&format!("/v1/deals?origin={origin}&limit=200")).await.expect(200);
        list["items"].as_array().unwrap().clone()
    }

    /// Every contact of the workspace.
    pub async fn contacts(&self) -> Vec<Value> {
        let list = self.get("/v1/contacts?limit=200").await.expect(200);
        list["items"].as_array().unwrap().clone()
    }
}

/// Sends a request and reads the whole response.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    Answer::read(request).await.unwrap()
}

/// `name`, `email`, `phone` to the contact; `title`, `value` and `stage` to the deal; `order` is a
/// business key.
pub fn simple_mapping() -> Value {
    let field = |target: &str, path: &str| json!({"target": target, "path": path});
    json!({
        "fields": [
            field("contact.name", "$.name"),
            field("contact.email", "$.email"),
            field("contact.phone", "$.phone"),
            field("deal.title", "$.title"),
            field("deal.value", "$.value"),
            field("deal.stage", "$.stage"),
        ],
        "keys": ["$.order"],
    })
}
