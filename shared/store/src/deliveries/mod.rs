//! Deliveries: one row each, which holds all of its attempts.
//!
//! A request is sent by the worker that holds the row's claim. Taking the claim and recording the
//! result of the request are one conditional write each. An expired claim may be taken by another
//! worker; its token then makes the late record of the first one fail (`CATALOGUE OR-03`).
//!
//! Every write is billed for the whole row, so attribute names are short. The attributes that
//! conditions use are stored beside the document (`doc`, or `z` packed): `st` the state's word, `n`
//! the number of the next attempt, `v` the version, `ct` and `busy` the claim's token and end, `w`
//! the last writer.

mod claims;

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};
use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::{
        delivery::{Delivery, StateName},
        rule::Target,
    },
};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    error::{from_sdk, met_by_put},
    item::{self, Item},
    keys,
};

pub use claims::{Changed, Claimed};

/// Bytes of JSON up to which a document is not packed. With it, a row stays below 1 KB, the unit by
/// which a write is billed.
const PLAIN: usize = 640;
/// The maximum number of rows that one call reads.
const BATCH: usize = 100;

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The delivery.
    pub delivery: Delivery,
    /// Grows with every write.
    pub version: u64,
    /// The claim of the worker that is sending it, or was sending it when it stopped.
    pub claim: Option<Claim>,
}

/// The claim of a worker that sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// New for every try to claim.
    pub token: String,
    /// The end of the claim: another worker may take it then.
    pub until: Timestamp,
}

/// The result of creating a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It was created.
    New,
    /// It exists already, from another request.
    Existing,
}

