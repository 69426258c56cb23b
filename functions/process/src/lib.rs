//! What becomes of a webhook: parse, map, match, and commit contact, deal and run together.
//!
//! - `stream`: new webhooks come from the history's stream, in order by integration. One
//!   that fails five tries goes to the `process-retry` queue, so that it blocks no shard.
//! - `queue`: webhooks to process again. `dead_letters`: those that failed so often that they end as
//!   `processing_failed`.
//! - `sweep`: once an hour, what stayed pending is enqueued again.
//! - `run`: one run, load -> decide -> save. `extract`: from bytes to fields. `events`: the events.
//!   `telemetry`: the log line and the metrics.

mod config;
mod dead_letters;
mod event;
mod events;
mod extract;
mod queue;
mod run;
mod stream;
mod sweep;
mod telemetry;

use gancho_domain::crm::normalise;
use gancho_edge::{Deps, batch};
use gancho_store::Store;
use lambda_runtime::LambdaEvent;

use self::config::Configs;
pub use self::event::{Event, Reply};

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    configs: Configs,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        normalise::prepare();
        let store = deps.store();
        Self { deps, store, configs: Configs::new() }
    }
}

/// Handles one batch, or the sweep.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let deadline = batch::deadline(&context, MARGIN);
    let work = async {
        match payload {
            Event::Stream(batch) => Ok(Reply::Batch(stream::handle(app, batch, deadline).await)),
            Event::Queue(batch) => Ok(Reply::Batch(queue::handle(app, batch, deadline).await)),
            Event::DeadLetters => {
                Ok(Reply::DeadLetters { given_up: dead_letters::run(app, deadline).await? })
            }
            Event::Sweep => Ok(Reply::Swept { enqueued: sweep::run(app, deadline).await? }),
        }
    };
    gancho_edge::telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// The time that one item is given at the end of an invocation.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);
