//! Endpoints and rules over HTTP: settings, refusals and representations.

use futures::future::join_all;
use jiff::SignedDuration;
use local::AwsError;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, World, answer,
    outbound::{Outbound, Reply},
};

const URL: &str = "https://erp.exemplo.com.br/hooks";

/// Asserts a refusal: its status, its stable code, the field that it names.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, path: Option<&str>) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    assert_eq!(body["path"].as_str(), path, "{body}");
    assert!(!body["detail"].as_str().unwrap().contains('{'), "{body}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A new endpoint; `settings` override name and URL.
async fn endpoint(world: &World, settings: Value) -> Value {
    let mut body = json!({"name": "ERP", "url": URL});
    for (name, value) in settings.as_object().unwrap() {
        body[name] = value.clone();
    }
    world.post("/v1/endpoints", body).await.expect(201)
}

fn path(created: &Value) -> String {
    let kind = if text(&created["id"]).starts_with("ep_") { "endpoints" } else { "rules" };
    format!("/v1/{kind}/{}", text(&created["id"]))
}

fn rule(name: &str, endpoint: &Value) -> Value {
    json!({"name": name, "filter": {"types": ["deal.created"]}, "target": {"endpoint": endpoint["id"]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_8_endpoints_are_created_listed_shown_updated_and_deleted() {
    let world = World::new().await;
    let created = endpoint(&world, json!({"preset": "rd-station"})).await;
    assert!(text(&created["secret"]).starts_with("whsec_"));
    assert_eq!(
        (&created["state"], &created["stopped"], &created["held"]),
        (&json!("active"), &Value::Null, &json!(0))
    );
    assert_eq!(created["policy"]["waits"], json!([60, 300, 900, 3600, 10800]));
    assert_eq!(created["health"]["limit"], 10);
    let path = path(&created);
    let shown = world.get(&path).await;
    assert_eq!(shown.headers["etag"], "\"1\"");
    let shown = shown.expect(200);
    assert_eq!(shown.get("secret"), None);
    assert_eq!((&shown["url"], &shown["preset"]), (&json!(URL), &json!("rd-station")));
    let changed = world
        .patch(&path, json!({"name": "ERP 2", "policy": {"timeout_ms": 3000}}))
        .await
        .expect(200);
    assert_eq!((&changed["name"], &changed["version"]), (&json!("ERP 2"), &json!(2)));
    assert_eq!(
        (&changed["preset"], &changed["policy"]["timeout_ms"]),
        (&Value::Null, &json!(3000))
    );
    let back = world.patch(&path, json!({"preset": "standard-webhooks"})).await.expect(200);
    assert_eq!(
        (&back["preset"], &back["policy"]["timeout_ms"]),
        (&json!("standard-webhooks"), &json!(5000))
    );
    let list = world.get("/v1/endpoints").await.expect(200);
    assert_eq!((&list["count"], &list["items"][0]), (&json!(1), &back));
    let used = world.post("/v1/rules", rule("Para o ERP", &created)).await.expect(201);
    let kept = world.delete(&path).await;
    refused(&kept, 409, "has_dependents", None);
    assert!(kept.text().contains(text(&used["id"])));
    world.delete(&format!("/v1/rules/{}", text(&used["id"]))).await.expect(204);
    world.delete(&path).await.expect(204);
    refused(&world.get(&path).await, 404, "not_found", None);
    assert_eq!(world.get("/v1/endpoints").await.expect(200)["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_an_invalid_field_of_an_endpoint_is_named() {
    let world = World::new().await;
    let new = |field: &str, value: Value| {
        let mut body = json!({"name": "ERP", "url": URL});
        body[field] = value;
        body
    };
    let policy = |field: &str, value: Value| new("policy", json!({ field: value }));
    let header = |name: &str| new("headers", json!([{"name": name, "value": "x"}]));
    for (body, code, path) in [
        (json!({"name": "ERP"}), "validation_error", "url"),
        (new("nope", json!(1)), "validation_error", "nope"),
        (new("secret", json!("x")), "validation_error", "secret"),
        (new("name", json!("a\u{0}b")), "validation_error", "name"),
        (new("active", json!("yes")), "validation_error", "active"),
        (new("preset", json!("svix")), "validation_error", "preset"),
        (policy("timeout_ms", json!(999)), "validation_error", "policy.timeout_ms"),
        (policy("waits", json!(vec![1; 21])), "validation_error", "policy.waits"),
        (policy("waits", json!([60, 86_401])), "validation_error", "policy.waits[1]"),
        (policy("jitter_percent", json!(51)), "validation_error", "policy.jitter_percent"),
        (
            new("limits", json!({"max_concurrency": 51})),
            "validation_error",
            "limits.max_concurrency",
        ),
        (new("policy", json!([])), "validation_error", "policy"),
        (header("Host"), "header_not_allowed", "headers[0].name"),
        (header("webhook-signature"), "header_not_allowed", "headers[0].name"),
        (header("content-length"), "header_not_allowed", "headers[0].name"),
        (header(""), "validation_error", "headers[0].name"),
        (header("x\r\nhost"), "validation_error", "headers[0].name"),
        (new("url", json!("http://erp.exemplo.com.br/")), "url_not_allowed", "url"),
        (new("url", json!("ftp://erp.exemplo.com.br/")), "url_not_allowed", "url"),
        (new("url", json!("https://a@erp.exemplo.com.br/")), "url_not_allowed", "url"),
        (new("url", json!("https://erp.exemplo.com.br:22/")), "url_not_allowed", "url"),
        (new("url", json!("https://127.1/")), "target_ip_forbidden", "url"),
        (new("url", json!("https://169.254.169.254/")), "target_ip_forbidden", "url"),
        (new("url", json!("https://[::ffff:127.0.0.1]/")), "target_ip_forbidden", "url"),
        (new("url", json!("https://localhost/")), "target_ip_forbidden", "url"),
        (new("url", json!("https://printer.local/")), "target_ip_forbidden", "url"),
    ] {
        let got = world.post("/v1/endpoints", body.clone()).await;
        assert_eq!(got.code(), code, "{body}: {}", got.text());
        refused(&got, 422, code, Some(path));
    }
    let created = endpoint(&world, json!({})).await;
    refused(
        &world.patch(&path(&created), json!({"url": "https://10.0.0.1/"})).await,
        422,
        "target_ip_forbidden",
        Some("url"),
    );
    refused(
        &world.patch(&path(&created), json!({"active": false})).await,
        422,
        "validation_error",
        Some("active"),
    );
    assert_eq!(world.get("/v1/endpoints").await.expect(200)["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_2_plain_http_is_accepted_only_where_the_workspace_allows_it() {
    let world = World::new().await;
    let plain = json!({"name": "ERP", "url": "http://erp.exemplo.com.br/"});
    refused(&world.post("/v1/endpoints", plain.clone()).await, 422, "url_not_allowed", Some("url"));
    world.patch("/v1/workspace", json!({"plain_http": true})).await.expect(200);
    let created = world.post("/v1/endpoints", plain).await.expect(201);
    world.patch("/v1/workspace", json!({"plain_http": false})).await.expect(200);
    // A field that stays is not validated again when another one changes.
    world.patch(&path(&created), json!({"name": "Outro"})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ou_18_headers_are_kept_and_their_secrets_are_never_shown() {
    let world = World::new().await;
    let headers = json!([{"name": "Authorization", "value": "Bearer s3cret"}, {"name": "X-Loja", "value": "7"}]);
    let created = endpoint(
        &world,
        json!({"headers": headers, "url": "https://erp.exemplo.com.br/?key=s3cret"}),
    )
    .await;
    assert_eq!(
        created["headers"],
        json!([{"name": "authorization", "value": "***"}, {"name": "x-loja", "value": "7"}])
    );
    let viewer = world.post("/v1/keys", json!({"name": "v", "role": "viewer"})).await.expect(201);
    let seen = world.call_as(text(&viewer["key"]), Method::GET, &path(&created), None).await;
    assert!(!seen.text().contains("s3cret"), "{}", seen.text());
    assert_eq!(seen.expect(200)["headers"][1]["value"], "***");
    let many: Vec<Value> =
        (0..21).map(|n| json!({"name": format!("x-{n}"), "value": "1"})).collect();
    refused(
        &world.patch(&path(&created), json!({"headers": many})).await,
        422,
        "validation_error",
        Some("headers"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_created_inactive_is_disabled_until_a_person_enables_it() {
    let world = World::new().await;
    let created = endpoint(&world, json!({"active": false})).await;
    assert_eq!(
        (&created["state"], &created["stopped"]["reason"]["code"]),
        (&json!("disabled"), &json!("by_person"))
    );
    let act = async |what: &str| world.post(&format!("{}/{what}", path(&created)), json!({})).await;
    assert_eq!(act("enable").await.expect(200)["state"], "active");
    assert_eq!(act("enable").await.expect(200)["state"], "active");
    let off = act("disable").await.expect(200);
    assert_eq!(
        (&off["state"], &off["stopped"]["since"]),
        (&json!("disabled"), &json!("2026-11-21T13:00:00Z"))
    );
    world.advance(SignedDuration::from_mins(5));
    assert_eq!(act("disable").await.expect(200)["stopped"], off["stopped"], "disabled once");
    let wrong = world.post(&format!("{}/enable", path(&created)), json!({"held": "some"})).await;
    refused(&wrong, 422, "validation_error", Some("held"));
}

#[tokio::test(flavor = "multi_thread")]
async fn or_07_order_and_limits_change_while_the_endpoint_is_disabled() {
    let world = World::new().await;
    let created = endpoint(&world, json!({})).await;
    for change in [json!({"policy": {"order": "skip"}}), json!({"limits": {"max_concurrency": 3}})]
    {
        refused(&world.patch(&path(&created), change).await, 409, "endpoint_active", None);
    }
    world.patch(&path(&created), json!({"policy": {"timeout_ms": 2000}})).await.expect(200);
    world.post(&format!("{}/disable", path(&created)), json!({})).await.expect(200);
    let change = json!({"policy": {"order": "block"}, "limits": {"rate_per_second": 5}});
    let changed = world.patch(&path(&created), change).await.expect(200);
    assert_eq!(
        (&changed["policy"]["order"], &changed["limits"]),
        (&json!("block"), &json!({"rate_per_second": 5}))
    );
    world.post(&format!("{}/enable", path(&created)), json!({})).await.expect(200);
    // The effect of a permanent failure on the deliveries behind it needs no barrier.
    world.patch(&path(&created), json!({"policy": {"order": "skip"}})).await.expect(200);
    refused(
        &world.patch(&path(&created), json!({"policy": {"order": null}})).await,
        409,
        "endpoint_active",
        None,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ou_20_a_rotated_secret_is_shown_once_and_the_old_one_is_valid_for_a_day() {
    let world = World::new().await;
    let created = endpoint(&world, json!({})).await;
    let rotate = format!("{}/rotate-secret", path(&created));
    let new = world.post(&rotate, json!({})).await.expect(200);
    assert!(text(&new["secret"]).starts_with("whsec_") && new["secret"] != created["secret"]);
    assert_eq!(new["previous_until"], "2026-11-22T13:00:00Z");
    let shown = world.get(&path(&created)).await;
    assert!(!shown.text().contains("whsec_"));
    assert_eq!(shown.expect(200)["secret_previous_until"], "2026-11-22T13:00:00Z");
    let at_once = world.post(&rotate, json!({"overlap_hours": 0})).await.expect(200);
    assert_ne!(at_once["secret"], new["secret"]);
    refused(
        &world.post(&rotate, json!({"overlap_hours": 169})).await,
        422,
        "validation_error",
        Some("overlap_hours"),
    );
    let url = format!("{}{rotate}", world.host.base_url());
    let again = async || {
        let request = world.request(Method::POST, &url).bearer_auth(&world.key);
        answer(request.header("idempotency-key", "r").json(&json!({}))).await
    };
    assert!(again().await.expect(200)["secret"].is_string());
    assert_eq!(again().await.expect(200)["secret"], Value::Null, "it is not stored in plain text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_a_secret_of_its_own() {
    let world = World::new().await;
    let created = endpoint(&world, json!({"preset": "respond-io"})).await;
    let copy = world.post(&format!("{}/duplicate", path(&created)), json!({})).await.expect(201);
    assert_eq!(
        (&copy["name"], &copy["url"], &copy["policy"]),
        (&json!("ERP (2)"), &created["url"], &created["policy"])
    );
    assert_ne!(copy["secret"], created["secret"]);
    let there = json!({"name": "Teste", "url": "https://127.0.0.1/"});
    refused(
        &world.post(&format!("{}/duplicate", path(&created)), there).await,
        422,
        "target_ip_forbidden",
        Some("url"),
    );
    let one = world.post("/v1/rules", rule("Para o ERP", &created)).await.expect(201);
    let two = world
        .post(&format!("{}/duplicate", path(&one)), json!({"active": false}))
        .await
        .expect(201);
    assert_eq!(
        (&two["name"], &two["active"], &two["filter"]),
        (&json!("Para o ERP (2)"), &json!(false), &one["filter"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_12_s3_13_s3_15_rules_are_created_updated_and_keep_their_versions() {
    let world = World::new().await;
    let to = endpoint(&world, json!({})).await;
    let mut body = rule("Para o ERP", &to);
    body["method"] = json!("GET");
    body["body"] = json!({"mapped": [{"from": "data.title", "to": "negocio.titulo"}]});
    let created = world.post("/v1/rules", body).await.expect(201);
    assert_eq!(
        (&created["warnings"], &created["version"]),
        (&json!(["get_exposes_data"]), &json!(1))
    );
    let changed =
        world.patch(&path(&created), json!({"method": null, "body": null, "active": false})).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["method"], &changed["body"]), (&json!("POST"), &json!("standard")));
    assert_eq!(changed["warnings"], json!([]));
    let old = world.get(&format!("{}?version=1", path(&created))).await.expect(200);
    assert_eq!((&old["body"], &old["method"]), (&created["body"], &json!("GET")));
    refused(&world.get(&format!("{}?version=9", path(&created))).await, 404, "not_found", None);
    let list = async |query: &str| {
        world.get(&format!("/v1/rules{query}")).await.expect(200)["count"].clone()
    };
    assert_eq!(list(&format!("?endpoint={}", text(&to["id"]))).await, 1);
    assert_eq!(list(&format!("?endpoint=ep_{}", "0".repeat(32))).await, 0);
    world.delete(&path(&created)).await.expect(204);
    refused(&world.get(&path(&created)).await, 404, "not_found", None);
}

/// The ids of an origin's stages.
async fn stages(world: &World, origin: &str) -> Vec<Value> {
    let origin = world.get(&format!("/v1/origins/{origin}")).await.expect(200);
    origin["stages"].as_array().unwrap().iter().map(|stage| stage["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_a_rule_refuses_a_stage_that_its_origins_do_not_have() {
    let world = World::new().await;
    let to = endpoint(&world, json!({})).await;
    let (one, two) = (world.origin("Vendas").await, world.origin("Suporte").await);
    let (own, others) = (stages(&world, &one).await, stages(&world, &two).await);
    let (_, key) = world.new_workspace("Outra").await;
    let origin = json!({"name": "Vendas", "stages": ["Novo"]});
    let foreign = world.call_as(&key, Method::POST, "/v1/origins", Some(&origin)).await.expect(201);
    let foreign = &foreign["stages"][0]["id"];
    let with = |origins: Value, stages: Value| {
        let mut body = rule("Para o ERP", &to);
        body["filter"]["origins"] = origins;
        body["filter"]["stages"] = stages;
        body
    };
    let unknown = |answer: &Answer, path: &str| {
        refused(answer, 422, "validation_error", Some(path));
        assert_eq!(answer.json()["params"]["reason"], "unknown_stage");
    };
    let made = world.post("/v1/rules", with(json!([]), json!([own[0], others[1]]))).await;
    let made = made.expect(201);
    let refusals = [
        (json!([]), json!([own[0], foreign]), "filter.stages[1]"),
        (json!([]), json!([format!("stg_{}", "0".repeat(32))]), "filter.stages[0]"),
        (json!([one]), json!([own[0], own[1], others[0]]), "filter.stages[2]"),
    ];
    for (origins, stages, place) in refusals {
        unknown(&world.post("/v1/rules", with(origins.clone(), stages.clone())).await, place);
        let patch = json!({"filter": with(origins, stages)["filter"]});
        unknown(&world.patch(&path(&made), patch).await, place);
    }
    // A stage that was removed since does not prevent other changes.
    let rest = json!({"stages": [{"id": others[0], "name": "Novo"}]});
    world.patch(&format!("/v1/origins/{two}"), rest).await.expect(200);
    world.patch(&path(&made), json!({"active": false})).await.expect(200);
    let again = json!({"filter": with(json!([]), json!([others[1]]))["filter"]});
    unknown(&world.patch(&path(&made), again).await, "filter.stages[0]");
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_an_invalid_field_of_a_rule_is_named() {
    let world = World::new().await;
    let to = endpoint(&world, json!({})).await;
    let with = |field: &str, value: Value| {
        let mut body = rule("Para o ERP", &to);
        body[field] = value;
        body
    };
    let nobody = format!("ep_{}", "0".repeat(32));
    let origin = format!("ori_{}", "0".repeat(32));
    let integration = format!("int_{}", "0".repeat(32));
    let there = json!({"integration": {"origin": origin, "integration": integration}});
    let nested = |depth: usize| {
        let leaf = json!({"is": {"path": "a", "op": "exists"}});
        (1..depth).fold(leaf, |inner, _| json!({"all": [inner]}))
    };
    let condition =
        |condition: Value| with("filter", json!({"types": ["a.b"], "condition": condition}));
    for (body, status, code, path) in [
        (with("filter", json!({"types": []})), 422, "validation_error", "filter.types"),
        (with("filter", json!({"types": ["Deal"]})), 422, "validation_error", "filter.types[0]"),
        (with("filter", json!({"types": ["a.b"], "x": 1})), 422, "validation_error", "filter.x"),
        (condition(nested(6)), 422, "validation_error", "filter.condition"),
        (condition(json!({"all": []})), 422, "validation_error", "filter.condition.all"),
        (with("method", json!("DELETE")), 422, "validation_error", "method"),
        (with("body", json!({"mapped": []})), 422, "validation_error", "body.mapped"),
        (
            with("body", json!({"mapped": [{"from": "x", "to": "y"}]})),
            422,
            "validation_error",
            "body.mapped[0].from",
        ),
        (with("target", json!({"endpoint": nobody})), 404, "not_found", "target.endpoint"),
        (with("target", there), 404, "not_found", "target.integration.integration"),
        (
            with("filter", json!({"types": ["a.b"], "origins": [origin]})),
            404,
            "not_found",
            "filter.origins[0]",
        ),
    ] {
        let got = world.post("/v1/rules", body.clone()).await;
        assert_eq!(got.code(), code, "{body}: {}", got.text());
        refused(&got, status, code, Some(path));
    }
    assert_eq!(world.get("/v1/rules").await.expect(200)["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_06_of_concurrent_changes_of_an_endpoint_or_a_rule_one_is_applied() {
    let world = World::new().await;
    let to = endpoint(&world, json!({})).await;
    let rule = world.post("/v1/rules", rule("Para o ERP", &to)).await.expect(201);
    for path in [path(&to), path(&rule)] {
        let url = format!("{}{path}", world.host.base_url());
        let changes = (0..8).map(|n| {
            let request = world.request(Method::PATCH, &url).bearer_auth(&world.key);
            answer(request.header("if-match", "\"1\"").json(&json!({"name": format!("n{n}")})))
        });
        let got = join_all(changes).await;
        assert_eq!(got.iter().filter(|one| one.status == 200).count(), 1, "{path}");
        for conflict in got.iter().filter(|one| one.status != 200) {
            refused(conflict, 409, "conflict", None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d19_an_integration_that_a_rule_sends_to_is_not_deleted() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let target = json!({"integration": {"origin": to.origin, "integration": to.id}});
    let created =
        json!({"name": "Para a loja", "filter": {"types": ["deal.created"]}, "target": target});
    let created = world.post("/v1/rules", created).await.expect(201);
    let there = format!("/v1/integrations/{}", to.id);
    let got = world.delete(&there).await;
    refused(&got, 409, "has_dependents", None);
    assert_eq!(got.json()["params"]["dependents"], created["id"]);
    world.delete(&path(&created)).await.expect(204);
    world.delete(&there).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_01_an_endpoint_of_another_workspace_cannot_be_a_rules_target() {
    let world = World::new().await;
    let to = endpoint(&world, json!({})).await;
    let (_, stranger) = world.new_workspace("Outra loja").await;
    let theirs = world.call_as(&stranger, Method::POST, "/v1/rules", Some(&rule("x", &to))).await;
    refused(&theirs, 404, "not_found", Some("target.endpoint"));
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_13_event_types_have_fields_in_groups_with_the_workspaces_own_and_an_example() {
    let world = World::new().await;
    let own = json!({"custom_fields": {"segmento": {"label": "Segmento", "entity": "deal", "kind": "text"}}});
    world.patch("/v1/workspace", own).await.expect(200);
    let types = world.get("/v1/event-types").await.expect(200);
    assert!(types["count"].as_u64() >= Some(25), "{}", types["count"]);
    let deal =
        types["items"].as_array().unwrap().iter().find(|it| it["type"] == "deal.created").unwrap();
    assert_eq!(deal["label"]["pt"], "Negócio criado");
    let groups = deal["groups"].as_array().unwrap();
    let keys: Vec<&str> = groups.iter().map(|group| text(&group["key"])).collect();
    assert_eq!(keys, ["event", "deal", "contact"]);
    let paths = groups[1]["fields"].as_array().unwrap().iter().map(|field| text(&field["path"]));
    assert!(paths.into_iter().any(|path| path == "data.custom.segmento"));
    assert!(deal["example"]["data"]["title"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_s5_3_a_workspace_sets_the_retention_of_events_and_the_notice_recipients() {
    let world = World::new().await;
    let shown = world.get("/v1/workspace").await.expect(200);
    assert_eq!((&shown["outbound_days"], &shown["plain_http"]), (&json!(30), &json!(false)));
    assert_eq!(
        (&shown["notice_language"], &shown["notice_recipients"]),
        (&json!("pt"), &json!([]))
    );
    let settings = json!({"outbound_days": 395, "notice_language": "en", "notice_recipients": ["ANA@exemplo.com.br", "bia@exemplo.com.br"]});
    let changed = world.patch("/v1/workspace", settings).await.expect(200);
    assert_eq!(changed["notice_recipients"], json!(["ana@exemplo.com.br", "bia@exemplo.com.br"]));
    assert_eq!(
        (&changed["outbound_days"], &changed["notice_language"]),
        (&json!(395), &json!("en"))
    );
    for address in ["ana@exemplo.com.br", "bia@exemplo.com.br"] {
        assert!(world.host.mailbox().confirm(address));
    }
    let fewer =
        world.patch("/v1/workspace", json!({"notice_recipients": ["bia@exemplo.com.br"]})).await;
    assert_eq!(fewer.expect(200)["notice_recipients"], json!(["bia@exemplo.com.br"]));
    let filter_policy = |address: &str| -> Option<Value> {
        let known = world.host.mailbox().subscribers();
        known.get(address).map(|it| serde_json::from_str(&it["FilterPolicy"]).unwrap())
    };
    assert_eq!(filter_policy("ana@exemplo.com.br"), None);
    assert_eq!(filter_policy("bia@exemplo.com.br"), Some(json!({"workspace": [world.workspace]})));
    // An address may be notified of several workspaces.
    let (other, key) = world.new_workspace("Outra loja").await;
    let both = json!({"notice_recipients": ["bia@exemplo.com.br"]});
    world.call_as(&key, Method::PATCH, "/v1/workspace", Some(&both)).await.expect(200);
    let policy = json!({"workspace": [world.workspace, other]});
    assert_eq!(filter_policy("bia@exemplo.com.br"), Some(policy));
    let nobody = json!({"notice_recipients": null});
    world.call_as(&key, Method::PATCH, "/v1/workspace", Some(&nobody)).await.expect(200);
    assert_eq!(filter_policy("bia@exemplo.com.br"), Some(json!({"workspace": [world.workspace]})));
    for (body, path) in [
        (json!({"outbound_days": 0}), "outbound_days"),
        (json!({"outbound_days": 396}), "outbound_days"),
        (json!({"notice_recipients": ["ana"]}), "notice_recipients[0]"),
        (json!({"notice_language": "fr"}), "notice_language"),
    ] {
        refused(&world.patch("/v1/workspace", body).await, 422, "validation_error", Some(path));
    }
}

/// The links in the mailbox, each with the address that it confirms, oldest first.
fn links(world: &World) -> Vec<(String, String)> {
    let mails = world.host.mailbox().all().into_iter();
    let link = |text: String| {
        let (address, path) = text.split_once(" confirms by ")?;
        Some((address.to_owned(), path.to_owned()))
    };
    mails.filter_map(|mail| link(mail.message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn g_14_a_recipient_is_confirmed_by_the_link_that_can_be_sent_again() {
    let world = World::new().await;
    assert_eq!(world.get("/v1/workspace").await.expect(200)["recipients"], json!([]));
    let (ana, bia) = ("ana@exemplo.com.br", "bia+1@exemplo.com.br");
    let recipients = json!({"notice_recipients": [ana, bia]});
    let changed = world.patch("/v1/workspace", recipients).await.expect(200);
    let state = |email: &str, confirmed: bool| json!({"email": email, "confirmed": confirmed});
    assert_eq!(changed["recipients"], json!([state(ana, false), state(bia, false)]));

    let sent: Vec<String> = links(&world).into_iter().map(|(address, _)| address).collect();
    assert_eq!(sent, [ana, bia]);
    let resend = |email: &str| format!("/v1/workspace/recipients/{email}/resend");
    let waiting = world.post(&resend("bia%2B1@exemplo.com.br"), json!({})).await.expect(200);
    assert_eq!(waiting, state(bia, false));
    let (address, path) = links(&world).pop().unwrap();
    assert_eq!((links(&world).len(), address.as_str()), (3, bia));
    let followed = answer(world.request(Method::GET, &format!("{}{path}", world.host.base_url())));
    followed.await.expect(200);
    let shown = world.get("/v1/workspace").await.expect(200);
    assert_eq!(shown["recipients"], json!([state(ana, false), state(bia, true)]));

    // Confirmed here, bia receives the notices of another workspace too, without a further link.
    let (_, other) = world.new_workspace("Outra loja").await;
    let both = json!({"notice_recipients": [ana, bia]});
    let second = world.call_as(&other, Method::PATCH, "/v1/workspace", Some(&both)).await;
    assert_eq!(second.expect(200)["recipients"], json!([state(ana, false), state(bia, true)]));
    // Ana confirms one subscription, which knows the first workspace only, until it is completed.
    assert!(world.host.mailbox().confirm(ana));
    let shown = world.call_as(&other, Method::GET, "/v1/workspace", None).await.expect(200);
    assert_eq!(shown["recipients"][0], state(ana, false));
    let again = world.call_as(&other, Method::POST, &resend(ana), Some(&json!({}))).await;
    assert_eq!(again.expect(200), state(ana, true));

    let stranger = world.post(&resend("rui@exemplo.com.br"), json!({})).await;
    refused(&stranger, 404, "not_found", None);
    // A workspace is shown even if SNS does not answer.
    world.host.faults().on("ListSubscriptionsByTopic").always().pre_err(AwsError::throttling());
    let shown = world.get("/v1/workspace").await.expect(200);
    assert_eq!(shown["recipients"][0], json!({"email": ana, "confirmed": null}));
}

/// An endpoint of the API at a path of the receiver.
async fn reachable(out: &Outbound, path: &str, settings: Value) -> Value {
    let mut all = settings;
    all["url"] = json!(out.receiver.url(path));
    endpoint(&out.world, all).await
}

async fn publish(out: &Outbound, subject: &str) {
    let event =
        json!({"type": "order.dispatched", "subject": subject, "data": {"order_number": subject}});
    out.world.post("/v1/events", event).await.expect(202);
}

async fn sends_orders(out: &Outbound, to: &Value) -> Value {
    let rule = json!({"name": "Pedidos", "filter": {"types": ["order.dispatched"]}, "target": {"endpoint": to["id"]}});
    out.world.post("/v1/rules", rule).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_an_endpoint_sends_an_example_and_stores_nothing() {
    let out = Outbound::with(|builder| builder.exempt_host("localhost")).await;
    let headers = json!([{"name": "X-Chave", "value": "s3cret"}]);
    let to = reachable(&out, "/erp", json!({"headers": headers, "active": false})).await;
    let test = format!("{}/test", path(&to));
    let plain = out.world.post(&test, json!({})).await.expect(200);
    assert_eq!(
        (&plain["status"], &plain["success"], &plain["error"]),
        (&json!(200), &json!(true), &Value::Null)
    );
    let seen = out.receiver.seen("/erp").remove(0);
    assert_eq!(seen.headers["x-chave"], "s3cret");
    assert!(seen.headers["webhook-signature"].starts_with("v1,"));
    assert_eq!((&seen.body["type"], &seen.body["version"]), (&json!("deal.created"), &json!(1)));
    assert_eq!(serde_json::from_str::<Value>(text(&plain["request"]["body"])).unwrap(), seen.body);
    assert!(!plain.to_string().contains("s3cret"), "{plain}");
    let mut rule = rule("Por GET", &to);
    rule["method"] = json!("GET");
    rule["filter"] = json!({"types": ["tracking.updated"]});
    rule["body"] = json!({"mapped": [{"from": "data.order_number", "to": "pedido"}]});
    let rule = out.world.post("/v1/rules", rule).await.expect(201);
    out.receiver.answers("/erp?pedido=1042", Reply::Status(500));
    out.receiver.answers("/erp", Reply::Status(500));
    let failed = out.world.post(&test, json!({"rule": rule["id"]})).await.expect(200);
    assert_eq!((&failed["status"], &failed["success"]), (&json!(500), &json!(false)));
    assert_eq!(
        (&failed["request"]["method"], &failed["request"]["body"]),
        (&json!("GET"), &Value::Null)
    );
    out.receiver.answers("/erp", Reply::HangUp);
    let broken = out.world.post(&test, json!({"type": "my.own_type"})).await.expect(200);
    assert_eq!((&broken["status"], &broken["success"]), (&Value::Null, &json!(false)));
    out.world.settle().await;
    assert!(out.deliveries().await.is_empty());
    let shown = out.world.get(&path(&to)).await.expect(200);
    assert_eq!((&shown["health"]["failures"], &shown["state"]), (&json!(0), &json!("disabled")));
    let other =
        out.world.post("/v1/endpoints", json!({"name": "Outro", "url": URL})).await.expect(201);
    let there =
        out.world.post(&format!("{}/test", path(&other)), json!({"rule": rule["id"]})).await;
    refused(&there, 404, "not_found", Some("rule"));
    refused(
        &out.world.post(&test, json!({"event": 1})).await,
        422,
        "validation_error",
        Some("event"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s5_5_the_held_deliveries_of_a_disabled_endpoint_are_sent_when_a_person_enables_it() {
    for (held, arrive) in [("all", 3), ("newest_per_subject", 2), ("none", 0)] {
        let out = Outbound::with(|builder| builder.exempt_host("localhost")).await;
        let to = reachable(&out, "/erp", json!({"active": false})).await;
        sends_orders(&out, &to).await;
        for subject in ["1", "2", "1"] {
            publish(&out, subject).await;
            out.world.settle().await;
            out.world.advance(SignedDuration::from_secs(1));
        }
        let shown = out.world.get(&path(&to)).await.expect(200);
        assert_eq!((&shown["held"], &shown["state"]), (&json!(3), &json!("disabled")), "{held}");
        assert!(out.receiver.seen("/erp").is_empty(), "{held}");
        let enabled = out.world.post(&format!("{}/enable", path(&to)), json!({"held": held})).await;
        assert!(["probing", "active"].contains(&text(&enabled.expect(200)["state"])), "{held}");
        for _ in 0..10 {
            out.world.settle().await;
            out.world.advance(SignedDuration::from_secs(1));
        }
        out.world.settle().await;
        let shown = out.world.get(&path(&to)).await.expect(200);
        assert_eq!(
            (&shown["held"], &shown["state"]),
            (&json!(0), &json!("active")),
            "{held}: {shown}"
        );
        assert_eq!(out.receiver.seen("/erp").len(), arrive, "{held}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn su_01_an_endpoint_that_fails_too_often_shows_the_reason_of_its_suspension() {
    let out = Outbound::with(|builder| builder.exempt_host("localhost")).await;
    let policy = json!({
        "waits": [],
        "suspension": {"scope": "endpoint", "trip": {"streak": {"failures": 3}}},
    });
    let to = reachable(&out, "/erp", json!({"policy": policy})).await;
    let rule = sends_orders(&out, &to).await;
    assert_eq!(rule["activity"]["last_24h"]["deliveries"], 0);
    out.receiver.answers("/erp", Reply::Status(500));
    for subject in ["1", "2", "3", "4"] {
        publish(&out, subject).await;
        out.world.settle().await;
        out.world.advance(SignedDuration::from_secs(1));
    }
    let shown = out.world.get(&path(&to)).await.expect(200);
    assert_eq!((&shown["state"], &shown["held"]), (&json!("suspended"), &json!(1)), "{shown}");
    let stopped = &shown["stopped"];
    assert_eq!(
        (&stopped["reason"], &stopped["shared_by"]),
        (&json!({"code": "streak", "failures": 3}), &json!("endpoint"))
    );
    assert_eq!(stopped["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(stopped["attempts"][0]["outcome"], json!({"status": 500}));
    assert_eq!(shown["health"]["failures"], 3);
    let lately = json!({"deliveries": 4, "success": 0, "error": 3, "error_rate": 1.0});
    assert_eq!(shown["activity"]["last_24h"], lately);
    // It becomes active after the probe has arrived.
    out.receiver.answers("/erp", Reply::Status(200));
    let probing = out.world.post(&format!("{}/enable", path(&to)), json!({})).await.expect(200);
    assert_eq!(probing["state"], "probing");
    for _ in 0..3 {
        out.world.settle().await;
        out.world.advance(SignedDuration::from_secs(1));
    }
    let back = out.world.get(&path(&to)).await.expect(200);
    assert_eq!((&back["state"], &back["held"]), (&json!("active"), &json!(0)), "{back}");
    assert_eq!(out.receiver.seen("/erp").len(), 4);
}
