//! Handles new events from the stream: in order within a subject, concurrently across subjects.

use aws_lambda_events::dynamodb::{Event as Batch, EventRecord};
use gancho_domain::{common::ids::WorkspaceId, outbound::event::Event};
use gancho_edge::batch::{Arrival, BatchReply, caught, in_lines};
use gancho_store::{Item, events::event_from_item};
use jiff::Timestamp;

use crate::{App, commit};

/// Dispatches new events. Returns those that were not dispatched to all targets, and the later ones
/// of their subjects.
pub(crate) async fn handle(app: &App, batch: Batch, deadline: Timestamp) -> BatchReply {
    let arrivals = batch.records.into_iter().filter_map(arrival);
    let subject = |(ws, event): &(WorkspaceId, Event)| (*ws, event.subject.clone());
    let until = (&app.deps.clock, deadline);
    let failed = in_lines(arrivals, subject, until, async |(ws, event)| one(app, ws, &event).await);
    failed.await.into_iter().collect()
}

/// The new event of a record, with its workspace.
fn arrival(record: EventRecord) -> Option<Arrival<(WorkspaceId, Event)>> {
    if record.event_name != "INSERT" {
        return None;
    }
    let item: Item = record.change.new_image.into();
    match event_from_item(item) {
        Ok(value) => Some(Arrival { sequence: record.change.sequence_number?, value }),
        Err(error) => {
            // A retry cannot repair a row.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}

async fn one(app: &App, ws: WorkspaceId, event: &Event) -> bool {
    let Err(cause) = caught(commit::dispatch(app, ws, event)).await else { return true };
    tracing::warn!(
        workspace.id = %ws,
        webhook.id = event.cause.webhook().map(|id| id.to_string()),
        event.id = %event.id,
        error.cause = cause,
        "not dispatched to all"
    );
    false
}
