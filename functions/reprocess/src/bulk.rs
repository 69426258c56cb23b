//! `POST /v1/origins/{origin}/reprocess`: reprocesses every webhook that matches a filter.

use gancho_domain::{
    common::{
        ids::{JobId, OriginId, WorkspaceId},
        job::{self, Job, Kind, PartId},
        list_query::Criteria,
    },
    inbound::filter::Filter,
};
use gancho_edge::{
    by,
    http::{self, Answer, Call},
    idempotency::{self, Reply, Reservation},
    jobs::{self, DryRun, request::Texts},
    page::countable,
    problem::ApiError,
};
use gancho_store::listing::{Part, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::App;

/// The body of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Selects the webhooks; an empty filter matches all.
    filter: RequestedFilter,
    /// Only counts the webhooks.
    #[serde(default)]
    dry_run: bool,
}

/// The parameters of the list, in JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestedFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integration: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
}

impl RequestedFilter {
    /// The query parameters of the same filter in a request for the list.
    fn pairs(&self) -> Vec<(&str, &str)> {
        jobs::request::parameters(
            [("from", &self.from), ("to", &self.to), ("q", &self.q)],
            [
                ("status", &self.status),
                ("application", &self.application),
                ("integration", &self.integration),
                ("code", &self.code),
            ],
        )
    }
}

/// A validated request for a job.
#[derive(Debug)]
pub(crate) struct JobRequest {
    workspace: WorkspaceId,
    origin: OriginId,
    shards: u8,
    filter: Filter,
    /// The filter as it was sent.
    raw_filter: serde_json::Value,
}

impl JobRequest {
    fn scope(&self) -> Scope {
        Scope { workspace: self.workspace, origin: self.origin, shards: self.shards }
    }
}

/// Answers 202 with the job; a dry run answers 200 with the number of webhooks.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let body: Request = call.json()?;
    let request = validate(app, (ws, call.id("origin")?), &body.filter).await?;
    if body.dry_run {
        let listing =
            app.store.listing(request.scope(), &request.filter, app.deps.clock.now()).await?;
        countable("filter.code", listing.uncounted())?;
        return http::json(200, &DryRun { count: listing.count().await? });
    }
    let job = |reservation| create(app, call, request, reservation);
    let now = app.deps.clock.now();
    idempotency::execute(&app.store, call, (app.deps.ids.token(), now), job).await
}

async fn validate(
    app: &App,
    (ws, origin): (WorkspaceId, OriginId),
    requested: &RequestedFilter,
) -> Result<JobRequest, ApiError> {
    let workspace = app.store.workspace(ws).await?.ok_or_else(ApiError::not_found)?;
    let origin = app.store.origin(ws, origin).await?.ok_or_else(ApiError::not_found)?;
    let filter =
        Filter::from_pairs(requested.pairs(), &workspace).map_err(jobs::request::invalid)?;
    let raw_filter = serde_json::to_value(requested).map_err(ApiError::internal)?;
    let shards = origin.read_shards;
    Ok(JobRequest { workspace: ws, origin: origin.id, shards, filter, raw_filter })
}

/// Creates the job and enqueues its parts.
async fn create(
    app: &App,
    call: &Call,
    request: JobRequest,
    reservation: Reservation,
) -> Result<Reply, ApiError> {
    let (ws, now) = (request.workspace, app.deps.clock.now());
    let cause = ["job", &ws.key()];
    let id = reservation.id(JobId::new, JobId::derived, (app.deps.ids.entropy(), &cause));
    let plan = plan(app, call, request, (id, reservation.at));
    let by = (reservation.writer.as_str(), now);
    jobs::request::create((&app.store, &app.queues), (ws, id), by, plan).await
}

/// Counts the webhooks and plans the parts.
async fn plan(
    app: &App,
    call: &Call,
    request: JobRequest,
    (id, at): (JobId, Timestamp),
) -> Result<Job, ApiError> {
    let filter = job::until_now(request.filter.clone(), at);
    let listing = app.store.listing(request.scope(), &filter, app.deps.clock.now()).await?;
    countable("filter.code", listing.uncounted())?;
    let period = filter.period();
    let inside =
        |part: &Part| period.from < part.day.after().start() && part.day.start() < period.to;
    let parts = listing.parts().into_iter().filter(inside);
    let parts = parts.map(|Part { day, shard }| PartId { day, shard }).collect();
    let total = listing.count().await?;
    drop(listing);
    Ok(Job {
        id,
        kind: Kind::Reprocess,
        origin: Some(request.origin),
        shards: request.shards,
        filter,
        deliveries: None,
        requested: request.raw_filter,
        created_at: at,
        by: by::of(&app.store, call).await?,
        total,
        parts,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(filter: serde_json::Value) -> Vec<(String, String)> {
        let requested: RequestedFilter = serde_json::from_value(filter).unwrap();
        let pairs = requested.pairs().into_iter();
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_json_filter_has_the_parameters_of_the_list() {
        let filter = json!({"from": "2026-11-01", "status": "error,pending",
            "application": ["hotmart", "webhook"], "q": "a@b.c"});
        let expected = [
            ("from", "2026-11-01"),
            ("q", "a@b.c"),
            ("status", "error,pending"),
            ("application", "hotmart"),
            ("application", "webhook"),
        ];
        let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        assert_eq!(pairs(filter), expected);
        assert_eq!(pairs(json!({})), []);
    }

    #[test]
    fn te_05_an_unknown_filter_is_rejected() {
        assert!(serde_json::from_value::<Request>(json!({"filter": {"state": "error"}})).is_err());
        assert!(serde_json::from_value::<Request>(json!({})).is_err());
        assert!(serde_json::from_value::<Request>(json!({"filter": {"status": 1}})).is_err());
    }
}
