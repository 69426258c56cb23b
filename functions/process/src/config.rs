//! The configuration of a run, cached for five seconds with its compiled mapping.

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::{
        expression::Expression,
        ids::{IntegrationId, OriginId, WorkspaceId},
        workspace::Workspace,
    },
    crm::mapping::CompiledMapping,
    inbound::{
        integration::{DedupeSource, Integration},
        origin::Origin,
    },
};
use gancho_edge::cached::Cached;
use gancho_store::{Store, StoreError};
use jiff::{Timestamp, tz::TimeZone};

const CAPACITY: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// The configuration of a run.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) workspace: Workspace,
    pub(crate) zone: TimeZone,
    pub(crate) origin: Origin,
    pub(crate) integration: Integration,
    /// `None` if the stored mapping, or the path of the delivery id, no longer compiles.
    pub(crate) mapping: Option<CompiledMapping>,
    /// The path of the delivery id, if the payload holds it.
    pub(crate) dedupe: Option<Expression>,
}

/// An integration of a workspace.
pub(crate) type ConfigKey = (WorkspaceId, OriginId, IntegrationId);

/// The age that configuration may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheUse {
    /// Cached configuration is allowed: a webhook that was just received.
    Recent,
    /// The current configuration: a reprocess uses the current mapping (`FACTS D15`).
    Now,
}

/// The cached configuration by integration.
#[derive(Debug)]
pub(crate) struct Configs {
    recent: Cached<ConfigKey, Option<Arc<Config>>>,
}

impl Configs {
    pub(crate) fn new() -> Self {
        Self { recent: Cached::new(CAPACITY) }
    }

    /// The configuration. `None` if the workspace, origin or integration does not exist.
    pub(crate) async fn find(
        &self,
        store: &Store,
        key: ConfigKey,
        cache_use: CacheUse,
        now: Timestamp,
    ) -> Result<Option<Arc<Config>>, StoreError> {
        let read = async || Ok(read(store, key).await?.map(Arc::new));
        match cache_use {
            CacheUse::Recent => self.recent.get_or_read(key, now, read).await,
            CacheUse::Now => self.recent.read(key, now, read).await,
        }
    }
}

async fn read(
    store: &Store,
    (ws, origin, integration): ConfigKey,
) -> Result<Option<Config>, StoreError> {
    let (workspace, origin, integration) = futures::try_join!(
        store.workspace(ws),
        store.origin(ws, origin),
        store.integration(ws, integration)
    )?;
    let (Some(workspace), Some(origin), Some(integration)) = (workspace, origin, integration)
    else {
        return Ok(None);
    };
    let dedupe = match integration.dedupe.as_ref().map(|dedupe| &dedupe.source) {
        Some(DedupeSource::Path(path)) => Expression::compile(path).map(Some),
        Some(DedupeSource::Header(_) | DedupeSource::Body) | None => Ok(None),
    };
    // Without the path of the delivery id a duplicate would have an effect.
    let mapping = CompiledMapping::compile(&integration.mapping).ok().filter(|_| dedupe.is_ok());
    let dedupe = dedupe.unwrap_or(None);
    Ok(Some(Config { zone: workspace.zone(), workspace, origin, integration, mapping, dedupe }))
}
