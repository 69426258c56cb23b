//! Is it our own network that is down? (`CATALOGUE OF-03, I7`)
//!
//! Several hosts of a workspace's endpoints that cannot be reached at once, and nobody who answers: then
//! nobody is suspended for it, and what could not be sent uses up no try. Hosts, not endpoints: one
//! machine that is down may have many of them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use url::Url;

use crate::outbound::{
    delivery::{Attempt, Fault, Outcome},
    health::Health,
};

/// So many hosts that cannot be reached at once are no coincidence.
const MANY: usize = 5;
/// At once: within this time.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(60);
/// An outage goes on while nobody answers, as long as somebody is tried: at least once in this time.
const GOES_ON: SignedDuration = SignedDuration::from_hours(2);

/// A host, in short.
pub type HostTag = u32;

/// Who could not be reached lately, and whether anybody answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reachability {
    unreachable: BTreeSet<HostTag>,
    answered: bool,
}

impl Reachability {
    /// What the rows of a workspace's endpoints say.
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

    /// These could not be reached either.
    #[must_use]
    pub fn and(mut self, hosts: impl IntoIterator<Item = HostTag>) -> Self {
        self.unreachable.extend(hosts);
        self
    }

    /// Whether nothing can be reached from here.
    pub fn is_ours(&self) -> bool {
        self.unreachable.len() >= MANY && !self.answered
    }
}

/// Since when it counts as at once.
pub fn since(now: Timestamp) -> Timestamp {
    now.checked_sub(AT_ONCE).unwrap_or(Timestamp::MIN)
}

/// Whether an outage in which an attempt at `at` was not_counted may still go on.
pub fn goes_on(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= GOES_ON
}

/// When an attempt's answer came.
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

/// Whether an attempt may have failed on our side.
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

/// Whether somebody outside was there, whatever they said.
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

    /// Endpoints of their own, on the host of this number.
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
    fn of_03_five_hosts_that_cannot_be_reached_within_a_minute_are_our_own_trouble() {
        assert!(is_ours(&all(5, 0), at(60)));
        assert!(!is_ours(&all(4, 0), at(60)), "four may be a coincidence");
        assert!(!is_ours(&all(5, 0), at(61)), "not at once");
        let one_more = Reachability::of(&all(4, 0), at(60)).and([host(3)]);
        assert!(!one_more.is_ours(), "the same");
        assert!(one_more.and([host(9)]).is_ours());
    }

    #[test]
    fn of_03_a_host_is_the_same_whatever_is_asked_of_it_and_none_where_somebody_was_there() {
        let host = |url, outcome| unreachable_host(&attempt(url, 0, outcome));
        let known = host("https://erp.example/orders?key=*", LOST);
        assert!(known.is_some());
        assert_eq!(host("http://ERP.example:8443/invoices", LOST), known);
        assert_ne!(host("https://crm.example/orders", LOST), known);
        assert_eq!(host("https://erp.example/orders", Outcome::Status(503)), None);
        assert_eq!(host("not a URL", LOST), None);
    }

    #[test]
    fn of_03_an_answer_or_a_success_says_that_the_network_is_there() {
        let mut answered = all(5, 0);
        answered.push(failing(9, 0, Outcome::Status(500)));
        assert!(!is_ours(&answered, at(10)));
        let mut succeeded = all(5, 0);
        succeeded.push(Health { last_success: Some(at(5)), ..Health::default() });
        assert!(!is_ours(&succeeded, at(10)));
        assert!(is_ours(&succeeded[..5], at(10)));
    }

    #[test]
    fn of_03_an_outage_goes_on_for_two_hours_in_which_nobody_is_tried() {
        assert!(goes_on(at(0), at(7_200)));
        assert!(!goes_on(at(0), at(7_201)));
    }
}
