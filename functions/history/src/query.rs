//! A parsed list request and its cursor.

use std::sync::Arc;

use gancho_domain::{
    common::{
        code::Code,
        cursor,
        ids::WebhookId,
        workspace::{Role, Workspace},
    },
    inbound::{
        applications,
        filter::{Filter, FilterError, ListQuery},
    },
};
use gancho_edge::{http::Call, problem::ApiError};
use gancho_store::listing::Scope;

use crate::App;

/// A parsed and validated list request.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) scope: Scope,
    pub(crate) query: ListQuery,
    /// The exclusive upper bound of the page.
    pub(crate) below: Option<WebhookId>,
}

impl ListRequest {
    pub(crate) async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
        let ws = call.workspace(Role::Viewer)?;
        let id = call.id("origin")?;
        let (workspace, origin) = futures::try_join!(app.workspace(ws), app.origin(ws, id))?;
        let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = ListQuery::from_pairs(pairs, &workspace).map_err(refused)?;
        known_applications(&query.filter)?;
        let scope = Scope { workspace: ws, origin: origin.id, shards: origin.read_shards };
        let mut request = Self { workspace, scope, query, below: None };
        request.below = request.open()?;
        Ok(request)
    }

    /// Calls `then` with the identity of the list. A cursor is valid only for the same list.
    fn with_name<T>(&self, then: impl FnOnce(&[&str]) -> T) -> T {
        let (ws, origin) = (self.scope.workspace.key(), self.scope.origin.key());
        then(&["webhooks", &ws, &origin, &self.query.filter.canonical()])
    }

    fn open(&self) -> Result<Option<WebhookId>, ApiError> {
        let Some(text) = &self.query.cursor else { return Ok(None) };
        let bad = || ApiError::new(400, Code::BadCursor);
        let bytes = self.with_name(|name| cursor::open(&self.workspace.secret, name, text));
        let bytes: [u8; 16] = bytes.map_err(|_| bad())?.try_into().map_err(|_| bad())?;
        Ok(Some(WebhookId::from_bytes(bytes)))
    }

    /// The cursor of the page after a webhook.
    pub(crate) fn seal(&self, last: WebhookId) -> String {
        self.with_name(|name| cursor::seal(&self.workspace.secret, name, last.as_bytes()))
    }
}

fn refused(error: FilterError) -> ApiError {
    match error {
        FilterError::Invalid { path, reason } => ApiError::invalid(path, reason),
        FilterError::BadPeriod => ApiError::new(400, Code::BadPeriod),
    }
}

fn known_applications(filter: &Filter) -> Result<(), ApiError> {
    let known = filter.applications.iter().all(|key| applications::find(key).is_some());
    if known { Ok(()) } else { Err(ApiError::invalid("application", "unknown_value")) }
}
