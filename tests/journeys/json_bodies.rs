//! CATALOGUE A, IN-01 to IN-13: JSON of every kind.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;

use crate::inbound::{
    anything, failed, field, json_sent, mapped, nothing_made, sent, sentences, succeeded, tree_of,
    warnings,
};

#[tokio::test]
async fn in_01_json_200_deep_is_kept_and_reported_as_too_deep() {
    let world = World::new().await;
    let to = anything(&world).await;
    let closed = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let objects = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    for body in ["[".repeat(200), closed, objects] {
        let view = json_sent(&world, &to, body).await;
        failed(&view, "payload_unparseable", &[("reason", "too_deep"), ("line", "1")]);
        let (english, portuguese) = sentences(&world, &to, &view).await;
        assert!(english.contains("nested too deeply") && portuguese.contains("níveis demais"));
    }
    nothing_made(&world, &to).await;
    // At the depth limit it is no error.
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(120), "]".repeat(120));
    succeeded(&json_sent(&world, &to, deep).await);
}

#[tokio::test]
async fn in_02_six_megabytes_of_brackets_are_read_no_further_than_the_limit() {
    let world = World::new().await;
    let to = anything(&world).await;
    for depth in [100_000, 6_000_000] {
        let view = json_sent(&world, &to, "[".repeat(depth)).await;
        failed(&view, "payload_unparseable", &[("reason", "too_deep"), ("line", "1")]);
        let column: usize = view["error"]["params"]["column"].as_str().unwrap().parse().unwrap();
        assert!(column < 200, "read as far as {column}");
    }
    nothing_made(&world, &to).await;
}

#[tokio::test]
async fn in_03_duplicate_keys_warn_and_the_last_wins() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = r#"{"email":"a@example.com","email":"b@example.com","x":{"y":1,"y":2}}"#;
    let view = json_sent(&world, &to, body).await;
    succeeded(&view);
    assert_eq!(warnings(&view), ["duplicate_key", "duplicate_key"]);
    assert!(view["warnings"][0]["message"].as_str().unwrap().contains("email"), "{view:#}");
    assert_eq!(world.contacts().await[0]["email"], "b@example.com");
    assert_eq!(tree_of(&world, &view).await, r#"{"email":"b@example.com","x":{"y":2}}"#);
}

#[tokio::test]
async fn in_04_a_long_number_keeps_its_digits() {
    let world = World::new().await;
    let fields = json!([
        field("deal.value", "$.value"),
        field("deal.custom.codigo", "$.value"),
        field("contact.custom.fracao", "$.fraction"),
        field("contact.email", "$.email"),
    ]);
    let to = mapped(&world, "create_deal", fields).await;
    let body = r#"{"value":12345678901234567890123,"fraction":0.10000000000000000000001,"email":"a@example.com"}"#;
    let view = json_sent(&world, &to, body).await;
    succeeded(&view);
    assert_eq!(tree_of(&world, &view).await, body);
    let deal = &world.deals(&to.origin).await[0];
    assert_eq!(deal["value"], "12345678901234567890123");
    assert_eq!(deal["custom"]["codigo"], "12345678901234567890123");
    let contact = &world.contacts().await[0];
    assert_eq!(contact["custom"]["fracao"], "0.10000000000000000000001");
}

