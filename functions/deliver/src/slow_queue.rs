//! Moves the messages of slow endpoints to a separate queue with its own concurrency. A dead
//! endpoint with a backlog uses up that concurrency only (`CATALOGUE OR-09`).
//!
//! Each process measures response times from its own requests: a row for each response would cost
//! more than the rest of a delivery. To detect a slow endpoint costs a process one batch.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::response_time::ResponseTime,
};
use gancho_edge::queue::{DeliverMessage, Queue};
use jiff::Timestamp;
use lru::LruCache;

use crate::{App, Error};

/// Endpoints whose response times are cached.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
/// The longest wait for SQS to accept a moved message.
const PATIENCE: Duration = Duration::from_secs(1);

/// The endpoints' response times, as measured by this process.
#[derive(Debug)]
pub(crate) struct ResponseTimes(Mutex<LruCache<EndpointId, ResponseTime>>);

impl ResponseTimes {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }

    /// Records a request to an endpoint that took `took_ms` milliseconds and ended at `at`.
    pub(crate) fn record(
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

/// Moves the message of a slow endpoint; returns true if it was moved. A message that cannot be
/// moved within a second is handled here.
pub(crate) async fn moved(app: &App, message: &DeliverMessage) -> bool {
    // A message of an integration has no endpoint, and is never slow.
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
    Ok(app.queues.send(Queue::Slow, message, 0).await?)
}
