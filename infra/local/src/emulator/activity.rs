//! Counts work in progress, so that a test can wait for quiet instead of sleeping.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// A counter of work in progress. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicUsize,
    begun: AtomicU64,
}

/// A piece of work that is in progress until this is dropped.
#[derive(Debug)]
pub struct Busy(Activity);

impl Activity {
    /// Begins a piece of work; it ends when the returned value is dropped.
    #[must_use]
    pub fn begin(&self) -> Busy {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        self.0.open.fetch_add(1, Ordering::SeqCst);
        Busy(self.clone())
    }

    /// The number of pieces of work that ever began, if none is in progress. Two equal values mean
    /// that nothing happened in between.
    pub fn quiet(&self) -> Option<u64> {
        let begun = self.begun();
        (self.open() == 0).then_some(begun)
    }

    /// The number of pieces of work that ever began.
    pub fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// The number of pieces of work in progress.
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::SeqCst)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_moments_of_quiet_differ_when_something_happened_between() {
        let activity = Activity::default();
        let before = activity.quiet();
        let busy = activity.begin();
        assert_eq!(activity.quiet(), None);
        drop(busy);
        assert_ne!(activity.quiet(), before);
    }
}
