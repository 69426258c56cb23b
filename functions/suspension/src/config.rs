//! Caches configuration: endpoints for five seconds, the list of workspaces for ten minutes.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{endpoint::Endpoint, gate::GateKey},
};
use gancho_edge::cached::Cached;
use gancho_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

const CAPACITY: NonZeroUsize = NonZeroUsize::new(2_048).expect("not zero");
/// Lifetime of the cached list of workspaces. Retries are parked for at least 15 minutes, so a new
/// workspace is listed in time for them. Only the first probe of an endpoint in a new workspace, if
/// it is parked for less, may be late by this time.
const WORKSPACES_FOR: SignedDuration = SignedDuration::from_mins(10);

type Workspaces = Option<(Timestamp, Arc<Vec<WorkspaceId>>)>;

/// The cached configuration.
#[derive(Debug)]
pub(crate) struct Known {
    endpoints: Cached<(WorkspaceId, EndpointId), Option<Arc<Endpoint>>>,
    workspaces: Mutex<Workspaces>,
}

impl Known {
    pub(crate) fn new() -> Self {
        Self { endpoints: Cached::new(CAPACITY), workspaces: Mutex::new(None) }
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

    /// Lists every workspace, at most ten minutes old.
    pub(crate) async fn workspaces(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Arc<Vec<WorkspaceId>>, StoreError> {
        if let Some(known) = self.cached_workspaces(now) {
            return Ok(known);
        }
        let read = Arc::new(store.all_workspaces().await?);
        *self.workspaces.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((now, Arc::clone(&read)));
        Ok(read)
    }

    fn cached_workspaces(&self, now: Timestamp) -> Option<Arc<Vec<WorkspaceId>>> {
        let known = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, list) = known.as_ref()?;
        let age = now.duration_since(*at);
        (SignedDuration::ZERO <= age && age < WORKSPACES_FOR).then(|| Arc::clone(list))
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
