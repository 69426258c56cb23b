//! Signatures: the vendors', so that the demo passes the real checks, and their verification at the
//! endpoint.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::emulator::inbox::CapturedRequest;

/// The header that an application's sender adds for this body.
pub(super) fn header(
    application: &str,
    secret: &str,
    body: &str,
    now: i64,
) -> Option<(String, String)> {
    let hex = |text: &str| hex::encode(mac(secret.as_bytes(), text.as_bytes()));
    let base64 = |text: &str| STANDARD.encode(mac(secret.as_bytes(), text.as_bytes()));
    let (name, value) = match application {
        "github" | "meta" => ("x-hub-signature-256", format!("sha256={}", hex(body))),
        "shopify" => ("x-shopify-hmac-sha256", base64(body)),
        "respondio" => ("x-webhook-signature", base64(body)),
        "typeform" => ("typeform-signature", format!("sha256={}", base64(body))),
        "stripe" => ("stripe-signature", format!("t={now},v1={}", hex(&format!("{now}.{body}")))),
        "hotmart" => ("x-hotmart-hottok", secret.to_owned()),
        _ => return None,
    };
    Some((name.to_owned(), value))
}

/// Verifies a request as its receiver does (Standard Webhooks).
pub(super) fn is_valid(captured: &CapturedRequest, secret: &str) -> bool {
    let header = |name| captured.header(name).unwrap_or_default();
    let Ok(key) = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)) else {
        return false;
    };
    let mut signed =
        format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).into_bytes();
    signed.extend(&captured.body);
    let expected = format!("v1,{}", STANDARD.encode(mac(&key, &signed)));
    header("webhook-signature").split(' ').any(|given| given == expected)
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
