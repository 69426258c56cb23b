//! Shows, lists and cancels jobs.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::common::{
    code::Code,
    ids::{JobId, WorkspaceId},
    job::State,
};
use gancho_edge::{
    http::{self, Answer, Call},
    jobs::{self, JobView},
    page::{List, gather},
    problem::ApiError,
    query::Query,
};
use gancho_store::jobs::StoredJob;

use crate::App;

/// Jobs whose parts are read concurrently.
const AT_ONCE: usize = 8;

/// `GET /v1/jobs`: lists jobs, newest first.
pub(crate) async fn list(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let query = Query::of(call, &["limit", "cursor"])?;
    let (limit, now) = (query.limit()?, app.deps.clock.now());
    let workspace = app.store.workspace(ws).await?.ok_or_else(ApiError::not_found)?;
    let list = List { secret: &workspace.secret, name: &["jobs"] };
    let below = list.after(&query, JobId::from_bytes)?;
    let fetch = |below, limit| app.store.jobs(ws, below, limit, now);
    let page = gather((below, limit), fetch, |stored| stored.job.id, |_| true).await?;
    let views: Vec<_> =
        page.items.iter().map(|stored| jobs::view(&app.store, ws, stored)).collect();
    let items: Vec<JobView<'_>> = stream::iter(views).buffered(AT_ONCE).try_collect().await?;
    list.page(&page, items).answer()
}

/// `GET /v1/jobs/{job}`: shows a job with its progress.
pub(crate) async fn show(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let stored = find(app, call, ws).await?;
    http::json(200, &jobs::view(&app.store, ws, &stored).await?)
}

/// `POST /v1/jobs/{job}/cancel`: cancels a job. 200 with the job; 409 `job_ended` if it has ended.
/// Runs that were enqueued before are still executed.
pub(crate) async fn cancel(app: &App, call: &Call) -> Answer {
    let ws = call.workspace;
    let mut stored = find(app, call, ws).await?;
    let ended = || ApiError::new(409, Code::JobEnded);
    if jobs::progress(&app.store, ws, &stored).await?.1 != State::Running {
        return Err(ended());
    }
    let now = app.deps.clock.now();
    let writer = app.deps.ids.token();
    if !app.store.end_job((ws, stored.job.id), State::Cancelled, (now, &writer)).await? {
        return Err(ended());
    }
    stored.ended = Some((State::Cancelled, now));
    http::json(200, &jobs::view(&app.store, ws, &stored).await?)
}

async fn find(app: &App, call: &Call, ws: WorkspaceId) -> Result<StoredJob, ApiError> {
    let found = app.store.job(ws, call.id("job")?, app.deps.clock.now()).await?;
    found.ok_or_else(ApiError::not_found)
}
