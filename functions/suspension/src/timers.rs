//! Runs every minute: enqueues parked entries that are due, oldest first, publishes notices that
//! SNS has not accepted yet, then ends held deliveries that expire.
//!
//! The first reading of the hours takes a share of every workspace ([`crate::shares`]); what is left
//! after the run is read first by the next one.

use std::collections::BTreeSet;

use futures::future::{join, join_all};
use gancho_edge::{metrics::Metric, trigger::Reply};
use gancho_store::parked::{Entry, Hours, Page, Stretch};
use jiff::{SignedDuration, Timestamp};

use crate::{
    App, Error,
    enqueue::Enqueuer,
    expire, notify,
    shares::{Shares, Turn},
};

/// Entries due by the end of this time's minute are enqueued now, with the rest of their wait as
/// the delay.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// Rows that are read at a time from a partition.
const PAGE: usize = 1_000;
/// Stretches that are read concurrently, after the first reading.
const TURNS: usize = 4;
/// The time that further turns leave to expiries.
const FOR_EXPIRIES: SignedDuration = SignedDuration::from_secs(10);

/// Enqueues the due entries of all workspaces.
pub(crate) async fn run(app: &App, deadline: Timestamp) -> Result<Reply, Error> {
    let (done, published) = join(entries(app, deadline), notify::unsent(app, deadline)).await;
    let Run { shares, enqueued, cut, unread, .. } = done?;
    let due = enqueued + shares.expiries.len();
    // Expiries come last: they may be many, and messages do not wait for them.
    expire::all(app, shares.expiries, deadline).await;
    if cut || shares.paced {
        tracing::warn!(timers.due = due, "the timers were cut short");
    }
    // Without it the alarm is set: an entry that was not read may be the oldest.
    if !unread {
        app.deps.metrics.add(Metric::TimerLagSeconds, shares.overdue.as_secs());
    }
    Ok(Reply::counts([("due", due), ("notified", published)]))
}

async fn entries(app: &App, deadline: Timestamp) -> Result<Run<'_>, Error> {
    let mut run = Run::new(app, deadline);
    // Without the row nothing was ever parked.
    let Some(hours) = app.known.hours(&app.store).await? else { return Ok(run) };
    let mut empty = BTreeSet::new();
    for hour in hours.to_read(run.until) {
        if !run.has_time(SignedDuration::ZERO) {
            run.cut = true;
            break;
        }
        if run.read(hour).await {
            empty.insert(hour);
        }
    }
    run.further_turns().await;
    if let Some(next) = hours.after(&empty, app.now()) {
        // If another run was first, its hours are read next time.
        let written = app.store.put_parked_hours(&next).await?;
        app.known.set_hours(written.then_some(next));
    }
    Ok(run)
}

/// One run of the timers.
struct Run<'a> {
    app: &'a App,
    until: Timestamp,
    deadline: Timestamp,
    shares: Shares,
    enqueuer: Enqueuer,
    enqueued: usize,
    /// True if some entries were not tried, or could not be enqueued.
    cut: bool,
    /// True if a partition could not be read.
    unread: bool,
}

impl<'a> Run<'a> {
    fn new(app: &'a App, deadline: Timestamp) -> Self {
        Self {
            app,
            until: app.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX),
            deadline,
            shares: Shares::default(),
            enqueuer: Enqueuer::default(),
            enqueued: 0,
            cut: false,
            unread: false,
        }
    }

    fn has_time(&self, reserved: SignedDuration) -> bool {
        self.app.now().checked_add(reserved).is_ok_and(|now| now < self.deadline)
    }

    /// Enqueues the share of every workspace in an hour. Returns true if the hour is over and
    /// empty.
    async fn read(&mut self, hour: i64) -> bool {
        let is_over = Hours::is_over(hour, self.app.now());
        let mut open: Vec<Stretch> = Stretch::all(hour, self.until).collect();
        let mut is_empty = is_over;
        while !open.is_empty() {
            if !self.has_time(SignedDuration::ZERO) {
                self.cut = true;
                return false;
            }
            let mut next = Vec::new();
            let mut taken = Vec::new();
            // A stale read misses what the next run finds; only an hour is closed once.
            for (stretch, page) in self.pages(open, is_over).await {
                is_empty &= page.as_ref().is_some_and(|page| page.is_empty);
                let Some(page) = page else { continue };
                let part = self.shares.divide((&stretch, page), Turn::First, self.app.now());
                taken.extend(part.taken);
                next.extend(part.next);
            }
            self.enqueue(taken).await;
            open = next;
        }
        is_empty
    }

    /// Gives the rest of the time to the workspaces with more entries than their shares, by turns.
    async fn further_turns(&mut self) {
        loop {
            let reserved =
                if self.shares.expiries.is_empty() { SignedDuration::ZERO } else { FOR_EXPIRIES };
            let has_time = self.has_time(reserved);
            let turns = self.shares.next_turns(TURNS);
            if turns.is_empty() {
                return;
            }
            if !has_time {
                self.cut = true;
                return;
            }
            let (workspaces, open): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
            let mut taken = Vec::new();
            let pages = self.pages(open, true).await;
            for (ws, (stretch, page)) in workspaces.into_iter().zip(pages) {
                let Some(page) = page else { continue };
                let part = self.shares.divide((&stretch, page), Turn::Further, self.app.now());
                // A stretch of which nothing may be taken now waits for the next run.
                let waits = part.taken.is_empty() && self.shares.is_paced(ws);
                if let Some(next) = part.next.filter(|_| !waits) {
                    self.shares.leave(ws, next);
                }
                taken.extend(part.taken);
            }
            self.enqueue(taken).await;
        }
    }

    /// Reads the first page of each stretch; `None`: it could not be read.
    async fn pages(
        &mut self,
        open: Vec<Stretch>,
        consistent: bool,
    ) -> Vec<(Stretch, Option<Page>)> {
        let read = open.iter().map(|stretch| self.app.store.parked_page(stretch, PAGE, consistent));
        let mut pages = Vec::new();
        for page in join_all(read).await {
            if let Err(error) = &page {
                tracing::error!(error.cause = %error, "parked entries were not read");
                self.unread = true;
            }
            pages.push(page.ok());
        }
        open.into_iter().zip(pages).collect()
    }

    async fn enqueue(&mut self, taken: Vec<(Entry, i32)>) {
        let counts = self.enqueuer.enqueue(self.app, taken, self.deadline).await;
        self.enqueued += counts.enqueued;
        self.cut |= counts.left > 0;
    }
}
