//! Lists of webhooks, newest first, and the number of webhooks in a list.
//!
//! The counters say where matches can be and how many there are (`plan`). Only those minutes are
//! read from the history, and the newest ones, which may not be counted yet (`read`, `segments`). A
//! search uses the rows of `lookups` instead (`search`). Every row is checked for its end (`FACTS S1.2`):
//! expired webhooks are never listed, even before DynamoDB's TTL deletes them.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        calendar::{Day, Period},
        ids::{OriginId, WebhookId, WorkspaceId},
    },
    inbound::{
        filter::Filter,
        webhook::{Received, Run, Status, status_of},
    },
};
use jiff::{SignedDuration, Timestamp};

use crate::{Store, StoreError};

mod plan;
mod read;
mod search;
pub(crate) mod segments;

use plan::Plan;
pub(crate) use plan::Window;
use read::Read;
use search::Found;
use segments::{Budget, Lane, Most, Segment};

/// The maximum number of concurrent reads.
const AT_ONCE: usize = 16;
/// No webhook is older: 13 calendar months.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * (13 * 31 + 1));
/// The maximum difference between the clocks of two machines.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The history of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The origin.
    pub origin: OriginId,
    /// Shards of its history that are read.
    pub shards: u8,
}

/// A webhook in a list, with its runs, without headers, query and body.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The request as received.
    pub received: Received,
    /// Its runs, oldest first.
    pub runs: Vec<Run>,
}

impl Listed {
    /// Its status.
    pub fn status(&self) -> Status {
        status_of(self.runs.last())
    }

    /// Its id.
    pub fn id(&self) -> WebhookId {
        self.received.key.webhook
    }
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Newest first.
    pub items: Vec<Listed>,
    /// The id after which the next page begins; `None` at the end. A page that has read many rows
    /// in vain ends early, possibly without items.
    pub next: Option<WebhookId>,
}

/// A day and shard that holds matches: a part of bulk work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The UTC day of receipt.
    pub day: Day,
    /// The shard of the history.
    pub shard: u8,
}

/// A filtered list of an origin's history, at one moment.
#[derive(Debug)]
pub struct Listing<'a> {
    store: &'a Store,
    scope: Scope,
    filter: &'a Filter,
    now: Timestamp,
    source: Source,
}

/// The source of a list.
#[derive(Debug)]
enum Source {
    History(Plan),
    Search(Found),
}

impl Store {
    /// Prepares a list: reads the counters of its period, or the webhooks that its search finds.
    pub async fn listing<'a>(
        &'a self,
        scope: Scope,
        filter: &'a Filter,
        now: Timestamp,
    ) -> Result<Listing<'a>, StoreError> {
        let source = if let Some(search) = &filter.search {
            Source::Search(self.found(scope, search).await?)
        } else {
            let place = (scope.workspace, scope.origin);
            let tallies = self.tallies(place, counted_days(&filter.period(), now)).await?;
            Source::History(Plan::new(&tallies, filter, scope.shards, now))
        };
        Ok(Listing { store: self, scope, filter, now, source })
    }
}

impl Listing<'_> {
    /// The newest webhooks below `below`, at most `limit` of them.
    pub async fn page(&self, below: Option<WebhookId>, limit: usize) -> Result<Page, StoreError> {
        let lanes = match &self.source {
            Source::Search(found) => vec![self.found_lane(found, below, limit + 1).await?],
            Source::History(plan) => {
                let budget = Budget::of(self.scope.shards, limit + 1, self.filter.narrows());
                let mut lanes = Vec::new();
                for shard in 0..self.scope.shards {
                    let segments = plan.segments(self.filter, shard, None, below);
                    lanes.push(self.lane(shard, segments, below, (limit + 1, budget)));
                }
                stream::iter(lanes).buffered(AT_ONCE).try_collect().await?
            }
        };
        let (items, next) = segments::page(lanes, limit, Listed::id);
        Ok(Page { items, next })
    }

    /// The number of webhooks to read for the count, where the counters do not know a part of the
    /// filter; 0 if they do. A webhook and its runs are about one read unit.
    pub fn uncounted(&self) -> u64 {
        match &self.source {
            Source::History(plan) if !self.filter.is_counted() => plan.candidates(),
            Source::History(_) | Source::Search(_) => 0,
        }
    }

    /// The number of webhooks that the list has over all of its pages.
    pub async fn count(&self) -> Result<u64, StoreError> {
        match &self.source {
            Source::Search(found) => self.count_found(found).await,
            Source::History(plan) => {
                // Futures are created first and run later: a stream of a closure would not be
                // `Send`.
                let mut edges = Vec::new();
                for (shard, segment) in plan.edges(self.filter) {
                    edges.push(self.matches_in(shard, segment.window));
                }
                let edges = stream::iter(edges).buffer_unordered(AT_ONCE);
                let read: Vec<u64> = edges.try_collect().await?;
                Ok(plan.whole_hours() + read.into_iter().sum::<u64>())
            }
        }
    }

    /// The days and shards that may hold matches, newest first. A search has one part for each day
    /// and shard of its webhooks.
    pub fn parts(&self) -> Vec<Part> {
        match &self.source {
            Source::History(plan) => plan.parts(self.filter),
            Source::Search(found) => found.parts(),
        }
    }

    /// As [`Listing::page`], for one day and shard, and complete: bulk work misses no webhook that is
    /// not counted yet.
    pub async fn page_of(
        &self,
        part: Part,
        below: Option<WebhookId>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let lane = match &self.source {
            Source::Search(found) => self.found_lane(&found.only(part), below, limit + 1).await?,
            Source::History(plan) => {
                let segments = plan.segments(self.filter, part.shard, Some(part.day), below);
                self.lane(part.shard, segments, below, (limit + 1, Budget::ALL)).await?
            }
        };
        let (items, next) = segments::page(vec![lane], limit, Listed::id);
        Ok(Page { items, next })
    }

    /// The newest matches of one shard.
    async fn lane(
        &self,
        shard: u8,
        segments: Vec<Segment>,
        below: Option<WebhookId>,
        (limit, budget): (usize, Budget),
    ) -> Result<Lane<Listed, WebhookId>, StoreError> {
        let read = self.read_of(shard, below);
        segments::newest(&segments, limit, budget, |segment, most| {
            read.matches(segment.window, most, Some(segment))
        })
        .await
    }

    async fn matches_in(&self, shard: u8, window: Window) -> Result<u64, StoreError> {
        let all = Most { items: usize::MAX, rows: usize::MAX };
        let found = self.read_of(shard, None).matches(window, all, None).await?;
        Ok(found.items.len() as u64)
    }

    fn read_of(&self, shard: u8, below: Option<WebhookId>) -> Read<'_> {
        Read {
            store: self.store,
            scope: self.scope,
            shard,
            filter: self.filter,
            now: self.now,
            below,
        }
    }
}

/// The first and last day of a period that can have counters.
pub(crate) fn counted_days(period: &Period, now: Timestamp) -> (Day, Day) {
    let first = Day::of(period.from.max(now - OLDEST));
    (first, Day::of(period.to.min(now + SKEW)).max(first))
}
