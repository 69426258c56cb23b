//! What comes after an attempt: the next bell, the endpoint's health, suspension and recovery.
//!
//! - `stream`: the deliveries' records. For each: `hold` (what waits for its endpoint), `wait`
//!   (the next bell, or a parked entry), `probe` (did the one that was let through arrive?),
//!   `gone` (410). For all of a batch that count together: `judge` (health, warnings,
//!   suspension, unless it is our own network).
//! - `recover`: a gate is probed, opened, and what was held is let go, in order and ramped.
//!   `leave`: what people do not want sent any more. `fit`: places in lanes that have changed.
//! - `letters`: every five minutes, bells whose handling failed over and over, from the dead-letter
//!   queues.
//! - `minute`: parked entries that are due, expiries, notices that were not taken.
//! - `tell`: a notice's row, then the topic. `note`: metrics and log lines.
//!
//! Every step may run twice: a bell before the change that it depends on, ids derived from causes,
//! gates changed from a generation.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod event;
mod expire;
mod fit;
mod gone;
mod hold;
mod judge;
mod known;
mod leave;
mod letters;
mod minute;
mod note;
mod probe;
mod queue;
mod recover;
mod stream;
mod tell;
mod wait;

use gancho_edge::{
    Deps, batch, bells::BellError, letters::LettersError, reached::Reached, telemetry,
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;

pub use self::event::{Event, Reply};
use self::known::Known;

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    known: Known,
    reached: Reached,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        let store = deps.store();
        Self { deps, store, known: Known::new(), reached: Reached::default() }
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }
}

/// Why something was not done; it comes again.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bell(#[from] BellError),
    #[error(transparent)]
    Letters(#[from] LettersError),
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
            Event::Letters => Ok(letters::run(app, deadline).await?),
            Event::Minute => Ok(minute::run(app, deadline).await?),
        }
    };
    telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// The time that one item is given at the end of an invocation.
const MARGIN: SignedDuration = SignedDuration::from_secs(5);
