//! Detection of an outage of Gancho's own network (`CATALOGUE OF-03, I7`).
//!
//! If five or more hosts of a workspace's endpoints become unreachable within a minute and none
//! answers, Gancho assumes that its own network is down: it suspends no endpoint, and those
//! attempts are not counted. Hosts are counted, not endpoints: one host may serve many of them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use url::Url;

use crate::outbound::{
    delivery::{Attempt, Fault, Outcome},
    health::{Health, HostTag},
};

/// The number of unreachable hosts from which an outage is assumed.
const MANY: usize = 5;
/// The time within which they must become unreachable.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(60);
/// The longest time between two attempts of one outage. An outage lasts while no host answers.
const GOES_ON: SignedDuration = SignedDuration::from_hours(2);

/// The hosts that could not be reached lately, and whether any host answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reachability {
    unreachable: BTreeSet<HostTag>,
    answered: bool,
}

impl Reachability {
    /// Reads it from the health rows of a workspace's endpoints.
    pub fn of<'h>(all: impl IntoIterator<Item = &'h Health>, now: Timestamp) -> Self {
        let (since, mut reachability) = (since(now), Self::default());
        for health in all {
            reachability.answered |= health.last_success.is_some_and(|at| at >= since);
            for failed_attempt in health.failures.iter().filter(|it| it.at >= since) {
                reachability.answered |= is_answer(failed_attempt.outcome);
                reachability.unreachable.extend(failed_attempt.unreachable);
            }
        }
        reachability
    }

    /// Adds hosts that could not be reached.
    #[must_use]
    pub fn and(mut self, hosts: impl IntoIterator<Item = HostTag>) -> Self {
        self.unreachable.extend(hosts);
        self
    }

    /// `true` if Gancho's own network is taken to be down.
    pub fn is_ours(&self) -> bool {
        self.unreachable.len() >= MANY && !self.answered
    }
}

/// The start of the period that is considered at `now`.
pub fn since(now: Timestamp) -> Timestamp {
    now.checked_sub(AT_ONCE).unwrap_or(Timestamp::MIN)
}

/// The first of the failures in the period that is considered at `now`. An answer since then proves
/// that the network is up; an earlier one proves nothing about it.
pub fn began(failures: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let since = since(now);
    failures.into_iter().filter(|at| *at >= since).min()
}

/// `true` if an outage in which an attempt at `at` was not counted may still last.
pub fn goes_on(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= GOES_ON
}

/// The time at which an attempt ended.
pub fn answered_at(attempt: &Attempt) -> Timestamp {
    let took = i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX);
    let at = attempt.started_at.checked_add(SignedDuration::from_millis(took));
    at.unwrap_or(attempt.started_at)
}

/// The host that an attempt could not reach.
pub fn unreachable_host(attempt: &Attempt) -> Option<HostTag> {
    if !is_unreachable(attempt.outcome) {
        return None;
    }
    let url = Url::parse(&attempt.url).ok()?;
    let digest = Sha256::digest(url.host_str()?);
    Some(HostTag::from_be_bytes(*digest.first_chunk()?))
}

/// `true` if an attempt may have failed on Gancho's side.
pub fn is_unreachable(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Fault(Fault::Timeout | Fault::ConnectFailed | Fault::DnsFailure) => true,
        Outcome::Fault(
            Fault::TlsFailed
            | Fault::ProtocolError
            | Fault::TargetIpForbidden
            | Fault::UrlNotAllowed
            | Fault::UrlTooLong
            | Fault::RedirectRefused,
        )
        | Outcome::Status(_)
        | Outcome::HandedOver(_) => false,
    }
}

/// `true` if a remote host answered, whatever the answer.
pub fn is_answer(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Status(_)
        | Outcome::Fault(Fault::TlsFailed | Fault::ProtocolError | Fault::RedirectRefused) => true,
        Outcome::Fault(
            Fault::Timeout
            | Fault::ConnectFailed
            | Fault::DnsFailure
            | Fault::TargetIpForbidden
            | Fault::UrlNotAllowed
            | Fault::UrlTooLong,
        )
        | Outcome::HandedOver(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        common::ids::{DeliveryId, EndpointId},
        outbound::health::FailedAttempt,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    fn attempt(url: &str, seconds: i64, outcome: Outcome) -> Attempt {
        Attempt {
            number: 1,
            started_at: at(seconds),
            duration_ms: 5,
            url: url.to_owned(),
            outcome,
            excerpt: String::new(),
            retry_after: None,
            not_counted: false,
        }
    }

    fn host(number: u8) -> HostTag {
        let url = format!("https://host-{number}.example/a");
        unreachable_host(&attempt(&url, 0, LOST)).unwrap()
    }

    /// The health of one endpoint on the host of this number.
    fn failing(number: u8, seconds: i64, outcome: Outcome) -> Health {
        let failed_attempt = FailedAttempt {
            at: at(seconds),
            endpoint: EndpointId::new(at(0), &[number; 10]),
            delivery: DeliveryId::new(at(0), &[number; 10]),
            attempt: 1,
            outcome,
            unreachable: is_unreachable(outcome).then(|| host(number)),
            not_counted: false,
        };
        Health { failures: vec![failed_attempt], ..Health::default() }
    }

    const LOST: Outcome = Outcome::Fault(Fault::ConnectFailed);

    fn all(hosts: u8, seconds: i64) -> Vec<Health> {
        (0..hosts).map(|number| failing(number, seconds, LOST)).collect()
    }

    fn is_ours(all: &[Health], now: Timestamp) -> bool {
        Reachability::of(all, now).is_ours()
    }

    #[test]
    fn of_03_five_unreachable_hosts_within_a_minute_are_our_own_outage() {
        assert!(is_ours(&all(5, 0), at(60)));
        assert!(!is_ours(&all(4, 0), at(60)), "four may be a coincidence");
        assert!(!is_ours(&all(5, 0), at(61)), "not at once");
        let one_more = Reachability::of(&all(4, 0), at(60)).and([host(3)]);
        assert!(!one_more.is_ours(), "the same");
        assert!(one_more.and([host(9)]).is_ours());
    }

    #[test]
    fn of_03_a_hosts_tag_ignores_path_and_port_and_an_answered_attempt_has_none() {
        let host = |url, outcome| unreachable_host(&attempt(url, 0, outcome));
        let known = host("https://erp.example/orders?key=*", LOST);
        assert!(known.is_some());
        assert_eq!(host("http://ERP.example:8443/invoices", LOST), known);
        assert_ne!(host("https://crm.example/orders", LOST), known);
        assert_eq!(host("https://erp.example/orders", Outcome::Status(503)), None);
        assert_eq!(host("not a URL", LOST), None);
    }

    #[test]
    fn of_03_an_answer_or_a_success_shows_that_the_network_is_up() {
        let mut answered = all(5, 0);
        answered.push(failing(9, 0, Outcome::Status(500)));
        assert!(!is_ours(&answered, at(10)));
        let mut succeeded = all(5, 0);
        succeeded.push(Health { last_success: Some(at(5)), ..Health::default() });
        assert!(!is_ours(&succeeded, at(10)));
        assert!(is_ours(&succeeded[..5], at(10)));
    }

    #[test]
    fn of_03_an_outage_lasts_two_hours_after_its_last_attempt() {
        assert!(goes_on(at(0), at(7_200)));
        assert!(!goes_on(at(0), at(7_201)));
    }
}
