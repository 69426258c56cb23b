//! The history of deliveries and the operations on them (`FACTS S2`).
//!
//! - `query`: a parsed list request. `list`: a page of the filtered list, its count and the totals
//!   of the tabs. `export`: the whole list as CSV. `show`: one delivery with its attempts and the exact request. `view`: the JSON
//!   of a delivery. `totals`: the JSON of the totals. `request`: the request of a delivery, with secrets masked.
//! - `series`: the numbers of deliveries by hour or day.
//! - `actions`: resend, retry now, cancel. `send`: sends an event by hand. `create`: finds the
//!   target of a new delivery, writes the delivery and enqueues it.
//! - `bulk_resend`: resends all deliveries that match a filter, as a job. `worker`: processes a
//!   part of such a job.
//! - `subjects`: everything about one business key. `notices`: the notices sent to people.

// The SDK's futures exceed the compiler's default recursion limit.
#![recursion_limit = "256"]

mod actions;
mod bulk_resend;
mod create;
mod export;
mod list;
mod messages;
mod notices;
mod query;
mod request;
mod send;
mod series;
mod show;
mod subjects;
mod totals;
mod view;
mod worker;

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::common::{ids::WorkspaceId, workspace::Workspace};
use gancho_edge::{
    Deps, batch,
    cached::Cached,
    http::{Answer, Call, serve},
    problem::ApiError,
    queue::{Queue, Queues},
    routes::Deliveries,
    telemetry,
    trigger::{self, Event, Reply},
};
use gancho_store::Store;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Error, LambdaEvent};

/// The number of workspaces that are cached for some seconds.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::Deliver, Queue::Lanes, Queue::ResendJobs];

/// The state that is kept between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
    workspaces: Cached<WorkspaceId, Arc<Workspace>>,
}

impl App {
    /// Creates the state; called once per process.
    pub fn new(deps: Deps) -> Self {
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues, workspaces: Cached::new(REMEMBERED) }
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Arc<Workspace>, ApiError> {
        let now = self.deps.clock.now();
        let read =
            async || self.store.workspace(id).await?.map(Arc::new).ok_or_else(ApiError::not_found);
        self.workspaces.get_or_read(id, now, read).await
    }
}

/// Answers an API request, or processes a batch of job parts.
pub async fn handle(app: &App, event: LambdaEvent<Event<LambdaRequest>>) -> Result<Reply, Error> {
    let context = event.context.clone();
    telemetry::invocation(&app.deps.metrics, &context, answer(app, event)).await
}

async fn answer(app: &App, event: LambdaEvent<Event<LambdaRequest>>) -> Result<Reply, Error> {
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
        Event::Stream(_) | Event::DeadLetters | Event::Schedule => Err(trigger::unexpected()),
    }
}

async fn route(app: &App, operation: Deliveries, call: &Call) -> Answer {
    match operation {
        Deliveries::ListDeliveries => list::list(app, call).await,
        Deliveries::ShowDeliverySeries => series::show(app, call).await,
        Deliveries::ShowDelivery => show::show(app, call).await,
        Deliveries::ResendDelivery => actions::resend(app, call).await,
        Deliveries::RetryNow => actions::retry_now(app, call).await,
        Deliveries::CancelDelivery => actions::cancel(app, call).await,
        Deliveries::ResendMany => bulk_resend::post(app, call).await,
        Deliveries::SendByHand => send::post(app, call).await,
        Deliveries::FindSubject => subjects::find(app, call).await,
        Deliveries::ShowSubject => subjects::show(app, call).await,
        Deliveries::ListNotices => notices::list(app, call).await,
    }
}

/// The time reserved for the last page at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
