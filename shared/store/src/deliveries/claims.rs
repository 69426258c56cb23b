//! Claims of an attempt, records of its result, and changes that are no attempt.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use gancho_domain::{
    common::ids::{DeliveryId, WorkspaceId},
    outbound::delivery::{Delivery, StateName},
};
use jiff::Timestamp;

use super::{Claim, StoredDelivery, delivery_from_item, document_of, state};
use crate::{
    Store, StoreError,
    error::met_by_update,
    item::{self, Item},
    keys,
};

/// The condition under which a claim can be taken: there is none, it has expired, or it is the same
/// one.
const FREE: &str = "(attribute_not_exists(ct) OR busy <= :now OR ct = :token)";

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The claim is held; the delivery as it is now.
    Granted(StoredDelivery),
    /// Another worker holds it until then.
    Busy(Timestamp),
    /// The attempt is not the next one, or nothing more is to be sent.
    Stale(StoredDelivery),
    /// The delivery does not exist, or it has ended.
    Gone,
}

/// The result of a change that is no request.
#[expect(clippy::large_enum_variant, reason = "one at a time, matched where it is made")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The delivery was changed; as it is now.
    Done(StoredDelivery),
    /// A request of it is being sent.
    Busy,
    /// The delivery is not as it was read.
    Moved,
}

impl Store {
    /// Claims the next attempt of a delivery, `attempt`, in one call. The same token can claim
    /// again.
    #[expect(clippy::too_many_arguments, reason = "whose, of what, by whom and when")]
    pub async fn claim_delivery(
        &self,
        ws: WorkspaceId,
        id: DeliveryId,
        attempt: u32,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let open = "xm > :now AND n = :n AND st IN (:queued, :retrying, :held)";
        let update = self
            .delivery_update(ws, id)
            .update_expression("SET ct = :token, busy = :until, v = v + :one")
            .condition_expression(format!("{open} AND {FREE}"))
            .expression_attribute_values(":token", item::s(&claim.token))
            .expression_attribute_values(":until", item::ms(claim.until))
            .expression_attribute_values(":now", item::ms(now))
            .expression_attribute_values(":n", item::n(attempt))
            .expression_attribute_values(":one", item::n(1))
            .expression_attribute_values(":queued", state(StateName::Queued))
            .expression_attribute_values(":retrying", state(StateName::Retrying))
            .expression_attribute_values(":held", state(StateName::Held))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(done) => {
                let row = done.attributes.ok_or(StoreError::Condition)?;
                delivery_from_item(row).map(Claimed::Granted)
            }
            Err(error) => met_claim(met_by_update(error)?, attempt, now),
        }
    }

    /// Releases a claim without a request: the delivery stays as it was. A claim of another worker
    /// is not changed.
    pub async fn release_claim(
        &self,
        ws: WorkspaceId,
        id: DeliveryId,
        token: &str,
    ) -> Result<(), StoreError> {
        let update = self
            .delivery_update(ws, id)
            .update_expression("SET v = v + :one REMOVE ct, busy")
            .condition_expression("ct = :token")
            .expression_attribute_values(":one", item::n(1))
            .expression_attribute_values(":token", item::s(token));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => met_by_update(error).map(drop),
        }
    }

    /// Records the result of the claim's request and releases the claim. `false`: nothing was
    /// written, because the claim had expired and another worker took it, or because it was
    /// released.
    pub async fn record(
        &self,
        ws: WorkspaceId,
        delivery: &Delivery,
        token: &str,
    ) -> Result<bool, StoreError> {
        let update = written(self.delivery_update(ws, delivery.id), delivery, ", w = :token")?
            .condition_expression("ct = :token")
            .expression_attribute_values(":token", item::s(token));
        match update.send().await {
            Ok(_) => Ok(true),
            // Its own row: the reply of the first try was lost.
            Err(error) => {
                let met = met_by_update(error)?;
                Ok(met.is_some_and(|row| item::text(&row, "w").is_ok_and(|w| w == token)))
            }
        }
    }

    /// Changes a delivery as it was read, without a request: a person, a gate, a deleted endpoint.
    /// An expired claim is removed with it.
    pub async fn change_delivery(
        &self,
        read: &StoredDelivery,
        delivery: Delivery,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let update = self.delivery_update(read.workspace, delivery.id);
        let update = written(update, &delivery, "")?
            .condition_expression("v = :read AND (attribute_not_exists(ct) OR busy <= :now)")
            .expression_attribute_values(":read", item::n(read.version))
            .expression_attribute_values(":now", item::ms(now));
        let done = StoredDelivery { delivery, version: read.version + 1, claim: None, ..*read };
        match update.send().await {
            Ok(_) => Ok(Changed::Done(done)),
            Err(error) => {
                let Some(row) = met_by_update(error)? else { return Ok(Changed::Moved) };
                met_change(row, done, now)
            }
        }
    }

    fn delivery_update(&self, ws: WorkspaceId, id: DeliveryId) -> UpdateItemFluentBuilder {
        self.db
            .update_item()
            .table_name(&self.tables.deliveries)
            .set_key(Some(item::key(&keys::deliveries::delivery(ws, id))))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// The parts that every write of a delivery sets: the document and the attributes beside it. It
/// ends the claim.
fn written(
    update: UpdateItemFluentBuilder,
    delivery: &Delivery,
    more: &str,
) -> Result<UpdateItemFluentBuilder, StoreError> {
    let (name, other, document) = document_of(delivery)?;
    let set = format!("SET {name} = :doc, st = :st, n = :n, v = v + :one{more}");
    Ok(update
        .update_expression(format!("{set} REMOVE {other}, ct, busy"))
        .expression_attribute_values(":doc", document)
        .expression_attribute_values(":st", state(delivery.state.name()))
        .expression_attribute_values(":n", item::n(delivery.next_attempt()))
        .expression_attribute_values(":one", item::n(1)))
}

/// Reads the row that a failed claim met.
fn met_claim(met: Option<Item>, attempt: u32, now: Timestamp) -> Result<Claimed, StoreError> {
    let Some(row) = met.filter(|row| !item::has_ended(row, now)) else { return Ok(Claimed::Gone) };
    let stored = delivery_from_item(row)?;
    let next = stored.delivery.next_attempt() == attempt && stored.delivery.state.is_open();
    match &stored.claim {
        Some(claim) if next => Ok(Claimed::Busy(claim.until)),
        // Free and next: the row has changed since the condition was evaluated. Retry.
        None if next => Err(StoreError::Busy("the delivery moved".to_owned())),
        Some(_) | None => Ok(Claimed::Stale(stored)),
    }
}

/// Reads the row that a failed change met: its own row, if the reply of the first try was lost.
fn met_change(row: Item, done: StoredDelivery, now: Timestamp) -> Result<Changed, StoreError> {
    let met = delivery_from_item(row)?;
    if met == done {
        return Ok(Changed::Done(done));
    }
    let live = met.claim.is_some_and(|claim| now < claim.until);
    Ok(if live { Changed::Busy } else { Changed::Moved })
}
