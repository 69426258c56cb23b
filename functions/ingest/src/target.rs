//! Whom does an ingest URL belong to? Kept for five seconds, unknown tokens too.

use std::{num::NonZeroUsize, sync::Arc};

use gancho_domain::{
    common::{ids::WorkspaceId, token},
    inbound::integration::Integration,
};
use gancho_edge::{cached::Cached, problem::ApiError};
use gancho_store::{Store, StoreError};
use jiff::Timestamp;

/// Tokens that are kept: integrations that are busy at the same time, and some scanning.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// What an ingest URL leads to, as far as receiving needs it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) workspace: WorkspaceId,
    pub(crate) suspended: bool,
    pub(crate) months: u8,
    pub(crate) write_shards: u8,
    pub(crate) integration: Integration,
    /// Until when the token works, once it was rotated away.
    until: Option<Timestamp>,
}

/// What is known of tokens.
#[derive(Debug)]
pub(crate) struct Targets(Cached<String, Option<Arc<Target>>>);

impl Targets {
    pub(crate) fn new() -> Self {
        Self(Cached::new(CAPACITY))
    }

    /// What a token leads to; `None` for unknown, wrong, deleted and expired alike.
    pub(crate) async fn find(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Target>>, ApiError> {
        let Some(workspace) = token::workspace_of(token) else { return Ok(None) };
        let found = if let Some(known) = self.0.fresh(&token.to_owned(), now) {
            known
        } else {
            let read = read(store, workspace, token).await?.map(Arc::new);
            self.0.keep(token.to_owned(), read.clone(), now);
            read
        };
        Ok(found.filter(|target| target.until.is_none_or(|until| now < until)))
    }
}

async fn read(store: &Store, ws: WorkspaceId, token: &str) -> Result<Option<Target>, StoreError> {
    let Some(leads_to) = store.token(ws, token).await? else { return Ok(None) };
    let (workspace, integration) =
        futures::try_join!(store.workspace(ws), store.integration(ws, leads_to.integration))?;
    let (Some(workspace), Some(integration)) = (workspace, integration) else { return Ok(None) };
    let Some(origin) = store.origin(ws, integration.origin).await? else { return Ok(None) };
    Ok(Some(Target {
        workspace: ws,
        suspended: workspace.suspended,
        months: workspace.inbound_months,
        write_shards: origin.write_shards.max(1),
        integration,
        until: leads_to.until,
    }))
}
