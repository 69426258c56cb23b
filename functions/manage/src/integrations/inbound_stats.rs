//! The recent activity of integrations: the time of the last webhook, and the counts of the last 24
//! hours.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use gancho_domain::{
    common::ids::{IntegrationId, OriginId, WorkspaceId},
    inbound::integration::Integration,
};
use gancho_edge::problem::ApiError;
use gancho_store::tallies::Activity;
use serde_json::{Value, json};

use super::settings;
use crate::{App, patch::Object};

/// The number of days in which the last webhook is searched.
const DAYS: u16 = 7;

/// The recent activity of the integrations of some origins.
#[derive(Debug, Default)]
pub(crate) struct Lately(BTreeMap<IntegrationId, Activity>);

/// No activity, for new integrations.
pub(crate) fn none() -> Lately {
    Lately::default()
}

/// Reads the recent activity of the integrations of these origins.
pub(crate) async fn of(
    app: &App,
    ws: WorkspaceId,
    origins: impl IntoIterator<Item = OriginId>,
) -> Result<Lately, ApiError> {
    let now = app.clock.now();
    let origins: BTreeSet<OriginId> = origins.into_iter().collect();
    let requested = origins.into_iter().map(|origin| app.store.activity((ws, origin), DAYS, now));
    Ok(Lately(try_join_all(requested).await?.into_iter().flatten().collect()))
}

impl Lately {
    /// The view of an integration with its activity.
    pub(crate) fn shown_with(&self, integration: &Integration) -> Object {
        let action = self.0.get(&integration.id).copied().unwrap_or_default();
        let mut view = settings::view(integration);
        view.insert("activity".to_owned(), shown(&action));
        view
    }
}

fn shown(action: &Activity) -> Value {
    json!({
        "last_received_at": action.last_at,
        "last_24h": {
            "received": action.received,
            "success": action.success,
            "error": action.error,
            "error_rate": action.error_rate(),
        },
    })
}
