//! `GET /v1/deliveries/series`: the number of deliveries by state, for each hour or day of a period.

use gancho_domain::{
    common::{
        list_query::Criteria,
        series::{Step, Steps},
    },
    outbound::{delivery::StateName, delivery_filter::DeliveryFilter, delivery_tally::StateCounts},
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::App;

/// The steps, oldest first.
#[derive(Debug, Serialize)]
struct Series {
    step: Step,
    items: Vec<Item>,
}

/// The deliveries that were created within a step, in their present states.
#[derive(Debug, Serialize)]
struct Item {
    /// The start of the step.
    at: Timestamp,
    queued: u64,
    retrying: u64,
    held: u64,
    success: u64,
    failure: u64,
    discarded: u64,
}

impl From<(Timestamp, StateCounts)> for Item {
    fn from((at, counts): (Timestamp, StateCounts)) -> Self {
        Self {
            at,
            queued: counts.of(StateName::Queued),
            retrying: counts.of(StateName::Retrying),
            held: counts.of(StateName::Held),
            success: counts.of(StateName::Success),
            failure: counts.of(StateName::Failure),
            discarded: counts.of(StateName::Discarded),
        }
    }
}

/// Answers from the counters alone, some seconds behind (`FACTS D21`). A read unit holds 8 KB of
/// counters: some ten days of a rule, receiver and shard.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let (ws, now) = (call.workspace, app.deps.clock.now());
    let workspace = app.workspace(ws).await?;
    let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (step, pairs) = Step::of(pairs, &["subject", "state", "type", "answer"])?;
    let filter = DeliveryFilter::from_pairs(pairs, &workspace)?;
    let steps = Steps::of((filter.from, filter.to), step, &workspace.zone(), now);
    let steps = steps?;
    let counts = app.store.delivery_series(ws, (&filter, &steps), now).await;
    let items = counts.map_err(ApiError::from)?.into_iter().map(Item::from).collect();
    http::json(200, &Series { step, items })
}