#[tokio::test]
async fn in_05_a_number_beyond_every_float_is_text_and_never_infinite() {
    let world = World::new().await;
    let to = anything(&world).await;
    let body = r#"{"title":"Um","n":1e400,"m":-1E+400}"#;
    let view = json_sent(&world, &to, body).await;
    succeeded(&view);
    let tree = tree_of(&world, &view).await.to_lowercase();
    assert!(tree.contains("e400") || tree.contains("e+400"), "{tree}");
    assert!(!tree.contains("inf") && !tree.contains("null"), "{tree}");

    let view = json_sent(&world, &to, r#"{"title":"Dois","value":1e400}"#).await;
    succeeded(&view);
    assert_eq!(warnings(&view), ["field_skipped"]);
    assert_eq!(view["warnings"][0]["params"]["reason"], "invalid_number");
    let deals = world.deals(&to.origin).await;
    assert!(deals.iter().all(|deal| deal["value"].is_null()), "{deals:?}");
}

#[tokio::test]
async fn in_06_a_nul_is_kept_but_fills_no_field() {
    let world = World::new().await;
    let strict =
        |target: &str, path: &str| json!({"target": target, "path": path, "on_invalid": "error"});
    let fields = json!([
        strict("contact.name", "$.name"),
        strict("contact.email", "$.email"),
        strict("deal.title", "$.title"),
    ]);
    let to = mapped(&world, "create_or_update_deal", fields).await;
    world.host.faults().record();
    for (body, target) in [
        (r#"{"name":"a\u0000b","email":"a@example.com"}"#, "contact.name"),
        (r#"{"name":"a","email":"a\u0000@example.com"}"#, "contact.email"),
        (r#"{"email":"a@example.com","title":"\u0000"}"#, "deal.title"),
    ] {
        let view = json_sent(&world, &to, body).await;
        failed(&view, "mapping_failed", &[("field", target), ("reason", "nul")]);
        let (english, portuguese) = sentences(&world, &to, &view).await;
        assert!(english.contains(target) && portuguese.contains(target));
    }
    nothing_made(&world, &to).await;
    let calls = world.host.faults().calls();
    assert!(calls.iter().all(|call| !call.operation.starts_with("SendMessage")));
    // It is no error if no field maps it.
    succeeded(&json_sent(&world, &to, r#"{"email":"a@example.com","x\u0000":"\u0000"}"#).await);
}

#[tokio::test]
async fn in_07_a_lone_surrogate_cannot_be_read_but_can_be_fetched() {
    let world = World::new().await;
    let to = anything(&world).await;
    for body in [r#"{"a":"\ud800"}"#, r#"{"\udc00":1}"#, r#"["\ud800\u0041"]"#] {
        let view = json_sent(&world, &to, body).await;
        failed(&view, "payload_unparseable", &[("reason", "syntax"), ("line", "1")]);
    }
    nothing_made(&world, &to).await;
    succeeded(&json_sent(&world, &to, r#"{"title":"\ud83e\ude9d"}"#).await);
    assert_eq!(world.deals(&to.origin).await[0]["title"], "🪝");
}

#[tokio::test]
async fn in_08_text_is_read_in_its_declared_charset_only() {
    let world = World::new().await;
    let to = anything(&world).await;
    let latin: &[u8] = b"{\"title\":\"caf\xE9\"}";
    let wide: Vec<u8> = "{\"title\":\"café\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (kind, body) in [
        ("application/json", latin),
        ("application/json; charset=utf-8", latin),
        ("application/json; charset=no-such-charset", latin),
        ("application/json", b"{\"title\":\"\xC3\x28\"}"),
    ] {
        let view = sent(&world, &to, kind, body).await;
        failed(&view, "payload_unparseable", &[("reason", "charset")]);
    }
    let view = json_sent(&world, &to, &wide).await;
    failed(&view, "payload_unparseable", &[]);
    nothing_made(&world, &to).await;
    for (kind, body) in [
        ("application/json; charset=ISO-8859-1", latin),
        ("application/json; charset=\"windows-1252\"", latin),
        ("application/json; charset=utf-16le", &wide),
        ("application/json; charset=UTF-8", "{\"title\":\"café\"}".as_bytes()),
    ] {
        succeeded(&sent(&world, &to, kind, body).await);
    }
    let deals = world.deals(&to.origin).await;
    assert_eq!(deals.len(), 4);
    assert!(deals.iter().all(|deal| deal["title"] == "café"), "{deals:?}");
}

#[tokio::test]
async fn in_09_a_byte_order_mark_is_kept_and_read_over() {
    let world = World::new().await;
    let to = anything(&world).await;
    let view = json_sent(&world, &to, "\u{feff}{}").await;
    succeeded(&view);
    assert_eq!(tree_of(&world, &view).await, "{}");
    world.advance(SignedDuration::from_secs(1));
    succeeded(&json_sent(&world, &to, "\u{feff} {\"title\":\"Um\"}\n").await);
    assert_eq!(world.deals(&to.origin).await[0]["title"], "Um");
}

#[tokio::test]
async fn in_10_json_that_is_no_object_cannot_be_mapped() {
    let world = World::new().await;
    let to = anything(&world).await;
    for body in ["null", "\"x\"", "123", "[]", "true"] {
        let view = json_sent(&world, &to, body).await;
        failed(&view, "mapping_failed", &[("reason", "not_object")]);
    }
    nothing_made(&world, &to).await;
}

#[tokio::test]
async fn in_11_malformed_json_is_reported_with_line_and_column() {
    let world = World::new().await;
    let to = anything(&world).await;
    for (body, line, column) in [
        ("{} x", "1", "4"),
        ("{}{}", "1", "3"),
        ("{\"a\":NaN}", "1", "6"),
        ("{\"a\":1,}", "1", "8"),
        ("{\n  // a\n  \"a\":1}", "2", "3"),
        ("{'a':1}", "1", "2"),
        ("{\"a\":\n\n\"b", "3", "2"),
        ("{\"a\":01}", "1", "7"),
        ("{\"a\":\"\t\"}", "1", "7"),
    ] {
        let view = json_sent(&world, &to, body).await;
        let at = [("reason", "syntax"), ("line", line), ("column", column)];
        failed(&view, "payload_unparseable", &at);
        let (_, portuguese) = sentences(&world, &to, &view).await;
        assert!(portuguese.contains(&format!("linha {line}, coluna {column}")), "{portuguese}");
    }
    nothing_made(&world, &to).await;
}

#[tokio::test]
async fn in_12_two_million_values_are_too_many() {
    let world = World::new().await;
    let to = anything(&world).await;
    let body = format!("[{}1]", "1,".repeat(2_000_000 - 1));
    let view = json_sent(&world, &to, body).await;
    failed(&view, "too_many_nodes", &[("limit", "500000")]);
    nothing_made(&world, &to).await;
    let many = format!("{{\"title\":\"Um\",\"n\":[{}1]}}", "1,".repeat(300_000));
    succeeded(&json_sent(&world, &to, many).await);
}

#[tokio::test]
async fn in_13_keys_of_any_name_number_and_length_are_only_keys() {
    let world = World::new().await;
    let fields = json!([
        field("deal.title", "$['__proto__']['x']"),
        field("contact.name", "$.constructor"),
        field("contact.email", "$['e mail']"),
    ]);
    let to = mapped(&world, "create_deal", fields).await;
    let mut keys: Vec<String> = (0..10_000).map(|n| format!("\"k{n}\":{n}")).collect();
    keys.push(format!("\"{}\":1", "k".repeat(64 * 1024)));
    let body = format!(
        "{{\"__proto__\":{{\"x\":\"P\"}},\"constructor\":\"C\",\"e mail\":\"a@example.com\",\
         \"e_mail\":\"b@example.com\",\"toString\":null,\"\":0,{}}}",
        keys.join(",")
    );
    let view = json_sent(&world, &to, &body).await;
    succeeded(&view);
    assert_eq!(tree_of(&world, &view).await, body);
    assert_eq!(world.deals(&to.origin).await[0]["title"], "P");
    let contact: &Value = &world.contacts().await[0];
    assert_eq!((&contact["name"], &contact["email"]), (&json!("C"), &json!("a@example.com")));
}
