//! Configuration cached for some seconds, so that the hot path makes one AWS call.

use std::{
    hash::Hash,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use lru::LruCache;

/// The lifetime of a cached value. An edit is visible everywhere within this time.
pub const CACHED_FOR: SignedDuration = SignedDuration::from_secs(5);

/// A cache of bounded size whose values expire after [`CACHED_FOR`].
#[derive(Debug)]
pub struct Cached<K: Hash + Eq, V>(Mutex<LruCache<K, (Timestamp, V)>>);

impl<K: Hash + Eq, V: Clone> Cached<K, V> {
    /// A cache of at most `capacity` values.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(capacity)))
    }

    /// The cached value of `key`, or the result of `read`, which is then cached. Errors are not
    /// cached.
    pub async fn get_or_read<E, F: Future<Output = Result<V, E>>>(
        &self,
        key: K,
        now: Timestamp,
        read: impl FnOnce() -> F,
    ) -> Result<V, E> {
        match self.get(&key, now) {
            Some(known) => Ok(known),
            None => self.read(key, now, read).await,
        }
    }

    /// The result of `read`, which replaces the cached value of `key`.
    pub async fn read<E, F: Future<Output = Result<V, E>>>(
        &self,
        key: K,
        now: Timestamp,
        read: impl FnOnce() -> F,
    ) -> Result<V, E> {
        // Boxed: the future of an AWS call is large, and most calls find the value here.
        let value = Box::pin(read()).await?;
        self.keep(key, value.clone(), now);
        Ok(value)
    }

    /// A value that has not expired. All values expire when the clock goes back.
    fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = cache.get(key)?;
        let age = now.duration_since(*at);
        (SignedDuration::ZERO <= age && age < CACHED_FOR).then(|| value.clone())
    }

    /// Caches a value that was read at `now`.
    fn keep(&self, key: K, value: V, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, (now, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_expires_after_five_seconds_and_when_the_clock_goes_back() {
        let cache = Cached::new(NonZeroUsize::MIN);
        let start = Timestamp::from_second(1_000).unwrap();
        cache.keep("a", 1, start);
        assert_eq!(cache.get(&"a", start), Some(1));
        assert_eq!(cache.get(&"a", start + SignedDuration::from_millis(4_999)), Some(1));
        assert_eq!(cache.get(&"a", start + CACHED_FOR), None);
        assert_eq!(cache.get(&"a", start - SignedDuration::from_secs(1)), None);
        cache.keep("b", 2, start);
        assert_eq!(cache.get(&"a", start), None);
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_it_expires_and_an_error_is_not_cached() {
        let cache = Cached::new(NonZeroUsize::MIN);
        let start = Timestamp::from_second(1_000).unwrap();
        let read = |value: Result<u8, &'static str>| move || std::future::ready(value);
        assert_eq!(cache.get_or_read("a", start, read(Err("down"))).await, Err("down"));
        assert_eq!(cache.get_or_read("a", start, read(Ok(1))).await, Ok(1));
        assert_eq!(cache.get_or_read("a", start, read(Ok(2))).await, Ok(1));
        assert_eq!(cache.get_or_read("a", start + CACHED_FOR, read(Ok(3))).await, Ok(3));
        assert_eq!(cache.read("a", start, read(Ok(4))).await, Ok(4));
        assert_eq!(cache.get_or_read("a", start, read(Ok(5))).await, Ok(4));
    }
}
