//! The vendors' signatures, so that the demo passes the real checks.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The headers that an application's sender adds for this body.
pub(super) fn headers(
    application: &str,
    secret: &str,
    body: &str,
    now: i64,
) -> Vec<(String, String)> {
    let hex = |text: &str| hex::encode(mac(secret, text));
    let base64 = |text: &str| STANDARD.encode(mac(secret, text));
    let signed = match application {
        "github" | "meta" => ("x-hub-signature-256", format!("sha256={}", hex(body))),
        "shopify" => ("x-shopify-hmac-sha256", base64(body)),
        "respondio" => ("x-webhook-signature", base64(body)),
        "typeform" => ("typeform-signature", format!("sha256={}", base64(body))),
        "stripe" => ("stripe-signature", format!("t={now},v1={}", hex(&format!("{now}.{body}")))),
        "hotmart" => ("x-hotmart-hottok", secret.to_owned()),
        _ => return Vec::new(),
    };
    vec![(signed.0.to_owned(), signed.1)]
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
