//! The state of gates: whether an endpoint may be sent to. Gates are read strongly consistently and
//! never cached. Each change names the generation that it starts from, so that only one of several
//! concurrent changes succeeds.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use gancho_domain::{
    common::ids::WorkspaceId,
    outbound::{
        gate::{DisabledReason, Gate, GateKey, GateState},
        health::Reason,
    },
};

use crate::{
    Store, StoreError,
    error::met_by_put,
    item::{self, Item},
    keys::{self, Key},
};

/// The number of tries of a transition that conflicts with other changes of the same gate.
const TRIES: usize = 8;

/// The result of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// The gate is now in this state.
    Changed(Gate),
    /// The decision was to keep the gate in this state.
    Kept(Gate),
}

impl Store {
    /// Reads a gate, decides its next state and writes it. If another change was first, it reads and
    /// decides again, up to eight times, then fails with [`StoreError::Busy`]. `decide` may prepare
    /// what must exist before the change; it may run several times. `None` keeps the gate.
    pub async fn transition_gate<R, E>(
        &self,
        ws: WorkspaceId,
        key: &GateKey,
        mut decide: impl FnMut(Gate) -> R,
    ) -> Result<Transition, E>
    where
        R: Future<Output = Result<Option<GateState>, E>>,
        E: From<StoreError>,
    {
        for _ in 0..TRIES {
            let read = self.gates(ws, std::slice::from_ref(key)).await?;
            let gate = read.into_iter().next().unwrap_or_default();
            let Some(state) = decide(gate.clone()).await? else {
                return Ok(Transition::Kept(gate));
            };
            let from = gate.generation;
            let next = gate.into_state(state);
            if self.change_gate(ws, key, from, &next).await? {
                return Ok(Transition::Changed(next));
            }
        }
        Err(StoreError::Busy("a gate".to_owned()).into())
    }

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
    /// The same change sent again, as after a lost reply, succeeds. Logs the change.
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
            Ok(_) => {
                log(ws, key, gate);
                Ok(true)
            }
            Err(error) => match met_by_put(error)? {
                Some(row) => Ok(item::doc::<Gate>(&row)? == *gate),
                None => Ok(false),
            },
        }
    }
}

/// Logs the new state of a gate.
fn log(ws: WorkspaceId, key: &GateKey, gate: &Gate) {
    let (endpoint, scope) = match key {
        GateKey::Endpoint(id) => (Some(id.to_string()), "endpoint"),
        GateKey::Url(_) => (None, "url"),
        GateKey::Workspace => (None, "workspace"),
    };
    let seen = Seen::of(&gate.state);
    tracing::info!(
        workspace.id = %ws,
        endpoint.id = endpoint,
        gate.scope = scope,
        gate.state = seen.state,
        gate.generation = gate.generation,
        gate.reason = seen.reason,
        gate.failures = seen.failures,
        delivery.id = seen.probe,
        "gate changed"
    );
}

/// The log fields of a state.
#[derive(Default)]
struct Seen {
    state: &'static str,
    reason: Option<&'static str>,
    failures: Option<usize>,
    probe: Option<String>,
}

impl Seen {
    fn of(state: &GateState) -> Self {
        match state {
            GateState::Open => Self { state: "open", ..Self::default() },
            GateState::Suspended(by) => Self {
                state: "suspended",
                reason: Some(word(&by.reason)),
                failures: Some(by.attempts.len()),
                probe: None,
            },
            GateState::Probing { delivery, suspended, .. } => Self {
                state: "probing",
                reason: Some(word(&suspended.reason)),
                failures: None,
                probe: delivery.map(|id| id.to_string()),
            },
            GateState::Disabled { reason, .. } => {
                let reason = match reason {
                    DisabledReason::ByPerson => "by_person",
                    DisabledReason::EndpointGone => "endpoint_gone",
                };
                Self { state: "disabled", reason: Some(reason), ..Self::default() }
            }
        }
    }
}

fn word(reason: &Reason) -> &'static str {
    match reason {
        Reason::Window { .. } => "window",
        Reason::Streak { .. } => "streak",
    }
}
