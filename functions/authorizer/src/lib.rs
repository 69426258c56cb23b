//! Who calls? `Authorization: Bearer gk_...` to a workspace and a role, for the gateway.
//!
//! Nothing is cached here: the gateway keeps an answer for 60 s, which is all the time that a
//! revocation may take (`CATALOGUE TE-03`). When the table does not answer, nobody is let in: the
//! error becomes the gateway's 500.

use gancho_domain::common::{ids::WorkspaceId, token, workspace::Role};
use gancho_edge::{Deps, metrics::Metrics, telemetry};
use gancho_store::{Store, StoreError};
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longer text is not a key.
const LONGEST: usize = 256;

/// What the authorizer needs, made once per process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    admin_key_hash: Option<String>,
    metrics: Metrics,
}

impl App {
    /// With what every function is given.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            admin_key_hash: deps.settings.admin_key_hash,
            metrics: deps.metrics,
        }
    }
}

/// The gateway's question (payload 2.0), read so that no header can make it unreadable.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// The values of the identity sources: here, of the header `Authorization`.
    pub identity_source: Value,
    /// The headers, names in lower case.
    pub headers: Value,
}

/// The gateway's simple answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// Whether the request goes on.
    pub is_authorized: bool,
    /// Who calls, for the functions.
    pub context: Context,
}

/// Who calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The tenant; the deployment's own key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What the key may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Answers the gateway. An error only where the table did not answer.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, Error> {
    let work = answer(app, &event.payload);
    telemetry::invocation(&app.metrics, &event.context, work).await
}

async fn answer(app: &App, event: &Event) -> Result<Reply, Error> {
    let Some(text) = bearer(event) else { return Ok(Reply::default()) };
    if app.admin_key_hash.as_deref().is_some_and(|hash| token::has_hash(text, hash)) {
        return Ok(Reply::let_in(None, Role::Owner, None));
    }
    app.caller(text).await.map_err(|error| {
        tracing::error!(error.cause = %error, "a key could not be looked up");
        // The cause may name tables; whoever sees the answer need not.
        Error::from("storage_unavailable")
    })
}

impl Reply {
    fn let_in(workspace: Option<WorkspaceId>, role: Role, key: Option<String>) -> Self {
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
        // No row of a workspace may make an owner: that key belongs to the deployment.
        if !good || key.role > Role::Admin {
            return Ok(Reply::default());
        }
        Ok(Reply::let_in(Some(ws), key.role, Some(id.to_string())))
    }
}

/// The credentials of the one `Authorization` header.
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
