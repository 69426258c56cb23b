use super::*;
use crate::outbound::endpoint::Preset;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000_000 + seconds).unwrap()
}

fn failed_attempt(seconds: i64, number: u8) -> FailedAttempt {
    FailedAttempt {
        at: at(seconds),
        endpoint: EndpointId::new(at(0), &[1; 10]),
        delivery: DeliveryId::new(at(0), &[number; 10]),
        attempt: 1,
        outcome: Outcome::Status(500),
        unreachable: None,
        not_counted: false,
    }
}

fn policy(preset: Preset) -> Suspension {
    preset.policy().suspension.unwrap()
}

fn failing(preset: Preset, seconds: impl Iterator<Item = i64>) -> Health {
    let mut health = Health::default();
    for (number, second) in (0u8..).zip(seconds) {
        assert!(health.failed(failed_attempt(second, number), &policy(preset)));
    }
    health
}

#[test]
fn s5_2_the_31st_error_in_30_minutes_is_one_too_many() {
    let policy = policy(Preset::RespondIo);
    let thirty = failing(Preset::RespondIo, 0..30);
    assert!(!matches!(judge(&thirty, &policy, at(30)), Verdict::Suspend(_)));
    let one_more = failing(Preset::RespondIo, 0..31);
    let expected = Reason::Window { failures: 31, seconds: 1_800, percent: 100 };
    assert_eq!(judge(&one_more, &policy, at(31)), Verdict::Suspend(expected));
    assert_eq!(one_more.counted(&policy, at(31)).len(), 31);
}

#[test]
fn su_02_the_window_slides_to_the_second() {
    let policy = policy(Preset::RespondIo);
    let spread = failing(Preset::RespondIo, std::iter::once(0).chain(100..130));
    assert!(matches!(judge(&spread, &policy, at(1_799)), Verdict::Suspend(_)));
    assert!(!matches!(judge(&spread, &policy, at(1_800)), Verdict::Suspend(_)));
}

#[test]
fn d5_fewer_than_half_failing_is_no_reason() {
    let policy = policy(Preset::StandardWebhooks);
    let mut health = failing(Preset::StandardWebhooks, 0..31);
    health.succeeded(at(10), 32);
    assert_eq!(judge(&health, &policy, at(31)), Verdict::Keep);
    let mut health = failing(Preset::StandardWebhooks, 0..31);
    health.succeeded(at(10), 31);
    assert!(matches!(judge(&health, &policy, at(31)), Verdict::Suspend(_)));
}

#[test]
fn d5_the_share_counts_failures_beyond_the_list() {
    let policy = policy(Preset::StandardWebhooks);
    let mut health = Health::default();
    health.succeeded(at(0), 1_000);
    for n in 0..1_001 {
        let attempt = u32::try_from(n).unwrap();
        health.failed(FailedAttempt { attempt, ..failed_attempt(n % 60, 1) }, &policy);
        health.failed_too(at(n % 60));
        let verdict = judge(&health, &policy, at(60));
        let expected = Reason::Window { failures: attempt + 1, seconds: 1_800, percent: 50 };
        if n < 999 {
            assert_eq!(verdict, Verdict::Keep, "{n}");
        } else {
            assert_eq!(verdict, Verdict::Suspend(expected), "{n}");
        }
    }
    assert_eq!(health.failures.len(), 31);
}

#[test]
fn su_02_a_success_ends_a_streak() {
    let policy = policy(Preset::RdStation);
    let mut health = failing(Preset::RdStation, 0..9);
    health.succeeded(at(9), 1);
    health.failed(failed_attempt(10, 99), &policy);
    assert_eq!(judge(&health, &policy, at(11)), Verdict::Keep);
    let ten = failing(Preset::RdStation, 0..10);
    let expected = Verdict::Suspend(Reason::Streak { failures: 10 });
    assert_eq!(judge(&ten, &policy, at(11)), expected);
}

#[test]
fn people_are_warned_once_at_50_70_and_90_percent() {
    let policy = policy(Preset::RdStation);
    let mut health = Health::default();
    let mut warnings = Vec::new();
    for number in 0u8..9 {
        health.failed(failed_attempt(i64::from(number), number), &policy);
        let verdict = judge(&health, &policy, at(20));
        health.decided(&verdict, &policy, at(20));
        if let Verdict::Warn(level) = verdict {
            warnings.push((number + 1, level));
        }
    }
    assert_eq!(warnings, [(5, 50), (7, 70), (9, 90)]);
}

#[test]
fn the_same_attempt_counts_once_and_a_forgiven_one_not_at_all() {
    let policy = policy(Preset::RdStation);
    let mut health = Health::default();
    assert!(health.failed(failed_attempt(1, 1), &policy));
    assert!(!health.failed(failed_attempt(1, 1), &policy));
    health.forgive(at(5));
    assert!(!health.failed(failed_attempt(4, 2), &policy));
    assert!(health.failed(failed_attempt(5, 3), &policy));
    assert_eq!(health.failures.len(), 1);
}

#[test]
fn a_warning_is_repeated_only_after_the_failures_fell() {
    let policy = policy(Preset::RdStation);
    let mut health = failing(Preset::RdStation, 0..5);
    health.decided(&Verdict::Warn(50), &policy, at(5));
    assert_eq!(judge(&health, &policy, at(6)), Verdict::Keep);
    health.decided(&Verdict::Keep, &policy, at(6));
    assert_eq!(health.warned, 50);
    health.succeeded(at(7), 1);
    health.decided(&judge(&health, &policy, at(8)), &policy, at(8));
    assert_eq!((health.warned, health.warned_for), (0, None));
}

#[test]
fn successes_of_a_repeated_record_are_counted_once() {
    let mut health = Health::default();
    assert!(health.first_seen("20261121#00", "9"));
    assert!(health.first_seen("20261121#00", "10"), "by value, not by spelling");
    assert!(!health.first_seen("20261121#00", "10"));
    assert!(!health.first_seen("20261121#00", "9"));
    assert!(health.first_seen("20261121#01", "9"));
    for day in 0..40 {
        assert!(health.first_seen(&format!("202612{day:02}#00"), "1"));
    }
    assert_eq!(health.counted_to.len(), PARTITIONS);
    assert!(!health.first_seen("20261239#00", "1"));
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(order in Just((0..31i64).collect::<Vec<_>>()).prop_shuffle()) {
        let policy = policy(Preset::RespondIo);
        let mut health = Health::default();
        for second in order {
            health.failed(failed_attempt(second, u8::try_from(second).unwrap()), &policy);
        }
        let sorted = failing(Preset::RespondIo, 0..31);
        prop_assert_eq!(health, sorted);
    }
}
