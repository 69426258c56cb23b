//! Asking *deliver* for an attempt, and ourselves for parts of jobs: ids only, in queues.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        ids::{JobId, WorkspaceId},
        job::PartId,
    },
    outbound::delivery::Delivery,
};
use gancho_edge::queue::{self, DeliverMessage, JobMessage, LaneMessage, QueueError, VERSION};

use crate::App;

/// Messages that are enqueued at once.
const AT_ONCE: usize = 8;

/// Rings the next attempt of a delivery at once: its lane where it has one.
pub(crate) async fn delivery(
    app: &App,
    workspace: WorkspaceId,
    delivery: &Delivery,
) -> Result<(), QueueError> {
    if let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) {
        let message = LaneMessage { v: VERSION, workspace, endpoint, lane: slot.lane };
        return queue::enqueue_lane(&app.sqs, &app.lanes, &message, &app.writer()).await;
    }
    let message = DeliverMessage::of(workspace, delivery, delivery.next_attempt());
    queue::enqueue_attempt(&app.sqs, &app.deliver, &message, 0).await
}

/// Rings parts of a job.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, JobId),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), QueueError> {
    let messages: Vec<JobMessage> = parts
        .into_iter()
        .map(|part| JobMessage { v: VERSION, workspace, job, part: part.to_string() })
        .collect();
    let mut enqueues = Vec::new();
    for message in &messages {
        enqueues.push(queue::enqueue(&app.sqs, &app.resend, message));
    }
    stream::iter(enqueues).buffer_unordered(AT_ONCE).try_collect().await
}
