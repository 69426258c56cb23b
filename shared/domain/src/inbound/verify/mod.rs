//! Is the sender who it says it is? Answered from the raw bytes, before anything is parsed.
//!
//! - [`Check`]: one thing that an integration demands of every request; it keeps a list of them,
//!   and **all** must hold (AU-11). An empty list accepts everybody who knows the URL.
//! - [`verify`]: the answer for one request. [`handshake`]: the answer to Meta's `GET`.
//! - [`CheckInput`]: a check as the API takes it; [`Check::view`]: as the API shows it.
//! - [`Refusal`]: why a request is turned away.
//!
//! The rules (CATALOGUE 5): raw bytes, constant time, one value of a header or none, a timestamp
//! within [`TOLERANCE_SECONDS`] of `now` in both directions, every secret that is still live.
//! Schemes without a timestamp (GitHub, Shopify, Meta, respond.io) tell nothing about a replay:
//! that is what an integration's dedupe is for.

mod check;
mod handshake;
mod input;
mod refusal;
mod schemes;
mod settings;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::check::{Basic, Check, Hmac, Hotmart, Keyed, Meta, Place, Token};
pub use self::handshake::{MAX_CHALLENGE, handshake};
pub use self::input::{CheckInput, Invalid, MAX_CHECKS, SecretInput, checks_from_input};
pub use self::refusal::Refusal;
pub use self::settings::{Algorithm, Encoding, HeaderName, QueryName, SettingError, Template};

/// How far a signed timestamp may lie in the past or in the future (AU-06).
pub const TOLERANCE_SECONDS: u64 = 300;

/// How many signatures of a header are looked at (AU-04).
pub const MAX_SIGNATURES: usize = 10;

/// A request as it came, as far as verification needs it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The method, upper case.
    pub method: &'a str,
    /// Every header line, names in lower case; a repeated header stands several times.
    pub headers: &'a [(String, String)],
    /// Every query parameter, decoded; a repeated one stands several times.
    pub query: &'a [(String, String)],
    /// The body, byte for byte (base64 of the gateway already undone, AU-14).
    pub body: &'a [u8],
}

/// Whether a request passes every check. The first that does not hold gives the reason.
pub fn verify(checks: &[Check], request: &Incoming<'_>, now: Timestamp) -> Result<(), Refusal> {
    checks.iter().try_for_each(|check| schemes::holds(check, request, now))
}
