//! `POST /v1/deliveries/resend`: resends all deliveries that match a filter, as a job.

use std::sync::Arc;

use gancho_domain::{
    common::{
        code::Code,
        ids::{DeliveryId, JobId, WorkspaceId},
        job::{Job, Kind, PartId, State},
        workspace::Workspace,
    },
    inbound::filter::{Filter, FilterError},
    outbound::delivery_filter::DeliveryFilter,
};
use gancho_edge::{
    http::{self, Answer, Call},
    idempotency::{self, Reply, Reservation},
    jobs::{self, DryRun, RUNNING, Texts},
    problem::ApiError,
    query::Query,
};
use gancho_store::{jobs::StoredJob, listing::Part};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, messages};

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
}

impl RequestedFilter {
    /// The same filter as query parameters of the list.
    fn pairs(&self) -> Vec<(&str, &str)> {
        let one = [("from", &self.from), ("to", &self.to), ("subject", &self.subject)];
        let one = one.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
        let several = [
            ("state", &self.state),
            ("rule", &self.rule),
            ("endpoint", &self.endpoint),
            ("integration", &self.integration),
        ];
        let several = several.into_iter().flat_map(|(name, texts)| {
            let texts = texts.as_ref().map_or(&[][..], Texts::all);
            texts.iter().map(move |text| (name, text.as_str()))
        });
        one.chain(several).collect()
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
    let filter =
        DeliveryFilter::from_pairs(requested.filter.pairs(), &workspace).map_err(problem)?;
    let words = serde_json::to_value(&requested.filter).map_err(ApiError::internal)?;
    let new = NewJob { workspace, filter, requested: words };
    if requested.dry_run {
        let listing = app.store.delivery_listing(ws, &new.filter, app.clock.now()).await?;
        return http::json(200, &DryRun { count: listing.count(&listing.totals().await?) });
    }
    let request = |reservation| async move { create(app, call, new, &reservation).await };
    let now = app.clock.now();
    idempotency::execute(&app.store, call, (app.ids.token(), now), request).await
}

fn problem(error: FilterError) -> ApiError {
    match error {
        FilterError::Invalid { path, reason } => {
            ApiError::invalid(format!("filter.{path}"), reason)
        }
        FilterError::BadPeriod => ApiError::new(400, Code::BadPeriod).with("path", "filter.to"),
    }
}

/// Creates the job and enqueues its parts.
async fn create(
    app: &App,
    call: &Call,
    new: NewJob,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    let (ws, now) = (new.workspace.id, app.clock.now());
    let cause = ["resend", &ws.key()];
    let id = reservation.id(JobId::new, JobId::derived, (app.ids.entropy(), &cause));
    let stored = match app.store.job(ws, id, now).await? {
        // An earlier try was killed after it had created the job.
        Some(stored) => stored,
        None => plan(app, call, new, (id, reservation.at)).await?,
    };
    if stored.ended.is_none()
        && let Err(error) = messages::parts(app, (ws, id), stored.job.parts.iter().copied()).await
    {
        // The job exists: the sweep enqueues the remaining parts.
        tracing::warn!(job.id = %id, error.cause = %error, "not every part was enqueued");
    }
    Reply::of(202, &jobs::view(&app.store, ws, &stored).await?)
}

/// Counts the deliveries, divides them into parts and writes the job.
async fn plan(
    app: &App,
    call: &Call,
    new: NewJob,
    (id, at): (JobId, Timestamp),
) -> Result<StoredJob, ApiError> {
    let (ws, now) = (new.workspace.id, app.clock.now());
    if jobs::running(&app.store, ws, now).await? >= RUNNING {
        return Err(ApiError::new(409, Code::LimitReached).with("limit", RUNNING));
    }
    let filter = new.filter.until_now(at);
    let (parts, total) = cut(app, ws, &filter, now).await?;
    let job = Job {
        id,
        kind: Kind::Resend,
        origin: None,
        shards: DeliveryId::SHARDS,
        filter: Filter::default(),
        deliveries: Some(filter),
        requested: new.requested,
        created_at: at,
        by: call.caller.key,
        total,
        parts,
    };
    app.store.create_job(ws, &job).await?;
    tracing::info!(job.id = %id, job.total = total, job.parts = job.parts.len(), "a job was made");
    let mut stored = StoredJob { job, ended: None };
    if stored.job.parts.is_empty() {
        app.store.end_job((ws, id), State::Done, (now, &app.ids.token())).await?;
        stored.ended = Some((State::Done, now));
    }
    Ok(stored)
}

/// The days and shards that may contain matches of a filter, and the number of matches.
async fn cut(
    app: &App,
    ws: WorkspaceId,
    filter: &DeliveryFilter,
    now: Timestamp,
) -> Result<(Vec<PartId>, u64), ApiError> {
    let listing = app.store.delivery_listing(ws, filter, now).await?;
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
