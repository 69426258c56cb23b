//! Enqueues attempts for *deliver*. Messages contain only ids.

use gancho_domain::{common::ids::WorkspaceId, outbound::delivery::Delivery};
use gancho_edge::queue::QueueError;

use crate::App;

/// Enqueues the next attempt of a delivery without delay, or its lane if it has one.
pub(crate) async fn delivery(
    app: &App,
    workspace: WorkspaceId,
    delivery: &Delivery,
) -> Result<(), QueueError> {
    app.queues.next_attempt(workspace, delivery, 0).await
}
