//! The state of a delivery after an attempt (`DESIGN 6`, `FACTS S4.4, S4.5, S5.8, D3`).
//!
//! A wait counts from the start of the previous attempt. `Retry-After` may delay an attempt to at
//! most twice the wait, and never brings it forward. Attempts that fail while Gancho's own network
//! is taken to be down do not count as retries, for most of a day (`CATALOGUE I7`).

use jiff::{SignedDuration, Timestamp};

use crate::outbound::{
    delivery::{Attempt, Failed, Fault, Outcome, State},
    endpoint::Policy,
};

/// The most attempts of a delivery that are not counted: about 19 hours, more if the policy's waits
/// are longer.
const PATIENCE: usize = 24;
/// The wait after the first of them, in seconds. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: u32 = 60;
const LONGEST_PAUSE: u32 = 3_600;

/// The state of a delivery after an attempt that ended at `now`. `before` are the attempts before
/// it; `jitter` is in `0.0..1.0`.
pub fn after_attempt(
    policy: &Policy,
    before: &[Attempt],
    attempt: &Attempt,
    (now, jitter): (Timestamp, f64),
) -> State {
    match attempt.outcome {
        Outcome::HandedOver(_) => State::Success { at: now },
        Outcome::Status(status) if policy.takes(status) => State::Success { at: now },
        gone if is_gone(gone) => State::Failure { at: now, reason: Failed::EndpointGone },
        Outcome::Fault(Fault::UrlTooLong) => State::Failure { at: now, reason: Failed::UrlTooLong },
        Outcome::Status(_) | Outcome::Fault(_) => match next_at(policy, before, attempt, jitter) {
            Some(next_at) => State::Retrying { next_at },
            None => State::Failure { at: now, reason: Failed::Exhausted },
        },
    }
}

/// `true` if the endpoint answered that it does not exist any more. The delivery fails, and the
/// endpoint is disabled.
pub fn is_gone(outcome: Outcome) -> bool {
    outcome == Outcome::Status(410)
}

/// `true` if the limit of attempts that are not counted is reached: the next one always counts.
pub fn is_patience_over(before: &[Attempt]) -> bool {
    not_counted(before) >= PATIENCE
}

fn not_counted(attempts: &[Attempt]) -> usize {
    attempts.iter().filter(|attempt| attempt.not_counted).count()
}

/// `true` if an attempt counts against its endpoint's health.
pub fn is_failure(policy: &Policy, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Status(status) => !policy.takes(status),
        // No remote server was involved.
        Outcome::HandedOver(_) | Outcome::Fault(Fault::UrlTooLong) => false,
        Outcome::Fault(_) => true,
    }
}

fn next_at(
    policy: &Policy,
    before: &[Attempt],
    attempt: &Attempt,
    jitter: f64,
) -> Option<Timestamp> {
    let not_counted = not_counted(before);
    let wait = policy.waits.get(before.len() - not_counted).copied();
    let wait = if attempt.not_counted {
        let doubled =
            u32::try_from(not_counted).ok().and_then(|times| FIRST_PAUSE.checked_shl(times));
        wait.unwrap_or(0).max(doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE))
    } else {
        wait?
    };
    let wait = f64::from(wait);
    let spread = 1.0 + f64::from(policy.jitter_percent) / 100.0 * jitter.clamp(0.0, 1.0);
    let wait_ms = milliseconds(wait * spread);
    let requested = match (attempt.outcome, attempt.retry_after) {
        (Outcome::Status(429 | 503), Some(seconds)) => requested_ms(attempt, seconds, wait),
        _ => 0,
    };
    attempt.started_at.checked_add(SignedDuration::from_millis(wait_ms.max(requested))).ok()
}

/// The delay that the response requested, counted from the attempt's start in milliseconds, at most
/// twice the policy's wait.
fn requested_ms(attempt: &Attempt, seconds: u64, wait: f64) -> i64 {
    let requested = seconds.saturating_mul(1_000).saturating_add(attempt.duration_ms);
    i64::try_from(requested).unwrap_or(i64::MAX).min(milliseconds(2.0 * wait))
}

