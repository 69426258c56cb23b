//! Signatures of requests (Standard Webhooks; `CATALOGUE I11`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::common::secret::Rotating;

/// The header that holds the message's id, the same at every attempt.
pub const ID: &str = "webhook-id";
/// The header that holds the time of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header that holds the signatures, one for each live secret.
pub const SIGNATURE: &str = "webhook-signature";

/// Signs `id.timestamp.content`: `v1,<base64>` for each live secret, the newest first, joined by
/// spaces. The content of a `GET` is its query as it stands in the URL. `None`: no live secret can
/// be read as a key.
pub fn signatures(secret: &Rotating, id: &str, now: Timestamp, content: &[u8]) -> Option<String> {
    let seconds = now.as_second().to_string();
    let each = secret.live(now).filter_map(|secret| {
        let key = secret.key_bytes()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", content] {
            mac.update(part);
        }
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    });
    let all: Vec<String> = each.collect();
    (!all.is_empty()).then(|| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::secret::{DEFAULT_GRACE, Secret};
    use proptest::prelude::*;

    fn key(byte: u8) -> Secret {
        Secret::generated([byte; 32])
    }

    /// The signature by the library that receivers use.
    fn oracle(secret: &Secret, id: &str, now: Timestamp, content: &[u8]) -> String {
        let signer = standardwebhooks::Webhook::new(secret.expose()).unwrap();
        signer.sign(id, now.as_second(), content).unwrap()
    }

    proptest! {
        #[test]
        fn i11_a_signature_equals_that_of_the_standard_webhooks_library(
            byte: u8, id in "dlv_[0-9a-f]{32}", second in 0i64..4_102_444_800, content: String,
        ) {
            let now = Timestamp::from_second(second).unwrap();
            let signed = signatures(&Rotating::new(key(byte)), &id, now, content.as_bytes()).unwrap();
            prop_assert_eq!(signed, oracle(&key(byte), &id, now, content.as_bytes()));
        }
    }

    #[test]
    fn ou_20_two_rotations_in_an_hour_leave_three_signatures_and_each_verifies() {
        let start = Timestamp::from_second(1_000_000).unwrap();
        let at = |minutes: i64| start + jiff::SignedDuration::from_mins(minutes);
        let secret = Rotating::new(key(1)).rotate(key(2), at(10), DEFAULT_GRACE).rotate(
            key(3),
            at(40),
            DEFAULT_GRACE,
        );
        let signed = signatures(&secret, "dlv_1", at(50), b"{}").unwrap();
        let each: Vec<&str> = signed.split(' ').collect();
        let expected = [3, 2, 1].map(|byte| oracle(&key(byte), "dlv_1", at(50), b"{}"));
        assert_eq!(each, expected);
        let day_later = signatures(&secret, "dlv_1", at(24 * 60 + 20), b"{}").unwrap();
        assert_eq!(day_later.split(' ').count(), 2, "the first one has ended");
        let two = signatures(&secret, "dlv_1", at(24 * 60 + 50), b"{}").unwrap();
        assert_eq!(two.split(' ').count(), 1);
    }

    #[test]
    fn i11_another_time_gives_another_signature() {
        let secret = Rotating::new(key(1));
        let at =
            |second| signatures(&secret, "dlv_1", Timestamp::from_second(second).unwrap(), b"");
        assert_ne!(at(1), at(2));
        assert!(
            signatures(&Rotating::new(Secret::new("no base64!")), "a", Timestamp::MIN, b"")
                .is_none()
        );
    }
}
