//! Secrets: storage, comparison, strength and rotation.
//!
//! A [`Secret`] is hidden in `Debug` and has no `Display`. The time of a comparison depends neither
//! on its content nor on its length. Serde writes it as plain text **for storage only**: the API
//! shows [`Rotating::previous_until`], never the text.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::common::code::Code;

/// The time for which an old secret is accepted after its rotation: 24 hours.
pub const DEFAULT_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// The most old secrets that are accepted beside the current one.
pub const MAX_PREVIOUS: usize = 2;

/// The minimum number of bytes of a signing key (AU-05), as in Standard Webhooks.
pub const MIN_KEY_BYTES: usize = 24;

/// The minimum number of bytes of a token or password.
///
/// It is lower than for a key: the vendor often sets such a secret (a hottok) or a person types it
/// into a vendor's form, and it can only be guessed online, one request at a time.
pub const MIN_TOKEN_BYTES: usize = 12;

/// The maximum number of bytes. Longer text is a mistake (a pasted certificate, a whole file).
pub const MAX_BYTES: usize = 512;

/// The prefix of a base64 key in Standard Webhooks.
pub const KEY_PREFIX: &str = "whsec_";

/// Standard alphabet, padding optional: vendors print keys both ways.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A secret text, as cheap as a `String`.
#[derive(Clone, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text without checking its strength: see [`Strength::check`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret without white space around it. People paste it, and no vendor sends it.
    #[must_use]
    pub fn trimmed(self) -> Self {
        Self(self.0.trim().to_owned())
    }

    /// The text itself. The caller must not log or show it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns true if `candidate` is this secret. Both are hashed first, so that the time taken
    /// reveals neither the first difference nor the length of the secret.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        same_bytes(&Sha256::digest(self.0.as_bytes()), &Sha256::digest(candidate))
    }

    /// The bytes of a Standard Webhooks key: base64, with or without `whsec_`. `None` if it is
    /// not base64.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        let text = self.0.strip_prefix(KEY_PREFIX).unwrap_or(&self.0);
        KEY_BASE64.decode(text).ok()
    }

    /// Creates a secret from 32 random bytes in the form of a Standard Webhooks key. Every other
    /// scheme can use it as plain text.
    pub fn generated(random: [u8; 32]) -> Self {
        Self(format!("{KEY_PREFIX}{}", KEY_BASE64.encode(random)))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(hidden)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.0.as_bytes())
    }
}

/// Compares two byte strings in constant time. Different lengths return early, so callers pass
/// digests or encodings of a known length.
pub fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// The reason for rejecting a text as a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Too short to resist guessing (AU-05).
    #[error("the secret is too short: at least {least} bytes")]
    Weak {
        /// The minimum number of bytes.
        least: usize,
    },
    /// Too long, with control characters, or not in the encoding that the scheme needs.
    #[error("the secret is not in a form that this scheme can use")]
    Malformed,
}

impl SecretError {
    /// The API's code.
    pub fn code(self) -> Code {
        match self {
            Self::Weak { .. } => Code::WeakSecret,
            Self::Malformed => Code::ValidationError,
        }
    }
}

/// The strength that a secret needs to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// A key of an HMAC: [`MIN_KEY_BYTES`].
    Key,
    /// A base64 key of Standard Webhooks: [`MIN_KEY_BYTES`] after decoding.
    Base64Key,
    /// A token or password: [`MIN_TOKEN_BYTES`].
    Token,
}

impl Strength {
    /// Checks a secret before it is saved.
    pub fn check(self, secret: &Secret) -> Result<(), SecretError> {
        let text = secret.expose();
        if text.len() > MAX_BYTES || text.chars().any(char::is_control) {
            return Err(SecretError::Malformed);
        }
        let (bytes, least) = match self {
            Self::Key => (text.trim().len(), MIN_KEY_BYTES),
            Self::Token => (text.trim().len(), MIN_TOKEN_BYTES),
            Self::Base64Key => {
                (secret.key_bytes().ok_or(SecretError::Malformed)?.len(), MIN_KEY_BYTES)
            }
        };
        if bytes < least { Err(SecretError::Weak { least }) } else { Ok(()) }
    }
}

