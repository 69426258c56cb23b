//! Messages of endpoints that take long are moved to a queue of their own, whose requests have places of
//! their own: a dead endpoint with a backlog takes all of those, and none of everybody's (`CATALOGUE
//! OR-09`).
//!
//! Who takes long is known to each process from what it has sent, for a row for each answer would cost
//! more than all else of a delivery. What a process learns of an endpoint costs it one batch.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::response_time::ResponseTime,
};
use gancho_edge::queue::{self, DeliverMessage};
use jiff::Timestamp;
use lru::LruCache;

use crate::{App, Error};

/// Endpoints that are remembered.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
/// The longest wait for a move.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long endpoints took to answer, in this process.
#[derive(Debug)]
pub(crate) struct ResponseTimes(Mutex<LruCache<EndpointId, ResponseTime>>);

impl ResponseTimes {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }

    /// A request to an endpoint took so many milliseconds, and ended at `at`.
    pub(crate) fn note(
        &self,
        (ws, endpoint): (WorkspaceId, EndpointId),
        took_ms: u64,
        at: Timestamp,
    ) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.get(&endpoint).copied();
        let after = ResponseTime::after(before, took_ms, at);
        all.put(endpoint, after);
        drop(all);
        let was_long = before.is_some_and(|before| before.is_long(at));
        if was_long != after.is_long(at) {
            tracing::info!(
                workspace.id = %ws, endpoint.id = %endpoint,
                endpoint.response_ms = after.mean_ms(), endpoint.slow = !was_long,
                "response time changed"
            );
        }
    }

    fn are_long(&self, endpoint: EndpointId, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&endpoint).is_some_and(|known| known.is_long(now))
    }
}

/// Moves the message of an endpoint that takes long; whether it was moved. One that cannot be moved soon is
/// followed where it is, while there is time.
pub(crate) async fn moved(app: &App, message: &DeliverMessage) -> bool {
    // An integration of our own is no endpoint, and quick.
    let endpoint = message.group.as_deref().and_then(|group| group.parse().ok());
    let is_slow = endpoint.is_some_and(|id| app.response_times.are_long(id, app.now()));
    if message.slow || !is_slow {
        return false;
    }
    let message = DeliverMessage { slow: true, ..message.clone() };
    let enqueued = tokio::time::timeout(PATIENCE, enqueue(app, &message)).await;
    match enqueued.unwrap_or(Err(Error::TooLate)) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(
                workspace.id = %message.workspace, delivery.id = %message.delivery,
                error.cause = %error,
                "the message was not moved to the slow queue"
            );
            false
        }
    }
}

async fn enqueue(app: &App, message: &DeliverMessage) -> Result<(), Error> {
    let queue = app.deps.settings.slow_queue.as_deref();
    let queue = queue.ok_or(Error::NoQueue("slow endpoints"))?;
    Ok(queue::enqueue_attempt(&app.deps.sqs, queue, message, 0).await?)
}
