//! The state of gates: whether an endpoint may be sent to. Gates are read strongly consistently and
//! never cached. Each change names the generation that it starts from, so that only one of several
//! concurrent changes succeeds.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::gate::{Gate, GateKey},
};

use crate::{
    Store, StoreError,
    error::met_by_put,
    item::{self, Item},
    keys::{self, Key},
};

impl Store {
    /// Gates, in the order of the keys; one call, strongly consistent. A gate without a row is
    /// open.
    pub async fn gates(&self, ws: WorkspaceId, gates: &[GateKey]) -> Result<Vec<Gate>, StoreError> {
        let mut keys: Vec<Key> = gates.iter().map(|gate| keys::gates::gate(ws, gate)).collect();
        let requested = keys.clone();
        keys.sort();
        keys.dedup();
        let found = match keys.as_slice() {
            [] => Vec::new(),
            [one] => self.get(&self.tables.coordination, one).await?.into_iter().collect(),
            several => {
                let several = several.iter().map(item::key).collect();
                self.batch_get(&self.tables.coordination, several).await?
            }
        };
        let gate = |key: &Key| {
            let lies_there = |row: &&Item| item::text(row, "pk").is_ok_and(|pk| pk == key.pk);
            found.iter().find(lies_there).map_or_else(|| Ok(Gate::default()), item::doc)
        };
        requested.iter().map(gate).collect()
    }

    /// Changes a gate from generation `from` (0: it has no row). `false`: another change was first.
    /// The same change sent again, as after a lost reply, succeeds.
    pub async fn change_gate(
        &self,
        ws: WorkspaceId,
        key: &GateKey,
        from: u64,
        gate: &Gate,
    ) -> Result<bool, StoreError> {
        let mut row = item::row(&keys::gates::gate(ws, key), gate)?;
        row.insert("g".to_owned(), item::n(gate.generation));
        let condition = match from {
            0 => "attribute_not_exists(pk) OR g = :from",
            _ => "g = :from",
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
            Err(error) => match met_by_put(error)? {
                Some(row) => Ok(item::doc::<Gate>(&row)? == *gate),
                None => Ok(false),
            },
        }
    }
}
