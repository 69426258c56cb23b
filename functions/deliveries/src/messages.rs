//! Asking *deliver* for an attempt, and ourselves for parts of jobs: ids only, in queues.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    delivery::Delivery,
    ids::{JobId, WorkspaceId},
    job::PartId,
};
use gancho_edge::queue::{self, BellError, DeliverBell, JobBell, LaneBell, VERSION};

use crate::App;

/// Bells that are rung at once.
const AT_ONCE: usize = 8;

/// Rings the next attempt of a delivery at once: its lane where it has one.
pub(crate) async fn delivery(
    app: &App,
    workspace: WorkspaceId,
    delivery: &Delivery,
) -> Result<(), BellError> {
    if let (Some(slot), Some(endpoint)) = (delivery.slot, delivery.endpoint()) {
        let bell = LaneBell { v: VERSION, workspace, endpoint, lane: slot.lane };
        return queue::ring_lane(&app.sqs, &app.lanes, &bell, &app.writer()).await;
    }
    let bell = DeliverBell::of(workspace, delivery, delivery.next_attempt());
    queue::ring_attempt(&app.sqs, &app.deliver, &bell, 0).await
}

/// Rings parts of a job.
pub(crate) async fn parts(
    app: &App,
    (workspace, job): (WorkspaceId, JobId),
    parts: impl IntoIterator<Item = PartId>,
) -> Result<(), BellError> {
    let bells: Vec<JobBell> = parts
        .into_iter()
        .map(|part| JobBell { v: VERSION, workspace, job, part: part.to_string() })
        .collect();
    let mut rings = Vec::new();
    for bell in &bells {
        rings.push(queue::ring(&app.sqs, &app.resend, bell));
    }
    stream::iter(rings).buffer_unordered(AT_ONCE).try_collect().await
}
