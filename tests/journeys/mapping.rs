//! Mappings of webhooks as people send them: fields of a wrong form, and hostile expressions.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, answer};

use crate::inbound::{failed, json_sent, succeeded, warnings};

/// The fields of a warning: field, value and reason.
fn said(warning: &Value) -> (&str, &str, &str) {
    let param = |name: &str| warning["params"][name].as_str().unwrap();
    (param("field"), param("value"), param("reason"))
}

#[tokio::test]
async fn f3_an_optional_field_of_a_wrong_form_is_a_warning() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let long = "x".repeat(1_000);
    let wrong = [
        (json!({"phone": "nao tenho"}), ("contact.phone", "nao tenho", "invalid_phone")),
        (json!({"value": "a combinar"}), ("deal.value", "a combinar", "invalid_number")),
        (json!({"value": "1.234"}), ("deal.value", "1.234", "ambiguous_number")),
        (json!({"name": ["Ana"]}), ("contact.name", r#"["Ana"]"#, "wrong_type")),
        (json!({"title": long}), ("deal.title", &format!("{}…", &long[..80]), "too_long")),
        (json!({"stage": "Nenhuma"}), ("deal.stage", "Nenhuma", "unknown_stage")),
    ];
    for (n, (change, expected)) in wrong.into_iter().enumerate() {
        let email = format!("ana{n}@example.com");
        let mut body = json!({"email": email, "order": format!("PED-{n}")});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let view = json_sent(&world, &to, body.to_string()).await;
        succeeded(&view);
        assert_eq!(warnings(&view), ["field_skipped"]);
        assert_eq!(said(&view["warnings"][0]), expected);
        assert_eq!(view["deal"]["action"], "created");
        let path = format!("/v1/integrations/{}/preview", to.id);
        let shown = world.post(&path, json!({"webhook": view["id"]})).await.expect(200);
        assert_eq!((&shown["problems"], &shown["warnings"]), (&json!([]), &view["warnings"]));
    }
    let mut emails: Vec<String> = Vec::new();
    for contact in world.contacts().await {
        emails.push(contact["email"].as_str().unwrap().to_owned());
    }
    emails.sort();
    assert_eq!(emails, (0..6).map(|n| format!("ana{n}@example.com")).collect::<Vec<_>>());
    assert_eq!(world.deals(&to.origin).await.len(), 6);
}

#[tokio::test]
async fn f3_the_warning_is_in_the_readers_language_and_a_required_field_still_fails() {
    let world = World::new().await;
    let fields = json!([
        {"target": "contact.email", "path": "$.email", "required": true},
        {"target": "contact.phone", "path": "$.phone"},
        {"target": "deal.value", "path": "$.value", "on_invalid": "error"},
    ]);
    let to = world.inbound(json!({"mapping": {"fields": fields}})).await;
    let body = json!({"email": "ana@example.com", "phone": "{reason}"});
    let view = json_sent(&world, &to, body.to_string()).await;
    let id = view["id"].as_str().unwrap();
    let url = format!("{}/v1/origins/{}/webhooks/{id}", world.host.base_url(), to.origin);
    let request = world.request(Method::GET, &url).bearer_auth(&world.key);
    let shown = answer(request.header("accept-language", "pt-BR")).await.expect(200);
    assert_eq!(
        shown["warnings"][0]["message"],
        "O campo contact.phone não foi gravado: não é um número de telefone ({reason})."
    );
    for (change, field) in [
        (json!({"email": "ana@"}), "contact.email"),
        (json!({"email": "ana@example.com", "value": "a combinar"}), "deal.value"),
    ] {
        let view = json_sent(&world, &to, change.to_string()).await;
        failed(&view, "mapping_failed", &[("field", field)]);
    }
}

#[tokio::test]
async fn f3_money_and_dates_are_read_as_people_write_them() {
    let world = World::new().await;
    let custom = json!({"prazo": {"label": "Prazo", "entity": "deal", "kind": "date"}});
    world.patch("/v1/workspace", json!({"custom_fields": custom})).await.expect(200);
    let fields = json!([
        {"target": "deal.title", "path": "$.title"},
        {"target": "deal.value", "path": "$.value"},
        {"target": "deal.custom.prazo", "path": "$.due"},
    ]);
    let to = world.inbound(json!({"action": "create_deal", "mapping": {"fields": fields}})).await;
    let cases = [
        (json!("R$ 1.234,56"), json!("31/12/2026"), "1234.56", "2026-12-31"),
        (json!("1.234,56"), json!("31/12/2026 14:30"), "1234.56", "2026-12-31T17:30:00Z"),
        (json!("1234,56"), json!("2026-12-31"), "1234.56", "2026-12-31"),
        (json!("1,234.56"), json!("2026-12-31T14:30:00Z"), "1234.56", "2026-12-31T14:30:00Z"),
        (json!("R$ 10"), json!("31/12/2026, 14:30:05"), "10", "2026-12-31T17:30:05Z"),
        (json!(1234.5), json!(1_795_269_600), "1234.5", "2026-11-21T14:00:00Z"),
    ];
    for (n, (value, due, ..)) in cases.iter().enumerate() {
        let body = json!({"title": format!("{n}"), "value": value, "due": due});
        let view = json_sent(&world, &to, body.to_string()).await;
        succeeded(&view);
        assert_eq!(warnings(&view), [""; 0], "{view:#}");
    }
    let deals = world.deals(&to.origin).await;
    for (n, (_, _, value, due)) in cases.iter().enumerate() {
        let title = json!(n.to_string());
        let deal = deals.iter().find(|deal| deal["title"] == title).unwrap();
        assert_eq!((&deal["value"], &deal["custom"]["prazo"]), (&json!(value), &json!(due)));
    }
}

/// The body of issue 14: 16.5 KB, nested 120 deep, with lists beside every level.
fn nested_body(email: &str) -> Value {
    let side = json!((0..45).collect::<Vec<_>>());
    let deep = (0..120).fold(json!(1), |inner, _| json!({"a": inner, "b": side}));
    json!({"email": email, "id": "1", "deep": deep})
}

#[tokio::test]
async fn f13_a_hostile_expression_ends_as_an_error_and_its_neighbours_are_processed() {
    let world = World::new().await;
    let costly = "$..*..*..*..*";
    let settings = [
        json!({"dedupe": {"source": {"path": costly}}}),
        json!({"mapping": {"fields": [{"target": "deal.title", "path": costly}]}}),
        json!({"mapping": {"fields": [{"target": "contact.email", "path": "$.email"}],
                           "keys": [costly]}}),
    ];
    let neighbour = world.inbound(json!({})).await;
    for (n, setting) in settings.into_iter().enumerate() {
        let to = world.inbound(setting).await;
        let body = nested_body(&format!("ana{n}@example.com")).to_string();
        assert!((16_000..17_000).contains(&body.len()), "{}", body.len());
        let id = |sent: tests::Answer| sent.expect(200)["id"].as_str().unwrap().to_owned();
        let first = id(world.send(&to, body.clone()).await);
        let other = json!({"email": "bia@example.com"}).to_string();
        let other = id(world.send(&neighbour, other).await);
        world.settle().await;
        let view = world.webhook(&to, &first).await;
        failed(&view, "mapping_too_costly", &[]);
        succeeded(&world.webhook(&neighbour, &other).await);
        let path = format!("/v1/integrations/{}", to.id);
        let mended = json!({
            "dedupe": {"source": {"path": "$.id"}},
            "mapping": {"fields": [{"target": "contact.email", "path": "$.email"}]},
        });
        world.patch(&path, mended).await.expect(200);
        let path = format!("/v1/origins/{}/webhooks/{first}/reprocess", to.origin);
        world.post(&path, json!({})).await.expect(202);
        world.settle().await;
        succeeded(&world.webhook(&to, &first).await);
    }
}

#[tokio::test]
async fn f4_an_older_event_does_not_undo_a_newer_one() {
    let world = World::new().await;
    let field = |target: &str, path: &str| json!({"target": target, "path": path});
    let mapping = json!({
        "fields": [field("contact.email", "$.email"), field("contact.name", "$.name"),
                   field("deal.title", "$.title"), field("deal.status", "$.status")],
        "source_time": {"path": "$.at"},
    });
    let to = world.inbound(json!({"action": "create_or_update_deal", "mapping": mapping})).await;
    let event =
        |status: &str, at: Value| json!({"email": "ana@example.com", "status": status, "at": at});
    let won = json_sent(&world, &to, event("won", json!("2026-11-21T12:00:00Z")).to_string()).await;
    succeeded(&won);
    let mut late = event("open", json!("21/11/2026 08:59"));
    late["title"] = json!("Pedido");
    late["name"] = json!("Ana");
    let late = json_sent(&world, &to, late.to_string()).await;
    succeeded(&late);
    assert_eq!(warnings(&late), ["field_outdated"]);
    let params = &late["warnings"][0]["params"];
    assert_eq!(params["field"], "deal.status");
    assert_eq!(
        (&params["time"], &params["last"]),
        (&json!("2026-11-21T11:59:00Z"), &json!("2026-11-21T12:00:00Z"))
    );
    let deal = || async { world.deals(&to.origin).await[0].clone() };
    assert_eq!(
        (&deal().await["status"], &deal().await["title"]),
        (&json!("won"), &json!("Pedido"))
    );
    assert!(deal().await.get("source_times").is_none(), "not part of the API");

    // A reprocess of the older event changes nothing; of the newest, it applies again.
    let again = |id: &Value| {
        let path = format!("/v1/origins/{}/webhooks/{}/reprocess", to.origin, id.as_str().unwrap());
        let world = &world;
        async move {
            world.post(&path, json!({})).await.expect(202);
            world.settle().await;
        }
    };
    again(&late["id"]).await;
    assert_eq!(deal().await["status"], "won");
    let path = format!("/v1/deals/{}", deal().await["id"].as_str().unwrap());
    world.patch(&path, json!({"status": "lost"})).await.expect(200);
    again(&late["id"]).await;
    assert_eq!(deal().await["status"], "lost");
    again(&won["id"]).await;
    assert_eq!(deal().await["status"], "won");

    // Without a time an event applies as it arrives; a time that cannot be read is a warning.
    let untimed = json_sent(&world, &to, event("open", Value::Null).to_string()).await;
    assert_eq!(warnings(&untimed), [""; 0]);
    assert_eq!(deal().await["status"], "open");
    let odd = json_sent(&world, &to, event("lost", json!("ontem")).to_string()).await;
    assert_eq!(warnings(&odd), ["source_time_ignored"]);
    assert_eq!(deal().await["status"], "lost");
}
