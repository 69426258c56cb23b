//! The progress of a stream reader, in each of its shards and as a whole.

use std::collections::BTreeSet;

/// Positions in a stream. Records at or before the low mark are done in every shard.
#[derive(Debug, Clone)]
pub struct Progress {
    read: i64,
    shards: Vec<Shard>,
}

#[derive(Debug, Clone, Default)]
struct Shard {
    done: i64,
    open: BTreeSet<i64>,
}

impl Progress {
    /// Progress from `low`; `done` is the earlier progress of each shard.
    pub fn new(low: i64, done: &[i64]) -> Self {
        let shards = done.iter().map(|done| Shard { done: *done, open: BTreeSet::new() }).collect();
        Self { read: low, shards }
    }

    /// The position to read from.
    pub fn position(&self) -> i64 {
        self.read
    }

    /// Counts a record that was read. `false` if its shard had done it before a restart.
    pub fn begin(&mut self, shard: usize, sequence: i64) -> bool {
        self.read = self.read.max(sequence);
        let Some(shard) = self.shards.get_mut(shard) else { return false };
        sequence > shard.done && shard.open.insert(sequence)
    }

    /// Skips a record that the filter rejects.
    pub fn skip(&mut self, sequence: i64) {
        self.read = self.read.max(sequence);
    }

    /// Marks every record of the shard up to `sequence` as done.
    pub fn finish(&mut self, shard: usize, sequence: i64) {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.done = shard.done.max(sequence);
            shard.open = shard.open.split_off(&(sequence + 1));
        }
    }

    /// The low mark: every record up to it is done in every shard.
    pub fn low(&self) -> i64 {
        let first_open = self.shards.iter().filter_map(|shard| shard.open.first()).min();
        first_open.map_or(self.read, |first| first - 1)
    }

    /// The number of records that wait or are in progress.
    pub fn open(&self) -> usize {
        self.shards.iter().map(|shard| shard.open.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_mark_waits_for_the_slowest_shard() {
        let mut progress = Progress::new(0, &[0, 0]);
        for (shard, sequence) in [(0, 1), (1, 2), (0, 3), (1, 4)] {
            assert!(progress.begin(shard, sequence));
        }
        progress.finish(1, 4);
        assert_eq!((progress.low(), progress.open()), (0, 2));
        progress.finish(0, 1);
        assert_eq!(progress.low(), 2);
        progress.finish(0, 3);
        assert_eq!((progress.low(), progress.open()), (4, 0));
    }

    #[test]
    fn records_that_a_shard_had_done_before_a_restart_are_skipped() {
        let mut progress = Progress::new(10, &[15, 10]);
        assert!(!progress.begin(0, 12));
        assert!(progress.begin(1, 13));
        assert!(progress.begin(0, 16));
        assert_eq!(progress.low(), 12);
    }
}
