//! Requests for bulk jobs, the same for every kind of job.

use gancho_domain::common::{
    code::Code,
    ids::{JobId, WorkspaceId},
    job::{Job, PartId, State},
    list_query::FilterError,
};
use gancho_store::{Store, jobs::StoredJob};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    idempotency::Reply,
    problem::ApiError,
    queue::{JobMessage, Queue, QueueError, Queues},
};

/// The most jobs of a workspace that may run at the same time.
const RUNNING: usize = 3;

/// One or several values of a filter in JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    /// One text; it may hold several values, separated by commas.
    One(String),
    /// A list of texts.
    Several(Vec<String>),
}

impl Texts {
    /// All texts.
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// The query parameters of a list that stand for a filter in JSON: single values, then several.
pub fn parameters<'a, const N: usize, const M: usize>(
    one: [(&'a str, &'a Option<String>); N],
    several: [(&'a str, &'a Option<Texts>); M],
) -> Vec<(&'a str, &'a str)> {
    let one = one.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    let several = several.into_iter().flat_map(|(name, texts)| {
        let texts = texts.as_ref().map_or(&[][..], Texts::all);
        texts.iter().map(move |text| (name, text.as_str()))
    });
    one.chain(several).collect()
}

/// The answer to an invalid filter.
pub fn invalid(error: FilterError) -> ApiError {
    match error {
        FilterError::Invalid { path, reason } => {
            ApiError::invalid(format!("filter.{path}"), reason)
        }
        FilterError::BadPeriod => ApiError::new(400, Code::BadPeriod).with("path", "filter.to"),
    }
}

/// Creates the job that `plan` describes, unless an earlier execution of the request has, and
/// enqueues its parts. 202 with the job; 409 `limit_reached` if too many run.
pub async fn create(
    (store, queues): (&Store, &Queues),
    (ws, id): (WorkspaceId, JobId),
    (writer, now): (&str, Timestamp),
    plan: impl Future<Output = Result<Job, ApiError>>,
) -> Result<Reply, ApiError> {
    let stored = match store.job(ws, id, now).await? {
        Some(stored) => stored,
        None => write(store, ws, (writer, now), plan).await?,
    };
    if stored.ended.is_none()
        && let Err(error) = enqueue(queues, ws, &stored.job, &stored.job.parts).await
    {
        // The job exists: the sweep enqueues the missing parts.
        tracing::warn!(job.id = %id, error.cause = %error, "not every part was enqueued");
    }
    Reply::of(202, &super::view(store, ws, &stored).await?)
}

/// Stores a new job. One without parts is done.
async fn write(
    store: &Store,
    ws: WorkspaceId,
    (writer, now): (&str, Timestamp),
    plan: impl Future<Output = Result<Job, ApiError>>,
) -> Result<StoredJob, ApiError> {
    if super::running(store, ws, now).await? >= RUNNING {
        return Err(ApiError::new(409, Code::LimitReached).with("limit", RUNNING));
    }
    let job = plan.await?;
    store.create_job(ws, &job).await?;
    let (id, parts) = (job.id, job.parts.len());
    tracing::info!(job.id = %id, job.total = job.total, job.parts = parts, "a job was made");
    let mut stored = StoredJob { job, ended: None };
    if parts == 0 {
        store.end_job((ws, id), State::Done, (now, writer)).await?;
        stored.ended = Some((State::Done, now));
    }
    Ok(stored)
}

/// Enqueues parts of a job, in the queue of its kind.
pub async fn enqueue(
    queues: &Queues,
    workspace: WorkspaceId,
    job: &Job,
    parts: &[PartId],
) -> Result<(), QueueError> {
    let messages = parts.iter().map(|part| JobMessage::of(workspace, job.id, *part));
    queues.send_all(Queue::of_job(job.kind), messages).await
}
