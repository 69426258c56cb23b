//! Enqueues messages after the commit: for a delivery outside lanes, or for a lane that has work.

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::delivery::Delivery,
};
use gancho_edge::queue::{DeliverMessage, Queue};

use crate::{App, Error};

/// Enqueues the first attempt of a delivery.
pub(crate) async fn one(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Error> {
    Ok(app.queues.send(Queue::Deliver, &DeliverMessage::of(ws, delivery, 1), 0).await?)
}

/// Enqueues a lane.
pub(crate) async fn lane(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    lane: u16,
) -> Result<(), Error> {
    Ok(app.queues.lane(ws, endpoint, lane).await?)
}
