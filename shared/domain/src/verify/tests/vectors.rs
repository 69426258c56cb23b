//! AU-13: golden vectors. GitHub's and Standard Webhooks' are published by them, the plain HMACs
//! are RFC 2202 and RFC 4231 (test case 2); the others were computed with Python's `hmac`.

use super::*;
use crate::secret::Rotating;

pub(super) fn hex_sha256(key: &str, text: &str) -> String {
    hex::encode(hmac_sha256(key, text))
}

/// HMAC as RFC 2104 defines it, written out: it shares no code with what it tests.
fn hmac_sha256(key: &str, text: &str) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    assert!(key.len() <= 64, "longer keys are hashed first");
    let pad = |filler: u8| -> Vec<u8> {
        let padded = key.bytes().chain(std::iter::repeat(0)).take(64);
        padded.map(|byte| byte ^ filler).collect()
    };
    let inner = Sha256::digest([pad(0x36), text.as_bytes().to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

struct Vector {
    check: Check,
    at: i64,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

fn vector(
    input: Value,
    at: i64,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> Vector {
    Vector { check: check(input), at, headers: headers.to_vec(), body }
}

fn vectors() -> Vec<Vector> {
    let standard_headers = |family: &'static [&'static str; 3]| {
        [
            (family[0], "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            (family[1], "1614265330"),
            (family[2], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]
    };
    vec![
        vector(
            json!({"type": "github", "secret": "It's a Secret to Everybody"}),
            NOW,
            &[(
                "x-hub-signature-256",
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            )],
            "Hello, World!",
        ),
        vector(
            json!({"type": "standard_webhooks", "secret": WHSEC}),
            1_614_265_330,
            &standard_headers(&["webhook-id", "webhook-timestamp", "webhook-signature"]),
            r#"{"test": 2432232314}"#,
        ),
        vector(
            json!({"type": "svix", "secret": WHSEC}),
            1_614_265_330,
            &standard_headers(&["svix-id", "svix-timestamp", "svix-signature"]),
            r#"{"test": 2432232314}"#,
        ),
        vector(
            json!({"type": "stripe", "secret": "whsec_test_secret_0123456789abcdef"}),
            NOW,
            &[(
                "stripe-signature",
                "t=1795269600,v1=affab1e78434693b927a107e3ac3da6cd2ab216beda00b5710e83de0ff9ac052",
            )],
            r#"{"id":"evt_1","object":"event"}"#,
        ),
        vector(
            json!({"type": "shopify", "secret": "shpss_0123456789abcdef0123456789abcdef"}),
            NOW,
            &[("x-shopify-hmac-sha256", "EWt6OQogH/v33I55p/h7ugPPrTDtweTTHsOxSwhWnS4=")],
            r#"{"id":820982911946154508}"#,
        ),
        vector(
            json!({"type": "meta", "secret": KEY, "verify_token": "meu verify token"}),
            NOW,
            &[(
                "x-hub-signature-256",
                "sha256=7cbc46b042d7e131c845c3f08d7028636dc75bdd529a85bfd25451ef6fc04d04",
            )],
            r#"{"object":"page","entry":[]}"#,
        ),
        vector(
            json!({"type": "respond_io", "secret": "k9Qm3xZ7pL2vN8rT5wY1bD4f"}),
            NOW,
            &[("x-webhook-signature", "UmO0pNirDJ87QAcvL/L5yTYFdGEkvNKHSiRnGgqHpLA=")],
            r#"{"event_type":"message.received"}"#,
        ),
        vector(
            json!({
                "type": "hmac", "header": "X-Signature", "prefix": "hmac ", "encoding": "base64",
                "algorithm": "sha512", "signed": "{id}.{ts}.{body}", "timestamp_header": "X-Time",
                "id_header": "X-Id", "secret": KEY
            }),
            NOW,
            &[
                ("x-id", "evt_1"),
                ("x-time", "1795269600"),
                (
                    "x-signature",
                    "hmac iCxqeOVxEYIqNXMwzauJxITAAjNTqp0XW8cgTppyhsdHCa8sipkKmH2z/dfySPii\
                     SL0yjJV6sCY2EK93SG3YNQ==",
                ),
            ],
            r#"{"a":1}"#,
        ),
        vector(
            json!({
                "type": "hmac", "header": "X-Signature", "algorithm": "sha1",
                "signed": "{ts}.{body}", "timestamp_header": "X-Time", "secret": KEY
            }),
            NOW,
            &[
                ("x-time", "1795269600"),
                ("x-signature", "f09ff72c96e9ab8534ff88da4d0a30ac0d589b44"),
            ],
            r#"{"a":1}"#,
        ),
    ]
}

#[test]
fn au_13_the_vendors_vectors_are_verified() {
    for it in vectors() {
        let answer = post_at(&it.check, &it.headers, it.body.as_bytes(), at(it.at));
        assert_eq!(answer, Ok(()), "{}", it.check.kind());
    }
}

#[test]
fn au_13_one_bit_flipped_in_the_body_fails() {
    for it in vectors() {
        for bit in 0..it.body.len() * 8 {
            let mut body = it.body.as_bytes().to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            let answer = post_at(&it.check, &it.headers, &body, at(it.at));
            assert_eq!(answer, Err(Refusal::SignatureInvalid), "{} {bit}", it.check.kind());
        }
    }
}

#[test]
fn au_13_one_bit_flipped_in_a_header_fails() {
    for it in vectors() {
        for (index, (name, value)) in it.headers.iter().enumerate() {
            for bit in 0..value.len() * 8 {
                let mut bytes = value.as_bytes().to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let flipped = String::from_utf8_lossy(&bytes).into_owned();
                let mut headers = it.headers.clone();
                let text: &str = &flipped;
                let mut shown: Vec<(&str, &str)> = headers.drain(..).collect();
                shown[index] = (*name, text);
                let answer = post_at(&it.check, &shown, it.body.as_bytes(), at(it.at));
                assert!(answer.is_err(), "{} {name} {flipped}", it.check.kind());
            }
        }
    }
}

#[test]
fn au_13_one_bit_flipped_in_the_key_fails() {
    for it in vectors() {
        let Some(Rotating { current, .. }) =
            it.check.secret(check::Slot { name: "secret", strength: crate::secret::Strength::Key })
        else {
            panic!("{} has a key", it.check.kind());
        };
        let text = current.expose();
        let stored = serde_json::to_string(&it.check).unwrap();
        // The last character of a base64 key may carry bits that are not used; take the middle.
        let middle = text.len() / 2;
        let mut bytes = text.as_bytes().to_vec();
        bytes[middle] ^= 1;
        let other = String::from_utf8(bytes).unwrap();
        let wrong: Check = serde_json::from_str(&stored.replace(text, &other)).unwrap();
        let answer = post_at(&wrong, &it.headers, it.body.as_bytes(), at(it.at));
        assert_eq!(answer, Err(Refusal::SignatureInvalid), "{}", it.check.kind());
    }
}

#[test]
fn au_13_the_plain_hmacs_are_those_of_the_rfcs() {
    for (algorithm, digest) in [
        ("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            "sha512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d03\
             4f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ] {
        let stored: Check = serde_json::from_value(json!({
            "type": "hmac", "header": "x-sig", "algorithm": algorithm, "secret": {"current": "Jefe"}
        }))
        .unwrap();
        let body = b"what do ya want for nothing?";
        assert_eq!(post(&stored, &[("x-sig", digest)], body), Ok(()), "{algorithm}");
        let upper = digest.to_uppercase();
        assert_eq!(post(&stored, &[("x-sig", &upper)], body), Ok(()), "{algorithm}");
    }
    assert_eq!(
        hex_sha256("Jefe", "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn stripe_takes_any_v1_of_several_and_ignores_v0() {
    let stripe = check(json!({"type": "stripe", "secret": KEY}));
    let right = hex_sha256(KEY, &format!("{NOW}.{{}}"));
    let zeros = "0".repeat(64);
    let answer = |header: String| post(&stripe, &[("stripe-signature", &header)], b"{}");
    assert_eq!(answer(format!("t={NOW},v1={zeros},v1={right},v0={zeros}")), Ok(()));
    assert_eq!(answer(format!("t={NOW},v0={right}")), Err(Refusal::SignatureInvalid));
    let two_stamps = answer(format!("t={NOW},t={NOW},v1={right}"));
    assert_eq!(two_stamps, Err(Refusal::SignatureInvalid));
}

proptest! {
    #[test]
    fn what_the_reference_library_signs_is_verified(
        secret in proptest::array::uniform32(any::<u8>()),
        id in "[A-Za-z0-9_]{1,40}",
        body in "\\PC{0,200}",
    ) {
        let secret = Secret::generated(secret);
        let signature = oracle(secret.expose(), &id, NOW, &body);
        let check = check(json!({"type": "standard_webhooks", "secret": secret.expose()}));
        let ts = NOW.to_string();
        let headers =
            [("webhook-id", id.as_str()), ("webhook-timestamp", &ts), ("webhook-signature", &signature)];
        prop_assert_eq!(post(&check, &headers, body.as_bytes()), Ok(()));
    }
}
