use gancho_domain::common::workspace::Role;
use serde_json::json;

use super::*;
use crate::endpoints::view::EndpointSettings;

fn editable(endpoint: &Endpoint) -> Object {
    patch::object(&EndpointSettings::unmasked(endpoint)).unwrap()
}

const RULES: UrlRules<'static> = UrlRules { plain_http: false, own_hosts: &[], exempt_hosts: &[] };

fn read(body: &Value) -> Result<Endpoint, ApiError> {
    let settings = Settings::over(template()?, body.as_object().unwrap().clone())?;
    let id = EndpointId::from_bytes([1; 16]);
    settings.new_endpoint(&RULES, (id, Secret::new("s")), Timestamp::UNIX_EPOCH)
}

fn with(field: &str, value: Value) -> Value {
    let mut body = json!({"name": "ERP", "url": "https://erp.exemplo.com.br/hooks"});
    body[field] = value;
    body
}

fn fault(body: &Value) -> (String, String) {
    let error = read(body).unwrap_err();
    let reason = error.params.get("reason").cloned();
    (error.params["path"].clone(), reason.unwrap_or_else(|| error.code.as_str().to_owned()))
}

#[test]
fn d3_without_a_word_it_is_standard_webhooks_and_a_changed_preset_is_none() {
    assert_eq!(read(&with("limits", json!({}))).unwrap().policy, Preset::StandardWebhooks.policy());
    for preset in Preset::ALL {
        assert_eq!(read(&with("preset", json!(preset))).unwrap().policy, preset.policy());
    }
    let mut body = with("preset", json!("respond-io"));
    body["policy"] = json!({"success": "any2xx"});
    let own = read(&body).unwrap().policy;
    assert_eq!((own.preset, own.waits.as_slice()), (None, &[30, 60, 90][..]));
    body["policy"] = json!({"order": null, "suspension": null});
    let own = read(&body).unwrap().policy;
    assert_eq!((own.order, own.suspension), (None, None));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn te_05_what_is_out_of_range_is_named() {
    let policy = |field: &str, value: Value| with("policy", json!({ field: value }));
    let window = |field: &str, value: u32| {
        let mut window = json!({"more_than": 30, "seconds": 1800, "percent": 50});
        window[field] = json!(value);
        policy("suspension", json!({"scope": "url", "trip": {"window": window}}))
    };
    let streak = |value: u32| {
        policy("suspension", json!({"scope": "endpoint", "trip": {"streak": {"failures": value}}}))
    };
    let rest = json!({"scope": "url", "trip": {"streak": {"failures": 1}}, "probe_after": 9});
    let table = [
        (policy("timeout_ms", json!(999)), "policy.timeout_ms", "out_of_range"),
        (policy("timeout_ms", json!(10_001)), "policy.timeout_ms", "out_of_range"),
        (policy("timeout_ms", json!("5s")), "policy.timeout_ms", "wrong_type"),
        (policy("waits", json!([0])), "policy.waits[0]", "out_of_range"),
        (policy("waits", json!([60, 86_401])), "policy.waits[1]", "out_of_range"),
        (policy("waits", json!(vec![1; 21])), "policy.waits", "too_many"),
        (policy("waits", json!(vec![86_400; 8])), "policy.waits", "out_of_range"),
        (policy("waits", json!(null)), "policy.waits", "required"),
        (policy("jitter_percent", json!(51)), "policy.jitter_percent", "out_of_range"),
        (policy("success", json!("only2xx")), "policy.success", "unknown_value"),
        (policy("order", json!("stop")), "policy.order", "unknown_value"),
        (policy("preset", json!("rd-station")), "policy.preset", "unknown_field"),
        (policy("retries", json!(3)), "policy.retries", "unknown_field"),
        (window("more_than", 0), "policy.suspension.trip.window.more_than", "out_of_range"),
        (window("more_than", 201), "policy.suspension.trip.window.more_than", "out_of_range"),
        (window("seconds", 59), "policy.suspension.trip.window.seconds", "out_of_range"),
        (window("seconds", 3_601), "policy.suspension.trip.window.seconds", "out_of_range"),
        (window("percent", 101), "policy.suspension.trip.window.percent", "out_of_range"),
        (streak(0), "policy.suspension.trip.streak.failures", "out_of_range"),
        (streak(201), "policy.suspension.trip.streak.failures", "out_of_range"),
        (policy("suspension", rest), "policy.suspension.probe_after", "out_of_range"),
        (with("limits", json!({"max_concurrency": 0})), "limits.max_concurrency", "out_of_range"),
        (with("limits", json!({"max_concurrency": 51})), "limits.max_concurrency", "out_of_range"),
        (with("limits", json!({"rate_per_second": 101})), "limits.rate_per_second", "out_of_range"),
        (with("limits", json!({"per_hour": 1})), "limits.per_hour", "unknown_field"),
        (with("preset", json!("svix")), "preset", "unknown_value"),
        (with("preset", json!(1)), "preset", "wrong_type"),
        (with("secret", json!("x")), "secret", "unknown_field"),
        (with("name", json!("a\u{0}b")), "name", "nul"),
        (json!({"name": "a"}), "url", "required"),
    ];
    for (body, path, reason) in table {
        assert_eq!(fault(&body), (path.to_owned(), reason.to_owned()), "{body}");
    }
}

#[test]
fn ou_18_ss_14_headers_that_are_not_the_users_to_set_are_refused() {
    let header = |name: &str, value: &str| with("headers", json!([{"name": name, "value": value}]));
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "connection",
        "Upgrade",
        "te",
        "Trailer",
        "Proxy-Authorization",
        "webhook-signature",
        "Webhook-Id",
        "gancho-hops",
        "Content-Type",
    ] {
        let expected = ("headers[0].name".to_owned(), "header_not_allowed".to_owned());
        assert_eq!(fault(&header(name, "x")), expected, "{name}");
    }
    for name in ["", " ", "a b", "a:b", "a\r\nhost", "é", "a\0", &"n".repeat(101)] {
        assert_eq!(fault(&header(name, "x")).1, "invalid_header", "{name:?}");
    }
    for value in ["a\r\nhost: b", "a\nb", "a\0b", "é", &"v".repeat(2_001)] {
        assert_eq!(fault(&header("x-a", value)).1, "invalid_header", "{value:?}");
    }
    let many: Vec<Value> =
        (0..21).map(|n| json!({"name": format!("x-{n}"), "value": "1"})).collect();
    assert_eq!(fault(&with("headers", json!(many))).1, "too_many");
    let twice = json!([{"name": "X-A", "value": "1"}, {"name": "x-a", "value": "2"}]);
    assert_eq!(fault(&with("headers", twice)), ("headers[1].name".into(), "duplicate".into()));
    let good = read(&header("Authorization", " Bearer abc ")).unwrap();
    assert_eq!(good.headers, [("authorization".to_owned(), "Bearer abc".to_owned())]);
}

