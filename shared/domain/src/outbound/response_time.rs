//! Recent response times of an endpoint, so that slow endpoints do not delay others (`CATALOGUE
//! OR-09`).

use jiff::{SignedDuration, Timestamp};

/// The mean from which an endpoint is slow, in milliseconds.
const LONG_MS: u64 = 1_000;
/// The mean below which a slow endpoint is quick again, in milliseconds.
const SHORT_MS: u64 = 800;
/// The number of responses that the mean covers, roughly. One slow response hardly makes a quick
/// endpoint slow, and a dead endpoint is quick again after a few quick responses.
const OF_LATE: u64 = 5;
/// The lifetime of the mean after the last response.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A moving mean of an endpoint's response times, timeouts included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseTime {
    mean_ms: u64,
    long: bool,
    at: Timestamp,
}

impl ResponseTime {
    /// The mean after a request that took `took_ms` milliseconds and ended at `at`.
    pub fn after(known: Option<Self>, took_ms: u64, at: Timestamp) -> Self {
        let known = known.filter(|known| known.is_known(at));
        let mean_ms = known.map_or(took_ms, |known| {
            let others = known.mean_ms.saturating_mul(OF_LATE - 1);
            others.saturating_add(took_ms) / OF_LATE
        });
        let limit = if known.is_some_and(|known| known.long) { SHORT_MS } else { LONG_MS };
        Self { mean_ms, long: mean_ms >= limit, at }
    }

    /// `true` if the next response is likely to take a second or more.
    pub fn is_long(&self, now: Timestamp) -> bool {
        self.long && self.is_known(now)
    }

    /// The mean, in milliseconds.
    pub fn mean_ms(&self) -> u64 {
        self.mean_ms
    }

    fn is_known(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < KNOWN_FOR
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The mean after requests that took these milliseconds, one a second.
    fn known(took: &[u64]) -> ResponseTime {
        let mut seconds = 0..;
        let after = |known, took: &u64| {
            Some(ResponseTime::after(known, *took, at(seconds.next().unwrap())))
        };
        took.iter().fold(None, after).unwrap()
    }

    #[test]
    fn or_09_a_dead_endpoint_is_slow_from_the_first_request_on() {
        assert!(known(&[5_000]).is_long(at(1)));
        assert!(known(&[1_000]).is_long(at(1)));
        assert!(!known(&[999]).is_long(at(1)));
    }

    #[test]
    fn or_09_one_slow_response_makes_an_endpoint_slow_only_briefly() {
        assert!(!known(&[50, 50, 2_000]).is_long(at(3)));
        assert!(known(&[50, 50, 5_000]).is_long(at(3)));
        assert!(!known(&[50, 50, 5_000, 50, 50]).is_long(at(5)));
    }

    #[test]
    fn or_09_an_endpoint_at_about_a_second_does_not_change_with_every_response() {
        assert!(known(&[1_000, 900, 900, 900]).is_long(at(4)));
        assert!(!known(&[900, 999, 999, 999]).is_long(at(4)));
    }

    #[test]
    fn or_09_a_dead_endpoint_is_quick_again_after_nine_quick_responses() {
        let mut took = vec![5_000];
        for _ in 0..8 {
            took.push(50);
            assert!(known(&took).is_long(at(20)), "{took:?}");
        }
        took.push(50);
        assert!(!known(&took).is_long(at(20)));
    }

    #[test]
    fn or_09_the_mean_expires_after_an_hour_without_a_response() {
        assert!(known(&[5_000]).is_long(at(3_599)));
        assert!(!known(&[5_000]).is_long(at(3_600)));
        let later = ResponseTime::after(Some(known(&[5_000])), 50, at(3_600));
        assert_eq!(later, ResponseTime::after(None, 50, at(3_600)), "it begins anew");
    }

    proptest! {
        #[test]
        fn or_09_the_mean_lies_between_the_quickest_and_the_slowest(
            took in proptest::collection::vec(0_u64..60_000, 1..40),
        ) {
            let mean = known(&took).mean_ms();
            // Each step rounds down by less than a millisecond, all of them by less than five.
            prop_assert!(mean + OF_LATE >= *took.iter().min().unwrap());
            prop_assert!(mean <= *took.iter().max().unwrap());
        }
    }
}
