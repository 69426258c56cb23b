//! Handles the records of the deliveries' stream: each delivery's in order, then the health of each
//! gate once a batch.

use std::collections::BTreeSet;

use aws_lambda_events::dynamodb::Event as Batch;
use gancho_edge::batch::{Arrival, BatchReply, caught, in_lines};
use jiff::Timestamp;

use crate::{
    App, Error,
    change::{self, Change},
    gone, health, hold, probe, schedule, telemetry,
};

/// Handles a batch. The reply lists the records that failed, and the later ones of their deliveries.
pub(crate) async fn handle(app: &App, batch: Batch, deadline: Timestamp) -> BatchReply {
    let changes: Vec<Change> = batch.records.into_iter().filter_map(change::read).collect();
    let delivery = |change: &&Change| change.new.id;
    let until = (&app.deps.clock, deadline);
    let failed =
        in_lines(changes.iter().map(arrival), delivery, until, |change| one(app, change)).await;
    let mut failed: BTreeSet<String> = failed.into_iter().collect();
    failed.extend(health::batch(app, &changes).await);
    failed.into_iter().collect()
}

fn arrival(value: &Change) -> Arrival<&Change> {
    Arrival { sequence: value.sequence.clone(), value }
}

async fn one(app: &App, change: &Change) -> bool {
    let Err(cause) = caught(follow(app, change)).await else {
        telemetry::moved(app, change);
        return true;
    };
    tracing::warn!(
        workspace.id = %change.workspace,
        event.id = %change.new.event,
        delivery.id = %change.new.id,
        endpoint.id = change.new.endpoint().map(|id| id.to_string()),
        error.cause = cause,
        "delivery change not handled"
    );
    false
}

async fn follow(app: &App, change: &Change) -> Result<(), Error> {
    hold::follow(app, change).await?;
    schedule::follow(app, change).await?;
    gone::follow(app, change).await?;
    probe::follow(app, change).await
}
