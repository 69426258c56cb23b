//! Reads the segments of one shard, newest first, until a page is full.
//!
//! Segments in which the counters know matches are read as far as the page needs. Segments that the
//! counters may not know completely yet are read up to [`UNSURE_ROWS`] rows, so that a filter with
//! few matches is fast after a burst; what is older is listed as soon as it is counted, which takes
//! seconds (`infra/docs/decisions/0070-bounded-reads-of-uncounted-rows.md`).

use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::common::calendar::Period;
use jiff::{SignedDuration, Timestamp};

use super::{AT_ONCE, Window};
use crate::StoreError;

/// The rows that one page reads, over all shards, of segments that may not be counted completely.
pub(crate) const UNSURE_ROWS: usize = 1_000;

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
pub(crate) struct Found<T> {
    /// The matches, newest first.
    pub(crate) items: Vec<T>,
    /// The number of rows, matching or not.
    pub(crate) rows: usize,
}

/// The newest matches of a shard's segments, at most `limit`, with `unsure` as the number of rows of
/// segments that may not be counted completely. Segments are read in order, and concurrently as far
/// as the counters say that they are needed.
pub(crate) async fn newest<T, F>(
    segments: &[Segment],
    limit: usize,
    mut unsure: usize,
    read: impl Fn(Segment, Most) -> F,
) -> Result<Vec<T>, StoreError>
where
    F: Future<Output = Result<Found<T>, StoreError>>,
{
    let mut items = Vec::new();
    let mut rest = segments;
    while !rest.is_empty() && items.len() < limit {
        let missing = limit - items.len();
        let (now, later) = rest.split_at(needed(rest, missing));
        rest = later;
        // Futures are created first and run later: a stream of a closure would not be `Send`.
        let mut reads = Vec::new();
        for segment in now.iter().filter(|segment| segment.counted || unsure > 0) {
            let rows = if segment.counted { usize::MAX } else { unsure };
            let found = read(*segment, Most { items: missing, rows });
            let counted = segment.counted;
            reads.push(async move { Ok::<_, StoreError>((found.await?, counted)) });
        }
        let mut reads = stream::iter(reads).buffered(AT_ONCE);
        while let Some((found, counted)) = reads.try_next().await? {
            items.extend(found.items);
            unsure = unsure.saturating_sub(if counted { 0 } else { found.rows });
        }
    }
    Ok(items)
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

    /// Reads segments in which every tenth of `there` rows matches; returns the number of matches and
    /// the limits of rows of each read.
    async fn read(segments: &[Segment], limit: usize, there: usize) -> (usize, Vec<usize>) {
        let limits = Mutex::new(Vec::new());
        let found = newest(segments, limit, 1_000, |_, most| {
            limits.lock().unwrap().push(most.rows);
            let rows = there.min(most.rows);
            let items = vec![(); (rows / 10).min(most.items)];
            async move { Ok(Found { items, rows }) }
        });
        let found = found.await.unwrap().len();
        (found, limits.into_inner().unwrap())
    }

    #[tokio::test]
    async fn f9_segments_that_may_not_be_counted_share_a_limit_of_rows() {
        let unsure = [segment(3, 1, false), segment(2, 1, false), segment(1, 1, false)];
        assert_eq!(read(&unsure, 500, 600).await, (100, vec![1_000, 400]));
        assert_eq!(read(&unsure, 500, 300).await, (90, vec![1_000, 700, 400]));
        // A full page ends the reading.
        assert_eq!(read(&unsure, 20, 300).await, (20, vec![1_000]));
    }

    #[tokio::test]
    async fn f9_segments_with_counted_matches_are_read_whatever_was_read_before() {
        let mixed = [segment(3, 1, false), segment(2, 10, true), segment(1, 1, false)];
        assert_eq!(read(&mixed, 500, 2_000).await, (300, vec![1_000, usize::MAX]));
    }
}
