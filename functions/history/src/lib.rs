//! The history of received webhooks: the list of an origin, one webhook with its runs, and its
//! exact bytes (`FACTS S1`).
//!
//! - `query`: a parsed list request. `list`: a page of the filtered list and its count. `export`: the whole list as CSV.
//! - `series`: the numbers of webhooks by hour or day.
//! - `show`: one webhook. `payload`: its bytes as received, or as the tree a mapping reads.
//! - `view`: the JSON of a webhook, in the caller's language.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod export;
mod list;
mod payload;
mod query;
mod series;
mod show;
mod view;

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::{
        ids::{OriginId, WorkspaceId},
        workspace::Workspace,
    },
    inbound::origin::Origin,
};
use gancho_edge::{
    Deps,
    cached::Cached,
    http::{Answer, Call, serve},
    problem::ApiError,
    routes::History,
    telemetry,
};
use gancho_store::Store;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;

/// The number of cached workspaces, and of cached origins.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The queues that the function uses: none.
pub const QUEUES: &[gancho_edge::queue::Queue] = &[];

/// The state that the function keeps between requests.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    workspaces: Cached<WorkspaceId, Arc<Workspace>>,
    origins: Cached<(WorkspaceId, OriginId), Arc<Origin>>,
}

impl App {
    /// Creates the state, once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        let (workspaces, origins) = (Cached::new(REMEMBERED), Cached::new(REMEMBERED));
        Self { deps, store, workspaces, origins }
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Arc<Workspace>, ApiError> {
        let now = self.deps.clock.now();
        let read =
            async || self.store.workspace(id).await?.map(Arc::new).ok_or_else(ApiError::not_found);
        self.workspaces.get_or_read(id, now, read).await
    }

    async fn origin(&self, ws: WorkspaceId, id: OriginId) -> Result<Arc<Origin>, ApiError> {
        let now = self.deps.clock.now();
        let read =
            async || self.store.origin(ws, id).await?.map(Arc::new).ok_or_else(ApiError::not_found);
        self.origins.get_or_read((ws, id), now, read).await
    }
}

/// Handles one API request.
pub async fn handle(
    app: &App,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<>, Error> {
    let context = event.context.clone();
    let work = serve(event, |operation, call| async move { route(app, operation, &call).await });
    let reply = telemetry::invocation(&app.deps.metrics, &context, work).await?;
    Ok(serde_json::to_value(reply)?)
}

async fn route(app: &App, operation: History, call: &Call) -> Answer {
    match operation {
        History::ListWebhooks => list::list(app, call).await,
        History::ShowWebhookSeries => series::show(app, call).await,
        History::ShowWebhook => show::show(app, call).await,
        History::ShowPayload => payload::payload(app, call).await,
    }
}
