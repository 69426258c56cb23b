//! Classes of attempt outcomes. Each class is a metric that is paid for, so there are only as many
//! as show which side may be at fault.

use gancho_domain::outbound::delivery::{Fault, Outcome};

/// All classes.
pub const ALL: &[&str] = &[
    "success", "http_4xx", "http_5xx", "redirect", "timeout", "connect", "dns", "tls", "refused",
    "other",
];

/// The class of an attempt. The endpoint's policy decides which statuses are a success.
pub fn class(outcome: Outcome, succeeded: bool) -> &'static str {
    match outcome {
        _ if succeeded => "success",
        Outcome::HandedOver(_) => "success",
        Outcome::Status(status) => match status {
            300..=399 => "redirect",
            400..=499 => "http_4xx",
            500..=599 => "http_5xx",
            _ => "other",
        },
        Outcome::Fault(fault) => match fault {
            Fault::Timeout => "timeout",
            Fault::ConnectFailed => "connect",
            Fault::DnsFailure => "dns",
            Fault::TlsFailed => "tls",
            Fault::RedirectRefused => "redirect",
            Fault::TargetIpForbidden | Fault::UrlNotAllowed => "refused",
            Fault::ProtocolError | Fault::UrlTooLong => "other",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_class_of_the_list() {
        let statuses = [200, 204, 304, 404, 410, 429, 500, 503, 600].map(Outcome::Status);
        let faults = [
            Fault::Timeout,
            Fault::ConnectFailed,
            Fault::DnsFailure,
            Fault::TlsFailed,
            Fault::ProtocolError,
            Fault::TargetIpForbidden,
            Fault::UrlNotAllowed,
            Fault::UrlTooLong,
            Fault::RedirectRefused,
        ]
        .map(Outcome::Fault);
        for outcome in statuses.into_iter().chain(faults) {
            assert!(ALL.contains(&class(outcome, false)), "{outcome:?}");
            assert_eq!(class(outcome, true), "success");
        }
        assert_eq!(class(Outcome::Status(429), false), "http_4xx");
        assert_eq!(class(Outcome::Fault(Fault::TargetIpForbidden), false), "refused");
    }
}
