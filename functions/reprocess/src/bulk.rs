//! `POST /v1/origins/{origin}/reprocess`: one run more for every webhook that a filter means.

use gancho_domain::{
    common::{
        code::Code,
        ids::{JobId, OriginId, WorkspaceId},
        job::{self, Job, Kind, PartId, State},
        workspace::Role,
    },
    inbound::filter::{Filter, FilterError},
};
use gancho_edge::{
    http::{self, Answer, Call},
    jobs::{self, RUNNING, Texts},
    problem::ApiError,
};
use gancho_store::{
    jobs::StoredJob,
    listing::{Part, Scope},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    App,
    idempotency::{self, Done, Reservation, once},
    messages,
};

/// What is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Which webhooks; an empty one means all.
    filter: AskedFilter,
    /// Only counts them.
    #[serde(default)]
    dry_run: bool,
}

/// The parameters of the list, in JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedFilter {
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
    q: Option<String>,
}

impl AskedFilter {
    /// The parameters that a request for the list would have.
    fn pairs(&self) -> Vec<(&str, &str)> {
        let one = [("from", &self.from), ("to", &self.to), ("q", &self.q)];
        let one = one.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
        let several = [
            ("status", &self.status),
            ("application", &self.application),
            ("integration", &self.integration),
        ];
        let several = several.into_iter().flat_map(|(name, texts)| {
            let texts = texts.as_ref().map_or(&[][..], Texts::all);
            texts.iter().map(move |text| (name, text.as_str()))
        });
        one.chain(several).collect()
    }
}

/// Which webhooks of which history, as somebody asked.
#[derive(Debug)]
pub(crate) struct JobRequest {
    workspace: WorkspaceId,
    origin: OriginId,
    shards: u8,
    filter: Filter,
    asked: serde_json::Value,
}

impl JobRequest {
    fn scope(&self) -> Scope {
        Scope { workspace: self.workspace, origin: self.origin, shards: self.shards }
    }
}

/// 202 with the job; a dry run is answered with 200 and the number of webhooks.
pub(crate) async fn post(app: &App, call: &Call) -> Answer {
    let ws = call.workspace(Role::Operator)?;
    let asked: Request = call.json()?;
    let wanted = wanted(app, (ws, call.id("origin")?), &asked.filter).await?;
    if asked.dry_run {
        let listing = app.store.listing(wanted.scope(), &wanted.filter, app.clock.now()).await?;
        return http::json(200, &json!({ "count": listing.count().await? }));
    }
    once(app, call, ws, idempotency::Request::Job(Box::new(wanted))).await
}

async fn wanted(
    app: &App,
    (ws, origin): (WorkspaceId, OriginId),
    asked: &AskedFilter,
) -> Result<JobRequest, ApiError> {
    let workspace = app.store.workspace(ws).await?.ok_or_else(ApiError::not_found)?;
    let origin = app.store.origin(ws, origin).await?.ok_or_else(ApiError::not_found)?;
    let filter = Filter::from_pairs(asked.pairs(), &workspace).map_err(problem)?;
    let asked = serde_json::to_value(asked).map_err(ApiError::internal)?;
    Ok(JobRequest { workspace: ws, origin: origin.id, shards: origin.read_shards, filter, asked })
}

fn problem(error: FilterError) -> ApiError {
    match error {
        FilterError::Invalid { path, reason } => {
            ApiError::invalid(format!("filter.{path}"), reason)
        }
        FilterError::BadPeriod => ApiError::new(400, Code::BadPeriod).with("path", "filter.to"),
    }
}

/// Makes the job and enqueues its parts.
pub(crate) async fn create(
    app: &App,
    call: &Call,
    wanted: JobRequest,
    reservation: Reservation,
) -> Result<Done, ApiError> {
    let (ws, now) = (wanted.workspace, app.clock.now());
    let id = match &reservation.key {
        None => JobId::new(reservation.at, &app.ids.entropy()),
        Some(key) => JobId::derived(reservation.at, &["job", &ws.key(), key]),
    };
    let stored = match app.store.job(ws, id, now).await? {
        // A try before this one was killed after it had made the job.
        Some(stored) => stored,
        None => plan(app, call, wanted, (id, reservation.at)).await?,
    };
    if stored.ended.is_none()
        && let Err(error) =
            messages::parts(app, (ws, &stored.job), stored.job.parts.iter().copied()).await
    {
        // The job is made: the sweep enqueues what was not.
        tracing::warn!(job.id = %id, error.cause = %error, "not every part was enqueued");
    }
    Ok((202, jobs::view(&app.store, ws, &stored).await?))
}

/// Counts, cuts into parts and writes the job down.
async fn plan(
    app: &App,
    call: &Call,
    wanted: JobRequest,
    (id, at): (JobId, Timestamp),
) -> Result<StoredJob, ApiError> {
    let (ws, now) = (wanted.workspace, app.clock.now());
    if jobs::running(&app.store, ws, now).await? >= RUNNING {
        return Err(ApiError::new(409, Code::LimitReached).with("limit", RUNNING));
    }
    let filter = job::until_now(wanted.filter.clone(), at);
    let listing = app.store.listing(wanted.scope(), &filter, now).await?;
    let period = filter.period();
    let inside =
        |part: &Part| period.from < part.day.after().start() && part.day.start() < period.to;
    let parts = listing.parts().into_iter().filter(inside);
    let parts = parts.map(|Part { day, shard }| PartId { day, shard }).collect();
    let total = listing.count().await?;
    drop(listing);
    let job = Job {
        id,
        kind: Kind::Reprocess,
        origin: Some(wanted.origin),
        shards: wanted.shards,
        filter,
        deliveries: None,
        asked: wanted.asked,
        created_at: at,
        by: call.caller.key,
        total,
        parts,
    };
    app.store.create_job(ws, &job).await?;
    tracing::info!(job.id = %id, job.total = total, job.parts = job.parts.len(), "a job was made");
    let mut stored = StoredJob { job, ended: None };
    if stored.job.parts.is_empty() {
        app.store.end_job((ws, id), State::Done, (now, &app.writer())).await?;
        stored.ended = Some((State::Done, now));
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(filter: serde_json::Value) -> Vec<(String, String)> {
        let asked: AskedFilter = serde_json::from_value(filter).unwrap();
        let pairs = asked.pairs().into_iter();
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_filter_in_json_is_the_lists_own_parameters() {
        let filter = json!({"from": "2026-11-01", "status": "error,pending",
            "application": ["hotmart", "webhook"], "q": "a@b.c"});
        let want = [
            ("from", "2026-11-01"),
            ("q", "a@b.c"),
            ("status", "error,pending"),
            ("application", "hotmart"),
            ("application", "webhook"),
        ];
        let want: Vec<_> = want.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        assert_eq!(pairs(filter), want);
        assert_eq!(pairs(json!({})), []);
    }

    #[test]
    fn te_05_a_filter_that_is_not_known_is_refused() {
        assert!(serde_json::from_value::<Request>(json!({"filter": {"state": "error"}})).is_err());
        assert!(serde_json::from_value::<Request>(json!({})).is_err());
        assert!(serde_json::from_value::<Request>(json!({"filter": {"status": 1}})).is_err());
    }
}
