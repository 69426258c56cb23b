//! Processes webhooks: parses, maps and matches one, and commits contact, deal and run together.
//!
//! - `stream`: new webhooks from the history's stream, in the `lines` of their batch: in order by
//!   person. A webhook that fails five attempts goes to the `process-retry` queue, so that it
//!   blocks no shard.
//! - `queue`: webhooks to reprocess or retry. `dead_letters`: ends webhooks that failed too often
//!   as `processing_failed`.
//! - `sweep`: re-enqueues webhooks that stayed pending, every hour.
//! - `run`: one run, load -> decide -> save. `extract`: from bytes to fields. `apply`: from fields to
//!   the commit. `events`: the events.
//!   `telemetry`: the log line and the metrics.

mod apply;
mod config;
mod dead_letters;
mod events;
mod extract;
mod lines;
mod queue;
mod run;
mod stream;
mod sweep;
mod telemetry;

use gancho_domain::crm::normalise;
use gancho_edge::{
    Deps, batch,
    queue::{Queue, QueueError, Queues},
    trigger::{Event, Reply},
};
use gancho_store::{Store, StoreError};
use lambda_runtime::LambdaEvent;

use self::config::Configs;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::ProcessRetry, Queue::ProcessDeadLetters];

/// The state that the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
    configs: Configs,
}

impl App {
    /// Creates the state, once per process.
    pub fn new(deps: Deps) -> Self {
        normalise::prepare();
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues, configs: Configs::new() }
    }
}

/// The error of a schedule's run, which the next run makes good.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
}

/// Handles one batch or one schedule.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let deadline = batch::deadline(&context, MARGIN);
    let work = async {
        match payload {
            Event::Stream(batch) => Ok(Reply::Batch(stream::handle(app, batch, deadline).await)),
            Event::Queue(batch) => Ok(Reply::Batch(queue::handle(app, batch, deadline).await)),
            Event::DeadLetters => {
                let given_up = dead_letters::run(app, deadline).await?;
                Ok(Reply::counts([("given_up", given_up)]))
            }
            Event::Schedule => {
                let enqueued = sweep::run(app, deadline).await?;
                Ok(Reply::counts([("enqueued", enqueued)]))
            }
            Event::Http(request) => match *request {},
        }
    };
    gancho_edge::telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// The time that is reserved for one item at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);
