//! Enqueues the parts of jobs again whose message was lost or dead-lettered.

use gancho_domain::common::ids::WorkspaceId;
use gancho_edge::jobs;
use gancho_store::jobs::StoredJob;
use jiff::Timestamp;

use crate::{App, Error};

/// Enqueues every stalled part of every running job; returns their number.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<usize, Error> {
    let workspaces = app.store.all_workspaces().await?;
    let mut enqueued = 0;
    for ws in workspaces {
        for stored in app.store.open_jobs(ws, app.deps.clock.now()).await? {
            if app.deps.clock.now() >= deadline {
                tracing::warn!(sweep.enqueued = enqueued, "the sweep was cut short");
                return Ok(enqueued);
            }
            enqueued += job(app, ws, &stored).await?;
        }
    }
    tracing::info!(sweep.enqueued = enqueued, "sweep finished");
    Ok(enqueued)
}

async fn job(app: &App, ws: WorkspaceId, stored: &StoredJob) -> Result<usize, Error> {
    let (id, since, now) = (stored.job.id, stored.job.created_at, app.deps.clock.now());
    let rows = app.store.job_parts(ws, id).await?;
    let stalled = stored
        .job
        .parts
        .iter()
        .copied()
        .filter(|part| rows.get(part).cloned().unwrap_or_default().stalled(since, now));
    let stalled: Vec<_> = stalled.collect();
    jobs::request::enqueue(&app.queues, ws, &stored.job, &stalled).await?;
    if stalled.is_empty() {
        jobs::end(&app.store, (ws, id), stored, (app.deps.clock.now(), &app.deps.ids.token()))
            .await?;
    }
    Ok(stalled.len())
}
