//! Events: one row per change, written with the change or not at all. The table's stream starts the
//! sending (`DESIGN 4`).

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use gancho_domain::{
    common::ids::{EventId, WorkspaceId},
    outbound::event::Event,
};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys,
};

impl Store {
    /// Writes an event. `writer` is new for every request, so that a put whose reply was lost meets
    /// its own row. [`StoreError::Condition`]: it exists already, from another request.
    pub async fn put_event(
        &self,
        ws: WorkspaceId,
        event: &Event,
        writer: &str,
    ) -> Result<(), StoreError> {
        let mut row = row(ws, event)?;
        row.insert("w".to_owned(), item::s(writer));
        self.db
            .put_item()
            .table_name(&self.tables.events)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(pk) OR w = :w")
            .expression_attribute_values(":w", item::s(writer))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }

    /// An event for a transaction: it fails if the event exists.
    pub(crate) fn event_put(&self, ws: WorkspaceId, event: &Event) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.tables.events)
            .set_item(Some(row(ws, event)?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// An event that has not ended by `now`.
    pub async fn event(
        &self,
        ws: WorkspaceId,
        subject: &str,
        id: EventId,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        let key = keys::events::event(ws, subject, id);
        let found = self.get(&self.tables.events, &key).await?;
        item::maybe_doc(found.filter(|row| !item::has_ended(row, now)))
    }

    /// The events of a subject before one, newest first, at most `limit`.
    #[expect(clippy::too_many_arguments, reason = "whose, until when, and which page of them")]
    pub async fn events_of(
        &self,
        ws: WorkspaceId,
        subject: &str,
        now: Timestamp,
        before: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        // `~` is above every digit.
        let before = before.map_or_else(|| "~".to_owned(), |id| id.key());
        let query = self
            .db
            .query()
            .table_name(&self.tables.events)
            .key_condition_expression("pk = :pk AND sk < :before")
            .filter_expression("xm > :now")
            .expression_attribute_values(":pk", item::s(keys::events::partition(ws, subject)))
            .expression_attribute_values(":before", AttributeValue::S(before))
            .expression_attribute_values(":now", item::ms(now))
            .scan_index_forward(false);
        self.some(query, limit).await?.iter().map(item::doc).collect()
    }
}

/// Reads a row, from the stream too.
#[expect(clippy::needless_pass_by_value, reason = "made for map, which gives values")]
pub fn event_from_item(item: Item) -> Result<(WorkspaceId, Event), StoreError> {
    let (pk, sk) = (item::text(&item, "pk")?, item::text(&item, "sk")?);
    let lost = || StoreError::Corrupt(format!("no event key: {pk} {sk}"));
    let (workspace, ..) = keys::events::parse(pk, sk).ok_or_else(lost)?;
    Ok((workspace, item::doc(&item)?))
}

fn row(ws: WorkspaceId, event: &Event) -> Result<Item, StoreError> {
    let key = keys::events::event(ws, &event.subject, event.id);
    let mut row = item::packed_row(&key, event)?;
    item::ends(&mut row, event.expires_at);
    Ok(row)
}
