//! Why a request has no answer: the chain of causes as one of a few words. Everything else about it
//! is for operators, in the log (`CATALOGUE TE-08`).

use std::error::Error;

use gancho_domain::outbound::delivery::Fault;

use super::guard::Refused;

/// The word for an error of the client.
pub(super) fn of(error: &reqwest::Error) -> Fault {
    if let Some(fault) = chain(error).find_map(cause) {
        return fault;
    }
    if error.is_timeout() {
        Fault::Timeout
    } else if error.is_dns() {
        Fault::DnsFailure
    } else if error.is_builder() {
        Fault::UrlNotAllowed
    } else {
        // A connection that could not be made, or that broke.
        Fault::ConnectFailed
    }
}

/// What one link of the chain says.
fn cause(error: &(dyn Error + 'static)) -> Option<Fault> {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return Some(match refused {
            Refused::Forbidden => Fault::TargetIpForbidden,
            Refused::NoAddress => Fault::DnsFailure,
        });
    }
    if error.is::<rustls::Error>() {
        return Some(Fault::TlsFailed);
    }
    let spoken = error.downcast_ref::<hyper::Error>()?;
    (spoken.is_parse() || spoken.is_parse_status()).then_some(Fault::ProtocolError)
}

/// An error and its causes.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| within(*error))
}

/// What an error was made of; an I/O error hides it from `source`.
fn within<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Tells operators what customers are not told; the URL is left out, for it may hold secrets.
pub(super) fn note(error: reqwest::Error, fault: Fault) {
    let error = error.without_url();
    let causes: Vec<String> = chain(&error).map(ToString::to_string).collect();
    tracing::debug!(fault = fault.as_str(), error.cause = causes.join(": "), "no good answer");
}
