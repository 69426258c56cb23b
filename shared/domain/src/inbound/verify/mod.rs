//! Verification of the sender from the raw bytes of a request, before it is parsed.
//!
//! - [`Check`]: one check of an integration. Every request must pass **all** checks of the list
//!   (AU-11). An empty list accepts every request with the URL.
//! - [`verify`]: verifies one request. [`handshake`]: answers Meta's `GET`.
//! - [`sign()`]: what a sender adds to pass the checks, for a test of an integration.
//! - [`CheckInput`]: a check in API requests; [`Check::view`]: a check in API responses.
//! - [`Refusal`]: the reason for refusing a request.
//!
//! The rules (CATALOGUE 5): raw bytes, constant time, one value of a header or none, a timestamp
//! within [`TOLERANCE_SECONDS`] of `now` in both directions, every secret that is still live.
//! Schemes without a timestamp (GitHub, Shopify, Meta, respond.io) do not detect replays; an
//! integration's dedupe does.

mod check;
mod handshake;
mod input;
mod refusal;
mod schemes;
mod settings;
mod sign;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::check::{Basic, Check, Hmac, Hotmart, Keyed, Meta, Place, Token};
pub use self::handshake::{MAX_CHALLENGE, handshake};
pub use self::input::{CheckInput, Invalid, MAX_CHECKS, SecretInput, checks_from_input};
pub use self::refusal::Refusal;
pub use self::settings::{Algorithm, Encoding, HeaderName, QueryName, SettingError, Template};
pub use self::sign::{Signed, sign};

/// The allowed distance of a signed timestamp from now, in both directions (AU-06).
pub const TOLERANCE_SECONDS: u64 = 300;

/// The most signatures of a header that are compared (AU-04).
pub const MAX_SIGNATURES: usize = 10;

/// The parts of a request that verification needs.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// Every header line, names in lower case; a repeated header occurs several times.
    pub headers: &'a [(String, String)],
    /// Every query parameter, decoded; a repeated one occurs several times.
    pub query: &'a [(String, String)],
    /// The body, byte for byte (the gateway's base64 already decoded, AU-14).
    pub body: &'a [u8],
}

/// Verifies that a request passes every check. The first failed check gives the reason.
pub fn verify(checks: &[Check], request: &Incoming<'_>, now: Timestamp) -> Result<(), Refusal> {
    checks.iter().try_for_each(|check| schemes::holds(check, request, now))
}
