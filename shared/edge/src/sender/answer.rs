//! The result of a request.

use gancho_domain::outbound::delivery::{Attempt, EXCERPT, Fault, Outcome};
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// The duration in milliseconds.
    pub duration_ms: u64,
    /// The URL of the request, with the values of its query masked.
    pub url: String,
    /// The beginning of the response body, as text.
    pub excerpt: String,
    /// The response's `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// The result of a request without a response.
    pub(super) fn unsent(url: String, fault: Fault) -> Self {
        Self {
            outcome: Outcome::Fault(fault),
            duration_ms: 0,
            url,
            excerpt: String::new(),
            retry_after: None,
        }
    }

    /// The attempt that a delivery stores.
    pub fn into_attempt(self, number: u32, started_at: Timestamp) -> Attempt {
        Attempt {
            number,
            started_at,
            duration_ms: self.duration_ms,
            url: self.url,
            outcome: self.outcome,
            excerpt: self.excerpt,
            retry_after: self.retry_after,
            not_counted: false,
        }
    }
}

/// The part of a response that was read.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) excerpt: String,
}

/// The beginning of a body, as text. Bytes that are not UTF-8 become U+FFFD; no content coding is
/// decoded.
pub(super) fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(EXCERPT).collect()
}

/// `Retry-After` in seconds, or `None` if it is malformed or occurs several times.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let mut all = headers.get_all(RETRY_AFTER).iter();
    let (value, None) = (all.next()?.to_str().ok()?.trim(), all.next()) else { return None };
    if value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok();
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    // A date in the past is zero.
    Some(u64::try_from(at.duration_since(now).as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&str]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(RETRY_AFTER, value.parse().unwrap());
        }
        retry_after(&headers, "2026-11-21T13:00:00Z".parse().unwrap())
    }

    #[test]
    fn ou_05_retry_after_is_seconds_or_a_date_and_anything_else_is_none() {
        assert_eq!(parsed(&["120"]), Some(120));
        assert_eq!(parsed(&[" 0 "]), Some(0));
        assert_eq!(parsed(&["99999999"]), Some(99_999_999));
        assert_eq!(parsed(&["Sat, 21 Nov 2026 13:02:00 GMT"]), Some(120));
        assert_eq!(parsed(&["Sat, 21 Nov 2026 12:00:00 GMT"]), Some(0));
        for garbage in ["", "-1", "+5", "1.5", "soon", "1e9", "99999999999999999999999", "12 34"] {
            assert_eq!(parsed(&[garbage]), None, "{garbage}");
        }
        assert_eq!(parsed(&["120", "120"]), None);
        assert_eq!(parsed(&[]), None);
    }

    #[test]
    fn an_excerpt_is_text_of_at_most_a_thousand_characters() {
        assert_eq!(excerpt(b"ol\xc3\xa1 \xff\x1f\x8b"), "ol\u{e1} \u{fffd}\u{1f}\u{fffd}");
        assert_eq!(excerpt("é".repeat(5_000).as_bytes()).chars().count(), EXCERPT);
    }
}
