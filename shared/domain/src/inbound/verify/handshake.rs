//! Meta's handshake: a `GET` that carries no signature and asks for its challenge back.
//!
//! A gateway that demanded a signature here could not be registered (CATALOGUE 5). The answer is
//! text that a stranger chose, so whoever sends it does so as `text/plain` with `nosniff`, and
//! only after the verify token was compared (AU-12).

use super::{Check, Refusal};

/// The longest challenge that is echoed, in bytes.
pub const MAX_CHALLENGE: usize = 256;

/// The answer to a `GET`, if one of the checks has a handshake: the challenge to echo, or why not.
///
/// `None` means that no check knows a handshake, and the request is an ordinary one. An
/// integration with Meta's check takes every `GET` for a handshake; its other checks are not
/// asked, for a handshake makes no webhook.
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
