//! Makes one attempt of a delivery: claims it, checks the gates, sends the request and records the
//! result. Everything after an attempt belongs to *suspension*, which reads the deliveries' stream.
//!
//! - `messages`: reads the messages of a batch.
//! - `unordered`: deliveries without order, concurrently, one message each.
//! - `lane`: deliveries in order or with limited concurrency, one message for a lane with work.
//! - `attempt`: the part that both share. `claim`: the claimed delivery and its record. `http`:
//!   sends by HTTP. `internal`: hands over to an integration of the same workspace.
//! - `config`: endpoints and rules, cached for five seconds.
//! - `outage`: attempts that are not counted.
//! - `slow_queue`: moves the messages of slow endpoints to a separate queue.

// The SDK's futures are nested more deeply than the compiler looks by default.
#![recursion_limit = "256"]

mod attempt;
mod claim;
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
    queue::{Queue, QueueError, Queues},
    sender::Sender,
    telemetry,
};
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;

use self::{config::Configs, messages::Messages, outage::Outages, slow_queue::ResponseTimes};

/// The queues that the function uses.
pub const QUEUES: &[Queue] = &[Queue::Deliver, Queue::Slow, Queue::Lanes];

/// The state that the function keeps between invocations.
#[derive(Debug)]
pub struct App {
    deps: Deps,
    store: Store,
    queues: Queues,
    sender: Sender,
    configs: Configs,
    outages: Outages,
    response_times: ResponseTimes,
}

impl App {
    /// Creates the state of one process.
    pub fn new(deps: Deps) -> Self {
        let sender = Sender::new(&deps.settings, deps.resolver.clone());
        let (store, queues) = (deps.store(), deps.queues());
        Self {
            deps,
            store,
            queues,
            sender,
            configs: Configs::new(),
            outages: Outages::new(),
            response_times: ResponseTimes::new(),
        }
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// A random token, unique to its holder.
    fn token(&self) -> String {
        self.deps.ids.token()
    }
}

/// A failure inside Gancho that prevented an attempt. It never counts against the endpoint.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Message(#[from] QueueError),
    /// Reading took so long that the claim could end during the request.
    #[error("the claim has no room left for a request")]
    NoRoom,
    /// SQS did not accept a message in time.
    #[error("the queue did not answer in time")]
    TooLate,
}

/// Handles a batch of any of its queues. The reply lists the messages that failed.
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
    let failed = telemetry::invocation(&app.deps.metrics, &context, work).await;
    let (unreadable, (standard, lanes)) = failed;
    let mut reply = BatchReply::default();
    for id in unreadable.into_iter().chain(standard).chain(lanes) {
        reply.again(id);
    }
    Ok(reply)
}
