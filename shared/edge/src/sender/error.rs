//! Maps an error of the HTTP client to one of a few faults. The details go only to the log
//! (`CATALOGUE TE-08`).

use std::{error::Error, io::ErrorKind};

use gancho_domain::outbound::delivery::Fault;

/// The fault of a client error.
pub(super) fn of(error: &reqwest::Error) -> Fault {
    if let Some(fault) = chain(error).find_map(cause) {
        return fault;
    }
    if error.is_timeout() {
        Fault::Timeout
    } else if error.is_builder() {
        Fault::UrlNotAllowed
    } else {
        // The connection could not be opened, or it broke.
        Fault::ConnectFailed
    }
}

/// True if an open connection was closed before any part of a response was understood.
pub(super) fn closed_unanswered(error: &reqwest::Error) -> bool {
    !error.is_connect() && !error.is_timeout() && chain(error).any(is_closed)
}

fn is_closed(error: &(dyn Error + 'static)) -> bool {
    if let Some(protocol) = error.downcast_ref::<hyper::Error>() {
        return protocol.is_incomplete_message() || protocol.is_canceled() || protocol.is_closed();
    }
    let Some(io) = error.downcast_ref::<std::io::Error>() else { return false };
    matches!(
        io.kind(),
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::UnexpectedEof
    )
}

/// The fault of one error of the chain, if it has one.
fn cause(error: &(dyn Error + 'static)) -> Option<Fault> {
    if error.is::<rustls::Error>() {
        return Some(Fault::TlsFailed);
    }
    let protocol = error.downcast_ref::<hyper::Error>()?;
    (protocol.is_parse() || protocol.is_parse_status()).then_some(Fault::ProtocolError)
}

/// An error and its causes.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| within(*error))
}

/// The cause of an error. An I/O error hides it from `source`.
fn within<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Logs the details that customers do not see, without the URL, which may hold secrets.
pub(super) fn log(error: reqwest::Error, fault: Fault) {
    let error = error.without_url();
    let causes: Vec<String> = chain(&error).map(ToString::to_string).collect();
    let cause = causes.join(": ");
    tracing::debug!(fault = fault.as_str(), error.cause = cause, "HTTP exchange failed");
}
