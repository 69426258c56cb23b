//! Bulk jobs, the same for every kind of job: their view and their end. [`request`] creates them,
//! [`worker`] works on their parts.

pub mod request;
pub mod worker;

use std::collections::BTreeMap;

use gancho_domain::common::{
    by::By,
    code::Code,
    ids::{JobId, OriginId, WorkspaceId},
    job::{EndedRuns, Kind, Progress, State},
};
use gancho_store::{Store, StoreError, jobs::StoredJob};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The sum of a job's parts, and its state.
pub async fn progress(
    store: &Store,
    ws: WorkspaceId,
    stored: &StoredJob,
) -> Result<(Progress, State), StoreError> {
    let (parts, runs) =
        futures::try_join!(store.job_parts(ws, stored.job.id), ended_runs(store, ws, stored))?;
    let mut progress = Progress::of(&stored.job, parts.values(), runs);
    let state = progress.state(stored.ended.map(|(state, _)| state));
    if state == State::Done {
        progress.under_way = 0;
    }
    Ok((progress, state))
}

/// The ended runs of a job that may have others under way.
async fn ended_runs(
    store: &Store,
    ws: WorkspaceId,
    stored: &StoredJob,
) -> Result<EndedRuns, StoreError> {
    match (stored.job.kind, stored.ended) {
        (Kind::Resend, _) | (Kind::Reprocess, Some((State::Done, _))) => Ok(EndedRuns::default()),
        (Kind::Reprocess, _) => store.job_runs(ws, stored.job.id).await,
    }
}

/// The number of a workspace's jobs that have work left.
async fn running(store: &Store, ws: WorkspaceId, now: Timestamp) -> Result<usize, StoreError> {
    let mut running = 0;
    for stored in store.open_jobs(ws, now).await? {
        running += usize::from(progress(store, ws, &stored).await?.1 == State::Running);
    }
    Ok(running)
}

/// Records the end of a job that is done: the last worker does it, or the sweep if runs were still
/// under way then. `by`: the time, and the writer's name.
pub async fn end(
    store: &Store,
    (ws, job): (WorkspaceId, JobId),
    stored: &StoredJob,
    (now, writer): (Timestamp, &str),
) -> Result<(), StoreError> {
    let (progress, state) = progress(store, ws, stored).await?;
    let by = (progress.done_at().unwrap_or(now), writer);
    if stored.ended.is_none()
        && state == State::Done
        && store.end_job((ws, job), State::Done, by).await?
    {
        tracing::info!(job.id = %job, job.enqueued = progress.enqueued, "a job is done");
    }
    Ok(())
}

/// The response to a dry run.
#[derive(Debug, Serialize)]
pub struct DryRun {
    /// The number of items that the filter matches.
    pub count: u64,
}

/// A job as the API shows it.
#[derive(Debug, Serialize)]
pub struct JobView<'a> {
    id: JobId,
    kind: Kind,
    origin: Option<OriginId>,
    state: State,
    filter: &'a Value,
    created_at: Timestamp,
    by: Option<&'a By>,
    last_active_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    total: u64,
    /// The sum of the enqueued, skipped and failed items.
    done: u64,
    enqueued: u64,
    under_way: u64,
    skipped: BTreeMap<Code, u64>,
    failed: u64,
    parts: PartsView,
    status_url: String,
}

#[derive(Debug, Serialize)]
struct PartsView {
    done: usize,
    total: usize,
}

/// The view of a job with its progress.
pub async fn view<'a>(
    store: &Store,
    ws: WorkspaceId,
    stored: &'a StoredJob,
) -> Result<JobView<'a>, StoreError> {
    let (progress, state) = progress(store, ws, stored).await?;
    let StoredJob { job, ended } = stored;
    Ok(JobView {
        id: job.id,
        kind: job.kind,
        origin: job.origin,
        state,
        filter: &job.requested,
        created_at: job.created_at,
        by: job.by.as_ref(),
        last_active_at: progress.last_active_at,
        ended_at: match ended {
            Some((_, at)) => Some(*at),
            None => progress.done_at().filter(|_| state == State::Done),
        },
        total: job.total,
        done: progress.done(),
        enqueued: progress.enqueued,
        under_way: progress.under_way,
        failed: progress.failed,
        parts: PartsView { done: progress.parts_done, total: progress.parts },
        skipped: progress.skipped,
        status_url: format!("/v1/jobs/{}", job.id),
    })
}
