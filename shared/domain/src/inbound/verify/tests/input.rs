//! Conversion of checks between API input, stored form and API output.

use super::*;
use crate::common::code::Code;

fn input(value: Value) -> CheckInput {
    serde_json::from_value(value).unwrap()
}

fn refused(value: Value) -> (String, Code) {
    let reason = Check::from_input(input(value), None, now()).unwrap_err();
    (reason.path, reason.code)
}

#[test]
fn au_05_a_weak_secret_is_not_saved_and_the_error_gives_the_minimum_length() {
    for kind in ["github", "stripe", "shopify", "respond_io"] {
        for secret in ["", "short", "twenty-three bytes long"] {
            let reason =
                Check::from_input(input(json!({"type": kind, "secret": secret})), None, now())
                    .unwrap_err();
            assert_eq!((reason.path.as_str(), reason.code), ("secret", Code::WeakSecret), "{kind}");
            assert_eq!(reason.params["minimum"], "24");
        }
    }
    let weak = ("secret".to_owned(), Code::WeakSecret);
    assert_eq!(refused(json!({"type": "hmac", "header": "x", "secret": "k"})), weak);
    assert_eq!(refused(json!({"type": "standard_webhooks", "secret": "whsec_c2hvcnQ="})), weak);
    assert_eq!(refused(json!({"type": "hotmart", "secret": "hottok"})), weak);
    assert_eq!(refused(json!({"type": "basic", "user": "u", "secret": "senha"})), weak);
    assert_eq!(
        refused(json!({"type": "meta", "secret": KEY, "verify_token": "abc"})),
        ("verify_token".to_owned(), Code::WeakSecret)
    );
    assert_eq!(
        refused(json!({"type": "standard_webhooks", "secret": "not base64, whatever it may be!"})),
        ("secret".to_owned(), Code::ValidationError)
    );
}

