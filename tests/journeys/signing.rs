//! Signatures of senders, implemented a second time from the vendors' documents.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tests::{Inbound, World};

/// A key that every scheme can use as text.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
/// A key as Standard Webhooks prints them.
pub(crate) const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Headers of a request.
pub(crate) type Headers = Vec<(String, String)>;

/// HMAC-SHA256.
pub(crate) fn hmac(key: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

/// The same in hexadecimal.
pub(crate) fn hex_hmac(key: &str, body: &[u8]) -> String {
    hex::encode(hmac(key, body))
}

/// The same in base64.
pub(crate) fn base64_hmac(key: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac(key, body))
}

/// One header.
pub(crate) fn header(name: &str, value: impl Into<String>) -> Headers {
    vec![(name.to_owned(), value.into())]
}

/// The headers of Standard Webhooks, signed by its reference library.
pub(crate) fn standard(secret: &str, id: &str, at: i64, body: &[u8]) -> Headers {
    let signer = standardwebhooks::Webhook::new(secret).unwrap();
    let signature = signer.sign(id, at, body).unwrap();
    [("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string())]
        .into_iter()
        .chain([("webhook-signature", signature)])
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The headers of Stripe: `t` and one `v1`.
pub(crate) fn stripe(secret: &str, at: i64, body: &[u8]) -> Headers {
    let signed = [format!("{at}.").as_bytes(), body].concat();
    header("stripe-signature", format!("t={at},v1={}", hex_hmac(secret, &signed)))
}

/// The headers that pass this kind of check at a time in seconds.
pub(crate) fn sign(kind: &str, secret: &str, at: i64, body: &[u8]) -> Headers {
    match kind {
        "github" | "meta" => {
            header("x-hub-signature-256", format!("sha256={}", hex_hmac(secret, body)))
        }
        "shopify" => header("x-shopify-hmac-sha256", base64_hmac(secret, body)),
        "respond_io" => header("x-webhook-signature", base64_hmac(secret, body)),
        "stripe" => stripe(secret, at, body),
        "standard_webhooks" => standard(secret, "msg_1", at, body),
        "hotmart" => header("x-hotmart-hottok", secret),
        "typeform" => header("typeform-signature", format!("sha256={}", base64_hmac(secret, body))),
        "hmac" => header("x-sig", hex_hmac(secret, body)),
        "token" => header("x-token", secret),
        "basic" => header("authorization", basic("loja", secret)),
        other => panic!("unknown check: {other}"),
    }
}

/// The value of `Authorization` for a user and a password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A check of every signing kind, with its key.
pub(crate) fn signed_checks() -> Vec<(&'static str, &'static str, Value)> {
    let keyed = |kind: &str| json!({"type": kind, "secret": KEY});
    vec![
        ("github", KEY, keyed("github")),
        ("shopify", KEY, keyed("shopify")),
        ("respond_io", KEY, keyed("respond_io")),
        ("stripe", KEY, keyed("stripe")),
        ("meta", KEY, json!({"type": "meta", "secret": KEY, "verify_token": "meu verify token"})),
        ("hmac", KEY, json!({"type": "hmac", "header": "X-Sig", "secret": KEY})),
        ("standard_webhooks", WHSEC, json!({"type": "standard_webhooks", "secret": WHSEC})),
    ]
}

/// Creates an integration with all of these checks that creates a deal of each accepted body.
pub(crate) async fn guarded(world: &World, checks: Value) -> Inbound {
    world.inbound(json!({"action": "create_deal", "verification": checks})).await
}
