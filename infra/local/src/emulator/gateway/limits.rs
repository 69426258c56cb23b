//! The quotas of an HTTP API and of Lambda's synchronous calls.

use std::{io, time::Duration};

use axum::body::Bytes;
use http::{Response, StatusCode, request::Parts};
use serde::Serialize;

use crate::emulator::answer::message;
use crate::emulator::lambda::PAYLOAD_LIMIT;

/// The limit on a request's body.
pub const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// The limit on the request line and the headers together.
pub const HEAD_LIMIT: usize = 10_240;
/// The time limit of an integration.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The size of a request's head.
pub fn head_size(parts: &Parts) -> usize {
    let line = parts.method.as_str().len() + parts.uri.to_string().len() + "  HTTP/1.1".len();
    let headers: usize =
        parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    line + headers
}

/// The refusal of a head that is too large.
pub fn head_too_large() -> Response<Bytes> {
    message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
}

/// The refusal of a body that is too large for the gateway, or of an event that is too large for
/// Lambda.
pub fn too_long() -> Response<Bytes> {
    message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long")
}

/// `true` if the JSON is within Lambda's limit on events and answers.
pub fn fits_lambda(value: &impl Serialize) -> bool {
    serde_json::to_writer(Budget(PAYLOAD_LIMIT), value).is_ok()
}

/// Counts what is written, up to a limit.
struct Budget(usize);

impl io::Write for Budget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::answer::head;

    #[test]
    fn in_24_the_request_line_and_the_headers_make_up_the_head() {
        let value = vec![b'a'; HEAD_LIMIT - "GET / HTTP/1.1".len() - "x-a".len()];
        assert_eq!(head_size(&head("GET", "/", &[("x-a", &value)])), HEAD_LIMIT);
        assert_eq!(head_too_large().status(), 431);
    }

    #[test]
    fn in_23_an_event_of_more_than_6_mb_does_not_fit() {
        assert!(fits_lambda(&"a".repeat(PAYLOAD_LIMIT - 2)));
        assert!(!fits_lambda(&"a".repeat(PAYLOAD_LIMIT - 1)));
        assert!(!fits_lambda(&"\u{1}".repeat(PAYLOAD_LIMIT / 5)));
    }
}
