//! AU-13: golden vectors. GitHub and Standard Webhooks publish theirs. The plain HMACs are from
//! RFC 2202 and RFC 4231 (test case 2). The others of `vectors.json` were computed with Python's
//! `hmac`.

use super::*;

pub(super) fn hex_sha256(key: &str, text: &str) -> String {
    hex::encode(hmac_sha256(key, text))
}

/// HMAC as defined in RFC 2104. It shares no code with the tested implementation.
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

/// One valid request.
#[derive(serde::Deserialize)]
struct Vector {
    check: Value,
    at: i64,
    headers: Vec<(String, String)>,
    body: String,
}

impl Vector {
    fn check(&self) -> Check {
        check(self.check.clone())
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

#[test]
fn au_13_the_vendors_vectors_are_verified() {
    assert_eq!(vectors().len(), 9);
    for it in vectors() {
        let answer = post_at(&it.check(), &it.headers(), it.body.as_bytes(), at(it.at));
        assert_eq!(answer, Ok(()), "{}", it.check);
    }
}

#[test]
fn au_13_one_bit_flipped_in_the_body_fails() {
    for it in vectors() {
        let check = it.check();
        for bit in 0..it.body.len() * 8 {
            let mut body = it.body.as_bytes().to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            let answer = post_at(&check, &it.headers(), &body, at(it.at));
            assert_eq!(answer, Err(Refusal::SignatureInvalid), "{} {bit}", check.kind());
        }
    }
}

#[test]
fn au_13_one_bit_flipped_in_a_header_fails() {
    for it in vectors() {
        let check = it.check();
        for (index, (name, value)) in it.headers().into_iter().enumerate() {
            for bit in 0..value.len() * 8 {
                let mut bytes = value.as_bytes().to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let flipped = String::from_utf8_lossy(&bytes);
                let mut headers = it.headers();
                headers[index] = (name, &flipped);
                let answer = post_at(&check, &headers, it.body.as_bytes(), at(it.at));
                assert!(answer.is_err(), "{} {name} {flipped}", check.kind());
            }
        }
    }
}

#[test]
fn au_13_one_bit_flipped_in_the_key_fails() {
    for it in vectors() {
        let key = it.check["secret"].as_str().unwrap();
        let mut bytes = key.as_bytes().to_vec();
        // The last character of a base64 key may hold unused bits, so change one in the middle.
        bytes[key.len() / 2] ^= 1;
        let mut other = it.check.clone();
        other["secret"] = Value::from(String::from_utf8(bytes).unwrap());
        let answer = post_at(&check(other), &it.headers(), it.body.as_bytes(), at(it.at));
        assert_eq!(answer, Err(Refusal::SignatureInvalid), "{}", it.check);
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
    fn signatures_of_the_reference_library_are_verified(
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
