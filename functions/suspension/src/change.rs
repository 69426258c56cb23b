//! A change of a delivery, read from a record of the stream.

use aws_lambda_events::dynamodb::EventRecord;
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::delivery::{Attempt, Delivery, State},
};
use gancho_store::{Item, deliveries::delivery_from_item};

/// A change of a delivery, from one stream record.
#[derive(Debug)]
pub(crate) struct Change {
    /// The record's sequence number.
    pub(crate) sequence: String,
    /// The row's partition key: records of one partition come in order.
    pub(crate) partition: String,
    pub(crate) workspace: WorkspaceId,
    pub(crate) old: Option<Delivery>,
    pub(crate) new: Delivery,
}

impl Change {
    /// The attempts that this change added.
    pub(crate) fn new_attempts(&self) -> &[Attempt] {
        let known = self.old.as_ref().map_or(0, |old| old.attempts.len());
        self.new.attempts.get(known..).unwrap_or_default()
    }

    /// Returns true if the state changed.
    pub(crate) fn moved(&self) -> bool {
        self.old.as_ref().is_none_or(|old| old.state != self.new.state)
    }

    /// Returns true if the delivery was held before.
    pub(crate) fn was_held(&self) -> bool {
        self.old.as_ref().is_some_and(|old| matches!(old.state, State::Held { .. }))
    }
}

/// Reads a change from a record; `None` for removals and unreadable rows.
pub(crate) fn read(record: EventRecord) -> Option<Change> {
    if record.event_name == "REMOVE" {
        return None;
    }
    let sequence = record.change.sequence_number?;
    let new: Item = record.change.new_image.into();
    let old: Item = record.change.old_image.into();
    let partition = new.get("pk")?.as_s().ok()?.clone();
    let old = if old.is_empty() { Ok(None) } else { delivery_from_item(old).map(Some) };
    match old.and_then(|old| Ok((old, delivery_from_item(new)?))) {
        Ok((old, new)) => Some(Change {
            sequence,
            partition,
            workspace: new.workspace,
            old: old.map(|old| old.delivery),
            new: new.delivery,
        }),
        Err(error) => {
            // A retry cannot repair a row.
            tracing::error!(error.cause = %error, "a row of the stream could not be read");
            None
        }
    }
}
