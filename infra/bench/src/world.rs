//! A host with a workspace, driven through its API.

use gancho_domain::common::token;
use local::{Builder, Client, Host};
use serde_json::{Value, json};

use crate::error::{Result, wrong};

/// The deployment's admin key here.
const OWNER: &str = "gk_owner_a-key-that-only-benches-know-0123456789";

/// A host, and a workspace with an origin on it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) access: Access,
    client: Client,
}

/// The access to a workspace; it outlives a host that keeps its data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
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
    /// Starts a host and creates a workspace.
    pub(crate) async fn start(builder: Builder) -> Result<Self> {
        let owner = Access { key: OWNER.to_owned(), ..Access::default() };
        let mut world = Self::again(builder, owner).await?;
        let created = world.post("/v1/workspaces", &json!({"name": "Loja da Ana"})).await?;
        world.access.key = text(&created, "/key/key")?;
        world.client = world.client.with_key(&world.access.key);
        world.access.workspace = text(&created, "/workspace/id")?;
        let stages = json!([{"name": "Novo"}, {"name": "Proposta enviada"}, {"name": "Fechado"}]);
        let origin =
            world.post("/v1/origins", &json!({"name": "Vendas", "stages": stages})).await?;
        world.access.origin = text(&origin, "/id")?;
        Ok(world)
    }

    /// Starts a host on the folder of an existing workspace.
    pub(crate) async fn again(builder: Builder, access: Access) -> Result<Self> {
        // Checking a call against its role costs as much as some calls, and on AWS it is not part
        // of the function's time.
        let builder = builder.enforce_roles(false).parameter("AdminKeyHash", &token::hash(OWNER));
        let host = builder.start().await?;
        let client = Client::new(host.base_url(), &access.key)?;
        Ok(Self { host, access, client })
    }

    /// An integration of the origin.
    pub(crate) async fn integration(&self, settings: Value) -> Result<Inbound> {
        let mut body = json!({
            "origin": self.access.origin,
            "application": "webhook",
            "name": "Loja virtual",
            "verification": [],
            "mapping": mapping(),
        });
        for (name, value) in settings.as_object().into_iter().flatten() {
            if let Some(body) = body.as_object_mut() {
                body.insert(name.clone(), value.clone());
            }
        }
        let created = self.post("/v1/integrations", &body).await?;
        let url = text(&created, "/url")?;
        let path = url.split_once("/in/").map(|(_, token)| format!("/in/{token}"));
        Ok(Inbound {
            id: text(&created, "/id")?,
            application: text(&created, "/application")?,
            name: text(&created, "/name")?,
            path: path.ok_or_else(|| wrong("an ingest URL without /in/"))?,
        })
    }

    /// Allows endpoints with plain `http`, such as the receiver's.
    pub(crate) async fn allow_plain_http(&self) -> Result<()> {
        self.client.patch("/v1/workspace", &json!({"plain_http": true})).await?;
        Ok(())
    }

    /// The list of webhooks; `query` begins with `?` or is empty.
    pub(crate) async fn webhooks(&self, query: &str) -> Result<Value> {
        self.get(&format!("/v1/origins/{}/webhooks{query}", self.access.origin)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        Ok(self.client.get(path).await?)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        Ok(self.client.post(path, body).await?)
    }

    /// The address of the gateway.
    pub(crate) fn address(&self) -> String {
        self.host.base_url().trim_start_matches("http://").to_owned()
    }
}

/// The mapping of the bodies in [`crate::bodies`].
fn mapping() -> Value {
    let field = |target: &str, path: &str| json!({"target": target, "path": path});
    json!({
        "fields": [
            field("contact.name", "$.name"),
            field("contact.email", "$.email"),
            field("contact.phone", "$.phone"),
            field("deal.title", "$.title"),
            field("deal.value", "$.value"),
        ],
    })
}

/// A string of a response.
pub(crate) fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| wrong(format!("no {pointer} in {value}")))
}
