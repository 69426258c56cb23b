//! Sends deliveries concurrently: one message, one attempt. An outdated message is dropped.

use futures::future::join_all;
use gancho_domain::{common::ids::EndpointId, outbound::delivery::Slot};
use gancho_edge::{
    batch::caught,
    queue::{DeliverMessage, Queue},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    App, Error,
    attempt::{self, Task},
    claim::AttemptResult,
    messages::{Enqueued, Rest, hide},
    slow_queue,
};

/// Time that must be left of an invocation: the longest request, with its reads and writes.
const ROOM: SignedDuration = SignedDuration::from_secs(14);

/// Handles messages concurrently; returns the ids of those that SQS must deliver again.
pub(crate) async fn handle(
    app: &App,
    messages: Vec<Enqueued<DeliverMessage>>,
    deadline: Timestamp,
) -> Vec<String> {
    if app.now() + ROOM > deadline {
        // Too late to begin a request.
        return messages.into_iter().map(|enqueued| enqueued.id).collect();
    }
    let each = messages.iter().map(|enqueued| async {
        let handled = caught(one(app, enqueued)).await;
        (!is_handled(handled, &enqueued.message)).then(|| enqueued.id.clone())
    });
    join_all(each).await.into_iter().flatten().collect()
}

/// Returns true if the message may be deleted.
fn is_handled(handled: Result<Rest, String>, message: &DeliverMessage) -> bool {
    match handled {
        Ok(rest) => rest == Rest::Done,
        Err(cause) => {
            tracing::warn!(
                workspace.id = %message.workspace, delivery.id = %message.delivery,
                attempt.number = message.attempt, error.cause = cause,
                "not attempted"
            );
            false
        }
    }
}

async fn one(app: &App, enqueued: &Enqueued<DeliverMessage>) -> Result<Rest, Error> {
    let message = &enqueued.message;
    if slow_queue::moved(app, message).await {
        return Ok(Rest::Done);
    }
    let DeliverMessage { workspace, delivery, attempt: number, .. } = *message;
    match attempt::make(app, Task { workspace, delivery, number, slot: None }).await? {
        AttemptResult::Recorded(_) | AttemptResult::Stale => {}
        // The holder may be dead, and this its own message.
        AttemptResult::Busy(until) => {
            let queue = if message.slow { Queue::Slow } else { Queue::Deliver };
            hide(app, queue, enqueued, until).await;
            return Ok(Rest::Until(until));
        }
        AttemptResult::Early(at) => enqueue_again(app, message, at).await?,
        AttemptResult::Elsewhere(slot) => enqueue_lane(app, message, slot).await?,
    }
    Ok(Rest::Done)
}

/// Enqueues the message for the rest of a wait, or parks it.
async fn enqueue_again(app: &App, message: &DeliverMessage, at: Timestamp) -> Result<(), Error> {
    let message = DeliverMessage { slow: false, ..message.clone() };
    app.queues.wake_at(&app.store, &message, (at, app.now())).await
}

/// Enqueues the lane of a delivery that has a place in one.
async fn enqueue_lane(
    app: &App,
    message: &DeliverMessage,
    slot: Option<Slot>,
) -> Result<(), Error> {
    let stored = app.store.delivery(message.workspace, message.delivery, app.now()).await?;
    let endpoint: Option<EndpointId> = stored.and_then(|stored| stored.delivery.endpoint());
    let (Some(endpoint), Some(slot)) = (endpoint, slot) else { return Ok(()) };
    Ok(app.queues.lane(message.workspace, endpoint, slot.lane).await?)
}
