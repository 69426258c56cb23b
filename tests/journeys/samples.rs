//! G-12: tests of an integration, which Gancho signs and sends to itself.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Inbound, World, answer};

use crate::{
    inbound::{nothing_made, refused},
    signing::{KEY, guarded, signed_checks},
};

/// Sends a test; the result.
async fn sent(world: &World, to: &Inbound, body: Value) -> Value {
    world.post(&format!("/v1/integrations/{}/test", to.id), body).await.expect(200)
}

/// The stored webhook of an accepted test, after its run.
async fn stored(world: &World, to: &Inbound, result: &Value) -> Value {
    assert_eq!(result["refused"], Value::Null, "{result}");
    world.settle().await;
    let view = world.webhook(to, result["webhook"].as_str().unwrap()).await;
    let path = format!("/v1/origins/{}/webhooks/{}", to.origin, view["id"].as_str().unwrap());
    assert_eq!(result["status_url"], path);
    view
}

#[tokio::test]
async fn g_12_a_test_is_stored_and_marked_and_its_run_is_a_preview() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = json!({"email": "ana@example.com", "title": "Orçamento", "order": "PED-1"});
    let result = sent(&world, &to, json!({"body": body.to_string()})).await;
    assert_eq!(result["status"], 200);
    let view = stored(&world, &to, &result).await;
    assert_eq!((&view["test"], &view["status"]), (&json!(true), &json!("success")));
    let run = &view["runs"][0];
    assert_eq!((&run["contact"], &run["deal"]), (&Value::Null, &Value::Null));
    let preview = json!({
        "contact": {"email": "ana@example.com"}, "deal": {"title": "Orçamento"},
        "keys": ["PED-1"], "contact_action": "created", "deal_action": "created",
    });
    assert_eq!(run["preview"], preview);
    nothing_made(&world, &to).await;
    assert_eq!(world.payload(&to, view["id"].as_str().unwrap()).await, body.to_string().as_bytes());

    // A webhook of a sender beside it in the same list; and a further run of the test.
    world.advance(SignedDuration::from_secs(1));
    world.receive(&to, body.to_string()).await;
    let list = world.webhooks(&to.origin, "").await;
    let tests: Vec<&Value> =
        list["items"].as_array().unwrap().iter().map(|item| &item["test"]).collect();
    assert_eq!((tests, &list["count"]), (vec![&json!(false), &json!(true)], &json!(2)));
    let again = format!("{}/reprocess", result["status_url"].as_str().unwrap());
    world.post(&again, json!({})).await.expect(202);
    world.settle().await;
    let view = world.webhook(&to, view["id"].as_str().unwrap()).await;
    let actions = |run: &Value| {
        (run["preview"]["contact_action"].clone(), run["preview"]["deal_action"].clone())
    };
    assert_eq!(actions(&view["runs"][1]), (json!("unchanged"), json!("unchanged")));
    assert_eq!(world.deals(&to.origin).await.len(), 1);
}

#[tokio::test]
async fn g_12_with_apply_a_test_is_processed_as_a_senders_webhook() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = json!({"email": "ana@example.com", "title": "Um"}).to_string();
    let result = sent(&world, &to, json!({"body": body, "apply": true})).await;
    let view = stored(&world, &to, &result).await;
    assert_eq!((&view["test"], &view["deal"]["action"]), (&json!(true), &json!("created")));
    assert_eq!(view["runs"][0]["preview"], Value::Null);
    assert_eq!(world.deals(&to.origin).await.len(), 1);
}

