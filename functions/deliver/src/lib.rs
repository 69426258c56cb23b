//! One attempt of a delivery: claim, ask the gates, send, write down what it came to. Nothing else;
//! what comes after an attempt is *suspension*'s, which reads the deliveries' stream.
//!
//! - `messages`: which messages woke the function.
//! - `unordered`: deliveries side by side, one message each.
//! - `lane`: deliveries in order or a few at a time: one message says that a lane has work.
//! - `attempt`: what both have in common. `http`: by HTTP. `internal`: to an integration of the
//!   same workspace. `config`: endpoints and rules, kept for five seconds. `outage`: what uses up no try.
//!   `slow_queue`: whose messages wait in a queue of their own.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod attempt;
mod config;
mod http;
mod internal;
mod lane;
mod messages;
mod outage;
mod slow_queue;
mod unordered;

use aws_lambda_events::sqs::SqsEvent;
use gancho_edge::{
    Deps,
    batch::{self, BatchReply},
    queue::QueueError,
    sender::Sender,
    telemetry,
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;

use self::{config::Configs, messages::Messages, outage::Outages, slow_queue::ResponseTimes};

/// What the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    sender: Sender,
    configs: Configs,
    outages: Outages,
    response_times: ResponseTimes,
}

impl App {
    /// Made once per process.
    pub fn new(deps: Deps) -> Self {
        let sender = Sender::new(&deps.settings, deps.resolver.clone());
        let store = deps.store();
        Self {
            deps,
            store,
            sender,
            configs: Configs::new(),
            outages: Outages::new(),
            response_times: ResponseTimes::new(),
        }
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// A token that nobody else has.
    fn token(&self) -> String {
        hex::encode(self.deps.ids.secret::<16>())
    }
}

/// Why an attempt could not be made: ours, never the endpoint's, and never charged to it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The tables.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The queues.
    #[error("{0}")]
    Message(#[from] QueueError),
    /// What was read took so long that the claim could end during the request.
    #[error("the claim has no room left for a request")]
    NoRoom,
    /// A message was not taken in the time that there is for it.
    #[error("the queue did not answer in time")]
    TooLate,
    /// A queue that the deployment should have named.
    #[error("no queue for {0}")]
    NoQueue(&'static str),
}

/// Handles a batch of any of its queues; what could not be handled comes again.
pub async fn handle(
    app: &App,
    event: LambdaEvent<SqsEvent>,
) -> Result<BatchReply, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let deadline = batch::deadline(&context, SignedDuration::ZERO);
    let work = async {
        let Messages { standard, lanes, unreadable } = messages::read(payload);
        let standard = unordered::handle(app, standard, deadline);
        let lanes = lane::handle(app, lanes, deadline);
        (unreadable, futures::join!(standard, lanes))
    };
    let done = telemetry::invocation(&app.deps.metrics, &context, work).await;
    let (unreadable, (aside, ordered)) = done;
    let mut reply = BatchReply::default();
    for id in unreadable.into_iter().chain(aside).chain(ordered) {
        reply.again(id);
    }
    Ok(reply)
}
