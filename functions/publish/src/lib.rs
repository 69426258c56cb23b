//! Events from any producer, and what an endpoint makes of an example.
//!
//! - `events`: `POST /v1/events` writes one event; the stream of its table is where sending begins.
//! - `sample`: `POST /v1/endpoints/{endpoint}/test` sends an example at once and keeps nothing.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod events;
mod sample;

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::common::{
    code::Code,
    ids::{KeyId, WorkspaceId},
    workspace::Workspace,
};
use gancho_edge::{
    Deps,
    cached::Cached,
    http::{Answer, Call, serve},
    problem::ApiError,
    sender::Sender,
    telemetry,
};
use gancho_store::Store;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

/// How many workspaces are kept in mind.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    sender: Sender,
    workspaces: Cached<WorkspaceId, Arc<Workspace>>,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        let sender = Sender::new(&deps.settings, deps.resolver.clone());
        Self { deps, store, sender, workspaces: Cached::new(CAPACITY) }
    }

    /// What the rows of one request say about who wrote them.
    fn writer(&self) -> String {
        KeyId::from_bytes(self.deps.ids.secret()).key()
    }

    /// The caller's workspace, as it was at most five seconds ago.
    async fn workspace(&self, ws: WorkspaceId) -> Result<Arc<Workspace>, ApiError> {
        let now = self.deps.clock.now();
        let known = if let Some(known) = self.workspaces.fresh(&ws, now) {
            known
        } else {
            let read = self.store.workspace(ws).await?.ok_or_else(ApiError::not_found)?;
            let read = Arc::new(read);
            self.workspaces.keep(ws, Arc::clone(&read), now);
            read
        };
        if known.suspended {
            return Err(ApiError::new(403, Code::WorkspaceSuspended));
        }
        Ok(known)
    }
}

/// Answers a request of the API.
pub async fn handle(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<'_>, Error> {
    let context = event.context.clone();
    let work = serve(event, move |call| async move { route(app, &call).await });
    telemetry::invocation(&app.deps.metrics, &context, work).await
}

async fn route(app: &App, call: &Call) -> Answer {
    match call.route.as_str() {
        "POST /v1/events" => events::publish(app, call).await,
        "POST /v1/endpoints/{endpoint}/test" => sample::send(app, call).await,
        _ => Err(ApiError::not_found()),
    }
}

/// Refuses parameters: no route here has any.
fn no_query(call: &Call) -> Result<(), ApiError> {
    match call.query.first() {
        Some((name, _)) => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            Err(ApiError::invalid(name, "unknown_field"))
        }
        None => Ok(()),
    }
}
