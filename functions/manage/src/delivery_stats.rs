//! The deliveries of endpoints and rules in the last 24 hours, from counters that lag some seconds
//! behind.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{EndpointId, RuleId, WorkspaceId},
    },
    outbound::{
        delivery::StateName,
        delivery_tally::{Receiver, StateCounts},
    },
};
use gancho_edge::problem::ApiError;
use jiff::SignedDuration;
use serde::Serialize;

use crate::App;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The recent delivery counts by endpoint and by rule.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    endpoints: BTreeMap<EndpointId, StateCounts>,
    rules: BTreeMap<RuleId, StateCounts>,
}

/// The recent deliveries of an endpoint or a rule.
#[derive(Debug, Serialize)]
pub(crate) struct SentView {
    last_24h: DayView,
}

#[derive(Debug, Serialize)]
struct DayView {
    deliveries: u64,
    success: u64,
    error: u64,
    error_rate: Option<f64>,
}

impl Sent {
    /// Reads the counts in whole hours. The first hour began up to 25 hours ago.
    pub(crate) async fn lately(app: &App, ws: WorkspaceId) -> Result<Self, ApiError> {
        let now = app.deps.clock.now();
        let since = now - DAY - SignedDuration::from_hours(1);
        let tallies = app.store.delivery_tallies(ws, (Day::of(since), Day::of(now))).await?;
        let mut sent = Self::default();
        for row in &tallies.rows {
            let mut counts = StateCounts::default();
            let hours = row.day.hours().filter(|(hour, _)| row.place.0.hour(*hour) > since);
            hours.for_each(|(_, hour)| counts.add_all(&hour));
            sent.rules.entry(row.rule).or_default().add_all(&counts);
            if let Receiver::Endpoint(endpoint) = row.receiver {
                sent.endpoints.entry(endpoint).or_default().add_all(&counts);
            }
        }
        Ok(sent)
    }

    /// The view of an endpoint's counts.
    pub(crate) fn of_endpoint(&self, id: EndpointId) -> SentView {
        shown(self.endpoints.get(&id))
    }

    /// The view of a rule's counts.
    pub(crate) fn of_rule(&self, id: RuleId) -> SentView {
        shown(self.rules.get(&id))
    }
}

fn shown(counts: Option<&StateCounts>) -> SentView {
    let counts = counts.copied().unwrap_or_default();
    let (error, answered) = (counts.with_error(), counts.answered());
    #[expect(clippy::cast_precision_loss, reason = "counts of a day")]
    let rate = (answered > 0).then(|| error as f64 / answered as f64);
    let success = counts.of(StateName::Success);
    let last_24h = DayView { deliveries: counts.sum(), success, error, error_rate: rate };
    SentView { last_24h }
}
