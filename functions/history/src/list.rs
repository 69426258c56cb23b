//! The list of an origin's webhooks, newest first, with its count (`FACTS S1.1, S1.8`).

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
        filter::{Filter, FilterError, Format, ListQuery},
    },
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use gancho_store::listing::Scope;
use serde_json::{Value, json};

use crate::{App, export, view::Names};

/// A parsed and validated list request.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) scope: Scope,
    pub(crate) query: ListQuery,
    /// The exclusive upper bound of the page.
    pub(crate) below: Option<WebhookId>,
}

impl ListRequest {
    async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
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

/// `GET /v1/origins/{origin}/webhooks`
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let request = ListRequest::read(app, call).await?;
    match request.query.format {
        Format::Json => page(app, call, &request).await,
        Format::Csv => export::csv(app, call, &request).await,
    }
}

async fn page(app: &App, call: &Call, request: &ListRequest) -> Answer {
    let filter = &request.query.filter;
    let listing = app.store.listing(request.scope, filter, app.clock.now()).await?;
    let limit = usize::from(request.query.limit);
    let (page, count) = futures::try_join!(listing.page(request.below, limit), listing.count())?;
    let names = Names::of(app, request.scope.workspace, &page.items).await?;
    let items: Vec<Value> =
        page.items.iter().map(|item| names.item(item, call.language())).collect();
    let last = page.items.last().filter(|_| page.more);
    let next = last.map(|last| request.seal(last.id()));
    http::json(200, &json!({ "items": items, "next": next, "count": count }))
}
