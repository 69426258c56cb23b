//! Reads the segments of one shard, newest first, until a page is full.
//!
//! Segments in which the counters know matches are read as far as the page needs, but not beyond
//! [`ROWS`] rows: then the page ends early and names the place where the next one goes on. Segments
//! that the counters may not know completely yet are read up to [`ROWS`] rows; a filter passes over
//! the rest, which is listed as soon as it is counted, within seconds
//! (`infra/docs/decisions/0072-a-page-ends-early.md`). So a filter with few matches is fast after a
//! burst.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::common::calendar::Period;
use jiff::{SignedDuration, Timestamp};

use super::{AT_ONCE, Window};
use crate::StoreError;

/// The rows that one page reads in vain, over all shards: of segments with counted matches, and again
/// of segments that may not be counted completely.
const ROWS: usize = 500;
/// The rows that an item of the page may have besides: a webhook and some runs.
const ROWS_OF_ITEM: usize = 4;

/// The rows that one shard may read for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Of segments with counted matches, and of all segments of a list without a filter.
    counted: usize,
    /// Of segments that may not be counted completely.
    unsure: usize,
    /// `true` if what is beyond the `unsure` rows is passed over.
    passes: bool,
}

impl Budget {
    /// The share of one of `shards` for a page of `limit` items. `filtered`: not every item matches.
    pub(crate) fn of(shards: u8, limit: usize, filtered: bool) -> Self {
        let rows = ROWS / usize::from(shards.max(1)) + limit.saturating_mul(ROWS_OF_ITEM);
        Self { counted: rows, unsure: rows, passes: filtered }
    }

    /// No limit: bulk work reads everything.
    pub(crate) const ALL: Self = Self { counted: usize::MAX, unsure: usize::MAX, passes: false };

    fn rows(&self, segment: &Segment) -> usize {
        if segment.counted { self.counted } else { self.unsure }
    }

    fn spend(&mut self, segment: &Segment, rows: usize) {
        let left = if segment.counted { &mut self.counted } else { &mut self.unsure };
        *left = left.saturating_sub(rows);
    }

    /// Reports whether a segment may be read in part and then left behind.
    fn passes(&self, segment: &Segment) -> bool {
        self.passes && !segment.counted
    }
}

/// The stretch of time that a counter covers.
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A stretch of a day to read, and the counts expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) window: Window,
    /// Matches; at least 1.
    pub(crate) expected: u64,
    /// Items, matching or not.
    pub(crate) total: u64,
    /// `true` if the counters know matches here; `false` if there may be some that are not counted.
    pub(crate) counted: bool,
}

impl Segment {
    /// The number of items to read for `limit` matches, by the share of matches.
    pub(crate) fn items_for(&self, limit: usize) -> u64 {
        let total = self.total.max(self.expected);
        (limit as u64).saturating_mul(total).div_ceil(self.expected.max(1))
    }
}

/// Reports whether an hour overlaps a period, and whether the period contains all of it.
pub(crate) fn overlap(period: &Period, start: Timestamp) -> (bool, bool) {
    let end = start + HOUR;
    (start < period.to && period.from < end, period.from <= start && end <= period.to)
}

/// The part of a period up to the millisecond in which a cursor's item was made.
pub(crate) fn up_to(period: Period, made_at: Option<Timestamp>) -> Period {
    let end = made_at.map(|at| at + SignedDuration::from_millis(1));
    Period { to: end.map_or(period.to, |end| period.to.min(end)), ..period }
}

/// The limits of the reading of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Most {
    /// Matches.
    pub(crate) items: usize,
    /// Rows, matching or not.
    pub(crate) rows: usize,
}

/// The result of reading a segment.
#[derive(Debug)]
pub(crate) struct Found<T, P> {
    /// The matches, newest first.
    pub(crate) items: Vec<T>,
    /// The number of rows, matching or not.
    pub(crate) rows: usize,
    /// The id of the last item that was read, if the limit of rows ended the reading.
    pub(crate) stop: Option<P>,
}

/// The newest matches of one shard.
#[derive(Debug)]
pub(crate) struct Lane<T, P> {
    /// Newest first.
    pub(crate) items: Vec<T>,
    /// Older items than this one were not read.
    pub(crate) stop: Option<P>,
}

/// The page of several shards, newest first, and the id after which the next page begins.
pub(crate) fn page<T, P: Ord + Copy>(
    lanes: Vec<Lane<T, P>>,
    limit: usize,
    id: impl Fn(&T) -> P,
) -> (Vec<T>, Option<P>) {
    let stop = lanes.iter().filter_map(|lane| lane.stop).max();
    let all = lanes.into_iter().flat_map(|lane| lane.items);
    let read = all.filter(|item| stop.is_none_or(|stop| id(item) >= stop));
    let sorted: BTreeMap<_, _> = read.map(|item| (std::cmp::Reverse(id(&item)), item)).collect();
    let mut items: Vec<T> = sorted.into_values().collect();
    if items.len() <= limit {
        return (items, stop);
    }
    items.truncate(limit);
    let next = items.last().map(id);
    (items, next)
}

