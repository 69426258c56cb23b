//! One run more for a webhook, or for every webhook that a filter means (`FACTS S1.13, D15`).
//!
//! - `single`: a click. Of many at once one enqueues the run, the others are told.
//! - `bulk`: a filter becomes a job, a message for each day and shard that may hold matches.
//! - `worker`: such a message: goes through its part, page by page, each webhook once.
//! - `sweep`: every quarter of an hour, parts whose message was lost are enqueued again.
//! - `jobs`: a job's progress, the list of jobs, cancelling.
//! - `messages`: leases and messages. `idempotency`: the same request again is answered the same.
//!
//! The runs themselves are *process*'s work, which its queue `process-retry` brings.

mod bulk;
mod event;
mod idempotency;
mod jobs;
mod messages;
mod single;
mod sweep;
mod worker;

use gancho_edge::{
    Deps, batch,
    clock::Clock,
    http::{Answer, Call, serve},
    ids::Ids,
    metrics::Metrics,
    problem::ApiError,
    telemetry,
};
use gancho_store::Store;
use lambda_runtime::{Error, LambdaEvent};

pub use self::event::{Event, Reply};

/// What the function needs, made once per process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    sqs: aws_sdk_sqs::Client,
    clock: Clock,
    metrics: Metrics,
    ids: Ids,
    process_retry: String,
    jobs: String,
    resend: String,
}

impl App {
    /// With what every function is given.
    pub fn new(deps: Deps) -> Self {
        Self {
            store: deps.store(),
            sqs: deps.sqs,
            clock: deps.clock,
            metrics: deps.metrics,
            ids: deps.ids,
            process_retry: deps.settings.process_retry_queue.unwrap_or_default(),
            jobs: deps.settings.reprocess_jobs_queue.unwrap_or_default(),
            resend: deps.settings.resend_jobs_queue.unwrap_or_default(),
        }
    }

    /// What rows say about who wrote them: new for every request.
    fn writer(&self) -> String {
        hex::encode(self.ids.secret::<12>())
    }
}

/// Handles a request of the API, a part of a job, or the schedule.
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
        Event::Schedule => {
            let enqueued = Box::pin(sweep::run(app, batch::deadline(&context, MARGIN))).await?;
            Ok(Reply::Swept { enqueued })
        }
    }
}

async fn route(app: &App, call: &Call) -> Answer {
    match call.route.as_str() {
        "POST /v1/origins/{origin}/webhooks/{webhook}/reprocess" => single::post(app, call).await,
        "POST /v1/origins/{origin}/reprocess" => bulk::post(app, call).await,
        "GET /v1/jobs" => jobs::list(app, call).await,
        "GET /v1/jobs/{job}" => jobs::show(app, call).await,
        "POST /v1/jobs/{job}/cancel" => jobs::cancel(app, call).await,
        _ => Err(ApiError::not_found()),
    }
}

/// The time that a page is given at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
