//! The failures that are counted together, and the successes between them: one row per gate.

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

/// The time for which a row is kept after its last entry.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The number of tries of a change that conflicts with other writes of the same row.
const TRIES: usize = 8;

impl Store {
    /// The recorded failures that can close a gate, and the version of the row; 0 if there is none.
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

    /// Writes it as the version after `from`. `false`: another write was first.
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

    /// Resets the health of a gate: earlier failures no longer count. If another write was first, it
    /// reads and writes again, up to eight times, then fails with [`StoreError::Busy`].
    pub async fn forgive(
        &self,
        ws: WorkspaceId,
        gate: &GateKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let (mut health, version) = self.health(ws, gate).await?;
            health.forgive(now);
            if self.put_health(ws, gate, &health, version).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy("a health row".to_owned()))
    }

    /// All health rows of a workspace.
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

/// The time of the last entry of a row.
fn newest(health: &Health) -> Option<Timestamp> {
    let failure = health.failures.last().map(|failed_attempt| failed_attempt.at);
    failure.max(health.last_success).max(health.forgiven_until)
}
