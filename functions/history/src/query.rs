//! A parsed list request and its cursor.

use std::sync::Arc;

use gancho_domain::{
    common::{ids::WebhookId, list_query::ListQuery, workspace::Workspace},
    inbound::{applications, filter::Filter},
};
use gancho_edge::{http::Call, page::List, problem::ApiError};
use gancho_store::listing::Scope;

use crate::App;

/// A parsed and validated list request.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) scope: Scope,
    pub(crate) query: ListQuery<Filter>,
    /// The exclusive upper bound of the page.
    pub(crate) below: Option<WebhookId>,
}

impl ListRequest {
    pub(crate) async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
        let ws = call.workspace;
        let id = call.id("origin")?;
        let (workspace, origin) = futures::try_join!(app.workspace(ws), app.origin(ws, id))?;
        let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = ListQuery::from_pairs(pairs, &workspace)?;
        known_applications(&query.filter)?;
        let scope = Scope { workspace: ws, origin: origin.id, shards: origin.read_shards };
        let mut request = Self { workspace, scope, query, below: None };
        let cursor = request.query.cursor.as_deref();
        request.below = request.with_list(|list| list.open(cursor, WebhookId::from_bytes))?;
        Ok(request)
    }

    /// Calls `then` with the list. A cursor of one list is invalid for another.
    pub(crate) fn with_list<T>(&self, then: impl FnOnce(List<'_>) -> T) -> T {
        let (ws, origin) = (self.scope.workspace.key(), self.scope.origin.key());
        let name: &[&str] = &["webhooks", &ws, &origin, &self.query.filter.canonical()];
        then(List { secret: &self.workspace.secret, name })
    }
}

pub(crate) fn known_applications(filter: &Filter) -> Result<(), ApiError> {
    let known = filter.applications.iter().all(|key| applications::find(key).is_some());
    if known { Ok(()) } else { Err(ApiError::invalid("application", "unknown_value")) }
}
