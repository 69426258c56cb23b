//! Processes one part of a resend job: one day and shard, from newest to oldest.
//!
//! The id of a new delivery is derived from the job and from the original delivery, and its time is
//! the job's. A worker that continues after a crash therefore derives the same ids and finds the
//! deliveries that already exist. New deliveries are dated one millisecond after the end of the
//! job's period, so the job never resends its own deliveries.
//!
//! When an invocation runs out of time, the message is received again after its visibility timeout.
//! After five receives, the sweep of *reprocess* enqueues a new message.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::{StreamExt, stream};
use gancho_domain::common::{
    code::Code,
    ids::DeliveryId,
    job::{PartId, Resent},
};
use gancho_edge::{
    batch::BatchReply,
    jobs,
    problem::ApiError,
    queue::{self, JobMessage},
};
use gancho_store::{
    StoreError,
    deliveries::StoredDelivery,
    deliveries_list::DeliveryListing,
    jobs::{PartKey, StoredJob, StoredPart},
    listing::Part,
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, actions};

/// The number of deliveries of one page.
const PAGE: usize = 50;
/// The number of deliveries that are created in parallel.
const AT_ONCE: usize = 8;

/// An error that stopped a part.
#[derive(Debug, Clone, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}", .0.cause.as_deref().unwrap_or("no cause"))]
    Api(ApiError),
}

/// The result of processing a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The message can be deleted: the part is done, its job is cancelled or expired, or another
    /// worker processes it.
    Nothing,
    /// The invocation ran out of time.
    Unfinished,
}

/// Processes the parts of a batch. Unfinished and failed parts are returned to the queue.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    let mut reply = BatchReply::default();
    for message in batch.records {
        let id = message.message_id.clone().unwrap_or_default();
        if !one(app, &message, deadline).await {
            reply.again(id);
        }
    }
    reply
}

async fn one(app: &App, message: &SqsMessage, deadline: Timestamp) -> bool {
    let Some(key) = key(message.body.as_deref().unwrap_or_default()) else {
        tracing::error!(message.id = message.message_id, "malformed message");
        return false;
    };
    match work(app, key, deadline).await {
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

/// Parses the body of a message; `None` if it is malformed.
fn key(body: &str) -> Option<PartKey> {
    let message: JobMessage = queue::read(body)?;
    Some(PartKey {
        workspace: message.workspace,
        job: message.job,
        part: message.part.parse().ok()?,
    })
}

async fn work(app: &App, key: PartKey, deadline: Timestamp) -> Result<Left, Error> {
    let now = app.clock.now();
    let Some(stored) = app.store.job(key.workspace, key.job, now).await? else {
        tracing::warn!(job.id = %key.job, "the job is forgotten; message dropped");
        return Ok(Left::Nothing);
    };
    let (true, Some(filter)) = (stored.job.parts.contains(&key.part), &stored.job.deliveries)
    else {
        return Ok(Left::Nothing);
    };
    let filter = filter.within(key.part.day);
    let listing = app.store.delivery_listing(key.workspace, &filter, now).await?;
    let worker = Worker { app, key, stored: &stored, listing, writer: app.ids.token() };
    let left = worker.go(deadline).await?;
    let by = (app.clock.now(), worker.writer.as_str());
    jobs::end(&app.store, (key.workspace, key.job), &stored, by).await?;
    Ok(left)
}

/// A worker that processes one part.
struct Worker<'a> {
    app: &'a App,
    key: PartKey,
    stored: &'a StoredJob,
    listing: DeliveryListing<'a>,
    writer: String,
}

impl Worker<'_> {
    async fn go(&self, deadline: Timestamp) -> Result<Left, Error> {
        let mut part = self.app.store.job_part(self.key).await?;
        while !part.progress.done {
            if self.is_over().await? {
                return Ok(Left::Nothing);
            }
            let now = self.app.clock.now();
            let next = if part.progress.read {
                part.progress.clone().finished(now)
            } else if now >= deadline {
                return Ok(Left::Unfinished);
            } else {
                part.progress.clone().after_resent(self.page(&part).await?, now)
            };
            let by = (self.writer.as_str(), self.stored.job.expires_at());
            match self.app.store.move_part(self.key, &part, next, by).await? {
                Some(moved) => part = moved,
                // Another worker processes the part and continues it.
                None => return Ok(Left::Nothing),
            }
        }
        Ok(Left::Nothing)
    }

    /// Reports if the job has ended or no longer exists.
    async fn is_over(&self) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        let stored = self.app.store.job(self.key.workspace, self.key.job, now).await?;
        Ok(stored.is_none_or(|stored| stored.ended.is_some()))
    }

    /// Resends the deliveries of a page.
    async fn page(&self, part: &StoredPart) -> Result<Resent, Error> {
        let PartId { day, shard } = self.key.part;
        let below = part.progress.sent_below;
        let page = self.listing.page_of(Part { day, shard }, below, PAGE).await?;
        let mut all = Vec::new();
        for item in &page.items {
            all.push(self.again(item));
        }
        let all: Vec<_> = stream::iter(all).buffered(AT_ONCE).collect().await;
        let last = page.items.last().map(|item| item.delivery.id);
        let mut resent = Resent { last, more: page.more, ..Resent::default() };
        for tried in all {
            match tried? {
                Ok(()) => resent.sent += 1,
                Err(code) => resent.skipped.push(code),
            }
        }
        Ok(resent)
    }

    /// Resends one delivery, or returns the code of the reason that it is skipped.
    async fn again(&self, item: &StoredDelivery) -> Result<Result<(), Code>, Error> {
        let job = &self.stored.job;
        let at = job.created_at + SignedDuration::from_millis(1);
        let of = &item.delivery;
        let id = DeliveryId::derived(at, &["resend", &job.id.key(), &of.id.key()]);
        match actions::send_again(self.app, self.key.workspace, of, id).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if error.status >= 500 => Err(Error::Api(error)),
            Err(error) => Ok(Err(error.code)),
        }
    }
}
