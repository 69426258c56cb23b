//! Lists of deliveries, newest first, and the number of deliveries in each state.
//!
//! The counters say which hours can hold matches and how many there are (`plan`). Only those hours
//! are read from the deliveries (`read`), and the newest ones, which may not be counted yet. A
//! subject's list uses the rows of `lookups` instead. Every row is checked for its end (`FACTS
//! S2.3`): expired deliveries are never listed, even before DynamoDB's TTL deletes them.

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::{
    common::{
        calendar::{Day, Period},
        ids::{DeliveryId, WorkspaceId},
    },
    outbound::{delivery_filter::DeliveryFilter, delivery_tally::StateCounts},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    deliveries::StoredDelivery,
    listing::{
        Part,
        segments::{self, Budget, Lane, Segment},
    },
};

mod plan;
mod read;

use plan::Plan;
pub(crate) use plan::has_ended;

/// The maximum number of concurrent reads.
const AT_ONCE: usize = 16;
/// No delivery is older: the longest retention.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * (395 + 2));
/// The maximum difference between the clocks of two machines.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Deliveries of a subject that one round reads.
const OF_SUBJECT: usize = 100;

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct DeliveryPage {
    /// Newest first.
    pub items: Vec<StoredDelivery>,
    /// The id after which the next page begins; `None` at the end. A page that has read many rows
    /// in vain ends early, possibly without items.
    pub next: Option<DeliveryId>,
}

/// A filtered list of a workspace's deliveries, at one moment.
#[derive(Debug)]
pub struct DeliveryListing<'a> {
    store: &'a Store,
    ws: WorkspaceId,
    filter: &'a DeliveryFilter,
    now: Timestamp,
    source: Source,
}

/// The source of a list.
#[derive(Debug)]
enum Source {
    /// The days of its period.
    Days(Plan),
    /// A subject's deliveries, newest first, whatever their state.
    Subject(Vec<StoredDelivery>),
}

impl Store {
    /// Prepares a list: reads the counters of its period, or the deliveries of its subject.
    pub async fn delivery_listing<'a>(
        &'a self,
        ws: WorkspaceId,
        filter: &'a DeliveryFilter,
        now: Timestamp,
    ) -> Result<DeliveryListing<'a>, StoreError> {
        let source = if let Some(subject) = &filter.subject {
            Source::Subject(self.all_of_subject(ws, (subject, filter), now).await?)
        } else {
            let tallies = self.delivery_tallies(ws, counted_days(&filter.period(), now)).await?;
            Source::Days(Plan::new(&tallies, filter, now))
        };
        Ok(DeliveryListing { store: self, ws, filter, now, source })
    }

    async fn all_of_subject(
        &self,
        ws: WorkspaceId,
        (subject, filter): (&str, &DeliveryFilter),
        now: Timestamp,
    ) -> Result<Vec<StoredDelivery>, StoreError> {
        let mut found: Vec<StoredDelivery> = Vec::new();
        let mut before = None;
        loop {
            let some = self.deliveries_of_subject(ws, subject, now, before, OF_SUBJECT).await?;
            let Some(last) = some.last() else { break };
            before = Some(last.delivery.id);
            found.extend(some.into_iter().filter(|it| filter.takes_but_for_state(&it.delivery)));
        }
        Ok(found)
    }
}

