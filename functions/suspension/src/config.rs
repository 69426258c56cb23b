//! Caches endpoints for five seconds, and the hours that the timers read.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{endpoint::Endpoint, gate::GateKey},
};
use gancho_edge::cached::Cached;
use gancho_store::{Store, StoreError, parked::Hours};
use jiff::Timestamp;

const CAPACITY: NonZeroUsize = NonZeroUsize::new(2_048).expect("not zero");
/// The cached configuration.
#[derive(Debug)]
pub(crate) struct Known {
    endpoints: Cached<(WorkspaceId, EndpointId), Option<Arc<Endpoint>>>,
    hours: Mutex<Option<Hours>>,
}

impl Known {
    pub(crate) fn new() -> Self {
        Self { endpoints: Cached::new(CAPACITY), hours: Mutex::new(None) }
    }

    /// Reads an endpoint, at most five seconds old; `None`: it was deleted.
    pub(crate) async fn endpoint(
        &self,
        store: &Store,
        key: (WorkspaceId, EndpointId),
        now: Timestamp,
    ) -> Result<Option<Arc<Endpoint>>, StoreError> {
        let read = async || Ok(store.endpoint(key.0, key.1).await?.map(Arc::new));
        self.endpoints.get_or_read(key, now, read).await
    }

    /// The hours that the timers read, of any age: older ones only cost more reads. `None`: nothing
    /// was ever parked.
    pub(crate) async fn hours(&self, store: &Store) -> Result<Option<Hours>, StoreError> {
        let known = self.hours.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some() {
            return Ok(known);
        }
        let read = store.parked_hours().await?;
        self.set_hours(read.clone());
        Ok(read)
    }

    /// Caches the hours that were written; `None`: they are read again.
    pub(crate) fn set_hours(&self, hours: Option<Hours>) {
        *self.hours.lock().unwrap_or_else(PoisonError::into_inner) = hours;
    }
}

/// Reads the endpoints that a gate covers, uncached.
pub(crate) async fn covered(
    store: &Store,
    ws: WorkspaceId,
    gate: &GateKey,
) -> Result<Vec<Endpoint>, StoreError> {
    if let GateKey::Endpoint(id) = gate {
        return Ok(store.endpoint(ws, *id).await?.into_iter().collect());
    }
    let mut endpoints = store.endpoints(ws).await?;
    endpoints.retain(|endpoint| gate.covers(endpoint));
    Ok(endpoints)
}
