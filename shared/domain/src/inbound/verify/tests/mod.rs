//! The cases of CATALOGUE 3B, by their ids.

mod input;
mod vectors;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::common::secret::Secret;

/// 21 November 2026, 14:00 UTC.
const NOW: i64 = 1_795_269_600;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn now() -> Timestamp {
    at(NOW)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A check from its API form.
fn check(input: Value) -> Check {
    Check::from_input(serde_json::from_value(input).unwrap(), None, now()).unwrap()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A POST through one check.
fn post(check: &Check, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Refusal> {
    post_at(check, headers, body, now())
}

fn post_at(
    check: &Check,
    headers: &[(&str, &str)],
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refusal> {
    let headers = pairs(headers);
    let request = Incoming { method: "POST", headers: &headers, query: &[], body };
    verify(std::slice::from_ref(check), &request, now)
}

/// Signs as the reference library of Standard Webhooks does.
fn oracle(secret: &str, id: &str, ts: i64, body: &str) -> String {
    standardwebhooks::Webhook::new(secret).unwrap().sign(id, ts, body.as_bytes()).unwrap()
}

fn standard() -> Check {
    check(json!({"type": "standard_webhooks", "secret": WHSEC}))
}

fn every_signed_check() -> Vec<(Check, &'static str)> {
    vec![
        (check(json!({"type": "github", "secret": KEY})), "x-hub-signature-256"),
        (
            check(json!({"type": "meta", "secret": KEY, "verify_token": "a verify token"})),
            "x-hub-signature-256",
        ),
        (check(json!({"type": "shopify", "secret": KEY})), "x-shopify-hmac-sha256"),
        (check(json!({"type": "respond_io", "secret": KEY})), "x-webhook-signature"),
        (check(json!({"type": "stripe", "secret": KEY})), "stripe-signature"),
        (
            check(json!({"type": "hmac", "header": "X-Sig", "encoding": "base64", "secret": KEY})),
            "x-sig",
        ),
        (standard(), "webhook-signature"),
    ]
}

#[test]
fn an_empty_list_accepts_every_request_with_the_url() {
    let request = Incoming { method: "POST", headers: &[], query: &[], body: b"" };
    assert_eq!(verify(&[], &request, now()), Ok(()));
}

#[test]
fn g_12_a_signed_test_passes_every_check_alone_and_all_of_them_together() {
    let mut checks: Vec<Check> = every_signed_check().into_iter().map(|(check, _)| check).collect();
    for other in [
        json!({"type": "token", "in": {"header": "X-Token"}, "prefix": "Bearer ", "secret": KEY}),
        json!({"type": "token", "in": {"query": "chave"}, "secret": KEY}),
        json!({"type": "basic", "user": "loja", "secret": "ção:com dois pontos"}),
        json!({"type": "hotmart", "secret": KEY}),
        json!({"type": "hmac", "header": "x-other", "prefix": "v1=", "algorithm": "sha512",
            "signed": "{id}:{ts}:{body}", "timestamp_header": "x-ts", "id_header": "x-id",
            "secret": KEY}),
    ] {
        checks.push(check(other));
    }
    let body = br#"{"title":"Um"}"#;
    let holds = |checks: &[Check], signed: &Signed, body: &[u8]| {
        let (headers, query) = (&signed.headers, &signed.query);
        verify(checks, &Incoming { method: "POST", headers, query, body }, now())
    };
    for check in &checks {
        let alone = std::slice::from_ref(check);
        let signed = sign(alone, body, ("whk_1", now()));
        assert_eq!(holds(alone, &signed, body), Ok(()), "{check:?}");
        let is_signature = every_signed_check().iter().any(|(one, _)| one == check);
        assert_eq!(holds(alone, &signed, b"{}").is_err(), is_signature || check.kind() == "hmac");
        assert!(holds(alone, &Signed::default(), body).is_err(), "{check:?}");
    }
    let one_of_a_header: Vec<Check> =
        checks.into_iter().filter(|check| check.kind() != "meta").collect();
    let signed = sign(&one_of_a_header, body, ("whk_1", now()));
    assert_eq!(holds(&one_of_a_header, &signed, body), Ok(()));
}

#[test]
fn au_01_no_signature_is_signature_missing() {
    for (check, _) in every_signed_check() {
        let refused = post(&check, &[("content-type", "application/json")], b"{}").unwrap_err();
        assert_eq!(refused, Refusal::SignatureMissing, "{check:?}");
        assert_eq!((refused.code().as_str(), refused.status()), ("signature_missing", 401));
    }
}

/// Texts that are not a signature in any scheme.
const NO_SIGNATURE: &[&str] = &[
    "",
    " ",
    "v",
    "v1",
    "v1,",
    "v1,,",
    ",",
    "v1, ",
    "v2,abc",
    "v1,%%%%",
    "v1,====",
    "v1,\u{0}",
    "v1,ção",
    "v1a,AAAA",
    "sha256=",
    "sha256=00",
    "t=,v1=",
    "t=1795269600,v1=",
    "t=1795269600,v1=zz",
    "=,=,=",
    "v1=",
    "t=1795269600",
];

#[test]
fn au_02_a_signature_that_is_none_is_signature_invalid() {
    let right = oracle(WHSEC, "msg_1", NOW, "{}");
    let bare = right.trim_start_matches("v1,").to_owned();
    let broken = [
        right[..right.len() - 1].to_owned(),
        format!("{right}{bare}"),
        right.replace("v1,", "v1a,"),
        bare,
    ];
    let table = NO_SIGNATURE.iter().copied().chain(broken.iter().map(String::as_str));
    for text in table {
        for (check, header) in every_signed_check() {
            let headers =
                [(header, text), ("webhook-id", "msg_1"), ("webhook-timestamp", "1795269600")];
            let refused = post(&check, &headers, b"{}").unwrap_err();
            // Stripe's timestamp is in the same header and is lost with it.
            let stamp_lost = refused == Refusal::TimestampOutOfTolerance
                && matches!(check, Check::Stripe(_))
                && !text.contains("t=1795269600");
            assert!(refused == Refusal::SignatureInvalid || stamp_lost, "{text:?} {check:?}");
        }
    }
}

#[test]
fn au_03_one_space_or_another_order_of_keys_is_another_body() {
    let body = r#"{"a":1,"b":2}"#;
    let signature = oracle(WHSEC, "msg_1", NOW, body);
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1795269600"),
        ("webhook-signature", signature.as_str()),
    ];
    assert_eq!(post(&standard(), &headers, body.as_bytes()), Ok(()));
    for other in [r#"{"a":1,"b":2} "#, r#"{"b":2,"a":1}"#, r#"{"a": 1,"b":2}"#, ""] {
        let refused = post(&standard(), &headers, other.as_bytes());
        assert_eq!(refused, Err(Refusal::SignatureInvalid), "{other}");
    }
}

#[test]
fn au_04_at_most_ten_signatures_are_compared() {
    let right = oracle(WHSEC, "msg_1", NOW, "{}");
    let with_wrong_before = |count: usize| {
        let wrong = format!("v1,{} ", BASE64.encode([0; 32]));
        format!("{}{right}", wrong.repeat(count))
    };
    let answer = |count| {
        let signatures = with_wrong_before(count);
        let headers = [
            ("svix-id", "msg_1"),
            ("svix-timestamp", "1795269600"),
            ("svix-signature", signatures.as_str()),
        ];
        post(&standard(), &headers, b"{}")
    };
    assert_eq!(answer(1), Ok(()));
    assert_eq!(answer(9), Ok(()));
    assert_eq!(answer(10), Err(Refusal::SignatureInvalid));
    assert_eq!(answer(49), Err(Refusal::SignatureInvalid));
}

#[test]
fn au_06_a_timestamp_may_be_300_seconds_away_in_both_directions() {
    for (shift, accepted) in [(0, true), (-299, true), (299, true), (-300, true), (300, true)]
        .into_iter()
        .chain([(-301, false), (301, false), (-86_400, false), (86_400, false)])
    {
        let ts = NOW + shift;
        let signature = oracle(WHSEC, "msg_1", ts, "{}");
        let headers = [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", &ts.to_string()),
            ("webhook-signature", &signature),
        ];
        let answer = post(&standard(), &headers, b"{}");
        let expected = if accepted { Ok(()) } else { Err(Refusal::TimestampOutOfTolerance) };
        assert_eq!(answer, expected, "{shift}");
    }
}

#[test]
fn au_06_a_timestamp_that_is_no_plain_number_is_refused_even_if_signed() {
    let generic = check(json!({
        "type": "hmac", "header": "x-sig", "signed": "{ts}.{body}", "timestamp_header": "x-ts",
        "secret": KEY
    }));
    let stripe = check(json!({"type": "stripe", "secret": KEY}));
    let mut refused = vec![
        "-1795269600",
        "+1795269600",
        "1795269600.0",
        "1e9",
        "1.795269600e9",
        "0x6b01",
        "",
        " ",
        " 1795269600",
        "1795269600 ",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999",
        "٣٠٠",
        "1795269600000",
        "0",
        "NaN",
    ];
    refused.sort_unstable();
    for ts in refused {
        let signature = vectors::hex_sha256(KEY, &format!("{ts}.{{}}"));
        let headers = [("x-sig", signature.as_str()), ("x-ts", ts)];
        let out = Err(Refusal::TimestampOutOfTolerance);
        assert_eq!(post(&generic, &headers, b"{}"), out, "{ts:?}");
        assert_eq!(post(&generic, &headers[..1], b"{}"), out, "missing");
        let joined = format!("t={ts},v1={signature}");
        if ts.trim() == ts {
            assert_eq!(post(&stripe, &[("stripe-signature", &joined)], b"{}"), out, "{ts:?}");
        }
    }
}

#[test]
fn au_09_the_old_secret_is_good_within_its_grace_and_not_after() {
    let old = standard();
    let new = Secret::generated([9; 32]);
    let input = serde_json::from_value(json!({
        "type": "standard_webhooks", "secret": new.expose()
    }));
    let rotated = Check::from_input(input.unwrap(), Some(&old), now()).unwrap();
    let day = SignedDuration::from_hours(24).as_secs();
    for (secret, shift, accepted) in [
        (WHSEC, 0, true),
        (WHSEC, day - 1, true),
        (WHSEC, day, false),
        (new.expose(), 0, true),
        (new.expose(), day, true),
    ] {
        let ts = NOW + shift;
        let signature = oracle(secret, "msg_1", ts, "{}");
        let headers = [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", &ts.to_string()),
            ("webhook-signature", &signature),
        ];
        assert_eq!(post_at(&rotated, &headers, b"{}", at(ts)).is_ok(), accepted, "{shift}");
    }
}

#[test]
fn au_10_basic_takes_the_right_pair_only() {
    let basic = check(json!({"type": "basic", "user": "loja", "secret": "senha:com dois pontos"}));
    let answer = |text: &str| post(&basic, &[("authorization", text)], b"{}");
    let encoded = |bytes: &[u8]| format!("Basic {}", BASE64.encode(bytes));
    assert_eq!(answer(&encoded(b"loja:senha:com dois pontos")), Ok(()));
    let lower = encoded(b"loja:senha:com dois pontos").replace("Basic", "basic");
    assert_eq!(answer(&lower), Ok(()), "the scheme's name has no case");
    let mut wrong = vec![
        encoded(b"loja:errada"),
        encoded(b"outra:senha:com dois pontos"),
        encoded(b"loja"),
        encoded(b":"),
        encoded(b"loja:"),
        encoded(b":senha:com dois pontos"),
        encoded(b""),
        encoded(&[b'l', b'o', b'j', b'a', b':', 0xff, 0xfe]),
        encoded(&vec![b'a'; 8_192]),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic %%%".to_owned(),
        "Bearer bG9qYTpzZW5oYQ==".to_owned(),
        String::new(),
    ];
    wrong.push(BASE64.encode(b"loja:senha:com dois pontos"));
    for text in wrong {
        assert_eq!(answer(&text), Err(Refusal::CredentialsInvalid), "{text}");
    }
    assert_eq!(post(&basic, &[], b"{}"), Err(Refusal::CredentialsInvalid));
}

#[test]
fn au_11_every_configured_check_must_hold() {
    let checks = [
        check(json!({"type": "token", "in": {"query": "token"}, "secret": "token na query"})),
        check(json!({"type": "token", "in": {"header": "X-Token"}, "secret": "token no header"})),
    ];
    let answer = |query: &[(&str, &str)], headers: &[(&str, &str)]| {
        let (query, headers) = (pairs(query), pairs(headers));
        let request = Incoming { method: "POST", headers: &headers, query: &query, body: b"{}" };
        verify(&checks, &request, now())
    };
    let (query, header) = (("token", "token na query"), ("x-token", "token no header"));
    assert_eq!(answer(&[query], &[header]), Ok(()));
    let refused = Err(Refusal::TokenInvalid);
    assert_eq!(answer(&[query], &[]), refused);
    assert_eq!(answer(&[], &[header]), refused);
    assert_eq!(answer(&[query], &[("x-token", "token na query")]), refused);
    assert_eq!(answer(&[("token", "token no header")], &[header]), refused);
    assert_eq!(answer(&[query, ("token", "outro")], &[header]), refused, "ambiguous");
    assert_eq!(answer(&[("token", "outro"), query], &[header]), refused, "ambiguous");
    assert_eq!(answer(&[query, query], &[header]), Ok(()), "the same value twice is one value");
}

#[test]
fn a_token_may_have_a_prefix_and_hotmart_has_its_own_header() {
    let bearer = check(json!({
        "type": "token", "in": {"header": "Authorization"}, "prefix": "Bearer ",
        "secret": "um token bem longo"
    }));
    assert_eq!(post(&bearer, &[("authorization", "Bearer um token bem longo")], b""), Ok(()));
    for wrong in ["um token bem longo", "Bearer ", "bearer um token bem longo", "Bearer outro"] {
        let refused = post(&bearer, &[("authorization", wrong)], b"");
        assert_eq!(refused, Err(Refusal::TokenInvalid), "{wrong}");
    }
    let hotmart = check(json!({"type": "hotmart", "secret": "hottok-1234567890"}));
    assert_eq!(post(&hotmart, &[("x-hotmart-hottok", "hottok-1234567890")], b"{}"), Ok(()));
    assert_eq!(post(&hotmart, &[], b"{}"), Err(Refusal::TokenInvalid));
    let other = check(json!({
        "type": "hotmart", "header": "X-Hotmart-Webhook-Token", "secret": "hottok-1234567890"
    }));
    assert_eq!(post(&other, &[("x-hotmart-webhook-token", "hottok-1234567890")], b"{}"), Ok(()));
    assert!(post(&other, &[("x-hotmart-hottok", "hottok-1234567890")], b"{}").is_err());
}

#[test]
fn au_12_the_handshake_echoes_a_challenge_for_the_right_token_only() {
    let meta = [check(json!({
        "type": "meta", "secret": KEY, "verify_token": "meu verify token"
    }))];
    let ask = |mode: &str, token: &str, challenge: &str| {
        let query =
            pairs(&[("hub.mode", mode), ("hub.verify_token", token), ("hub.challenge", challenge)]);
        handshake(&meta, &query).unwrap()
    };
    assert_eq!(ask("subscribe", "meu verify token", "1158201444"), Ok("1158201444".to_owned()));
    let script = "<script>alert(1)</script>";
    assert_eq!(ask("subscribe", "meu verify token", script), Ok(script.to_owned()));
    assert_eq!(ask("subscribe", "outro", "1"), Err(Refusal::VerifyTokenInvalid));
    assert_eq!(ask("subscribe", "", "1"), Err(Refusal::VerifyTokenInvalid));
    let full = "c".repeat(MAX_CHALLENGE);
    assert_eq!(ask("subscribe", "meu verify token", &full), Ok(full.clone()));
    for challenge in [&format!("{full}c"), &"c".repeat(10_240), ""] {
        let refused = ask("subscribe", "meu verify token", challenge);
        assert_eq!(refused, Err(Refusal::HandshakeInvalid));
    }
    assert_eq!(ask("unsubscribe", "meu verify token", "1"), Err(Refusal::HandshakeInvalid));
    let none = handshake(&meta, &[]).unwrap();
    assert_eq!(none, Err(Refusal::HandshakeInvalid));
    let twice = pairs(&[
        ("hub.mode", "subscribe"),
        ("hub.verify_token", "meu verify token"),
        ("hub.challenge", "1"),
        ("hub.challenge", "2"),
    ]);
    assert_eq!(handshake(&meta, &twice).unwrap(), Err(Refusal::HandshakeInvalid));
    assert_eq!(Refusal::HandshakeInvalid.status(), 400);
    assert_eq!(Refusal::VerifyTokenInvalid.status(), 403);
}

#[test]
fn without_metas_check_a_get_is_not_a_handshake() {
    let query = pairs(&[("hub.mode", "subscribe"), ("hub.challenge", "1")]);
    assert_eq!(handshake(&[standard()], &query), None);
    assert_eq!(handshake(&[], &query), None);
}

#[test]
fn a_repeated_signature_header_is_refused() {
    let github = check(json!({"type": "github", "secret": KEY}));
    let right = format!("sha256={}", vectors::hex_sha256(KEY, "{}"));
    let name = "x-hub-signature-256";
    assert_eq!(post(&github, &[(name, &right)], b"{}"), Ok(()));
    let wrong = "sha256=00";
    for twice in [[(name, right.as_str()), (name, wrong)], [(name, wrong), (name, &right)]] {
        assert_eq!(post(&github, &twice, b"{}"), Err(Refusal::SignatureInvalid));
    }
}

proptest! {
    #[test]
    fn no_header_text_makes_a_check_panic_or_pass(
        text in "\\PC*|[\\x00-\\x7f]{0,200}|(t=|v1=|v1,|sha256=|Basic |,| |=){0,12}",
        ts in "\\PC*|-?[0-9]{0,30}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut checks: Vec<Check> =
            every_signed_check().into_iter().map(|(check, _)| check).collect();
        checks.push(check(json!({"type": "basic", "user": "u", "secret": "uma senha longa"})));
        checks.push(check(json!({"type": "hotmart", "secret": "hottok-1234567890"})));
        let names = [
            "x-hub-signature-256", "x-shopify-hmac-sha256", "x-webhook-signature", "x-sig",
            "stripe-signature", "webhook-signature", "webhook-id", "authorization",
            "x-hotmart-hottok",
        ];
        let mut headers: Vec<(&str, &str)> =
            names.iter().map(|name| (*name, text.as_str())).collect();
        headers.push(("webhook-timestamp", &ts));
        for check in &checks {
            prop_assert!(post(check, &headers, &body).is_err());
        }
        let query = pairs(&[("hub.mode", &text), ("hub.verify_token", &ts)]);
        prop_assert!(handshake(&checks, &query).unwrap().is_err());
    }

    #[test]
    fn no_template_text_panics_and_a_valid_one_is_kept_unchanged(text in "\\PC{0,40}|[{}a-z.]{0,30}") {
        if let Ok(template) = Template::parse(&text) {
            prop_assert_eq!(String::from(template), text);
        }
    }
}
