//! The recent activity of integrations: the time of the last webhook, and the counts of the last 24
//! hours.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use gancho_domain::common::ids::{IntegrationId, OriginId, WorkspaceId};
use gancho_edge::problem::ApiError;
use gancho_store::tallies::Activity;
use jiff::Timestamp;
use serde::Serialize;

use crate::App;

/// The number of days in which the last webhook is searched.
const DAYS: u16 = 7;

/// The recent activity of the integrations of some origins.
#[derive(Debug, Default)]
pub(crate) struct Lately(BTreeMap<IntegrationId, Activity>);

/// The recent activity of an integration.
#[derive(Debug, Serialize)]
pub(super) struct ActivityView {
    last_received_at: Option<Timestamp>,
    last_24h: DayView,
}

#[derive(Debug, Serialize)]
struct DayView {
    received: u64,
    success: u64,
    error: u64,
    error_rate: Option<f64>,
}

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
    let now = app.deps.clock.now();
    let origins: BTreeSet<OriginId> = origins.into_iter().collect();
    let requested = origins.into_iter().map(|origin| app.store.activity((ws, origin), DAYS, now));
    Ok(Lately(try_join_all(requested).await?.into_iter().flatten().collect()))
}

impl Lately {
    /// The activity of an integration.
    pub(super) fn of(&self, integration: IntegrationId) -> ActivityView {
        let activity = self.0.get(&integration).copied().unwrap_or_default();
        ActivityView {
            last_received_at: activity.last_at,
            last_24h: DayView {
                received: activity.received,
                success: activity.success,
                error: activity.error,
                error_rate: activity.error_rate(),
            },
        }
    }
}
