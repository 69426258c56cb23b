//! Leases of lanes.

use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use super::{LaneKey, later};
use crate::{
    Store, StoreError,
    error::met_by_update,
    item::{self, Item},
    keys,
};

/// The result of taking a lane's lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The lease was taken.
    Leased {
        /// The earliest time of the next request, as the previous holder left it.
        not_before: Option<Timestamp>,
    },
    /// Another worker holds it until then, or longer.
    Held(Timestamp),
}

impl Store {
    /// Takes a lane's lease until `until`. `token` is new for every worker; the same token can take
    /// it again.
    pub async fn take_lane(
        &self,
        key: LaneKey,
        token: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Lane, StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(lease(key)))
            .update_expression("SET lt = :token, lu = :until, expires_at = :end")
            .condition_expression("attribute_not_exists(lt) OR lu <= :now OR lt = :token")
            .expression_attribute_values(":token", item::s(token))
            .expression_attribute_values(":until", item::ms(until))
            .expression_attribute_values(":now", item::ms(now))
            .expression_attribute_values(":end", item::n(later(until).as_second()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(done) => {
                let row = done.attributes.unwrap_or_default();
                Ok(Lane::Leased { not_before: item::moment(&row, "nb") })
            }
            Err(error) => {
                let until = met_by_update(error)?.and_then(|row| item::moment(&row, "lu"));
                Ok(Lane::Held(until.unwrap_or(now)))
            }
        }
    }

    /// Extends a lane's lease. `false`: another worker has taken it.
    pub async fn keep_lane(
        &self,
        key: LaneKey,
        token: &str,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(lease(key)))
            .update_expression("SET lu = :until, expires_at = :end")
            .condition_expression("lt = :token")
            .expression_attribute_values(":token", item::s(token))
            .expression_attribute_values(":until", item::ms(until))
            .expression_attribute_values(":end", item::n(later(until).as_second()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => met_by_update(error).map(|_| false),
        }
    }

    /// Releases a lane's lease; `not_before` is the earliest time of the next request. A lease of
    /// another worker is not changed.
    pub async fn free_lane(
        &self,
        key: LaneKey,
        token: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(lease(key)))
            .condition_expression("lt = :token")
            .expression_attribute_values(":token", item::s(token));
        let update = match not_before {
            None => update.update_expression("REMOVE lt, lu, nb"),
            Some(at) => update
                .update_expression("SET nb = :nb REMOVE lt, lu")
                .expression_attribute_values(":nb", item::ms(at)),
        };
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => met_by_update(error).map(drop),
        }
    }
}

fn lease(key: LaneKey) -> Item {
    item::key(&keys::lanes::lease(key.workspace, key.endpoint, key.lane))
}