#[expect(clippy::cast_possible_truncation, reason = "waits are days at most; the cast saturates")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::endpoint::Preset;
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
            not_counted: false,
        }
    }

    /// `count` failed attempts.
    fn failed(count: u32) -> Vec<Attempt> {
        (1..=count).map(|number| attempt(number, Outcome::Status(500), None)).collect()
    }

    fn after(preset: Preset, attempt: &Attempt) -> State {
        let now = Timestamp::from_second(1).unwrap();
        after_attempt(&preset.policy(), &failed(attempt.number - 1), attempt, (now, 0.0))
    }

    #[test]
    fn i7_a_failure_on_our_side_is_not_counted_and_its_waits_grow() {
        let policy = Preset::RespondIo.policy();
        let lost = |number| {
            let fault = Outcome::Fault(Fault::ConnectFailed);
            Attempt { not_counted: true, ..attempt(number, fault, None) }
        };
        let (mut before, mut waits) = (failed(1), Vec::new());
        while !is_patience_over(&before) {
            let next = lost(u32::try_from(before.len()).unwrap() + 1);
            let state = after_attempt(&policy, &before, &next, (Timestamp::UNIX_EPOCH, 0.0));
            let State::Retrying { next_at } = state else { panic!("{state:?}") };
            waits.push(next_at.as_second());
            before.push(next);
        }
        assert_eq!(waits[..8], [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(waits.len(), PATIENCE);
        assert!((65_000..75_000).contains(&waits.iter().sum::<i64>()));
        // It continues with the second of the policy's waits.
        let failed = attempt(26, Outcome::Status(500), None);
        let state = after_attempt(&policy, &before, &failed, (Timestamp::UNIX_EPOCH, 0.0));
        let next_at = Timestamp::from_second(policy.waits[1].into()).unwrap();
        assert_eq!(state, State::Retrying { next_at });
    }

    #[test]
    fn s4_5_after_the_sixth_failure_it_is_permanent() {
        let fail = Outcome::Fault(Fault::Timeout);
        for number in 1..=5 {
            let state = after(Preset::RdStation, &attempt(number, fail, None));
            assert!(matches!(state, State::Retrying { .. }), "{number}: {state:?}");
        }
        let last = after(Preset::RdStation, &attempt(6, fail, None));
        assert!(matches!(last, State::Failure { reason: Failed::Exhausted, .. }));
    }

    #[test]
    fn ou_04_gone_is_a_failure_for_good() {
        let state = after(Preset::RdStation, &attempt(1, Outcome::Status(410), None));
        assert!(matches!(state, State::Failure { reason: Failed::EndpointGone, .. }));
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
        let next = attempt(1, Outcome::Status(201), None);
        assert!(matches!(after(Preset::RespondIo, &next), State::Retrying { .. }));
        assert!(matches!(after(Preset::RdStation, &next), State::Success { .. }));
    }

    proptest! {
        #[test]
        fn a_retry_after_never_brings_an_attempt_forward(
            number in 1u32..10, status in prop::sample::select(vec![429u16, 503, 500]),
            seconds: u64, jitter in 0.0f64..1.0,
        ) {
            let policy = Preset::StandardWebhooks.policy();
            let at = |delayed| {
                let next = attempt(number, Outcome::Status(status), delayed);
                let before = failed(number - 1);
                after_attempt(&policy, &before, &next, (Timestamp::UNIX_EPOCH, jitter))
            };
            if let (State::Retrying { next_at: plain }, State::Retrying { next_at: delayed }) =
                (at(None), at(Some(seconds)))
            {
                prop_assert!(delayed >= plain);
                let wait = i64::from(policy.waits[number as usize - 1]) * 1_000;
                prop_assert!(plain.as_millisecond() >= wait);
                prop_assert!(delayed.as_millisecond() <= 2 * wait);
            }
        }
    }
}