#[test]
fn a_check_that_could_not_work_is_not_saved() {
    let invalid = |path: &str| (path.to_owned(), Code::ValidationError);
    let hmac = |extra: Value| {
        let mut check = json!({"type": "hmac", "header": "x-sig", "secret": KEY});
        for (name, value) in extra.as_object().unwrap() {
            check[name] = value.clone();
        }
        refused(check)
    };
    assert_eq!(hmac(json!({"signed": "{ts}.{body}"})), invalid("timestamp_header"));
    assert_eq!(hmac(json!({"signed": "{id}.{body}"})), invalid("id_header"));
    assert_eq!(hmac(json!({"timestamp_header": "x-ts"})), invalid("timestamp_header"));
    assert_eq!(hmac(json!({"prefix": "a\nb"})), invalid("prefix"));
    assert_eq!(
        refused(json!({"type": "basic", "user": "a:b", "secret": "uma senha longa"})),
        invalid("user")
    );
    assert_eq!(refused(json!({"type": "github"})), invalid("secret"));
    assert_eq!(refused(json!({"type": "github", "secret": null})), invalid("secret"));
    for wrong in [
        json!({"type": "hmac", "header": "x sig", "secret": KEY}),
        json!({"type": "hmac", "header": "x", "signed": "{boddy}", "secret": KEY}),
        json!({"type": "hmac", "header": "x", "signed": "{body}{body}", "secret": KEY}),
        json!({"type": "hmac", "header": "x", "signed": "{ts}", "secret": KEY}),
        json!({"type": "hmac", "header": "x", "algorithm": "md5", "secret": KEY}),
        json!({"type": "token", "in": {"body": "x"}, "secret": KEY}),
        json!({"type": "github", "secret": KEY, "tolerance": 1}),
        json!({"type": "gitlab", "secret": KEY}),
        json!({"secret": KEY}),
    ] {
        assert!(serde_json::from_value::<CheckInput>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_view_never_shows_a_secret_and_the_api_takes_it_back_and_keeps_the_secret() {
    for (check, _) in every_signed_check() {
        let mut rotated = check;
        if matches!(rotated, Check::Github(_)) {
            let new = json!({"type": "github", "secret": "another secret of enough bytes"});
            rotated = Check::from_input(input(new), Some(&rotated), now()).unwrap();
        }
        let view = rotated.view();
        let text = view.to_string();
        for secret in [KEY, WHSEC, "another secret of enough bytes", "a verify token"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert_eq!(view["secret"]["set"], true);
        let again = Check::from_input(input(view), Some(&rotated), now()).unwrap();
        assert_eq!(again, rotated);
        assert!(!format!("{rotated:?}").contains(KEY));
    }
}

#[test]
fn a_view_says_until_when_the_old_secret_is_accepted() {
    let old = check(json!({"type": "shopify", "secret": KEY}));
    assert_eq!(old.view(), json!({"type": "shopify", "secret": {"set": true}}));
    let new = input(json!({"type": "shopify", "secret": "another secret of enough bytes"}));
    let rotated = Check::from_input(new, Some(&old), now()).unwrap();
    assert_eq!(
        rotated.view(),
        json!({
            "type": "shopify",
            "secret": {"set": true, "previous_until": "2026-11-22T14:00:00Z"}
        })
    );
    let revoked = input(json!({"type": "shopify", "secret": {"revoke_previous": true}}));
    let alone = Check::from_input(revoked, Some(&rotated), now()).unwrap();
    assert_eq!(alone.view(), json!({"type": "shopify", "secret": {"set": true}}));
}

#[test]
fn a_stored_check_is_read_back_unchanged() {
    let mut checks: Vec<Check> = every_signed_check().into_iter().map(|(check, _)| check).collect();
    checks.push(check(json!({"type": "token", "in": {"query": "t"}, "secret": "um token longo"})));
    checks.push(check(json!({"type": "basic", "user": "u", "secret": "uma senha longa"})));
    checks.push(check(json!({"type": "hotmart", "secret": "hottok-1234567890"})));
    let stored = serde_json::to_value(&checks).unwrap();
    assert_eq!(serde_json::from_value::<Vec<Check>>(stored).unwrap(), checks);
}

#[test]
fn a_list_keeps_each_secret_by_demand_not_by_index() {
    let existing = [
        check(json!({"type": "token", "in": {"query": "a"}, "secret": "o token de a"})),
        check(json!({"type": "token", "in": {"query": "b"}, "secret": "o token de b"})),
    ];
    let only_b = vec![input(json!({"type": "token", "in": {"query": "b"}}))];
    assert_eq!(checks_from_input(only_b, &existing, now()).unwrap(), existing[1..]);
    let renamed = vec![
        input(json!({"type": "token", "in": {"query": "b"}})),
        input(json!({"type": "token", "in": {"query": "c"}})),
    ];
    let reason = checks_from_input(renamed, &existing, now()).unwrap_err();
    assert_eq!(
        (reason.path.as_str(), reason.params["reason"].as_str()),
        ("[1].secret", "required")
    );
    assert_eq!(reason.params["path"], "[1].secret");
}

#[test]
fn a_list_refuses_the_same_demand_twice_and_too_many() {
    let github = || input(json!({"type": "github", "secret": KEY}));
    let reason = checks_from_input(vec![github(), github()], &[], now()).unwrap_err();
    assert_eq!(reason.path, "[1].type");
    let many = vec![github(), github(), github(), github(), github(), github()];
    assert_eq!(checks_from_input(many, &[], now()).unwrap_err().code, Code::LimitReached);
}

#[test]
fn a_generated_secret_is_returned_once_and_saved() {
    let requested = input(json!({"type": "meta", "secret": KEY, "verify_token": "generate"}));
    let (filled, generated) = requested.generate(|| [5; 32]);
    assert_eq!(generated.len(), 1);
    assert_eq!(generated[0].0, "verify_token");
    let saved = Check::from_input(filled, None, now()).unwrap();
    let query = pairs(&[
        ("hub.mode", "subscribe"),
        ("hub.verify_token", generated[0].1.expose()),
        ("hub.challenge", "1"),
    ]);
    assert_eq!(handshake(&[saved], &query).unwrap(), Ok("1".to_owned()));
    let (same, none) = input(json!({"type": "github", "secret": KEY})).generate(|| [5; 32]);
    assert!(none.is_empty() && Check::from_input(same, None, now()).is_ok());
}

#[test]
fn a_new_verify_token_replaces_the_old_one_at_once() {
    let old = check(json!({"type": "meta", "secret": KEY, "verify_token": "o primeiro token"}));
    let new = input(json!({"type": "meta", "verify_token": "o segundo token"}));
    let saved = [Check::from_input(new, Some(&old), now()).unwrap()];
    let ask = |token: &str| {
        let query = pairs(&[
            ("hub.mode", "subscribe"),
            ("hub.verify_token", token),
            ("hub.challenge", "1"),
        ]);
        handshake(&saved, &query).unwrap()
    };
    assert!(ask("o segundo token").is_ok());
    assert_eq!(ask("o primeiro token"), Err(Refusal::VerifyTokenInvalid));
}
