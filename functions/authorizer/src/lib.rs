//! Authorizes requests for the gateway: maps `Authorization: Bearer gk_...` (an API key) or `gs_...`
//! (a token of a session of the console) to a workspace and a role.
//!
//! A session token counts as long as its session and its key or member are there, with the role that
//! these have now.
//!
//! Nothing is cached here. The gateway caches a reply for 60 s, the longest time that a revocation
//! may take (`CATALOGUE TE-03`). If the table is unavailable, all requests with an API key or a
//! session token are refused: the error becomes the gateway's 500.

use gancho_domain::common::{
    ids::{KeyId, PersonId, SessionTokenId, WorkspaceId},
    session::{Holder, SessionToken},
    token,
    workspace::Role,
};
use gancho_edge::{Deps, telemetry};
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
    deps: Deps,
    store: Store,
}

impl App {
    /// Creates the state from the function's dependencies.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        Self { deps, store }
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
    /// The role of the key or of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The key, also if a session belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The person, if a session belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The end of a session token; an API key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// Authorizes one request. Returns an error only if the table is unavailable.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, Error> {
    let work = answer(app, &event.payload);
    telemetry::invocation(&app.deps.metrics, &event.context, work).await
}

async fn answer(app: &App, event: &Event) -> Result<Reply, Error> {
    let Some(text) = bearer(event) else { return Ok(Reply::default()) };
    let owner = app.deps.settings.admin_key_hash.as_deref();
    if owner.is_some_and(|hash| token::has_hash(text, hash)) {
        let context = Context { role: Some(Role::Owner), ..Context::default() };
        return Ok(Reply::allow(context));
    }
    let context = app.caller(text).await.map_err(|error| {
        tracing::error!(error.cause = %error, "API key lookup failed");
        // The cause may name tables, so the reply does not carry it.
        Error::from("storage_unavailable")
    })?;
    Ok(context.map_or_else(Reply::default, Reply::allow))
}

impl Reply {
    fn allow(context: Context) -> Self {
        Self { is_authorized: true, context }
    }
}

impl App {
    async fn caller(&self, text: &str) -> Result<Option<Context>, StoreError> {
        if let Some((ws, id)) = token::parse_api_key(text) {
            return self.by_key(text, ws, id).await;
        }
        match token::parse_session_token(text) {
            Some((ws, id)) => self.by_session_token(text, ws, id).await,
            None => Ok(None),
        }
    }

    async fn by_key(
        &self,
        text: &str,
        ws: WorkspaceId,
        id: KeyId,
    ) -> Result<Option<Context>, StoreError> {
        let (key, open) = tokio::try_join!(self.store.api_key(ws, id), self.is_open(ws))?;
        let key = key.filter(|key| token::has_hash(text, &key.hash) && open);
        Ok(key.and_then(|key| Context::of(ws, key.role).map(|it| it.with_key(id))))
    }

    async fn by_session_token(
        &self,
        text: &str,
        ws: WorkspaceId,
        id: SessionTokenId,
    ) -> Result<Option<Context>, StoreError> {
        let now = self.deps.clock.now();
        let (found, open) =
            tokio::try_join!(self.store.session_token(ws, id, now), self.is_open(ws))?;
        let found = found.filter(|found| token::has_hash(text, &found.hash) && open);
        let Some(found) = found else { return Ok(None) };
        let session = self.store.session(&found.session, now);
        let (session, context) = tokio::try_join!(session, self.of_holder(ws, &found))?;
        Ok(context.filter(|_| session.is_some()))
    }

    /// The caller that a token's key or member is now; `None` if it is deleted.
    async fn of_holder(
        &self,
        ws: WorkspaceId,
        found: &SessionToken,
    ) -> Result<Option<Context>, StoreError> {
        let context = match &found.holder {
            Holder::Key { workspace, key } => {
                let row = self.store.api_key(*workspace, *key).await?.filter(|_| *workspace == ws);
                row.and_then(|row| Context::of(ws, row.role).map(|it| it.with_key(*key)))
            }
            Holder::Person { person, .. } => {
                let row = self.store.member(ws, *person).await?;
                row.and_then(|row| Context::of(ws, row.role).map(|it| it.with_person(*person)))
            }
        };
        Ok(context.map(|it| Context { expires_at: Some(found.expires_at.to_string()), ..it }))
    }

    /// Reports whether the workspace exists and may use Gancho.
    async fn is_open(&self, ws: WorkspaceId) -> Result<bool, StoreError> {
        Ok(self.store.workspace(ws).await?.is_some_and(|workspace| !workspace.suspended))
    }
}

impl Context {
    /// A caller of a workspace. A row never grants the owner role: only the deployment's own key has
    /// it.
    fn of(ws: WorkspaceId, role: Role) -> Option<Self> {
        let context = Self { workspace: Some(ws.to_string()), role: Some(role), ..Self::default() };
        (role <= Role::Admin).then_some(context)
    }

    fn with_key(self, key: KeyId) -> Self {
        Self { key: Some(key.to_string()), ..self }
    }

    fn with_person(self, person: PersonId) -> Self {
        Self { person: Some(person.to_string()), ..self }
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
