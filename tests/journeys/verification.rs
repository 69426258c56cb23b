//! CATALOGUE B, AU-01 to AU-06 and AU-09 to AU-15: the verification of senders.

use base64::{Engine, engine::general_purpose::STANDARD};
use gancho_edge::clock::ManualClock;
use jiff::{SignedDuration, Timestamp};
use local::AwsError;
use reqwest::{Method, RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};
use tests::{Inbound, World, answer};

use crate::{
    inbound::{CACHE, accepted, listed, post, refused, sent, succeeded, turned_away},
    signing::{
        Headers, KEY, WHSEC, base64_hmac, basic, guarded, header, hex_hmac, sign, signed_checks,
        standard, stripe,
    },
};

const BODY: &[u8] = br#"{"title":"Um","n":1}"#;
const INVALID: (u16, &str) = (401, "signature_invalid");

/// A request with these headers.
fn with(world: &World, to: &Inbound, headers: &Headers, body: &[u8]) -> RequestBuilder {
    let request = post(world, to).header("content-type", "application/json").body(body.to_vec());
    headers.iter().fold(request, |it, (name, value)| it.header(name, value))
}

#[tokio::test]
async fn au_01_a_request_without_a_signature_is_refused_as_missing() {
    let world = World::new().await;
    for (kind, _, check) in signed_checks() {
        let to = guarded(&world, json!([check])).await;
        let request = with(&world, &to, &Vec::new(), BODY);
        turned_away(&world, &to, request, (401, "signature_missing")).await;
        assert_eq!(refused(&world, &to).await, [("signature_missing".to_owned(), 1)], "{kind}");
        assert_eq!(world.deals(&to.origin).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn au_02_any_other_signature_is_refused_in_every_form() {
    let world = World::new().await;
    let now = world.now().as_second();
    for (kind, secret, check) in signed_checks() {
        let to = guarded(&world, json!([check])).await;
        let right = sign(kind, secret, now, BODY);
        let (name, value) = right.last().unwrap().clone();
        let bare = value.rsplit([',', '=']).find(|part| !part.is_empty()).unwrap();
        let mut wrong = vec![
            String::new(),
            "x".to_owned(),
            value[..value.len() / 2].to_owned(),
            value[..value.len() - 1].to_owned(),
            format!("{value}{bare}"),
            format!("{value}="),
            value.replacen(|c: char| c.is_ascii_digit(), "x", 3),
            "!!! no base64, no hex !!!".to_owned(),
            "sha256=".to_owned(),
            "t=,v1=".to_owned(),
            format!("t={now},v1="),
            "v1,".to_owned(),
            "v1".to_owned(),
            format!("v1a,{bare}"),
        ];
        // A bare signature is right for the schemes without a prefix.
        wrong.retain(|text| *text != value);
        let mut count = 0;
        for text in wrong {
            let mut headers = right.clone();
            headers.last_mut().unwrap().1.clone_from(&text);
            let response = answer(with(&world, &to, &headers, BODY)).await;
            assert_eq!(response.status, 401, "{kind} {name}: {text:?} {}", response.text());
            assert!(
                ["signature_invalid", "timestamp_out_of_tolerance"].contains(&&*response.code())
            );
            count += 1;
        }
        world.settle().await;
        assert_eq!(listed(&world, &to).await, 0);
        let counted: u64 = refused(&world, &to).await.iter().map(|(_, count)| count).sum();
        assert_eq!(counted, count, "{kind}");
        succeeded(&accepted(&world, &to, with(&world, &to, &right, BODY), BODY).await);
    }
}

#[tokio::test]
async fn au_03_an_extra_space_or_another_order_of_keys_breaks_the_signature() {
    let world = World::new().await;
    let now = world.now().as_second();
    for (kind, secret, check) in signed_checks() {
        let to = guarded(&world, json!([check])).await;
        let headers = sign(kind, secret, now, BODY);
        for other in [
            br#"{"title":"Um","n":1} "#.as_slice(),
            br#"{"n":1,"title":"Um"}"#,
            br#"{"title": "Um","n":1}"#,
            b"",
        ] {
            turned_away(&world, &to, with(&world, &to, &headers, other), INVALID).await;
        }
        succeeded(&accepted(&world, &to, with(&world, &to, &headers, BODY), BODY).await);
    }
}

#[tokio::test]
async fn au_04_at_most_ten_signatures_are_checked() {
    let world = World::new().await;
    let to = guarded(&world, json!([{"type": "standard_webhooks", "secret": WHSEC}])).await;
    let now = world.now().as_second();
    let zeros = format!("v1,{}", STANDARD.encode([0; 32]));
    for (place, fits) in [(1, true), (10, true), (11, false), (50, false)] {
        let mut headers = standard(WHSEC, "msg_1", now, BODY);
        let right = headers[2].1.clone();
        let mut list = vec![zeros.as_str(); 50];
        list[place - 1] = &right;
        headers[2].1 = list.join(" ");
        let request = with(&world, &to, &headers, BODY);
        if fits {
            succeeded(&accepted(&world, &to, request, BODY).await);
        } else {
            turned_away(&world, &to, request, INVALID).await;
        }
    }
}

#[tokio::test]
async fn au_05_a_weak_secret_cannot_be_saved() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let weak = "x".repeat(23);
    let short = format!("whsec_{}", STANDARD.encode([7; 23]));
    for check in [
        json!({"type": "github", "secret": ""}),
        json!({"type": "github", "secret": weak}),
        json!({"type": "stripe", "secret": weak}),
        json!({"type": "shopify", "secret": weak}),
        json!({"type": "respond_io", "secret": weak}),
        json!({"type": "meta", "secret": weak, "verify_token": "meu verify token"}),
        json!({"type": "hmac", "header": "x-sig", "secret": weak}),
        json!({"type": "standard_webhooks", "secret": short}),
        json!({"type": "token", "in": {"header": "x-token"}, "secret": "12345678901"}),
        json!({"type": "basic", "user": "loja", "secret": "12345678901"}),
        json!({"type": "hotmart", "secret": "12345678901"}),
    ] {
        let body = json!({
            "origin": origin, "application": "webhook", "name": "Site", "verification": [check],
        });
        let response = world.post("/v1/integrations", body).await;
        assert_eq!(
            (response.status.as_u16(), response.code().as_str()),
            (422, "weak_secret"),
            "{check}"
        );
        assert_eq!(response.json()["path"], "verification[0].secret");
        assert!(response.json()["params"]["minimum"].is_string());
    }
    let list = world.get("/v1/integrations").await.expect(200);
    assert_eq!(list["items"], json!([]));
    guarded(&world, json!([{"type": "github", "secret": "x".repeat(24)}])).await;
}

/// A check of an HMAC over `{ts}.{body}`.
fn timed_hmac() -> Value {
    json!({
        "type": "hmac", "header": "x-sig", "signed": "{ts}.{body}", "timestamp_header": "x-time",
        "secret": KEY,
    })
}

/// The headers of that check for any timestamp text.
fn timed(at: &str) -> Headers {
    [header("x-sig", signed_at(at)), header("x-time", at)].concat()
}

fn signed_at(at: &str) -> String {
    hex_hmac(KEY, &[format!("{at}.").as_bytes(), BODY].concat())
}

const LATE: (u16, &str) = (401, "timestamp_out_of_tolerance");

#[tokio::test]
async fn au_06_a_timestamp_is_valid_for_300_seconds_in_both_directions() {
    let world = World::new().await;
    let stripe_to = guarded(&world, json!([{"type": "stripe", "secret": KEY}])).await;
    let standard_to =
        guarded(&world, json!([{"type": "standard_webhooks", "secret": WHSEC}])).await;
    let hmac_to = guarded(&world, json!([timed_hmac()])).await;
    for away in [-301_i64, -300, -299, 0, 299, 300, 301] {
        let at = world.now().as_second() + away;
        for (to, headers) in [
            (&stripe_to, stripe(KEY, at, BODY)),
            (&standard_to, standard(WHSEC, "msg_1", at, BODY)),
            (&hmac_to, timed(&at.to_string())),
        ] {
            let request = with(&world, to, &headers, BODY);
            if away.abs() <= 300 {
                succeeded(&accepted(&world, to, request, BODY).await);
            } else {
                turned_away(&world, to, request, LATE).await;
            }
        }
    }
}

#[tokio::test]
async fn au_06_a_timestamp_that_is_no_whole_number_of_seconds_is_refused() {
    let world = World::new().await;
    let stripe_to = guarded(&world, json!([{"type": "stripe", "secret": KEY}])).await;
    let hmac_to = guarded(&world, json!([timed_hmac()])).await;
    let fraction = format!("{}.0", world.now().as_second());
    for odd in ["-1", "9223372036854775808", &fraction, "1e9", "", " ", "+1795266000", "0x6b"] {
        let headers = header("stripe-signature", format!("t={odd},v1={}", signed_at(odd)));
        turned_away(&world, &stripe_to, with(&world, &stripe_to, &headers, BODY), LATE).await;
        turned_away(&world, &hmac_to, with(&world, &hmac_to, &timed(odd), BODY), LATE).await;
    }
    let missing = header("stripe-signature", format!("v1={}", hex_hmac(KEY, BODY)));
    turned_away(&world, &stripe_to, with(&world, &stripe_to, &missing, BODY), LATE).await;
    let missing = header("x-sig", hex_hmac(KEY, BODY));
    turned_away(&world, &hmac_to, with(&world, &hmac_to, &missing, BODY), LATE).await;
}

/// Sets the secret of the only check and waits until *ingest* uses it. Returns the integration.
async fn set_secret(world: &World, to: &Inbound, secret: Value) -> Value {
    let patch = json!({"verification": [{"type": "github", "secret": secret}]});
    let shown = world.patch(&format!("/v1/integrations/{}", to.id), patch).await.expect(200);
    world.advance(CACHE);
    shown
}

#[tokio::test]
async fn au_09_an_old_secret_is_valid_for_a_day_unless_it_is_revoked() {
    let world = World::new().await;
    let to = guarded(&world, json!([{"type": "github", "secret": KEY}])).await;
    let (second, third) = ("a-second-secret-of-32-characters", "a-third-secret-of-32-characters!");
    let signed = |key: &str| with(&world, &to, &sign("github", key, 0, BODY), BODY);

    let rotated = world.now();
    let shown = set_secret(&world, &to, json!(second)).await;
    let until: Timestamp =
        shown["verification"][0]["secret"]["previous_until"].as_str().unwrap().parse().unwrap();
    assert_eq!(until, rotated + SignedDuration::from_hours(24));
    assert!(!shown.to_string().contains(second), "a secret is shown");
    for key in [KEY, second] {
        succeeded(&accepted(&world, &to, signed(key), BODY).await);
    }
    world.clock.set(until - SignedDuration::from_millis(1));
    succeeded(&accepted(&world, &to, signed(KEY), BODY).await);
    world.clock.set(until);
    turned_away(&world, &to, signed(KEY), INVALID).await;
    succeeded(&accepted(&world, &to, signed(second), BODY).await);

    set_secret(&world, &to, json!({"value": third, "revoke_previous": true})).await;
    turned_away(&world, &to, signed(second), INVALID).await;
    succeeded(&accepted(&world, &to, signed(third), BODY).await);
}

#[tokio::test]
async fn au_10_basic_credentials_are_right_or_refused() {
    let world = World::new().await;
    let secret = "uma-senha-longa:com-dois-pontos";
    let to = guarded(&world, json!([{"type": "basic", "user": "loja", "secret": secret}])).await;
    let encoded = |bytes: &[u8]| format!("Basic {}", STANDARD.encode(bytes));
    let with_value =
        |value: HeaderValue| post(&world, &to).header("authorization", value).body(BODY);
    for value in [
        basic("loja", "uma-senha-errada"),
        basic("outra", secret),
        basic("", secret),
        basic("loja", ""),
        encoded(b"loja"),
        encoded(b":"),
        encoded(b"loja:\xff\xfe\x00"),
        encoded(b"\xff"),
        encoded(&[b'a'; 6_000]),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Bearer {}", STANDARD.encode(format!("loja:{secret}"))),
        format!("loja:{secret}"),
        String::new(),
    ] {
        let request = with_value(HeaderValue::from_str(&value).unwrap());
        turned_away(&world, &to, request, (401, "credentials_invalid")).await;
    }
    let bytes = with_value(HeaderValue::from_bytes(b"Basic \xff\xff").unwrap());
    turned_away(&world, &to, bytes, (401, "credentials_invalid")).await;
    turned_away(&world, &to, post(&world, &to).body(BODY), (401, "credentials_invalid")).await;

    let right = basic("loja", secret);
    for value in [right.clone(), right.replace("Basic", "bASIC")] {
        let request = with_value(HeaderValue::from_str(&value).unwrap());
        let view = accepted(&world, &to, request, BODY).await;
        succeeded(&view);
        assert!(!view.to_string().contains(&value[6..]), "the credentials are shown");
    }
}

#[tokio::test]
async fn au_11_every_configured_check_must_hold() {
    let world = World::new().await;
    let checks = json!([
        {"type": "token", "in": {"header": "X-Token"}, "prefix": "Bearer ", "secret": "no-cabecalho-123"},
        {"type": "token", "in": {"query": "token"}, "secret": "na-consulta-4567"},
    ]);
    let to = guarded(&world, checks).await;
    let (right, query) = ("Bearer no-cabecalho-123", "token=na-consulta-4567");
    let request = |header: Option<&str>, query: &str| {
        let request = world.request(Method::POST, &format!("{}?{query}", to.url)).body(BODY);
        header.iter().fold(request, |it, value| it.header("x-token", *value))
    };
    for (header, query) in [
        (None, ""),
        (Some(right), ""),
        (None, query),
        (Some(right), "token=outro-valor-4567"),
        (Some("Bearer outro-valor-123"), query),
        (Some("no-cabecalho-123"), query),
        (Some("Bearer na-consulta-4567"), "token=no-cabecalho-123"),
        (Some(right), "token=na-consulta-4567&token=outro"),
        (Some(right), "Token=na-consulta-4567"),
    ] {
        turned_away(&world, &to, request(header, query), (401, "token_invalid")).await;
    }
    let view = accepted(&world, &to, request(Some(right), query), BODY).await;
    succeeded(&view);
    assert_eq!(view["query"], "token=***");
    assert!(!view.to_string().contains("no-cabecalho"), "a token is shown");
}

#[tokio::test]
async fn au_12_metas_challenge_is_echoed_as_text_for_the_right_token_only() {
    let world = World::new().await;
    let check = json!({"type": "meta", "secret": KEY, "verify_token": "meu verify token"});
    let to = guarded(&world, json!([check])).await;
    let ask = |pairs: &[(&str, &str)]| answer(world.request(Method::GET, &to.url).query(&pairs));
    let right = [("hub.mode", "subscribe"), ("hub.verify_token", "meu verify token")];
    let full = "c".repeat(256);
    for challenge in ["1158201444", "<script>alert(1)</script>", &full] {
        let response = ask(&[right.as_slice(), &[("hub.challenge", challenge)]].concat()).await;
        assert_eq!((response.status.as_u16(), response.text().as_str()), (200, challenge));
        assert_eq!(response.headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(response.headers["x-content-type-options"], "nosniff");
    }
    let long = "c".repeat(257);
    let longer = "c".repeat(9_000);
    for (pairs, status, code) in [
        (vec![], 400, "handshake_invalid"),
        (right.to_vec(), 400, "handshake_invalid"),
        ([right.as_slice(), &[("hub.challenge", &long)]].concat(), 400, "handshake_invalid"),
        ([right.as_slice(), &[("hub.challenge", &longer)]].concat(), 400, "handshake_invalid"),
        (
            vec![("hub.mode", "subscribe"), ("hub.verify_token", "outro"), ("hub.challenge", "1")],
            403,
            "verify_token_invalid",
        ),
        (vec![("hub.mode", "subscribe"), ("hub.challenge", "1")], 400, "handshake_invalid"),
    ] {
        let response = ask(&pairs).await;
        assert_eq!(
            (response.status.as_u16(), response.code().as_str()),
            (status, code),
            "{pairs:?}"
        );
        assert!(!response.text().contains("ccc"));
    }
    world.settle().await;
    assert_eq!(listed(&world, &to).await, 0);
    let counted: Vec<_> = refused(&world, &to).await;
    let expected = [("handshake_invalid", 5), ("verify_token_invalid", 1)];
    assert_eq!(counted, expected.map(|(code, count)| (code.to_owned(), count)));
    // A `POST` is verified by its signature, regardless of the registration.
    turned_away(&world, &to, with(&world, &to, &Vec::new(), BODY), (401, "signature_missing"))
        .await;
    let signed = with(&world, &to, &sign("meta", KEY, 0, BODY), BODY);
    succeeded(&accepted(&world, &to, signed, BODY).await);
}

#[tokio::test]
async fn au_13_the_vendors_own_vectors_pass_and_one_flipped_bit_does_not() {
    let vectors = include_str!("../../shared/domain/src/inbound/verify/tests/vectors.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    assert!(vectors.len() >= 9);
    for vector in vectors {
        let at = Timestamp::from_second(vector["at"].as_i64().unwrap()).unwrap();
        let world = World::at(ManualClock::new(at), |builder| builder).await;
        let to = guarded(&world, json!([vector["check"]])).await;
        let headers: Headers = serde_json::from_value(vector["headers"].clone()).unwrap();
        let body = vector["body"].as_str().unwrap().as_bytes();
        let request = with(&world, &to, &headers, body);
        let response = answer(request).await;
        assert_eq!(response.status, 200, "{vector}");

        let mut wrong = Vec::new();
        for place in 0..body.len() {
            let mut flipped = body.to_vec();
            flipped[place] ^= 1;
            wrong.push(with(&world, &to, &headers, &flipped));
        }
        for (index, (name, value)) in headers.iter().enumerate() {
            for place in (0..value.len()).step_by(3) {
                let mut flipped = value.as_bytes().to_vec();
                flipped[place] ^= 1;
                let Ok(flipped) = HeaderValue::from_bytes(&flipped) else { continue };
                let mut others = headers.clone();
                others.remove(index);
                wrong.push(with(&world, &to, &others, body).header(name, flipped));
            }
        }
        for request in wrong {
            assert_eq!(answer(request).await.status, 401, "{vector}");
        }
        world.settle().await;
        assert_eq!(listed(&world, &to).await, 1);
    }
}

#[tokio::test]
async fn au_14_the_signature_is_over_the_raw_bytes_however_the_gateway_encodes_them() {
    let world = World::new().await;
    let to = guarded(&world, json!([{"type": "shopify", "secret": KEY}])).await;
    let bytes: Vec<u8> = (0..=255).collect();
    for (kind, body) in [
        ("application/octet-stream", bytes.as_slice()),
        ("application/x-www-form-urlencoded", b"title=Um&b=%C3%A9"),
        ("application/json", br#"{"title":"Um"}"#),
        ("application/json", b"{\"title\":\"caf\xe9\"}"),
        ("text/plain", "à".as_bytes()),
    ] {
        let signed = base64_hmac(KEY, body);
        let request = |body: &[u8]| {
            let request = post(&world, &to).header("content-type", kind).body(body.to_vec());
            request.header("x-shopify-hmac-sha256", &signed)
        };
        accepted(&world, &to, request(body), body).await;
        let encoded = STANDARD.encode(body);
        turned_away(&world, &to, request(encoded.as_bytes()), INVALID).await;
    }
}

#[tokio::test]
async fn au_15_without_the_secrets_no_request_is_accepted() {
    let world = World::new().await;
    let to = guarded(&world, json!([{"type": "github", "secret": KEY}])).await;
    let open = world.integration(&to.origin, json!({})).await;
    let faults = world.host.faults();
    for error in [AwsError::internal(), AwsError::new(400, "ResourceNotFoundException")] {
        faults.on("GetItem").function("ingest").table("config").always().pre_err(error);
        let right = with(&world, &to, &sign("github", KEY, 0, BODY), BODY);
        let wrong = with(&world, &to, &header("x-hub-signature-256", "sha256=00"), BODY);
        let unsigned = with(&world, &to, &Vec::new(), BODY);
        for request in [right, wrong, unsigned, post(&world, &open).body(BODY)] {
            let response = turned_away(&world, &to, request, (503, "storage_unavailable")).await;
            assert_eq!(response.headers["retry-after"], "5");
        }
        faults.clear();
    }
    let signed = with(&world, &to, &sign("github", KEY, 0, BODY), BODY);
    succeeded(&accepted(&world, &to, signed, BODY).await);
    succeeded(&sent(&world, &open, "application/json", r#"{"email":"ana@example.com"}"#).await);
}

#[tokio::test]
async fn au_15_with_half_of_the_configuration_no_request_is_accepted() {
    let world = World::new().await;
    let to = guarded(&world, json!([{"type": "github", "secret": KEY}])).await;
    // The token's row is read; the later rows are not: token, workspace, integration, origin.
    for nth in 1..=4 {
        world.host.cold_start("ingest").unwrap();
        let rule = world.host.faults().on("GetItem").function("ingest").table("config");
        rule.nth(nth).always().lose_request();
        let request = with(&world, &to, &Vec::new(), BODY);
        turned_away(&world, &to, request, (503, "storage_unavailable")).await;
        world.host.faults().clear();
    }
}
