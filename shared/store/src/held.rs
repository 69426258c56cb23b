//! Deliveries that wait for their endpoint, oldest first.

use aws_sdk_dynamodb::types::Select;
use gancho_domain::{
    common::ids::{DeliveryId, EndpointId, WorkspaceId},
    outbound::delivery::Delivery,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Item, Store, StoreError, deliveries::id_of, error::from_sdk, item, keys};

/// How long a row outlives its delivery, so that its end is noticed (`FACTS D1`).
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A delivery that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its subject.
    pub subject: String,
    /// Where it lies.
    pub place: Place,
    /// When its retention ends; long ago, where the row does not say.
    pub ends: Timestamp,
}

/// Where a delivery that waits lies, as its row has it: so that who looks for those that lie elsewhere
/// need not read every delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The row does not say: it was written before rows did.
    Unknown,
    /// In no lane.
    Aside,
    /// In this lane.
    Lane(u16),
}

impl Place {
    /// What a row has for no lane.
    const ASIDE: i32 = -1;

    fn read(row: &Item) -> Self {
        match item::number::<i32>(row, "ln") {
            None => Self::Unknown,
            Some(lane) => u16::try_from(lane).map_or(Self::Aside, Self::Lane),
        }
    }
}

impl Store {
    /// Notes that a delivery waits. Twice is the same as once.
    pub async fn put_held(
        &self,
        ws: WorkspaceId,
        endpoint: EndpointId,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let mut row = item::key(&keys::held::delivery(ws, endpoint, delivery.id));
        row.insert("su".to_owned(), item::s(&delivery.subject));
        let lane = delivery.slot.map_or(Place::ASIDE, |slot| slot.lane.into());
        row.insert("ln".to_owned(), item::n(lane));
        row.insert("en".to_owned(), item::ms(delivery.expires_at));
        let end = delivery.expires_at.checked_add(KEPT).unwrap_or(Timestamp::MAX);
        item::expires(&mut row, end);
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// Notes that it waits no more. Twice is the same as once.
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

    /// What waits for an endpoint after one, oldest first, at most `limit`, strongly consistent.
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

    /// How many wait for an endpoint; counting stops at `most`.
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
