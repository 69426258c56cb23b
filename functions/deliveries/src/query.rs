//! A parsed list request and its cursor.

use std::sync::Arc;

use gancho_domain::{
    common::{
        ids::{DeliveryId, WorkspaceId},
        list_query::ListQuery,
        workspace::{Role, Workspace},
    },
    outbound::delivery_filter::DeliveryFilter,
};
use gancho_edge::{http::Call, page::List, problem::ApiError};

use crate::App;

/// A request for the list, parsed and validated.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) ws: WorkspaceId,
    pub(crate) role: Role,
    pub(crate) query: ListQuery<DeliveryFilter>,
    /// The page begins below this id.
    pub(crate) below: Option<DeliveryId>,
}

impl ListRequest {
    pub(crate) async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
        let ws = call.workspace;
        let workspace = app.workspace(ws).await?;
        let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = ListQuery::from_pairs(pairs, &workspace)?;
        let mut requested = Self { workspace, ws, role: call.caller.role, query, below: None };
        let cursor = requested.query.cursor.as_deref();
        requested.below = requested.with_list(|list| list.open(cursor, DeliveryId::from_bytes))?;
        Ok(requested)
    }

    /// Calls `then` with the list. A cursor of one list is invalid for another.
    pub(crate) fn with_list<T>(&self, then: impl FnOnce(List<'_>) -> T) -> T {
        let name: &[&str] = &["deliveries", &self.ws.key(), &self.query.filter.canonical()];
        then(List { secret: &self.workspace.secret, name })
    }
}
