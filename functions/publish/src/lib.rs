//! Publishes events of any producer, and sends examples to endpoints.
//!
//! - `events`: `POST /v1/events` writes one event. The stream of its table triggers dispatch.
//! - `sample`: `POST /v1/endpoints/{endpoint}/test` sends an example and stores nothing.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod events;
mod sample;

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::common::{code::Code, ids::WorkspaceId, workspace::Workspace};
use gancho_edge::{
    Deps,
    cached::Cached,
    http::{Answer, Call, serve},
    problem::ApiError,
    routes::Publish,
    sender::Sender,
    telemetry,
};
use gancho_store::Store;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

/// The number of cached workspaces.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// The queues that the function uses: none.
pub const QUEUES: &[gancho_edge::queue::Queue] = &[];

/// The state that the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    sender: Sender,
    workspaces: Cached<WorkspaceId, Arc<Workspace>>,
}

impl App {
    /// Creates the state, once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        let sender = Sender::new(&deps.settings, deps.resolver.clone());
        Self { deps, store, sender, workspaces: Cached::new(CAPACITY) }
    }

    /// The caller's workspace, at most five seconds old. 403 if it is suspended.
    async fn workspace(&self, ws: WorkspaceId) -> Result<Arc<Workspace>, ApiError> {
        let now = self.deps.clock.now();
        let read =
            async || self.store.workspace(ws).await?.map(Arc::new).ok_or_else(ApiError::not_found);
        let known = self.workspaces.get_or_read(ws, now, read).await?;
        if known.suspended {
            return Err(ApiError::new(403, Code::WorkspaceSuspended));
        }
        Ok(known)
    }
}

/// Handles an API request.
pub async fn handle(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<'_>, Error> {
    let context = event.context.clone();
    let work =
        serve(event, move |operation, call| async move { route(app, operation, &call).await });
    telemetry::invocation(&app.deps.metrics, &context, work).await
}

async fn route(app: &App, operation: Publish, call: &Call) -> Answer {
    match operation {
        Publish::PublishEvent => events::publish(app, call).await,
        Publish::TestEndpoint => sample::send(app, call).await,
    }
}
