//! Works on the parts of bulk jobs, the same for every kind of job.
//!
//! A part is one day and shard, read page by page from newest to oldest. Each page is recorded in
//! the part's row from the version that was read, so that of two workers one continues. What a kind
//! of job does with a page, and again after a worker has died, is its [`Pages`].
//!
//! When an invocation runs out of time or dies, SQS delivers the part's message again after its
//! visibility timeout. After its last receive, the sweep of *reprocess* enqueues a new one. The
//! worker enqueues none itself, because Lambda would stop that as a loop.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_domain::common::job::PartProgress;
use gancho_store::{
    Store, StoreError,
    jobs::{PartKey, StoredJob},
};
use jiff::Timestamp;

use crate::{
    batch::BatchReply,
    clock::Clock,
    problem::ApiError,
    queue::{self, JobMessage, QueueError},
};

/// A failure that stopped the work on a part. Its message comes back.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// DynamoDB failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// SQS failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// An operation of the API failed inside Gancho.
    #[error("{}", .0.cause.as_deref().unwrap_or("no cause"))]
    Api(ApiError),
}

/// The state in which a worker left a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The message is done: the part is done, the job is cancelled or expired, or another worker
    /// has the part.
    Nothing,
    /// The invocation ran out of time.
    Unfinished,
}

/// The effect of a kind of job on the pages of a part. Each step may run twice.
pub trait Pages: Sync {
    /// Completes what is recorded in `progress`: the worker that recorded it may have died.
    fn complete(&self, progress: &PartProgress) -> impl Future<Output = Result<(), Error>> + Send;

    /// Works on the page after `progress`; returns the progress after it.
    fn page(
        &self,
        progress: PartProgress,
        now: Timestamp,
    ) -> impl Future<Output = Result<PartProgress, Error>> + Send;
}

/// One worker on one part.
#[derive(Debug)]
pub struct Worker<'a> {
    /// The tables.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The part.
    pub key: PartKey,
    /// Its job.
    pub stored: &'a StoredJob,
    /// A random token, unique to this worker.
    pub writer: String,
}

/// Works on the parts of a batch. The reply lists the messages of unfinished and failed parts.
pub async fn handle<W>(batch: SqsEvent, work: impl Fn(PartKey) -> W) -> BatchReply
where
    W: Future<Output = Result<Left, Error>>,
{
    let mut reply = BatchReply::default();
    for message in batch.records {
        let Some(key) = key(&message) else {
            tracing::error!(message.id = message.message_id, "malformed message");
            reply.again(message.message_id.unwrap_or_default());
            continue;
        };
        if !is_done(key, work(key).await) {
            reply.again(message.message_id.unwrap_or_default());
        }
    }
    reply
}

fn is_done(key: PartKey, worked: Result<Left, Error>) -> bool {
    match worked {
        Ok(Left::Nothing) => true,
        Ok(Left::Unfinished) => {
            tracing::info!(job.id = %key.job, job.part = %key.part, "to be continued");
            false
        }
        Err(error) => {
            tracing::warn!(job.id = %key.job, job.part = %key.part, error.cause = %error, "not worked");
            false
        }
    }
}

/// Parses a message; `None` if it is malformed.
fn key(message: &SqsMessage) -> Option<PartKey> {
    let message: JobMessage = queue::read(message.body.as_deref()?)?;
    let part = message.part.parse().ok()?;
    Some(PartKey { workspace: message.workspace, job: message.job, part })
}

/// The job of a part; `None` if it is forgotten or does not have the part.
pub async fn job(
    store: &Store,
    key: PartKey,
    now: Timestamp,
) -> Result<Option<StoredJob>, StoreError> {
    let stored = store.job(key.workspace, key.job, now).await?;
    if stored.is_none() {
        tracing::warn!(job.id = %key.job, "the job is forgotten; message dropped");
    }
    Ok(stored.filter(|stored| stored.job.parts.contains(&key.part)))
}

impl Worker<'_> {
    /// Works on the part until it is done or `deadline` has passed, and ends the job with its last
    /// part.
    pub async fn run(&self, pages: &impl Pages, deadline: Timestamp) -> Result<Left, Error> {
        let left = self.go(pages, deadline).await?;
        let by = (self.clock.now(), self.writer.as_str());
        super::end(self.store, (self.key.workspace, self.key.job), self.stored, by).await?;
        Ok(left)
    }

    async fn go(&self, pages: &impl Pages, deadline: Timestamp) -> Result<Left, Error> {
        let mut part = self.store.job_part(self.key).await?;
        while !part.progress.done {
            pages.complete(&part.progress).await?;
            if self.is_over().await? {
                return Ok(Left::Nothing);
            }
            let now = self.clock.now();
            let next = if part.progress.read {
                part.progress.clone().finished(now)
            } else if now >= deadline {
                return Ok(Left::Unfinished);
            } else {
                pages.page(part.progress.clone(), now).await?
            };
            let by = (self.writer.as_str(), self.stored.job.expires_at());
            match self.store.move_part(self.key, &part, next, by).await? {
                Some(moved) => part = moved,
                // Another worker has moved the part, and continues it.
                None => return Ok(Left::Nothing),
            }
        }
        Ok(Left::Nothing)
    }

    /// Returns true if the job has ended, for example because it was cancelled.
    async fn is_over(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let stored = self.store.job(self.key.workspace, self.key.job, now).await?;
        Ok(stored.is_none_or(|stored| stored.ended.is_some()))
    }
}