/// A secret with the replaced ones that are still accepted (AU-09).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotating {
    /// The secret in use.
    pub current: Secret,
    /// Old secrets, newest first, at most [`MAX_PREVIOUS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<Previous>,
}

/// An old secret and the moment from which it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The old secret.
    pub secret: Secret,
    /// Refused from this moment on.
    pub until: Timestamp,
}

impl Rotating {
    /// A secret without old ones.
    pub fn new(current: Secret) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// The current secret and every old one that is kept.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(self.previous.iter().map(|old| &old.secret))
    }

    /// Every secret that is accepted now, the current one first.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let old = self.previous.iter().filter(move |old| now < old.until).map(|old| &old.secret);
        std::iter::once(&self.current).chain(old)
    }

    /// Returns true if `candidate` is a secret that is accepted now. All of them are compared, so
    /// that the time taken does not reveal the matching one.
    pub fn matches(&self, candidate: &[u8], now: Timestamp) -> bool {
        self.live(now).fold(false, |found, secret| found | secret.matches(candidate))
    }

    /// Sets a new secret and accepts the current one for `grace` more. No older one is accepted for
    /// longer. Setting the current secret changes nothing. An old secret that is set again leaves the
    /// list of old ones.
    #[must_use]
    pub fn rotate(mut self, new: Secret, now: Timestamp, grace: SignedDuration) -> Self {
        if new == self.current {
            return self;
        }
        let until = now.checked_add(grace).unwrap_or(Timestamp::MAX);
        let replaced = std::mem::replace(&mut self.current, new);
        for older in &mut self.previous {
            older.until = older.until.min(until);
        }
        self.previous.insert(0, Previous { secret: replaced, until });
        let current = &self.current;
        self.previous.retain(|old| now < old.until && old.secret != *current);
        self.previous.truncate(MAX_PREVIOUS);
        self
    }

    /// Refuses every old secret from now on, for use after a leak.
    #[must_use]
    pub fn revoke_previous(self) -> Self {
        Self::new(self.current)
    }

    /// The end of the last old secret, if there is one. It may lie in the past.
    pub fn previous_until(&self) -> Option<Timestamp> {
        self.previous.iter().map(|old| old.until).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn secret(letter: char) -> Secret {
        Secret::new(letter.to_string().repeat(30))
    }

    #[test]
    fn a_secret_is_hidden_in_every_debug_output() {
        let rotating =
            Rotating::new(secret('a')).rotate(secret('b'), at(0), SignedDuration::from_secs(9));
        let shown = format!("{rotating:?}");
        assert!(!shown.contains("aaa") && !shown.contains("bbb"), "{shown}");
        assert_eq!(format!("{:?}", secret('a')), "Secret(hidden)");
    }

    #[test]
    fn storage_preserves_the_text() {
        let kept = serde_json::to_string(&Rotating::new(secret('a'))).unwrap();
        assert_eq!(kept, format!("{{\"current\":\"{}\"}}", "a".repeat(30)));
        assert_eq!(
            serde_json::from_str::<Rotating>(&kept).unwrap().current.expose(),
            "a".repeat(30)
        );
    }

    #[test]
    fn comparing_is_right_for_every_length() {
        let kept = Secret::new("s3cret");
        for wrong in ["", "s", "s3cre", "s3cret ", "s3creT", "s3crets3cret"] {
            assert!(!kept.matches(wrong.as_bytes()), "{wrong}");
        }
        assert!(kept.matches(b"s3cret"));
        assert!(same_bytes(b"", b"") && same_bytes(b"ab", b"ab"));
        assert!(!same_bytes(b"ab", b"abc") && !same_bytes(b"ab", b"aB"));
    }

    #[test]
    fn au_05_a_short_secret_is_weak_and_a_senseless_one_malformed() {
        let weak = |least| Err(SecretError::Weak { least });
        let key = |text: &str| Strength::Key.check(&Secret::new(text));
        assert_eq!(key(""), weak(24));
        assert_eq!(key(&"k".repeat(23)), weak(24));
        assert_eq!(key(&" ".repeat(40)), weak(24));
        assert_eq!(key(&"k".repeat(24)), Ok(()));
        assert_eq!(key(&"k".repeat(MAX_BYTES + 1)), Err(SecretError::Malformed));
        assert_eq!(key(&"k\n".repeat(20)), Err(SecretError::Malformed));
        let token = |text: &str| Strength::Token.check(&Secret::new(text));
        assert_eq!(token(&"t".repeat(11)), weak(12));
        assert_eq!(token(&"t".repeat(12)), Ok(()));
        let base64 = |text: &str| Strength::Base64Key.check(&Secret::new(text));
        assert_eq!(base64("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Ok(()));
        assert_eq!(base64("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La"), weak(24));
        assert_eq!(base64("whsec_!not base64 at all, is it, no!"), Err(SecretError::Malformed));
        assert_eq!(SecretError::Weak { least: 24 }.code().as_str(), "weak_secret");
    }

    #[test]
    fn au_09_an_old_secret_is_accepted_until_its_grace_ends() {
        let grace = SignedDuration::from_secs(100);
        let rotating = Rotating::new(secret('a')).rotate(secret('b'), at(1_000), grace);
        let accepts = |letter: char, second| {
            rotating.matches(letter.to_string().repeat(30).as_bytes(), at(second))
        };
        assert!(accepts('a', 1_099) && accepts('b', 1_099));
        assert!(!accepts('a', 1_100) && accepts('b', 1_100));
        assert_eq!(rotating.previous_until(), Some(at(1_100)));
        assert!(!rotating.revoke_previous().matches("a".repeat(30).as_bytes(), at(1_001)));
    }

    #[test]
    fn at_most_two_old_secrets_are_kept_and_a_returning_one_is_not_old() {
        let grace = SignedDuration::from_secs(100);
        let mut rotating = Rotating::new(secret('a'));
        for (second, letter) in [(1, 'b'), (2, 'c'), (3, 'd')] {
            rotating = rotating.rotate(secret(letter), at(second), grace);
        }
        let live: Vec<_> = rotating.live(at(4)).map(Secret::expose).collect();
        assert_eq!(live, ["d".repeat(30), "c".repeat(30), "b".repeat(30)]);
        let same = rotating.clone().rotate(secret('d'), at(5), grace);
        assert_eq!(same, rotating, "the same secret again changes nothing");
        let back = rotating.rotate(secret('c'), at(6), grace);
        let live: Vec<_> = back.live(at(7)).map(Secret::expose).collect();
        assert_eq!(live, ["c".repeat(30), "d".repeat(30), "b".repeat(30)]);
    }

    #[test]
    fn f11_no_older_secret_is_accepted_for_longer_than_the_one_that_was_replaced_last() {
        let day = SignedDuration::from_hours(24);
        let twice = |grace| {
            let once = Rotating::new(secret('a')).rotate(secret('b'), at(1), day);
            once.rotate(secret('c'), at(2), grace)
        };
        let live = |rotating: &Rotating, second| rotating.live(at(second)).count();
        assert_eq!(live(&twice(day), 3), 3);
        let short = twice(SignedDuration::from_secs(10));
        assert_eq!((live(&short, 11), live(&short, 12)), (3, 1));
        let none = twice(SignedDuration::ZERO);
        assert_eq!((live(&none, 2), none.previous_until()), (1, None));
    }

    #[test]
    fn a_generated_secret_is_strong_for_every_scheme() {
        let generated = Secret::generated([7; 32]);
        for strength in [Strength::Key, Strength::Base64Key, Strength::Token] {
            assert_eq!(strength.check(&generated), Ok(()));
        }
        assert_eq!(generated.key_bytes().unwrap(), [7; 32]);
    }
}
