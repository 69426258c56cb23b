//! A parsed list request and its cursor.

use std::sync::Arc;

use gancho_domain::{
    common::{
        code::Code,
        cursor,
        ids::{DeliveryId, WorkspaceId},
        workspace::{Role, Workspace},
    },
    inbound::filter::FilterError,
    outbound::delivery_filter::DeliveryQuery,
};
use gancho_edge::{http::Call, problem::ApiError};

use crate::App;

/// A request for the list, parsed and validated.
pub(crate) struct ListRequest {
    workspace: Arc<Workspace>,
    pub(crate) ws: WorkspaceId,
    pub(crate) query: DeliveryQuery,
    /// The page begins below this id.
    pub(crate) below: Option<DeliveryId>,
}

impl ListRequest {
    pub(crate) async fn read(app: &App, call: &Call) -> Result<Self, ApiError> {
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
