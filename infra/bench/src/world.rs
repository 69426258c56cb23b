//! A host with a workspace, driven through its API.

use std::time::Duration;

use gancho_domain::common::token;
use local::{Builder, Call, Client, Host};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::error::{Result, wrong};

/// The deployment's admin key here.
const OWNER: &str = "gk_owner_a-key-that-only-benches-know-0123456789";

/// The time limit of a backlog.
pub(crate) const PATIENCE: Duration = Duration::from_mins(20);

/// A host, and a workspace with an origin on it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) api: Client,
    /// An admin key of the workspace.
    pub(crate) key: String,
    pub(crate) workspace: String,
    pub(crate) origin: String,
}

/// An integration.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) id: String,
    pub(crate) application: String,
    pub(crate) name: String,
    /// `/in/…`
    pub(crate) path: String,
}

impl World {
    /// Starts a host and creates a workspace, whose endpoints may use plain `http`.
    pub(crate) async fn start(builder: Builder) -> Result<Self> {
        // Checking a call against its role costs as much as some calls, and on AWS it is not part
        // of the function's time.
        let builder = builder.enforce_roles(false).parameter("AdminKeyHash", &token::hash(OWNER));
        let host = builder.start().await?;
        let owner = Client::new(host.base_url(), OWNER)?;
        let created = owner.post("/v1/workspaces", &json!({"name": "Loja da Ana"})).await?;
        let (key, workspace) = (text(&created, "/key/key")?, text(&created, "/workspace/id")?);
        let api = owner.with_key(&key);
        api.patch("/v1/workspace", &json!({"plain_http": true})).await?;
        let stages = json!([{"name": "Novo"}, {"name": "Proposta enviada"}, {"name": "Fechado"}]);
        let origin = json!({"name": "Vendas", "stages": stages});
        let origin = text(&api.post("/v1/origins", &origin).await?, "/id")?;
        Ok(Self { host, api, key, workspace, origin })
    }

    /// An integration of the origin, with the mapping of the bodies in [`crate::bodies`].
    pub(crate) async fn integration(&self, settings: Value) -> Result<Inbound> {
        let field = |target: &str, path: &str| json!({"target": target, "path": path});
        let fields = [
            field("contact.name", "$.name"),
            field("contact.email", "$.email"),
            field("contact.phone", "$.phone"),
            field("deal.title", "$.title"),
            field("deal.value", "$.value"),
        ];
        let defaults = json!({
            "origin": self.origin,
            "application": "webhook",
            "name": "Loja virtual",
            "verification": [],
            "mapping": {"fields": fields},
        });
        let created = self.api.post("/v1/integrations", &merged(defaults, settings)).await?;
        let url = text(&created, "/url")?;
        let path = url.split_once("/in/").map(|(_, token)| format!("/in/{token}"));
        Ok(Inbound {
            id: text(&created, "/id")?,
            application: text(&created, "/application")?,
            name: text(&created, "/name")?,
            path: path.ok_or_else(|| wrong("an ingest URL without /in/"))?,
        })
    }

    /// An endpoint at a URL, and a rule that sends it the events of these types.
    pub(crate) async fn endpoint(&self, url: &str, types: &[&str], settings: Value) -> Result<()> {
        let endpoint = json!({"name": "ERP", "url": url, "preset": "standard-webhooks"});
        let created = self.api.post("/v1/endpoints", &merged(endpoint, settings)).await?;
        let rule = json!({
            "name": "ERP",
            "filter": {"types": types},
            "target": {"endpoint": text(&created, "/id")?},
            "method": "POST",
            "body": "standard",
        });
        self.api.post("/v1/rules", &rule).await?;
        Ok(())
    }

    /// Waits until the host has finished everything.
    pub(crate) async fn settle(&self) -> Result<()> {
        Ok(self.host.settle_within(PATIENCE).await?)
    }

    /// Does some work; returns its result and the calls of functions with their capacity.
    pub(crate) async fn recorded<T>(
        &self,
        work: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<(T, Vec<Call>)> {
        let faults = self.host.faults();
        faults.meter(true);
        faults.record();
        let done = work().await;
        let calls = faults.calls();
        faults.stop_recording();
        faults.meter(false);
        Ok((done?, calls))
    }

    /// The list of webhooks; `query` begins with `?` or is empty.
    pub(crate) async fn webhooks(&self, query: &str) -> Result<Value> {
        Ok(self.api.get(&format!("/v1/origins/{}/webhooks{query}", self.origin)).await?)
    }

    /// An event to publish.
    pub(crate) fn event(&self, body: String) -> RequestBuilder {
        self.request("/v1/events", body).bearer_auth(&self.key)
    }

    /// A webhook to an ingest path, as a sender's library writes it.
    pub(crate) fn request(&self, path: &str, body: String) -> RequestBuilder {
        let url = format!("{}{path}", self.host.base_url());
        let headers = [
            ("user-agent", "GuzzleHttp/7"),
            ("accept-encoding", "gzip, deflate"),
            ("content-type", "application/json"),
            ("x-request-id", "7f0c2b1e-5d53-4c7f-9a42-1b8f5a6f9d10"),
        ];
        let request = self.api.request(Method::POST, &url);
        headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value))
            .body(body)
    }
}

/// `settings` over `defaults`, both objects.
fn merged(mut defaults: Value, settings: Value) -> Value {
    if let (Value::Object(all), Value::Object(settings)) = (&mut defaults, settings) {
        all.extend(settings);
    }
    defaults
}

/// A string of a response.
pub(crate) fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| wrong(format!("no {pointer} in {value}")))
}
