//! What was sent: the history of deliveries, and what people do about them. (`FACTS S2`)
//!
//! - `list`: a page of the filtered list, its count and the totals of the tabs. `export`: the whole
//!   list as CSV. `show`: one delivery with its attempts and the exact request. `view`: what of a
//!   delivery is shown, in the reader's words. `request`: a request as people are shown it.
//! - `actions`: send again, retry now, cancel. `send`: by hand. `create`: where a new delivery goes, and
//!   how it is written down and enqueued.
//! - `bulk_resend`: send again whatever a filter means, as a job. `worker`: a part of such a job.
//! - `subjects`: everything about one business key. `notices`: what people were told.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod actions;
mod bulk_resend;
mod create;
mod event;
mod export;
mod list;
mod messages;
mod notices;
mod paging;
mod request;
mod send;
mod show;
mod subjects;
mod view;
mod worker;

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::common::{ids::WorkspaceId, workspace::Workspace};
use gancho_edge::{
    Deps, batch,
    cached::Cached,
    clock::Clock,
    http::{self, Answer, Call, serve},
    ids::Ids,
    metrics::Metrics,
    problem::ApiError,
    telemetry,
};
use gancho_store::Store;
use lambda_runtime::{Error, LambdaEvent};

pub use self::event::{Event, Reply};

/// Workspaces that are remembered for some seconds.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    store: Store,
    sqs: aws_sdk_sqs::Client,
    clock: Clock,
    metrics: Metrics,
    ids: Ids,
    deliver: String,
    lanes: String,
    resend: String,
    workspaces: Cached<WorkspaceId, Arc<Workspace>>,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            sqs: deps.sqs,
            clock: deps.clock,
            metrics: deps.metrics,
            ids: deps.ids,
            deliver: deps.settings.deliver_queue.unwrap_or_default(),
            lanes: deps.settings.lanes_queue.unwrap_or_default(),
            resend: deps.settings.resend_jobs_queue.unwrap_or_default(),
            workspaces: Cached::new(REMEMBERED),
        }
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Arc<Workspace>, ApiError> {
        let now = self.clock.now();
        if let Some(known) = self.workspaces.fresh(&id, now) {
            return Ok(known);
        }
        let read = self.store.workspace(id).await?.map(Arc::new).ok_or_else(ApiError::not_found)?;
        self.workspaces.keep(id, Arc::clone(&read), now);
        Ok(read)
    }

    /// What rows say about who wrote them: new for every request.
    fn writer(&self) -> String {
        hex::encode(self.ids.secret::<12>())
    }
}

/// Answers a request of the API, or works on a part of a job.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, Error> {
    let context = event.context.clone();
    telemetry::invocation(&app.metrics, &context, answer(app, event)).await
}

async fn answer(app: &App, event: LambdaEvent<Event>) -> Result<Reply, Error> {
    let LambdaEvent { payload, context } = event;
    match payload {
        Event::Http(request) => {
            let reply = serve(LambdaEvent::new(*request, context), |call| async move {
                route(app, &call).await
            });
            Ok(Reply::Http(serde_json::to_value(Box::pin(reply).await?)?))
        }
        Event::Queue(batch) => {
            let reply = worker::handle(app, batch, batch::deadline(&context, MARGIN));
            Ok(Reply::Batch(Box::pin(reply).await))
        }
    }
}

async fn route(app: &App, call: &Call) -> Answer {
    match call.route.as_str() {
        "GET /v1/deliveries" => list::list(app, call).await,
        "GET /v1/deliveries/{delivery}" if names_an_action(call) => {
            Ok(http::method_not_allowed(call, "POST"))
        }
        "GET /v1/deliveries/{delivery}" => show::show(app, call).await,
        "POST /v1/deliveries/{delivery}/resend" => actions::resend(app, call).await,
        "POST /v1/deliveries/{delivery}/retry-now" => actions::retry_now(app, call).await,
        "POST /v1/deliveries/{delivery}/cancel" => actions::cancel(app, call).await,
        "POST /v1/deliveries/resend" => bulk_resend::post(app, call).await,
        "POST /v1/deliveries/send" => send::post(app, call).await,
        "GET /v1/subjects/{subject}" => subjects::show(app, call).await,
        "GET /v1/notices" => notices::list(app, call).await,
        _ => Err(ApiError::not_found()),
    }
}

/// The gateway takes `/v1/deliveries/send` for a delivery's route when it is not posted to.
fn names_an_action(call: &Call) -> bool {
    call.path.get("delivery").is_some_and(|name| name == "send" || name == "resend")
}

/// The time that a page is given at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
