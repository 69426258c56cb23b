//! Authorizes requests for the gateway: maps `Authorization: Bearer gk_...` to a workspace and a
//! role.
//!
//! Nothing is cached here. The gateway caches a reply for 60 s, the longest time that a revocation
//! may take (`CATALOGUE TE-03`). If the table is unavailable, all requests with an API key are
//! refused: the error becomes the gateway's 500.

use gancho_domain::common::{ids::WorkspaceId, token, workspace::Role};
use gancho_edge::{Deps, metrics::Metrics, telemetry};
use gancho_store::{Store, StoreError};
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest text of a key, in bytes.
const LONGEST: usize = 256;

/// The queues that the function uses: none.
pub const QUEUES: &[gancho_edge::queue::Queue] = &[];

/// The state of the authorizer, created once per process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    admin_key_hash: Option<String>,
    metrics: Metrics,
}

impl App {
    /// Creates the state from the function's dependencies.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            admin_key_hash: deps.settings.admin_key_hash,
            metrics: deps.metrics,
        }
    }
}

/// The gateway's request (payload 2.0). No header can make it unreadable.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// The values of the identity sources: the header `Authorization`.
    pub identity_source: Value,
    /// The headers, names in lower case.
    pub headers: Value,
}

/// The response in the gateway's simple format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// True if the request is allowed.
    pub is_authorized: bool,
    /// The caller, for the functions.
    pub context: Context,
}

/// The caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The tenant; the deployment's own key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The role of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Authorizes one request. Returns an error only if the table is unavailable.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, Error> {
    let work = answer(app, &event.payload);
    telemetry::invocation(&app.metrics, &event.context, work).await
}

async fn answer(app: &App, event: &Event) -> Result<Reply, Error> {
    let Some(text) = bearer(event) else { return Ok(Reply::default()) };
    if app.admin_key_hash.as_deref().is_some_and(|hash| token::has_hash(text, hash)) {
        return Ok(Reply::allow(None, Role::Owner, None));
    }
    app.caller(text).await.map_err(|error| {
        tracing::error!(error.cause = %error, "API key lookup failed");
        // The cause may name tables, so the reply does not carry it.
        Error::from("storage_unavailable")
    })
}

impl Reply {
    fn allow(workspace: Option<WorkspaceId>, role: Role, key: Option<String>) -> Self {
        let workspace = workspace.map(|id| id.to_string());
        Self { is_authorized: true, context: Context { workspace, role: Some(role), key } }
    }
}

impl App {
    async fn caller(&self, text: &str) -> Result<Reply, StoreError> {
        let Some((ws, id)) = token::parse_api_key(text) else { return Ok(Reply::default()) };
        let (key, workspace) =
            tokio::try_join!(self.store.api_key(ws, id), self.store.workspace(ws))?;
        let Some((key, workspace)) = key.zip(workspace) else { return Ok(Reply::default()) };
        let good = token::has_hash(text, &key.hash) && !workspace.suspended;
        // A workspace's row never grants the owner role: only the deployment's own key has it.
        if !good || key.role > Role::Admin {
            return Ok(Reply::default());
        }
        Ok(Reply::allow(Some(ws), key.role, Some(id.to_string())))
    }
}

/// The bearer token of the `Authorization` header.
fn bearer(event: &Event) -> Option<&str> {
    let source = event.identity_source.as_array().and_then(|sources| sources.first());
    let header = source.or_else(|| event.headers.get("authorization"))?.as_str()?;
    let (scheme, text) = header.trim().split_once(' ')?;
    let text = text.trim();
    let shaped =
        !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("bearer") && shaped).then_some(text)
}

#[cfg(test)]
mod tests;
