//! Held deliveries of an endpoint, oldest first.

use aws_sdk_dynamodb::types::Select;
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::delivery::Delivery,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Item, Store, StoreError, deliveries::id_of, error::from_sdk, item, keys};

/// The time for which a row outlives its delivery, so that the delivery's end is noticed (`FACTS
/// D1`).
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A held delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its subject.
    pub subject: String,
    /// Its lane, as the row has it.
    pub place: Place,
    /// The end of its retention; the earliest time that there is, if the row has none.
    pub ends: Timestamp,
}

/// The lane of a held delivery, as its row has it. With it, deliveries that are in another lane are
/// found without reading every delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The row has no lane attribute: it was written before the attribute existed.
    Unknown,
    /// In no lane.
    Aside,
    /// In this lane.
    Lane(u16),
}

impl Place {
    /// The stored number for no lane.
    const NO_LANE: i32 = -1;

    fn read(row: &Item) -> Self {
        match item::number::<i32>(row, "ln") {
            None => Self::Unknown,
            Some(lane) => u16::try_from(lane).map_or(Self::Aside, Self::Lane),
        }
    }
}

impl Store {
    /// Records that a delivery is held. Idempotent.
    pub async fn put_held(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let mut row = item::key(&keys::held::delivery(ws, endpoint, delivery.id));
        row.insert("su".to_owned(), item::s(&delivery.subject));
        let lane = delivery.slot.map_or(Place::NO_LANE, |slot| slot.lane.into());
        row.insert("ln".to_owned(), item::n(lane));
        row.insert("en".to_owned(), item::ms(delivery.expires_at));
        let end = delivery.expires_at.checked_add(KEPT).unwrap_or(Timestamp::MAX);
        item::expires(&mut row, end);
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// Records that it is no longer held. Idempotent.
    pub async fn delete_held(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        id: DeliveryId,
    ) -> Result<(), StoreError> {
        let delete = self.db.delete_item().table_name(&self.tables.coordination);
        let delete = delete.set_key(Some(item::key(&keys::held::delivery(ws, endpoint, id))));
        delete.send().await.map_err(from_sdk).map(drop)
    }

    /// The held deliveries of an endpoint after one, oldest first, at most `limit`, strongly
    /// consistent.
    pub async fn held(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<HeldRow>, StoreError> {
        // `!` is below every digit.
        let after = after.map_or_else(|| "!".to_owned(), |id| id.key());
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", item::s(keys::held::partition(ws, endpoint)))
            .expression_attribute_values(":after", item::s(after));
        let read = |row| {
            let subject = item::text(row, "su")?.to_owned();
            let ends = item::moment(row, "en").unwrap_or(Timestamp::MIN);
            Ok(HeldRow { delivery: id_of(row)?, subject, place: Place::read(row), ends })
        };
        self.some(query, limit).await?.iter().map(read).collect()
    }

    /// The number of held deliveries of an endpoint; counting stops at `most`.
    pub async fn held_count(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        most: u32,
    ) -> Result<u32, StoreError> {
        let mut pages = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", item::s(keys::held::partition(ws, endpoint)))
            .select(Select::Count)
            .limit(i32::try_from(most.max(1)).unwrap_or(i32::MAX))
            .consistent_read(true)
            .into_paginator()
            .send();
        let mut count: u32 = 0;
        while count < most {
            let Some(page) = pages.next().await else { break };
            let found = page.map_err(from_sdk)?.count;
            count = count.saturating_add(u32::try_from(found).unwrap_or(0));
        }
        Ok(count.min(most))
    }
}
