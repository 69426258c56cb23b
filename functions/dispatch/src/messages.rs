//! Bells, after the commit: a delivery that is not in a lane, or a lane that has work.

use gancho_domain::{
    delivery::Delivery,
    ids::{EndpointId, WorkspaceId},
};
use gancho_edge::queue::{self, DeliverBell, LaneBell};

use crate::{App, Trouble};

/// Rings the first attempt of a delivery.
pub(crate) async fn one(app: &App, ws: WorkspaceId, delivery: &Delivery) -> Result<(), Trouble> {
    let queue = app.deps.settings.deliver_queue.as_deref().unwrap_or_default();
    let bell = DeliverBell::of(ws, delivery, 1);
    Ok(queue::ring_attempt(&app.deps.sqs, queue, &bell, 0).await?)
}

/// Rings a lane.
pub(crate) async fn lane(
    app: &App,
    ws: WorkspaceId,
    endpoint: EndpointId,
    lane: u16,
) -> Result<(), Trouble> {
    let queue = app.deps.settings.lanes_queue.as_deref().unwrap_or_default();
    let bell = LaneBell { v: queue::VERSION, workspace: ws, endpoint, lane };
    Ok(queue::ring_lane(&app.deps.sqs, queue, &bell, &fresh(app)).await?)
}

/// A text that was never used before.
pub(crate) fn fresh(app: &App) -> String {
    format!("{:032x}", u128::from_be_bytes(app.deps.ids.secret()))
}
