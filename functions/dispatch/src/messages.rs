//! Messages, after the commit: a delivery that is not in a lane, or a lane that has work.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::delivery::Delivery,
};
use gancho_edge::queue::{self, DeliverMessage, LaneMessage};

use crate::{App, Error};

/// Rings the first attempt of a delivery.
pub(crate) async fn one(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Error> {
    let queue = app.deps.settings.deliver_queue.as_deref().unwrap_or_default();
    let message = DeliverMessage::of(ws, delivery, 1);
    Ok(queue::enqueue_attempt(&app.deps.sqs, queue, &message, 0).await?)
}

/// Rings a lane.
pub(crate) async fn lane(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    lane: u16,
) -> Result<(), Error> {
    let queue = app.deps.settings.lanes_queue.as_deref().unwrap_or_default();
    let message = LaneMessage { v: queue::VERSION, workspace: ws, endpoint, lane };
    Ok(queue::enqueue_lane(&app.deps.sqs, queue, &message, &fresh(app)).await?)
}

/// A text that was never used before.
pub(crate) fn fresh(app: &App) -> String {
    format!("{:032x}", u128::from_be_bytes(app.deps.ids.secret()))
}
