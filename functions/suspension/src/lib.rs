//! What comes after an attempt: the next message, the endpoint's health, suspension and recovery.
//!
//! - `stream`: the deliveries' records. For each: `hold` (what waits for its endpoint), `schedule`
//!   (the next message, or a parked entry), `probe` (did the one that was let through arrive?),
//!   `gone` (410). For all of a batch that count together: `health` (health, warnings,
//!   suspension, unless it is our own network).
//! - `recover`: a gate is probed, opened, and what was held is let go, in order and ramped.
//!   `discard`: what people do not want sent any more. `relane`: places in lanes that have changed.
//! - `dead_letters`: every five minutes, messages whose handling failed over and over, from the dead-letter
//!   queues.
//! - `timers`: parked entries that are due, expiries, notices that were not taken.
//! - `notify`: a notice's row, then the topic. `telemetry`: metrics and log lines.
//!
//! Every step may run twice: a message before the change that it depends on, ids derived from causes,
//! gates changed from a generation.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod config;
mod dead_letters;
mod discard;
mod event;
mod expire;
mod gone;
mod health;
mod hold;
mod notify;
mod probe;
mod queue;
mod recover;
mod relane;
mod schedule;
mod stream;
mod telemetry;
mod timers;

use gancho_edge::{
    Deps, batch, dead_letters::DeadLettersError, last_response::LastResponse, queue::QueueError,
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;

use self::config::Known;
pub use self::event::{Event, Reply};

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    known: Known,
    reached: LastResponse,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        Self { deps, store, known: Known::new(), reached: LastResponse::default() }
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }
}

/// Why something was not done; it comes again.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
    #[error(transparent)]
    DeadLetters(#[from] DeadLettersError),
    /// Somebody else changed the same thing over and over, or is about to change it.
    #[error("{0} moved meanwhile")]
    Moved(&'static str),
}

/// How often a change is tried against others who change the same.
const TRIES: usize = 8;

/// Handles one batch, or the schedule.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let deadline = batch::deadline(&context, MARGIN);
    let work = async {
        match payload {
            Event::Stream(batch) => Ok(Reply::Batch(stream::handle(app, batch, deadline).await)),
            Event::Queue(batch) => Ok(Reply::Batch(queue::handle(app, batch, deadline).await)),
            Event::DeadLetters => Ok(dead_letters::run(app, deadline).await?),
            Event::Minute => Ok(timers::run(app, deadline).await?),
        }
    };
    gancho_edge::telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// The time that one item is given at the end of an invocation.
const MARGIN: SignedDuration = SignedDuration::from_secs(5);