#[test]
fn a_masked_header_that_comes_back_keeps_its_value() {
    let made = read(&with("headers", json!([{"name": "Authorization", "value": "Bearer abc"}])));
    let made = made.unwrap();
    let view = patch::object(&EndpointSettings::masked(&made, Role::Admin)).unwrap();
    assert_eq!(view["headers"][0]["value"], mask::MASK);
    let mut patch = Object::new();
    patch.insert("headers".to_owned(), view["headers"].clone());
    let changed = Settings::over(editable(&made), patch).unwrap().changed(&RULES, &made).unwrap();
    assert_eq!(changed.headers, made.headers);
    let other = Settings::over(
        editable(&made),
        json!({"headers": [{"name": "authorization", "value": "Bearer new"}]})
            .as_object()
            .unwrap()
            .clone(),
    );
    assert_eq!(other.unwrap().changed(&RULES, &made).unwrap().headers[0].1, "Bearer new");
}

#[test]
fn ss_01_a_url_that_leads_inside_or_is_none_is_refused_when_it_is_saved() {
    let code = |url: &str| fault(&with("url", json!(url)));
    for url in ["https://127.0.0.1/", "https://169.254.169.254/", "https://localhost/x"] {
        assert_eq!(code(url), ("url".into(), "target_ip_forbidden".into()), "{url}");
    }
    for url in ["http://erp.exemplo.com.br/", "ftp://a.b/", "erp.exemplo.com.br", ""] {
        assert_eq!(code(url), ("url".into(), "url_not_allowed".into()), "{url}");
    }
}

#[test]
fn of_06_our_own_names_are_read_from_hosts_and_urls() {
    for text in ["api.exemplo.com.br", "API.exemplo.com.br:443", "https://api.exemplo.com.br/v1"] {
        assert_eq!(host_of(text), "api.exemplo.com.br", "{text}");
    }
}
