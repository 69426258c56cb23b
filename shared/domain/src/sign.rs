//! Signatures of what is sent (Standard Webhooks; `CATALOGUE I11`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::secret::Rotating;

/// The header that holds the message's id, the same at every attempt.
pub const ID: &str = "webhook-id";
/// The header that holds the time of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header that holds the signatures, one for each live secret.
pub const SIGNATURE: &str = "webhook-signature";

/// `v1,<base64>` for each live secret, the newest first, joined by spaces, over
/// `id.timestamp.content`. A `GET` signs its query as it stands in the URL. `None`: no live secret
/// can be read as a key.
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
