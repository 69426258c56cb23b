//! Finds the integration of an ingest URL. The result is cached for five seconds, also for unknown
//! tokens.

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::{ids::WorkspaceId, token},
    inbound::integration::Integration,
};
use gancho_edge::{cached::Cached, problem::ApiError};
use gancho_store::{Store, StoreError};
use jiff::Timestamp;

/// The number of cached tokens: enough for the integrations that are active at the same time, and
/// for some scanning.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// The target of an ingest URL, with the fields that ingest needs.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) workspace: WorkspaceId,
    pub(crate) suspended: bool,
    pub(crate) months: u8,
    pub(crate) write_shards: u8,
    pub(crate) integration: Integration,
    /// The end of a rotated token.
    until: Option<Timestamp>,
}

impl Target {
    /// Reads the target of a token, past the cache.
    pub(crate) async fn read(
        store: &Store,
        ws: WorkspaceId,
        token: &str,
    ) -> Result<Option<Self>, StoreError> {
        let Some(row) = store.token(ws, token).await? else { return Ok(None) };
        let (workspace, integration) =
            futures::try_join!(store.workspace(ws), store.integration(ws, row.integration))?;
        let (Some(workspace), Some(integration)) = (workspace, integration) else {
            return Ok(None);
        };
        let Some(origin) = store.origin(ws, integration.origin).await? else { return Ok(None) };
        // The last rotation ends every older URL, also one that an earlier rotation left more time.
        let previous_until = integration.previous_token_until.unwrap_or(Timestamp::MIN);
        Ok(Some(Self {
            workspace: ws,
            suspended: workspace.suspended,
            months: workspace.inbound_months,
            write_shards: origin.write_shards.max(1),
            until: row.until.map(|until| until.min(previous_until)),
            integration,
        }))
    }
}

/// The cached targets by token.
#[derive(Debug)]
pub(crate) struct Targets(Cached<String, Option<Arc<Target>>>);

impl Targets {
    pub(crate) fn new() -> Self {
        Self(Cached::new(CAPACITY))
    }

    /// The target of a token. `None` for unknown, wrong, deleted and expired tokens.
    pub(crate) async fn find(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Target>>, ApiError> {
        let Some(workspace) = token::workspace_of(token) else { return Ok(None) };
        let read = async || Target::read(store, workspace, token).await.map(|it| it.map(Arc::new));
        let found = self.0.get_or_read(token.to_owned(), now, read).await?;
        Ok(found.filter(|target| target.until.is_none_or(|until| now < until)))
    }
}
