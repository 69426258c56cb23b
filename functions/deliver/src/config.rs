//! Caches the configuration that an attempt needs for five seconds: workspaces, endpoints, versions
//! of rules, integrations.

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::{
        ids::{EndpointId, IntegrationId, OriginId, RuleId, WorkspaceId},
        workspace::Workspace,
    },
    inbound::{integration::Integration, origin::Origin},
    outbound::{endpoint::Endpoint, rule::Rule},
};
use gancho_edge::cached::Cached;
use gancho_store::{Store, StoreError};
use jiff::Timestamp;

const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// Cached values; `None` records that the value does not exist.
type Kept<K, V> = Cached<K, Option<Arc<V>>>;

/// The cached configuration.
#[derive(Debug)]
pub(crate) struct Configs {
    workspaces: Kept<WorkspaceId, Workspace>,
    endpoints: Kept<(WorkspaceId, EndpointId), Endpoint>,
    rules: Kept<(WorkspaceId, RuleId, u64), Rule>,
    inbounds: Kept<(WorkspaceId, OriginId, IntegrationId), Inbound>,
}

/// An integration that is the target of deliveries, and its origin.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) origin: Origin,
    pub(crate) integration: Integration,
}

impl Configs {
    pub(crate) fn new() -> Self {
        Self {
            workspaces: Cached::new(CAPACITY),
            endpoints: Cached::new(CAPACITY),
            rules: Cached::new(CAPACITY),
            inbounds: Cached::new(CAPACITY),
        }
    }

    pub(crate) async fn workspace(
        &self,
        store: &Store,
        ws: WorkspaceId,
        now: Timestamp,
    ) -> Result<Option<Arc<Workspace>>, StoreError> {
        self.workspaces.get_or_read(ws, now, || found(store.workspace(ws))).await
    }

    pub(crate) async fn endpoint(
        &self,
        store: &Store,
        (ws, id): (WorkspaceId, EndpointId),
        now: Timestamp,
    ) -> Result<Option<Arc<Endpoint>>, StoreError> {
        self.endpoints.get_or_read((ws, id), now, || found(store.endpoint(ws, id))).await
    }

    pub(crate) async fn rule(
        &self,
        store: &Store,
        (ws, id, version): (WorkspaceId, RuleId, u64),
        now: Timestamp,
    ) -> Result<Option<Arc<Rule>>, StoreError> {
        let read = || found(store.rule_version(ws, id, version));
        self.rules.get_or_read((ws, id, version), now, read).await
    }

    pub(crate) async fn inbound(
        &self,
        store: &Store,
        (ws, origin, integration): (WorkspaceId, OriginId, IntegrationId),
        now: Timestamp,
    ) -> Result<Option<Arc<Inbound>>, StoreError> {
        let read = async || {
            let read =
                futures::try_join!(store.origin(ws, origin), store.integration(ws, integration))?;
            let (Some(origin), Some(integration)) = read else { return Ok(None) };
            let same = integration.origin == origin.id;
            Ok(same.then(|| Arc::new(Inbound { origin, integration })))
        };
        self.inbounds.get_or_read((ws, origin, integration), now, read).await
    }
}

/// A value to cache, from what the store read.
async fn found<V>(
    read: impl Future<Output = Result<Option<V>, StoreError>>,
) -> Result<Option<Arc<V>>, StoreError> {
    Ok(read.await?.map(Arc::new))
}
