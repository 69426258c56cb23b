//! The hourly sweep: all origins, and how far the sweep came.

use gancho_domain::{
    common::ids::{OriginId, WorkspaceId},
    inbound::origin::Origin,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Item, Store, StoreError, error::from_sdk, item, keys};

/// The progress of the sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The origin that the next run reaches first; `None`: any.
    pub next: Option<(WorkspaceId, OriginId)>,
    /// The start of the run that began the present round over all origins.
    pub round: Option<Timestamp>,
    /// The start of the last round that reached every origin.
    pub complete: Option<Timestamp>,
}

impl Store {
    /// Every origin of every workspace, by workspace and age. Reads the whole table of
    /// configuration: call it only hourly. A row that cannot be read is logged and left out.
    pub async fn all_origins(&self) -> Result<Vec<(WorkspaceId, Origin)>, StoreError> {
        let found = self
            .db
            .scan()
            .table_name(&self.tables.config)
            .filter_expression("begins_with(sk, :origins)")
            .expression_attribute_values(":origins", item::s(keys::config::ORIGINS))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(from_sdk)?;
        let read = |row: &Item| {
            let workspace = WorkspaceId::from_key(item::text(row, "pk")?);
            let workspace = workspace.map_err(|e| StoreError::Corrupt(e.to_string()))?;
            Ok::<_, StoreError>((workspace, item::doc::<Origin>(row)?))
        };
        let mut origins = Vec::new();
        for row in &found {
            match read(row) {
                Ok(origin) => origins.push(origin),
                Err(error) => {
                    let key = item::text(row, "sk").unwrap_or_default();
                    tracing::error!(row.key = key, error.cause = %error, "a row could not be read");
                }
            }
        }
        origins.sort_by_key(|(ws, origin)| (*ws, origin.id));
        Ok(origins)
    }

    /// The progress of the sweep. `None`: no run has ended.
    pub async fn sweep_position(&self) -> Result<Option<Position>, StoreError> {
        let row = self.get(&self.tables.coordination, &keys::coordination::sweep()).await?;
        item::maybe_doc(row)
    }

    /// Records how far the sweep came.
    pub async fn put_sweep_position(&self, position: &Position) -> Result<(), StoreError> {
        let row = item::row(&keys::coordination::sweep(), position)?;
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }
}
