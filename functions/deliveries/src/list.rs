//! The list of a workspace's deliveries, newest first, with their count and the totals of the tabs
//! (`FACTS S2.2, S2.4, S2.5`).
//!
//! `count` applies every filter. The totals apply every filter except `state`: a tab selects
//! states, and each tab shows the numbers of the others.

use std::sync::Arc;

use gancho_domain::{
    common::{
        code::Code,
        cursor,
        ids::{DeliveryId, WorkspaceId},
        workspace::{Role, Workspace},
    },
    inbound::filter::{FilterError, Format},
    outbound::delivery_filter::DeliveryQuery,
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use serde_json::{Value, json};

use crate::{
    App, export,
    view::{Names, totals},
};

/// A request for the list, parsed and validated.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) ws: WorkspaceId,
    pub(crate) query: DeliveryQuery,
    /// The page begins below this id.
    pub(crate) below: Option<DeliveryId>,
}

impl ListRequest {
    async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
        let ws = call.workspace(Role::Viewer)?;
        let workspace = app.workspace(ws).await?;
        let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = DeliveryQuery::from_pairs(pairs, &workspace).map_err(refused)?;
        let mut requested = Self { workspace, ws, query, below: None };
        requested.below = requested.open()?;
        Ok(requested)
    }

    /// Passes the identity of the list to `then`. The cursor of one list is invalid for another.
    fn with_name<T>(&self, then: impl FnOnce(&[&str]) -> T) -> T {
        then(&["deliveries", &self.ws.key(), &self.query.filter.canonical()])
    }

    fn open(&self) -> Result<Option<DeliveryId>, ApiError> {
        let Some(text) = &self.query.cursor else { return Ok(None) };
        let bad = || ApiError::new(400, Code::BadCursor);
        let place = self.with_name(|name| cursor::open(&self.workspace.secret, name, text));
        let place: [u8; 16] = place.map_err(|_| bad())?.try_into().map_err(|_| bad())?;
        Ok(Some(DeliveryId::from_bytes(place)))
    }

    /// The cursor of the page that follows a delivery.
    pub(crate) fn seal(&self, last: DeliveryId) -> String {
        self.with_name(|name| cursor::seal(&self.workspace.secret, name, last.as_bytes()))
    }
}

fn refused(error: FilterError) -> ApiError {
    match error {
        FilterError::Invalid { path, reason } => ApiError::invalid(path, reason),
        FilterError::BadPeriod => ApiError::new(400, Code::BadPeriod),
    }
}

/// `GET /v1/deliveries`
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let requested = ListRequest::read(app, call).await?;
    match requested.query.format {
        Format::Json => page(app, &requested).await,
        Format::Csv => export::csv(app, call, &requested).await,
    }
}

async fn page(app: &App, requested: &ListRequest) -> Answer {
    let filter = &requested.query.filter;
    let listing = app.store.delivery_listing(requested.ws, filter, app.clock.now()).await?;
    let limit = usize::from(requested.query.limit);
    let (page, counts) =
        futures::try_join!(listing.page(requested.below, limit), listing.totals())?;
    let deliveries = || page.items.iter().map(|stored| &stored.delivery);
    let names = Names::of(app, requested.ws, deliveries()).await?;
    let items: Vec<Value> = deliveries().map(|delivery| names.item(delivery)).collect();
    let last = page.items.last().filter(|_| page.more);
    let next = last.map(|last| requested.seal(last.delivery.id));
    let count = listing.count(&counts);
    let totals = totals(&counts);
    http::json(200, &json!({ "items": items, "next": next, "count": count, "totals": totals }))
}
