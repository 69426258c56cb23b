//! Enqueues attempts for *deliver* and job parts for this function. Messages contain only ids.

use gancho_domain::{
    common::{
        ids::{JobId, WorkspaceId},
        job::PartId,
    },
    outbound::delivery::Delivery,
};
use gancho_edge::queue::{JobMessage, Queue, QueueError};

use crate::App;

/// Enqueues the next attempt of a delivery without delay, or its lane if it has one.
pub(crate) async fn delivery(
    app: &App,
    workspace: WorkspaceId,
    delivery: &Delivery,
) -> Result<(), QueueError> {
    app.queues.next_attempt(workspace, delivery, 0).await
}

/// Enqueues parts of a job.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, JobId),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), QueueError> {
    let messages = parts.into_iter().map(|part| JobMessage::of(workspace, job, part));
    app.queues.send_all(Queue::ResendJobs, messages).await
}