impl Store {
    /// Writes a new delivery. `writer` is new for every request. An existing row is not changed.
    pub async fn create_delivery(
        &self,
        ws: WorkspaceId,
        delivery: &Delivery,
        writer: &str,
    ) -> Result<Created, StoreError> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.deliveries)
            .set_item(Some(row(ws, delivery, writer)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Created::New),
            Err(error) => {
                let met = met_by_put(error)?;
                let own = met.is_some_and(|row| item::text(&row, "w").is_ok_and(|w| w == writer));
                Ok(if own { Created::New } else { Created::Existing })
            }
        }
    }

    /// A new delivery, for a transaction.
    pub(crate) fn delivery_put(
        &self,
        ws: WorkspaceId,
        delivery: &Delivery,
        writer: &str,
    ) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.tables.deliveries)
            .set_item(Some(row(ws, delivery, writer)?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// A delivery that has not ended by `now`, strongly consistent.
    pub async fn delivery(
        &self,
        ws: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<StoredDelivery>, StoreError> {
        let key = keys::deliveries::delivery(ws, id);
        let found = self.get(&self.tables.deliveries, &key).await?;
        found.filter(|row| !item::has_ended(row, now)).map(delivery_from_item).transpose()
    }

    /// Deliveries by their ids, in the order of the ids, without duplicates. Deleted and ended ones
    /// are omitted.
    pub async fn deliveries_by_id(
        &self,
        ws: WorkspaceId,
        ids: &[DeliveryId],
        now: Timestamp,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        // DynamoDB rejects a call that names a row twice.
        let mut seen = HashSet::new();
        let ids: Vec<DeliveryId> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            let keys = ids.iter().map(|id| item::key(&keys::deliveries::delivery(ws, *id)));
            let rows = self.batch_get(&self.tables.deliveries, keys.collect()).await?;
            let rows = rows.into_iter().filter(|row| !item::has_ended(row, now));
            let mut rows = rows.map(delivery_from_item).collect::<Result<Vec<_>, StoreError>>()?;
            let place = |id: DeliveryId| ids.iter().position(|other| *other == id);
            rows.sort_by_key(|stored| place(stored.delivery.id));
            found.append(&mut rows);
        }
        Ok(found)
    }

    /// Writes the lookup that finds a delivery by its subject.
    pub async fn put_subject_lookup(
        &self,
        ws: WorkspaceId,
        delivery: &Delivery,
    ) -> Result<(), StoreError> {
        let pk = keys::lookups::subject(ws, &delivery.subject);
        let mut row = item::key(&keys::Key { pk, sk: delivery.id.key() });
        item::ends(&mut row, delivery.expires_at);
        let put = self.db.put_item().table_name(&self.tables.lookups).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// The deliveries of a subject before one, newest first, at most `limit` (`FACTS S2.5`).
    #[expect(clippy::too_many_arguments, reason = "whose, until when, and which page of them")]
    pub async fn deliveries_of_subject(
        &self,
        ws: WorkspaceId,
        subject: &str,
        now: Timestamp,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        // `~` is above every digit.
        let mut before = before.map_or_else(|| "~".to_owned(), |id| id.key());
        let mut found = Vec::new();
        // The lookup of a deleted delivery does not use up the limit.
        while found.len() < limit {
            let query = self
                .db
                .query()
                .table_name(&self.tables.lookups)
                .key_condition_expression("pk = :pk AND sk < :before")
                .filter_expression("xm > :now")
                .expression_attribute_values(":pk", item::s(keys::lookups::subject(ws, subject)))
                .expression_attribute_values(":before", item::s(&before))
                .expression_attribute_values(":now", item::ms(now))
                .scan_index_forward(false);
            let rows = self.some(query, limit - found.len()).await?;
            let ids = rows.iter().map(id_of).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = ids.last() else { break };
            before = last.key();
            found.append(&mut self.deliveries_by_id(ws, &ids, now).await?);
        }
        Ok(found)
    }
}

/// The attribute for a delivery's document, the other attribute that may hold the previous one, and
/// the document.
pub(crate) fn document_of(
    delivery: &Delivery,
) -> Result<(&'static str, &'static str, AttributeValue), StoreError> {
    let (name, document) = item::document(delivery, PLAIN)?;
    Ok((name, if name == "z" { "doc" } else { "z" }, document))
}

/// A state's word, as an attribute.
fn state(name: StateName) -> AttributeValue {
    item::s(name.as_str())
}

/// Reads the id that is a row's sort key.
pub(crate) fn id_of(row: &Item) -> Result<DeliveryId, StoreError> {
    DeliveryId::from_key(item::text(row, "sk")?).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn row(ws: WorkspaceId, delivery: &Delivery, writer: &str) -> Result<Item, StoreError> {
    let mut row = item::key(&keys::deliveries::delivery(ws, delivery.id));
    let (name, _, document) = document_of(delivery)?;
    row.insert(name.to_owned(), document);
    row.insert("st".to_owned(), state(delivery.state.name()));
    row.insert("n".to_owned(), item::n(delivery.next_attempt()));
    row.insert("v".to_owned(), item::n(1));
    row.insert("w".to_owned(), item::s(writer));
    row.insert("ru".to_owned(), item::s(delivery.rule.key()));
    let target = match delivery.target {
        Target::Endpoint(endpoint) => endpoint.key(),
        Target::Integration { integration, .. } => integration.key(),
    };
    row.insert("ep".to_owned(), item::s(target));
    item::ends(&mut row, delivery.expires_at);
    Ok(row)
}

/// Reads a row, from the stream too.
#[expect(clippy::needless_pass_by_value, reason = "made for map, which gives values")]
pub fn delivery_from_item(item: Item) -> Result<StoredDelivery, StoreError> {
    let (pk, sk) = (item::text(&item, "pk")?, item::text(&item, "sk")?);
    let lost = || StoreError::Corrupt(format!("no delivery key: {pk} {sk}"));
    let (workspace, _) = keys::deliveries::parse(pk, sk).ok_or_else(lost)?;
    let token = item::text(&item, "ct").ok().map(str::to_owned);
    let claim = token.zip(item::moment(&item, "busy"));
    Ok(StoredDelivery {
        workspace,
        delivery: item::doc(&item)?,
        version: item::number(&item, "v").unwrap_or(0),
        claim: claim.map(|(token, until)| Claim { token, until }),
    })
}
