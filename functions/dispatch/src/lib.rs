//! Dispatches events: creates and enqueues one delivery for each rule that matches an event.
//!
//! - `stream`: a batch of events, in order within a subject, concurrently across subjects.
//! - `rules`: the configured rules and endpoints, cached for five seconds.
//! - `plan`: from event, rules and gates to deliveries, without I/O. Ids are derived from event and
//!   rule, so that a record that is delivered again gives the same rows (`CATALOGUE OF-04, OF-05`).
//! - `commit`: writes the rows, outside or inside a lane. `messages`: enqueues, after the commit.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod commit;
mod messages;
mod plan;
mod rules;
mod stream;

use aws_lambda_events::dynamodb::Event;
use gancho_edge::{
    Deps,
    batch::{self, BatchReply},
    queue::{Queue, QueueError, Queues},
    telemetry,
};
use gancho_store::{Store, StoreError};
use jiff::SignedDuration;
use lambda_runtime::LambdaEvent;

use self::rules::Configs;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::Deliver, Queue::Lanes];

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
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues, configs: Configs::new() }
    }
}

/// The error of an event that was not dispatched, or not to all targets.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
}

/// Handles a batch.
pub async fn handle(
    app: &App,
    event: LambdaEvent<Event>,
) -> Result<BatchReply, lambda_runtime::Error> {
    let deadline = batch::deadline(&event.context, MARGIN);
    let work = stream::handle(app, event.payload, deadline);
    Ok(telemetry::invocation(&app.deps.metrics, &event.context, work).await)
}

/// The time that is reserved for one event at the end of an invocation.
const MARGIN: SignedDuration = SignedDuration::from_secs(8);
