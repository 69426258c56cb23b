//! The rules and endpoints of a workspace, cached for five seconds.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::ids::{EndpointId, WorkspaceId},
    outbound::{
        endpoint::Endpoint,
        rule::{Rule, Target},
    },
};
use gancho_edge::cached::Cached;
use gancho_store::{Store, StoreError};
use jiff::Timestamp;

const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// The configuration of a workspace.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) rules: Vec<Rule>,
    pub(crate) endpoints: BTreeMap<EndpointId, Endpoint>,
}

/// The cached configuration by workspace.
#[derive(Debug)]
pub(crate) struct Configs(Cached<WorkspaceId, Arc<Config>>);

impl Configs {
    pub(crate) fn new() -> Self {
        Self(Cached::new(CAPACITY))
    }

    /// The configuration of a workspace, at most five seconds old.
    pub(crate) async fn find(
        &self,
        store: &Store,
        ws: WorkspaceId,
        now: Timestamp,
    ) -> Result<Arc<Config>, StoreError> {
        self.0.get_or_read(ws, now, async || Ok(Arc::new(read(store, ws).await?))).await
    }
}

async fn read(store: &Store, ws: WorkspaceId) -> Result<Config, StoreError> {
    // Endpoints are read after rules, so that each rule has its endpoint unless that was deleted.
    let rules = store.rules(ws).await?;
    let sends = |rule: &Rule| rule.active && matches!(rule.target, Target::Endpoint(_));
    let endpoints = if rules.iter().any(sends) { store.endpoints(ws).await? } else { Vec::new() };
    let endpoints = endpoints.into_iter().map(|endpoint| (endpoint.id, endpoint)).collect();
    Ok(Config { rules, endpoints })
}
