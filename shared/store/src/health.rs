//! The failures that count together, and the successes between them: one row a gate.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{gate::GateKey, health::Health},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    error::met_by_put,
    item::{self, Item},
    keys,
};

/// How long a row is kept after the last thing that it knows.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Store {
    /// What is known about the failures that close a gate, and the version of it; 0 where nothing
    /// is known.
    pub async fn health(
        &self,
        ws: WorkspaceId,
        gate: &GateKey,
    ) -> Result<(Health, u64), StoreError> {
        match self.get(&self.tables.coordination, &keys::gates::health(ws, gate)).await? {
            None => Ok((Health::default(), 0)),
            Some(row) => Ok((item::doc(&row)?, item::number(&row, "v").unwrap_or(0))),
        }
    }

    /// Writes it as the version after `from`. `false`: another one was first.
    pub async fn put_health(
        &self,
        ws: WorkspaceId,
        gate: &GateKey,
        health: &Health,
        from: u64,
    ) -> Result<bool, StoreError> {
        let mut row = item::packed_row(&keys::gates::health(ws, gate), health)?;
        row.insert("v".to_owned(), item::n(from + 1));
        if let Some(end) = newest(health).and_then(|at| at.checked_add(KEPT).ok()) {
            item::expires(&mut row, end);
        }
        let condition = match from {
            0 => "attribute_not_exists(pk) OR v = :from",
            _ => "v = :from",
        };
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.coordination)
            .set_item(Some(row))
            .condition_expression(condition)
            .expression_attribute_values(":from", item::n(from))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(true),
            // Its own row: the reply of the first try was lost.
            Err(error) => match met_by_put(error)? {
                Some(row) => Ok(item::number(&row, "v") == Some(from + 1)
                    && item::doc::<Health>(&row)? == *health),
                None => Ok(false),
            },
        }
    }

    /// Everything that is known in a workspace.
    pub async fn all_health(&self, ws: WorkspaceId) -> Result<Vec<(GateKey, Health)>, StoreError> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", item::s(keys::gates::healths(ws)));
        let read = |row: &Item| {
            let sk = item::text(row, "sk")?;
            let gate = keys::gates::parse(sk);
            let gate = gate.ok_or_else(|| StoreError::Corrupt(format!("no gate: {sk}")))?;
            Ok((gate, item::doc(row)?))
        };
        self.some(query, usize::MAX).await?.iter().map(read).collect()
    }
}

/// The last thing that a row knows.
fn newest(health: &Health) -> Option<Timestamp> {
    let failure = health.failures.last().map(|failed_attempt| failed_attempt.at);
    failure.max(health.last_success).max(health.forgiven_until)
}
