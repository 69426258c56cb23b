//! Meta's handshake: a `GET` without a signature whose challenge is echoed.
//!
//! With a signature check here the URL could not be registered (CATALOGUE 5). The client chooses
//! the text of the answer, so the caller sends it as `text/plain` with `nosniff`, and only after
//! the verify token was compared (AU-12).

use super::{Check, Refusal};

/// The longest challenge that is echoed, in bytes.
pub const MAX_CHALLENGE: usize = 256;

/// Answers a `GET` if one of the checks has a handshake: the challenge to echo, or the refusal.
///
/// `None` means that no check has a handshake and the request is an ordinary one. An integration
/// with Meta's check treats every `GET` as a handshake. Its other checks do not apply, because a
/// handshake creates no webhook.
pub fn handshake(checks: &[Check], query: &[(String, String)]) -> Option<Result<String, Refusal>> {
    let token = checks.iter().find_map(|check| check.secret(super::check::Slot::VERIFY_TOKEN))?;
    let Some((offered, challenge)) = parameters(query) else {
        return Some(Err(Refusal::HandshakeInvalid));
    };
    Some(if token.current.matches(offered.as_bytes()) {
        Ok(challenge.to_owned())
    } else {
        Err(Refusal::VerifyTokenInvalid)
    })
}

/// The verify token and the challenge of a complete request.
fn parameters(query: &[(String, String)]) -> Option<(&str, &str)> {
    let mode = super::schemes::only(query, "hub.mode").ok()??;
    let token = super::schemes::only(query, "hub.verify_token").ok()??;
    let challenge = super::schemes::only(query, "hub.challenge").ok()??;
    let sound = mode == "subscribe" && (1..=MAX_CHALLENGE).contains(&challenge.len());
    sound.then_some((token, challenge))
}