#[tokio::test]
async fn g_12_a_test_passes_every_check_with_the_secrets_of_the_integration() {
    let world = World::new().await;
    let mut checks = signed_checks();
    checks.push(("token", KEY, json!({"type": "token", "in": {"query": "chave"}, "secret": KEY})));
    checks.push(("basic", KEY, json!({"type": "basic", "user": "loja", "secret": KEY})));
    checks.push(("hotmart", KEY, json!({"type": "hotmart", "secret": KEY})));
    for (kind, secret, check) in checks {
        let to = guarded(&world, json!([check])).await;
        let result = sent(&world, &to, json!({"body": r#"{"title":"Um"}"#})).await;
        let view = stored(&world, &to, &result).await;
        assert_eq!(view["status"], "success", "{kind}");
        let shown = format!("{}{}", view["headers"], view["query"]);
        assert!(!shown.contains(secret), "{kind}: {shown}");
        // The secret that replaced it counts at once, although the door caches settings.
        let mut other = check.clone();
        other["secret"] = json!(format!("whsec_{}", "aGVsbG8gd29ybGQh".repeat(2)));
        let settings = json!({"verification": [other]});
        world.patch(&format!("/v1/integrations/{}", to.id), settings).await.expect(200);
        let result = sent(&world, &to, json!({"body": r#"{"title":"Dois"}"#})).await;
        stored(&world, &to, &result).await;
    }
}

#[tokio::test]
async fn g_12_without_a_body_the_test_is_the_sample_of_the_application() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let list = world.get("/v1/applications").await.expect(200);
    for application in list["items"].as_array().unwrap() {
        let mut settings = json!({"application": application["key"], "name": "Amostra"});
        settings["verification"] = json!([]);
        let to = world.integration(&origin, settings).await;
        // Twice: a delivery id in a header is a new one each time.
        for _ in 0..2 {
            let view = stored(&world, &to, &sent(&world, &to, json!({})).await).await;
            assert_eq!(view["status"], "success", "{}: {}", application["key"], view["runs"]);
            assert_eq!(view["duplicate_of"], Value::Null);
        }
    }
    nothing_made(&world, &Inbound { origin, id: String::new(), url: String::new() }).await;
}

#[tokio::test]
async fn g_12_an_inactive_integration_previews_a_test_and_does_not_apply_it() {
    let world = World::new().await;
    let to = world.inbound(json!({"active": false})).await;
    let body = json!({"body": r#"{"email":"ana@example.com","title":"Um"}"#});
    let view = stored(&world, &to, &sent(&world, &to, body.clone()).await).await;
    assert_eq!((&view["status"], &view["active"]), (&json!("success"), &json!(false)));
    let mut applied = body;
    applied["apply"] = json!(true);
    let view = stored(&world, &to, &sent(&world, &to, applied).await).await;
    assert_eq!(view["error"]["code"], "integration_inactive");
    nothing_made(&world, &to).await;
}

#[tokio::test]
async fn g_12_a_refused_test_says_why_and_is_counted() {
    let world = World::new().await;
    let to = world.inbound(json!({"allowed_ips": ["203.0.113.0/24"]})).await;
    let path = format!("/v1/integrations/{}/test", to.id);
    let test = |language: &'static str, from: &'static str| {
        world
            .request(Method::POST, &format!("{}{path}", world.host.base_url()))
            .bearer_auth(&world.key)
            .header("accept-language", language)
            .header("x-gancho-test-source-ip", from)
            .header("content-type", "application/json")
            .body(r#"{"body":"{}"}"#)
    };
    let result = answer(test("pt", "198.51.100.1")).await.expect(200);
    assert_eq!((&result["status"], &result["webhook"]), (&json!(403), &Value::Null));
    assert_eq!(result["refused"]["code"], "ip_not_allowed");
    assert!(result["refused"]["message"].as_str().unwrap().contains("endereço"), "{result}");
    assert_eq!(refused(&world, &to).await, [("ip_not_allowed".to_owned(), 1)]);
    assert_eq!(world.webhooks(&to.origin, "").await["count"], 0);
}

#[tokio::test]
async fn g_12_a_test_repeated_with_its_key_is_one_webhook() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let url = format!("{}/v1/integrations/{}/test", world.host.base_url(), to.id);
    let send = || {
        let request = world.request(Method::POST, &url).body(r#"{"body":"{\"title\":\"Um\"}"}"#);
        let request = request.bearer_auth(&world.key).header("idempotency-key", "teste-1");
        request.header("content-type", "application/json")
    };
    let first = answer(send()).await.expect(200);
    world.advance(SignedDuration::from_mins(10));
    let second = answer(send()).await;
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(second.expect(200), first);
    assert_eq!(world.webhooks(&to.origin, "").await["count"], 1);

    // A request that is refused as such releases its key.
    let unknown = url.replace(&to.id, &format!("int_{}", "0".repeat(32)));
    for _ in 0..2 {
        let request = world.request(Method::POST, &unknown).bearer_auth(&world.key);
        let request = request.header("idempotency-key", "teste-2").json(&json!({}));
        assert_eq!(answer(request).await.code(), "not_found");
    }
}

#[tokio::test]
async fn g_12_a_test_needs_an_operator_and_a_sender_cannot_mark_its_request() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let viewer = world.post("/v1/keys", json!({"name": "Leitor", "role": "viewer"})).await;
    let viewer = viewer.expect(201)["key"].as_str().unwrap().to_owned();
    let path = format!("/v1/integrations/{}/test", to.id);
    let refused = world.call_as(&viewer, Method::POST, &path, Some(&json!({}))).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "forbidden"));
    let (_, stranger) = world.new_workspace("Outra").await;
    let unknown = world.call_as(&stranger, Method::POST, &path, Some(&json!({}))).await;
    assert_eq!(unknown.status, 404);
    let wrong = world.post(&path, json!({"content_type": "text/plain"})).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (422, "validation_error"));
    let id = world.receive(&to, r#"{"test":true,"title":"Um"}"#).await;
    assert_eq!(world.webhook(&to, &id).await["test"], false);
}
