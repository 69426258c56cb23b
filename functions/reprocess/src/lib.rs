//! Reprocesses one webhook, or every webhook that matches a filter (`FACTS S1.13, D15`).
//!
//! - `single`: one webhook. Of concurrent requests one enqueues the run, the others get a 409.
//! - `bulk`: creates a job from a filter, with a message for each day and shard that may match.
//! - `worker`: handles such a message: goes through its part page by page, each webhook once.
//! - `sweep`: every 15 minutes, enqueues the parts again whose message was lost.
//! - `jobs`: shows, lists and cancels jobs.
//! - `messages`: sends the messages of runs.
//!
//! *process* executes the runs; its queue `process-retry` carries them.

mod bulk;
mod jobs;
mod messages;
mod single;
mod sweep;
mod worker;

use gancho_edge::{
    Deps, batch,
    http::{Answer, Call, serve},
    queue::{Queue, QueueError, Queues},
    routes::Reprocess,
    telemetry,
    trigger::{self, Event, Reply},
};
use gancho_store::{Store, StoreError};
use lambda_http::request::LambdaRequest;
use lambda_runtime::LambdaEvent;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::ProcessRetry, Queue::ReprocessJobs, Queue::ResendJobs];

/// The clients and settings of the function, created once per process.
#[derive(Debug, Clone)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
}

impl App {
    /// Creates the function's state from the common dependencies.
    pub fn new(deps: Deps) -> Self {
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues }
    }
}

/// The error of a sweep, which the next one makes good.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
}

/// Handles a request of the API, a part of a job, or the schedule.
pub async fn handle(
    app: &App,
    event: LambdaEvent<Event<LambdaRequest>>,
) -> Result<Reply, lambda_runtime::Error> {
    let context = event.context.clone();
    telemetry::invocation(&app.deps.metrics, &context, answer(app, event)).await
}

async fn answer(
    app: &App,
    event: LambdaEvent<Event<LambdaRequest>>,
) -> Result<Reply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    match payload {
        Event::Http(request) => {
            let event = LambdaEvent::new(*request, context);
            let reply =
                serve(event, |operation, call| async move { route(app, operation, &call).await });
            Ok(Reply::Http(serde_json::to_value(Box::pin(reply).await?)?))
        }
        Event::Queue(batch) => {
            let reply = worker::handle(app, batch, batch::deadline(&context, MARGIN));
            Ok(Reply::Batch(Box::pin(reply).await))
        }
        Event::Schedule => {
            let enqueued = Box::pin(sweep::run(app, batch::deadline(&context, MARGIN))).await?;
            Ok(Reply::counts([("enqueued", enqueued)]))
        }
        Event::Stream(_) | Event::DeadLetters => Err(trigger::unexpected()),
    }
}

async fn route(app: &App, operation: Reprocess, call: &Call) -> Answer {
    match operation {
        Reprocess::ReprocessWebhook => single::post(app, call).await,
        Reprocess::ReprocessMany => bulk::post(app, call).await,
        Reprocess::ListJobs => jobs::list(app, call).await,
        Reprocess::ShowJob => jobs::show(app, call).await,
        Reprocess::CancelJob => jobs::cancel(app, call).await,
    }
}

/// Time reserved for one page at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
