//! Which rules take an event? One delivery for each, and a message.
//!
//! - `stream`: a batch of events; those of one subject in order, of different ones side by side.
//! - `rules`: what people configured, kept for five seconds.
//! - `plan`: from event, rules and gates to deliveries, without a call. Ids are derived from event
//!   and rule, so that a record which comes again makes the same rows (`CATALOGUE OF-04, OF-05`).
//! - `commit`: the rows, each on its own or in a lane. `messages`: messages, after the commit.

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
    queue::QueueError,
    telemetry,
};
use gancho_store::{Store, StoreError};
use jiff::SignedDuration;
use lambda_runtime::LambdaEvent;

use self::rules::Configs;

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
        let store = deps.store();
        Self { deps, store, configs: Configs::new() }
    }
}

/// Why an event was not dispatched, or not to everybody.
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

/// The time that one event is given at the end of an invocation.
const MARGIN: SignedDuration = SignedDuration::from_secs(8);