/// The newest matches of a shard's segments, at most `limit`. Segments are read in order, and
/// concurrently as far as the counters say that they are needed.
pub(crate) async fn newest<T, P, F>(
    segments: &[Segment],
    limit: usize,
    mut budget: Budget,
    read: impl Fn(Segment, Most) -> F,
) -> Result<Lane<T, P>, StoreError>
where
    F: Future<Output = Result<Found<T, P>, StoreError>>,
{
    let mut items = Vec::new();
    let mut rest = segments;
    while !rest.is_empty() && items.len() < limit {
        let missing = limit - items.len();
        let (now, later) = rest.split_at(needed(rest, missing));
        rest = later;
        // Futures are created first and run later: a stream of a closure would not be `Send`.
        let mut reads = Vec::new();
        for segment in now {
            let rows = budget.rows(segment);
            if rows > 0 || !budget.passes(segment) {
                let found = read(*segment, Most { items: missing, rows: rows.max(1) });
                reads.push(async move { Ok::<_, StoreError>((found.await?, segment)) });
            }
        }
        let mut reads = stream::iter(reads).buffered(AT_ONCE);
        while let Some((found, segment)) = reads.try_next().await? {
            items.extend(found.items);
            budget.spend(segment, found.rows);
            if found.stop.is_some() && !budget.passes(segment) {
                return Ok(Lane { items, stop: found.stop });
            }
        }
    }
    Ok(Lane { items, stop: None })
}

/// The number of next segments to read concurrently: until enough matches are expected, or to the
/// first whose rows are limited.
fn needed(segments: &[Segment], missing: usize) -> usize {
    let mut expected = 0;
    let enough = segments.iter().take(AT_ONCE).position(|segment| {
        expected += segment.expected;
        expected >= missing as u64 || !segment.counted
    });
    enough.map_or(AT_ONCE.min(segments.len()), |last| last + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use gancho_domain::common::calendar::Day;

    use super::*;

    fn segment(hour: i64, expected: u64, counted: bool) -> Segment {
        let from = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        let window = Window { day: Day::of(from), from, to: from + SignedDuration::from_hours(1) };
        Segment { window, expected, total: expected, counted }
    }

    /// Reads segments in which every tenth of `there` rows matches, up to the limit of rows; returns
    /// the number of matches, the place where the reading stopped, and the limits of the reads.
    async fn read(
        segments: &[Segment],
        (limit, there): (usize, usize),
        passes: bool,
    ) -> (usize, Option<usize>, Vec<usize>) {
        let limits = Mutex::new(Vec::new());
        let budget = Budget { counted: 1_000, unsure: 1_000, passes };
        let lane = newest(segments, limit, budget, |_, most| {
            limits.lock().unwrap().push(most.rows);
            let rows = there.min(most.rows);
            let items = vec![(); (rows / 10).min(most.items)];
            let stop = (rows < there).then_some(rows);
            async move { Ok(Found { items, rows, stop }) }
        });
        let Lane { items, stop } = lane.await.unwrap();
        (items.len(), stop, limits.into_inner().unwrap())
    }

    #[tokio::test]
    async fn f9_a_filter_passes_over_segments_that_may_not_be_counted_beyond_a_limit_of_rows() {
        let unsure = [segment(3, 1, false), segment(2, 1, false), segment(1, 1, false)];
        assert_eq!(read(&unsure, (500, 600), true).await, (100, None, vec![1_000, 400]));
        assert_eq!(read(&unsure, (500, 300), true).await, (90, None, vec![1_000, 700, 400]));
        // A full page ends the reading.
        assert_eq!(read(&unsure, (20, 300), true).await, (20, None, vec![1_000]));
        // A list without a filter goes on there.
        assert_eq!(read(&unsure, (500, 600), false).await, (100, Some(400), vec![1_000, 400]));
    }

    #[tokio::test]
    async fn f9_segments_with_counted_matches_are_read_up_to_a_limit_of_rows_and_then_go_on() {
        let mixed = [segment(3, 1, false), segment(2, 10, true), segment(1, 1, false)];
        let limits = vec![1_000, 1_000];
        assert_eq!(read(&mixed, (500, 2_000), true).await, (200, Some(1_000), limits));
        let limits = vec![1_000, 1_000, 100];
        assert_eq!(read(&mixed, (500, 900), true).await, (190, None, limits));
    }

    #[test]
    fn f9_a_page_of_several_shards_ends_where_the_first_of_them_stopped() {
        let lanes = || {
            let lane = |items: &[u32], stop| Lane { items: items.to_vec(), stop };
            vec![lane(&[90, 60], Some(50)), lane(&[80, 40], None), lane(&[], Some(30))]
        };
        assert_eq!(page(lanes(), 5, |item| *item), (vec![90, 80, 60], Some(50)));
        assert_eq!(page(lanes(), 2, |item| *item), (vec![90, 80], Some(80)));
    }
}