impl DeliveryListing<'_> {
    /// The newest deliveries below `below`, at most `limit` of them.
    pub async fn page(
        &self,
        below: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let lanes = match &self.source {
            Source::Subject(all) => vec![self.of_subject(all, None, below, limit + 1)],
            Source::Days(plan) => {
                let budget = Budget::of(DeliveryId::SHARDS, limit + 1, self.filter.narrows());
                let mut lanes = Vec::new();
                for shard in 0..DeliveryId::SHARDS {
                    let segments = plan.segments(self.filter, shard, None, below);
                    lanes.push(self.lane(shard, segments, below, (limit + 1, budget)));
                }
                stream::iter(lanes).buffered(AT_ONCE).try_collect().await?
            }
        };
        Ok(page_of(lanes, limit))
    }

    /// The parameter of the filter that the counters do not know, and the number of deliveries to read
    /// for the totals. A delivery is one read unit for each 8 KB.
    pub fn uncounted(&self) -> Option<(&'static str, u64)> {
        let parameter = self.filter.uncounted()?;
        match &self.source {
            Source::Days(plan) => Some((parameter, plan.candidates())),
            Source::Subject(_) => None,
        }
    }

    /// The number of deliveries in each state, whatever states the filter names: the tabs of a list
    /// are states (`FACTS D7`).
    pub async fn totals(&self) -> Result<StateCounts, StoreError> {
        let plan = match &self.source {
            Source::Subject(all) => {
                let mut sum = StateCounts::default();
                for it in all {
                    sum.add(it.delivery.state.name());
                }
                return Ok(sum);
            }
            Source::Days(plan) => plan,
        };
        let mut sum = plan.whole_hours();
        // Futures are created first and run later: a stream of a closure would not be `Send`.
        let mut edges = Vec::new();
        for (shard, segment) in plan.edges(self.filter) {
            edges.push(self.states_in(shard, segment.window));
        }
        let mut edges = stream::iter(edges).buffer_unordered(AT_ONCE);
        while let Some(counts) = edges.try_next().await? {
            sum.add_all(&counts);
        }
        Ok(sum)
    }

    /// The number of deliveries that the list has over all of its pages, from its totals.
    pub fn count(&self, totals: &StateCounts) -> u64 {
        totals.of_any(self.filter.requested())
    }

    /// The days and shards that may hold matches, newest first: the parts of bulk work.
    pub fn parts(&self) -> Vec<Part> {
        match &self.source {
            Source::Days(plan) => plan.parts(self.filter),
            Source::Subject(all) => {
                let mut parts: Vec<Part> = all.iter().map(|it| part_of(it.delivery.id)).collect();
                parts.sort_by_key(|part| std::cmp::Reverse((part.day, part.shard)));
                parts.dedup();
                parts
            }
        }
    }

    /// As [`DeliveryListing::page`], for one day and shard, and complete: bulk work misses no delivery
    /// that is not counted yet.
    pub async fn page_of(
        &self,
        part: Part,
        below: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let lane = match &self.source {
            Source::Subject(all) => self.of_subject(all, Some(part), below, limit + 1),
            Source::Days(plan) => {
                let segments = plan.segments(self.filter, part.shard, Some(part.day), below);
                self.lane(part.shard, segments, below, (limit + 1, Budget::ALL)).await?
            }
        };
        Ok(page_of(vec![lane], limit))
    }

    fn of_subject(
        &self,
        all: &[StoredDelivery],
        part: Option<Part>,
        below: Option<DeliveryId>,
        limit: usize,
    ) -> Lane<StoredDelivery, DeliveryId> {
        let meant = |it: &&StoredDelivery| {
            let id = it.delivery.id;
            self.filter.takes(&it.delivery)
                && below.is_none_or(|below| id < below)
                && part.is_none_or(|part| part_of(id) == part)
        };
        Lane { items: all.iter().filter(meant).take(limit).cloned().collect(), stop: None }
    }

    /// The newest matches of one shard.
    async fn lane(
        &self,
        shard: u8,
        segments: Vec<Segment>,
        below: Option<DeliveryId>,
        (limit, budget): (usize, Budget),
    ) -> Result<Lane<StoredDelivery, DeliveryId>, StoreError> {
        segments::newest(&segments, limit, budget, |segment, most| {
            self.matches_in(shard, segment, below, most)
        })
        .await
    }
}

/// The first and last day of a period that can have counters.
pub(crate) fn counted_days(period: &Period, now: Timestamp) -> (Day, Day) {
    let first = Day::of(period.from.max(now - OLDEST));
    (first, Day::of(period.to.min(now + SKEW)).max(first))
}

fn part_of(id: DeliveryId) -> Part {
    Part { day: Day::of(id.made_at()), shard: id.shard() }
}

fn page_of(lanes: Vec<Lane<StoredDelivery, DeliveryId>>, limit: usize) -> DeliveryPage {
    let (items, next) = segments::page(lanes, limit, |item| item.delivery.id);
    DeliveryPage { items, next }
}
