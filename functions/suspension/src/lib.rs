//! Handles everything after an attempt: the next message, the endpoint's health, suspension and
//! recovery.
//!
//! - `stream`: the records of the deliveries' stream, each a `change`. For each record: `hold` (rows of held
//!   deliveries), `schedule` (next message or parked entry), `probe` (the result of a probe),
//!   `gone` (410). For all records of a gate in a batch: `health` (health, warnings, suspension,
//!   unless Gancho's own network is down).
//! - `recover`: probes and opens a gate, and releases held deliveries in order, with a ramp.
//!   `discard`: discards held deliveries. `relane`: moves held deliveries to changed lanes.
//! - `dead_letters`: every five minutes, redrives messages from the dead-letter queues.
//! - `timers`: every minute, parked entries that are due, unpublished notices, expiries. `shares`:
//!   divides a run between the workspaces. `enqueue`: entries into messages, in batches.
//! - `notify`: writes a notice's row, then publishes it. `telemetry`: metrics and log lines.
//!
//! Every step may run twice: a message is enqueued before the change that it depends on, ids are
//! derived from causes, and a gate changes only from an expected generation.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod change;
mod config;
mod dead_letters;
mod discard;
mod enqueue;
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
mod shares;
mod stream;
mod telemetry;
mod timers;

use gancho_edge::{
    Deps, batch,
    last_response::LastResponse,
    queue::{Queue, QueueError, Queues},
    trigger::{Event, Reply},
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;

use self::config::Known;

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[
    Queue::Deliver,
    Queue::DeliverDeadLetters,
    Queue::Lanes,
    Queue::LanesDeadLetters,
    Queue::Recover,
];

/// The state that the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
    known: Known,
    reached: LastResponse,
}

impl App {
    /// Creates the state of one process.
    pub fn new(deps: Deps) -> Self {
        let (store, queues) = (deps.store(), deps.queues());
        Self { deps, store, queues, known: Known::new(), reached: LastResponse::default() }
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }
}

/// A failure of a step. The step is tried again.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
    /// Concurrent changes of the same row prevented this one, or a required change is yet to come.
    #[error("{0} moved meanwhile")]
    Moved(&'static str),
}

/// Tries of a conditional change against concurrent changes.
const TRIES: usize = 8;

/// Handles one batch, or one of the schedules.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Reply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let deadline = batch::deadline(&context, MARGIN);
    let work = async {
        match payload {
            Event::Stream(batch) => Ok(Reply::Batch(stream::handle(app, batch, deadline).await)),
            Event::Queue(batch) => Ok(Reply::Batch(queue::handle(app, batch, deadline).await)),
            Event::DeadLetters => Ok(dead_letters::run(app, deadline).await?),
            Event::Schedule => Ok(timers::run(app, deadline).await?),
            Event::Http(request) => match *request {},
        }
    };
    gancho_edge::telemetry::invocation(&app.deps.metrics, &context, work).await
}

/// Time reserved for one item at the end of an invocation.
const MARGIN: SignedDuration = SignedDuration::from_secs(5);
