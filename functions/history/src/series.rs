//! `GET /v1/origins/{origin}/webhooks/series`: the number of webhooks by status, for each hour or day
//! of a period.

use gancho_domain::{
    common::{
        list_query::Criteria,
        series::{Step, Steps},
    },
    inbound::{filter::Filter, tally::StatusCounts},
};
use gancho_edge::{
    http::{self, Answer, Call},
    problem::ApiError,
};
use gancho_store::listing::Scope;
use jiff::Timestamp;
use serde::Serialize;

use crate::{App, query};

/// The steps, oldest first.
#[derive(Debug, Serialize)]
struct Series {
    step: Step,
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    /// The start of the step.
    at: Timestamp,
    #[serde(flatten)]
    counts: StatusCounts,
}

impl From<(Timestamp, StatusCounts)> for Item {
    fn from((at, counts): (Timestamp, StatusCounts)) -> Self {
        Self { at, counts }
    }
}

/// Answers from the counters alone, some seconds behind (`FACTS D21`). A read unit holds 8 KB of
/// counters: some ten days of an integration and shard.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let (ws, now) = (call.workspace, app.deps.clock.now());
    let id = call.id("origin")?;
    let (workspace, origin) = futures::try_join!(app.workspace(ws), app.origin(ws, id))?;
    let pairs = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (step, pairs) = Step::of(pairs, &["q", "status", "code"])?;
    let filter = Filter::from_pairs(pairs, &workspace)?;
    query::known_applications(&filter)?;
    let steps = Steps::of((filter.from, filter.to), step, &workspace.zone(), now);
    let steps = steps?;
    let scope = Scope { workspace: ws, origin: origin.id, shards: origin.read_shards };
    let counts = app.store.webhook_series(scope, (&filter, &steps), now).await;
    let items = counts.map_err(ApiError::from)?.into_iter().map(Item::from).collect();
    http::json(200, &Series { step, items })
}
