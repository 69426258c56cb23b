//! `POST /v1/deliveries/resend`: resends all deliveries that match a filter, as a job.

use std::sync::Arc;

use gancho_domain::{
    common::{
        ids::{DeliveryId, JobId, WorkspaceId},
        job::{Job, Kind, PartId},
        list_query::Criteria,
        workspace::Workspace,
    },
    inbound::filter::Filter,
    outbound::delivery_filter::DeliveryFilter,
};
use gancho_edge::{
    by,
    http::{self, Answer, Call},
    idempotency::{self, Reply, Reservation},
    jobs::{self, DryRun, request::Texts},
    page::countable,
    problem::ApiError,
    query::Query,
};
use gancho_store::{deliveries_list::DeliveryListing, listing::Part};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::App;

/// The body of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResendRequest {
    /// The filter; an empty filter matches all deliveries.
    filter: RequestedFilter,
    /// Only counts the deliveries.
    #[serde(default)]
    dry_run: bool,
}

/// The filter parameters of the list, in JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestedFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integration: Option<Texts>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    event_type: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Texts>,
}

impl RequestedFilter {
    /// The same filter as query parameters of the list.
    fn pairs(&self) -> Vec<(&str, &str)> {
        jobs::request::parameters(
            [("from", &self.from), ("to", &self.to), ("subject", &self.subject)],
            [
                ("state", &self.state),
                ("rule", &self.rule),
                ("endpoint", &self.endpoint),
                ("integration", &self.integration),
                ("type", &self.event_type),
                ("answer", &self.answer),
            ],
        )
    }
}

/// The requested job: the parsed filter, and the filter as it was requested.
struct NewJob {
    workspace: Arc<Workspace>,
    filter: DeliveryFilter,
    requested: Value,
}

/// 202 with the job, or 200 with the number of deliveries for a dry run.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    Query::of(call, &[])?;
    // serde would read an array as the filter's fields in their order.
    let raw: Value = call.json()?;
    if raw.get("filter").is_some_and(Value::is_array) {
        return Err(ApiError::invalid("filter", "wrong_type"));
    }
    let requested: ResendRequest = call.json()?;
    let workspace = app.workspace(ws).await?;
    let filter = DeliveryFilter::from_pairs(requested.filter.pairs(), &workspace)
        .map_err(jobs::request::invalid)?;
    let words = serde_json::to_value(&requested.filter).map_err(ApiError::internal)?;
    let new = NewJob { workspace, filter, requested: words };
    if requested.dry_run {
        let listing = app.store.delivery_listing(ws, &new.filter, app.deps.clock.now()).await?;
        may_be_counted(&listing)?;
        return http::json(200, &DryRun { count: listing.count(&listing.totals().await?) });
    }
    let request = |reservation| async move { create(app, call, new, &reservation).await };
    let now = app.deps.clock.now();
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), request).await
}

/// Creates the job and enqueues its parts.
async fn create(
    app: &App,
    call: &Call,
    new: NewJob,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let (ws, now) = (new.workspace.id, app.deps.clock.now());
    let cause = ["resend", &ws.key()];
    let id = reservation.id(JobId::new, JobId::derived, (app.deps.ids.entropy(), &cause));
    let plan = plan(app, call, new, (id, reservation.at));
    let by = (reservation.writer.as_str(), now);
    jobs::request::create((&app.store, &app.queues), (ws, id), by, plan).await
}

/// Counts the deliveries and divides them into parts.
async fn plan(
    app: &App,
    call: &Call,
    new: NewJob,
    (id, at): (JobId, Timestamp),
) -> Result<Job, ApiError> {
    let filter = new.filter.until_now(at);
    let (parts, total) = cut(app, new.workspace.id, &filter, app.deps.clock.now()).await?;
    Ok(Job {
        id,
        kind: Kind::Resend,
        origin: None,
        shards: DeliveryId::SHARDS,
        filter: Filter::default(),
        deliveries: Some(filter),
        requested: new.requested,
        created_at: at,
        by: by::of(&app.store, call).await?,
        total,
        parts,
    })
}

/// Refuses a filter whose deliveries are too many to be read one by one.
fn may_be_counted(listing: &DeliveryListing<'_>) -> Result<(), ApiError> {
    let Some((parameter, reads)) = listing.uncounted() else { return Ok(()) };
    countable(&format!("filter.{parameter}"), reads)
}

/// The days and shards that may contain matches of a filter, and the number of matches.
async fn cut(
    app: &App,
    ws: WorkspaceId,
    filter: &DeliveryFilter,
    now: Timestamp,
) -> Result<(Vec<PartId>, u64), ApiError> {
    let listing = app.store.delivery_listing(ws, filter, now).await?;
    may_be_counted(&listing)?;
    let parts = listing.parts().into_iter();
    let parts = parts.map(|Part { day, shard }| PartId { day, shard }).collect();
    let totals = listing.totals().await?;
    Ok((parts, listing.count(&totals)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_in_json_is_the_lists_own_parameters() {
        let filter = json!({"from": "2026-11-01", "state": "failure,retrying",
            "rule": ["rule_1", "rule_2"], "subject": "A-1"});
        let requested: RequestedFilter = serde_json::from_value(filter).unwrap();
        let want = [
            ("from", "2026-11-01"),
            ("subject", "A-1"),
            ("state", "failure,retrying"),
            ("rule", "rule_1"),
            ("rule", "rule_2"),
        ];
        assert_eq!(requested.pairs(), want);
        assert_eq!(RequestedFilter::default().pairs(), []);
    }

    #[test]
    fn te_05_a_filter_that_is_not_known_is_refused() {
        assert!(
            serde_json::from_value::<ResendRequest>(json!({"filter": {"status": "error"}}))
                .is_err()
        );
        assert!(serde_json::from_value::<ResendRequest>(json!({})).is_err());
        assert!(serde_json::from_value::<ResendRequest>(json!({"filter": {"state": 1}})).is_err());
    }
}
