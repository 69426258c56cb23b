//! Configuration kept for some seconds, so that the hot path makes one AWS call.

use std::{
    hash::Hash,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use lru::LruCache;

/// How long configuration is kept: an edit is seen everywhere within this time.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_secs(5);

/// Values that are forgotten after [`FRESH_FOR`], bounded in number.
#[derive(Debug)]
pub struct Cached<K: Hash + Eq, V>(Mutex<LruCache<K, (Timestamp, V)>>);

impl<K: Hash + Eq, V: Clone> Cached<K, V> {
    /// Room for `capacity` values.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(capacity)))
    }

    /// A value that is still fresh. A clock that went back makes everything stale.
    pub fn fresh(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = cache.get(key)?;
        let age = now.duration_since(*at);
        (SignedDuration::ZERO <= age && age < FRESH_FOR).then(|| value.clone())
    }

    /// Keeps a value that was read at `now`.
    pub fn keep(&self, key: K, value: V, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, (now, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_forgotten_after_five_seconds_and_when_the_clock_goes_back() {
        let cache = Cached::new(NonZeroUsize::MIN);
        let start = Timestamp::from_second(1_000).unwrap();
        cache.keep("a", 1, start);
        assert_eq!(cache.fresh(&"a", start), Some(1));
        assert_eq!(cache.fresh(&"a", start + SignedDuration::from_millis(4_999)), Some(1));
        assert_eq!(cache.fresh(&"a", start + FRESH_FOR), None);
        assert_eq!(cache.fresh(&"a", start - SignedDuration::from_secs(1)), None);
        cache.keep("b", 2, start);
        assert_eq!(cache.fresh(&"a", start), None);
    }
}
