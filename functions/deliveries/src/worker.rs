//! Works on a part of a resend job ([`gancho_edge::jobs::worker`]).
//!
//! The id of a new delivery is derived from the job and from the original delivery, and its time is
//! the job's. A worker that continues after a crash therefore derives the same ids and finds the
//! deliveries that already exist. New deliveries are dated one millisecond after the end of the
//! job's period, so the job never resends its own deliveries.

use aws_lambda_events::sqs::SqsEvent;
use futures::{StreamExt, stream};
use gancho_domain::common::{
    code::Code,
    ids::DeliveryId,
    job::{Job, PartId, PartProgress, Resent},
};
use gancho_edge::{
    batch::BatchReply,
    jobs::worker::{self, Error, Left, Pages, Worker},
};
use gancho_store::{
    deliveries::StoredDelivery, deliveries_list::DeliveryListing, jobs::PartKey, listing::Part,
};
use jiff::{SignedDuration, Timestamp};

use crate::{App, actions};

/// The number of deliveries of one page.
const PAGE: usize = 50;
/// The number of deliveries that are created in parallel.
const AT_ONCE: usize = 8;

/// Processes the parts of a batch. Unfinished and failed parts are returned to the queue.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    worker::handle(batch, |key| work(app, key, deadline)).await
}

async fn work(app: &App, key: PartKey, deadline: Timestamp) -> Result<Left, Error> {
    let now = app.deps.clock.now();
    let Some(stored) = worker::job(&app.store, key, now).await? else { return Ok(Left::Nothing) };
    let Some(filter) = &stored.job.deliveries else { return Ok(Left::Nothing) };
    let filter = filter.within(key.part.day);
    let listing = app.store.delivery_listing(key.workspace, &filter, now).await?;
    let (store, clock, writer) = (&app.store, &app.deps.clock, app.deps.ids.token());
    let worker = Worker { store, clock, key, stored: &stored, writer };
    worker.run(&Resends { app, key, job: &stored.job, listing }, deadline).await
}

/// Resends of the deliveries of a part.
struct Resends<'a> {
    app: &'a App,
    key: PartKey,
    job: &'a Job,
    listing: DeliveryListing<'a>,
}

impl Pages for Resends<'_> {
    /// Nothing is left to do: a page is resent before it is recorded.
    async fn complete(&self, _: &PartProgress) -> Result<(), Error> {
        Ok(())
    }

    /// Resends the deliveries of a page.
    async fn page(&self, progress: PartProgress, now: Timestamp) -> Result<PartProgress, Error> {
        let PartId { day, shard } = self.key.part;
        let page = self.listing.page_of(Part { day, shard }, progress.sent_below, PAGE).await?;
        let mut all = Vec::new();
        for item in &page.items {
            all.push(self.again(item));
        }
        let all: Vec<_> = stream::iter(all).buffered(AT_ONCE).collect().await;
        let last = page.items.last().map(|item| item.delivery.id);
        let mut resent = Resent { last, more: page.next.is_some(), ..Resent::default() };
        for tried in all {
            match tried? {
                Ok(()) => resent.sent += 1,
                Err(code) => resent.skipped.push(code),
            }
        }
        Ok(progress.after_resent(resent, now))
    }
}

impl Resends<'_> {
    /// Resends one delivery, or returns the code of the reason that it is skipped.
    async fn again(&self, item: &StoredDelivery) -> Result<Result<(), Code>, Error> {
        let at = self.job.created_at + SignedDuration::from_millis(1);
        let of = &item.delivery;
        let id = DeliveryId::derived(at, &["resend", &self.job.id.key(), &of.id.key()]);
        let by = self.job.by.clone();
        match actions::send_again(self.app, self.key.workspace, of, id, by).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if error.status >= 500 => Err(Error::Api(error)),
            Err(error) => Ok(Err(error.code)),
        }
    }
}
