//! What comes after an attempt (`DESIGN 6`, `FACTS S4.4, S4.5, S5.8, D3`).
//!
//! Waits count from the start of the attempt before. `Retry-After` may only delay, up to twice the
//! wait, never hasten.

use jiff::{SignedDuration, Timestamp};

use crate::{
    delivery::{Attempt, Failed, Fault, Outcome, State},
    endpoint::Policy,
};

/// The state of a delivery after an attempt that ended at `now`. `jitter` is in `0.0..1.0`.
pub fn after_attempt(policy: &Policy, attempt: &Attempt, now: Timestamp, jitter: f64) -> State {
    match attempt.outcome {
        Outcome::HandedOver(_) => State::Success { at: now },
        Outcome::Status(status) if policy.takes(status) => State::Success { at: now },
        Outcome::Status(410) => State::Failure { at: now, why: Failed::EndpointGone },
        Outcome::Fault(Fault::UrlTooLong) => State::Failure { at: now, why: Failed::UrlTooLong },
        Outcome::Status(_) | Outcome::Fault(_) => match next_at(policy, attempt, jitter) {
            Some(next_at) => State::Retrying { next_at },
            None => State::Failure { at: now, why: Failed::Exhausted },
        },
    }
}

/// Whether an attempt counts against its endpoint's health.
pub fn is_failure(policy: &Policy, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Status(status) => !policy.takes(status),
        // Nobody's server had a part in it.
        Outcome::HandedOver(_) | Outcome::Fault(Fault::UrlTooLong) => false,
        Outcome::Fault(_) => true,
    }
}

fn next_at(policy: &Policy, attempt: &Attempt, jitter: f64) -> Option<Timestamp> {
    let index = usize::try_from(attempt.number).ok()?.checked_sub(1)?;
    let wait = f64::from(*policy.waits.get(index)?);
    let spread = 1.0 + f64::from(policy.jitter_percent) / 100.0 * jitter.clamp(0.0, 1.0);
    let wait_ms = milliseconds(wait * spread);
    let asked = match (attempt.outcome, attempt.retry_after) {
        (Outcome::Status(429 | 503), Some(seconds)) => asked_ms(attempt, seconds, wait),
        _ => 0,
    };
    attempt.started_at.checked_add(SignedDuration::from_millis(wait_ms.max(asked))).ok()
}

/// What the answer asked for, counted like a wait, and at most twice the policy's.
fn asked_ms(attempt: &Attempt, seconds: u64, wait: f64) -> i64 {
    let asked = seconds.saturating_mul(1_000).saturating_add(attempt.duration_ms);
    i64::try_from(asked).unwrap_or(i64::MAX).min(milliseconds(2.0 * wait))
}

#[expect(clippy::cast_possible_truncation, reason = "waits are days at most; the cast saturates")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Preset;
    use proptest::prelude::*;

    fn attempt(number: u32, outcome: Outcome, retry_after: Option<u64>) -> Attempt {
        Attempt {
            number,
            started_at: Timestamp::UNIX_EPOCH,
            duration_ms: 200,
            url: String::new(),
            outcome,
            excerpt: String::new(),
            retry_after,
        }
    }

    fn after(preset: Preset, attempt: &Attempt) -> State {
        let now = Timestamp::from_second(1).unwrap();
        after_attempt(&preset.policy(), attempt, now, 0.0)
    }

    #[test]
    fn s4_5_after_the_sixth_failure_it_is_permanent() {
        let fail = Outcome::Fault(Fault::Timeout);
        for number in 1..=5 {
            let state = after(Preset::RdStation, &attempt(number, fail, None));
            assert!(matches!(state, State::Retrying { .. }), "{number}: {state:?}");
        }
        let last = after(Preset::RdStation, &attempt(6, fail, None));
        assert!(matches!(last, State::Failure { why: Failed::Exhausted, .. }));
    }

    #[test]
    fn ou_04_gone_is_a_failure_for_good() {
        let state = after(Preset::RdStation, &attempt(1, Outcome::Status(410), None));
        assert!(matches!(state, State::Failure { why: Failed::EndpointGone, .. }));
    }

    #[test]
    fn ou_05_retry_after_delays_up_to_twice_the_wait() {
        let next = |seconds| {
            let answer = attempt(1, Outcome::Status(503), Some(seconds));
            match after(Preset::RespondIo, &answer) {
                State::Retrying { next_at } => next_at.as_millisecond(),
                other @ (State::Queued
                | State::Held { .. }
                | State::Success { .. }
                | State::Failure { .. }
                | State::Discarded { .. }) => panic!("{other:?}"),
            }
        };
        assert_eq!((next(0), next(10)), (30_000, 30_000));
        assert_eq!(next(40), 40_200);
        assert_eq!((next(120), next(u64::MAX)), (60_000, 60_000));
    }

    #[test]
    fn s5_4_only_200_counts_where_the_policy_says_so() {
        let made = attempt(1, Outcome::Status(201), None);
        assert!(matches!(after(Preset::RespondIo, &made), State::Retrying { .. }));
        assert!(matches!(after(Preset::RdStation, &made), State::Success { .. }));
    }

    proptest! {
        #[test]
        fn a_retry_after_never_brings_an_attempt_forward(
            number in 1u32..10, status in prop::sample::select(vec![429u16, 503, 500]),
            seconds: u64, jitter in 0.0f64..1.0,
        ) {
            let policy = Preset::StandardWebhooks.policy();
            let at = |asked| {
                let made = attempt(number, Outcome::Status(status), asked);
                after_attempt(&policy, &made, Timestamp::UNIX_EPOCH, jitter)
            };
            if let (State::Retrying { next_at: plain }, State::Retrying { next_at: asked }) =
                (at(None), at(Some(seconds)))
            {
                prop_assert!(asked >= plain);
                let wait = i64::from(policy.waits[number as usize - 1]) * 1_000;
                prop_assert!(plain.as_millisecond() >= wait);
                prop_assert!(asked.as_millisecond() <= 2 * wait);
            }
        }
    }
}
