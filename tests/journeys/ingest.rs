//! CATALOGUE A, IN-25 to IN-31: access to *ingest* by address, token, method and integration state.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_store::keys;
use local::gateway::SOURCE_HEADER;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Inbound, World, answer};

use crate::inbound::{
    CACHE, accepted, change, failed, json_sent, listed, nothing_made, post, raw, refused,
    succeeded, turned_away,
};

const BODY: &str = r#"{"email":"ana@example.com","title":"Um"}"#;

#[tokio::test]
async fn in_25_a_claimed_address_does_not_pass_the_allow_list() {
    let world = World::new().await;
    let to = world.inbound(json!({"allowed_ips": ["203.0.113.0/24", "2001:db8::7"]})).await;
    let from = |address: &str| post(&world, &to).header(SOURCE_HEADER, address).body(BODY);
    for claim in ["203.0.113.7", "203.0.113.7, 192.0.2.1", "192.0.2.1, 203.0.113.7"] {
        let request = from("198.51.100.9")
            .header("x-forwarded-for", claim)
            .header("x-real-ip", claim)
            .header("forwarded", format!("for={claim}"));
        turned_away(&world, &to, request, (403, "ip_not_allowed")).await;
    }
    turned_away(&world, &to, from("2001:db8::8"), (403, "ip_not_allowed")).await;
    assert_eq!(refused(&world, &to).await, [("ip_not_allowed".to_owned(), 4)]);
    let list = world.get(&format!("/v1/integrations/{}/refused", to.id)).await.expect(200);
    assert_eq!(list["items"][0]["last_ip"], "2001:db8::8");

    for address in ["203.0.113.7", "2001:db8::7"] {
        let request = from(address).header("x-forwarded-for", "198.51.100.9");
        let view = accepted(&world, &to, request, BODY.as_bytes()).await;
        succeeded(&view);
        assert_eq!(view["source_ip"], address);
    }
}

fn token(to: &Inbound) -> &str {
    to.url.rsplit_once('/').unwrap().1
}

async fn post_raw(world: &World, path: &str) -> (u16, String) {
    let head = format!("POST {path} HTTP/1.1\r\nhost: local\r\nconnection: close\r\n");
    let request = format!("{head}content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}");
    raw(world, request.as_bytes()).await
}

#[tokio::test]
async fn in_26_every_wrong_token_is_answered_alike() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let (_, key) = world.new_workspace("Outra loja").await;
    let origin = json!({"name": "Vendas", "stages": [{"name": "Novo"}]});
    let origin = world.call_as(&key, Method::POST, "/v1/origins", Some(&origin)).await.expect(201);
    let other = json!({"origin": origin["id"], "application": "webhook", "name": "Site"});
    let other = world.call_as(&key, Method::POST, "/v1/integrations", Some(&other)).await;
    let other = other.expect(201)["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();

    let own = token(&to);
    let mut wrong: Vec<String> = (0..own.len())
        .map(|at| {
            let another = if &own[at..=at] == "A" { "B" } else { "A" };
            format!("{}{another}{}", &own[..at], &own[at + 1..])
        })
        .collect();
    // The first 22 characters are the workspace, the others are the secret.
    wrong.push(format!("{}{}", &other[..22], &own[22..]));
    wrong.push(format!("{}{}", &own[..22], &other[22..]));
    wrong.extend([own.to_uppercase(), own.to_lowercase(), format!("{own}="), format!("{own}A")]);
    wrong.extend([own[..45].to_owned(), "%2e%2e".to_owned(), "%00".to_owned(), "..".to_owned()]);
    wrong.extend([format!("%20{own}"), "x".repeat(9_000), "%F0%9F%AA%9D".to_owned()]);
    let with_a_path = [format!("{own}/"), format!("{own}/x"), format!("{own}%2F")];
    wrong.extend(with_a_path.clone());
    wrong.extend([format!("%2e%2e/{own}"), format!("x/{own}")]);

    let mut bodies = BTreeSet::new();
    for token in &wrong {
        let (status, body) = post_raw(&world, &format!("/in/{token}")).await;
        assert_eq!(status, 404, "{token}: {body}");
        bodies.insert(body);
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let body: Value = serde_json::from_str(&bodies.pop_first().unwrap()).unwrap();
    assert_eq!(body["code"], "unknown_ingest_url");
    assert_eq!(post_raw(&world, &format!("/in/{own}")).await.0, 200);
    // The answer is the same, but the owner of the right token sees the sender's mistake.
    let counted = ("path_after_token".to_owned(), with_a_path.len() as u64);
    assert_eq!(refused(&world, &to).await, [counted]);
}

#[tokio::test]
async fn in_26_the_api_gateways_refusals_reveal_nothing_about_the_token() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let (right, wrong) = (token(&to).to_owned(), token(&to).replace(|_| true, "A"));
    let long = "y".repeat(10_240);
    for path in ["/in//{}", "/in/{}?{long}"] {
        let path = path.replace("{long}", &long);
        let response = post_raw(&world, &path.replace("{}", &right)).await;
        // No route matches it, so that a key is required; or its headers are too long.
        assert!(response.0 == 401 || response.0 == 431, "{path}: {response:?}");
        assert_eq!(response, post_raw(&world, &path.replace("{}", &wrong)).await, "{path}");
    }
    world.settle().await;
    assert_eq!(listed(&world, &to).await, 0);
}

#[tokio::test]
async fn in_26_a_wrong_token_takes_as_many_reads_as_a_deleted_or_foreign_one() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let deleted = world.integration(&to.origin, json!({})).await;
    world.delete(&format!("/v1/integrations/{}", deleted.id)).await.expect(204);
    let own = token(&to);
    let unknown = format!("{}{}", &own[..22], "A".repeat(24));
    let nobodys = format!("{}{}", "B".repeat(22), &own[22..]);
    for token in [&unknown, &nobodys, token(&deleted)] {
        world.host.faults().record();
        let response = post_raw(&world, &format!("/in/{token}")).await;
        assert_eq!(response.0, 404, "{token}");
        let calls = world.host.faults().calls();
        let calls: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(calls, ["GetItem"], "{token}");
    }
}

#[tokio::test]
async fn in_27_other_methods_get_the_allowed_ones() {
    let world = World::new().await;
    let to = world.inbound(json!({"methods": ["POST"]})).await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::GET] {
        let request = world.request(method, &to.url).body(BODY);
        let response = turned_away(&world, &to, request, (405, "method_not_allowed")).await;
        assert_eq!(response.headers["allow"], "POST");
    }
    for method in [Method::HEAD, Method::OPTIONS] {
        let response = answer(world.request(method, &to.url)).await;
        assert_eq!((response.status.as_u16(), response.bytes.len()), (204, 0));
        assert_eq!(response.headers["allow"], "POST");
    }
    let odd = world.request(Method::from_bytes(b"BREW").unwrap(), &to.url);
    turned_away(&world, &to, odd, (405, "method_not_allowed")).await;
    assert_eq!(refused(&world, &to).await, [("method_not_allowed".to_owned(), 5)]);
    nothing_made(&world, &to).await;

    change(&world, &to, json!({"methods": ["POST", "PUT", "PATCH", "DELETE"]})).await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::POST] {
        let request = world.request(method.clone(), &to.url).body(BODY);
        let view = accepted(&world, &to, request, BODY.as_bytes()).await;
        succeeded(&view);
        assert_eq!(view["method"], method.as_str());
    }
}

/// An event of the API gateway, with another value at a pointer.
fn event(to: &Inbound, pointer: &str, value: Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}},
        "pathParameters": {"token": token(to)},
        "headers": {"content-type": "application/json"},
        "body": "{}",
        "isBase64Encoded": false,
    });
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

/// An event of format version 1.0, which a REST API sends.
fn version_one(to: &Inbound) -> Value {
    json!({
        "version": "1.0", "resource": "/in/{token}", "path": "/in/x", "httpMethod": "POST",
        "requestContext": {"identity": {"sourceIp": "192.0.2.1"}}, "body": null,
        "pathParameters": {"token": token(to)}, "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn in_28_events_of_another_shape_are_bad_requests() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    let mut encoded = event(&to, "/body", json!("e30*"));
    encoded["isBase64Encoded"] = json!(true);
    for event in [
        version_one(&to),
        encoded,
        event(&to, "/requestContext", Value::Null),
        event(&to, "/requestContext", json!("x")),
        event(&to, "/requestContext/http", Value::Null),
        event(&to, "/pathParameters", Value::Null),
        event(&to, "/pathParameters", json!({})),
        event(&to, "/headers", json!(7)),
        event(&to, "/headers", json!({"a": ["b"]})),
        event(&to, "/body", json!({})),
        json!({}),
        json!([]),
        json!(null),
        json!("x"),
        json!({"Records": []}),
    ] {
        let response = world.host.invoke("ingest", event.clone()).await.unwrap();
        assert_eq!(response["statusCode"], 400, "{event}");
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["code"], "bad_request");
    }
    world.settle().await;
    assert_eq!(listed(&world, &to).await, 0);
}

#[tokio::test]
async fn in_28_an_event_without_a_body_or_headers_is_a_request_without_them() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    for (event, status) in [
        (event(&to, "/body", Value::Null), "error"),
        (event(&to, "/headers", Value::Null), "success"),
    ] {
        let response = world.host.invoke("ingest", event).await.unwrap();
        assert_eq!(response["statusCode"], 200);
        world.settle().await;
        let id = response["headers"]["x-gancho-id"].as_str().unwrap();
        assert_eq!(world.webhook(&to, id).await["status"], status);
    }
}

#[tokio::test]
async fn in_29_s1_7_d9_an_inactive_integration_stores_webhooks_without_processing_them() {
    let world = World::new().await;
    let to = world.inbound(json!({"active": false})).await;
    let view = json_sent(&world, &to, BODY).await;
    failed(&view, "integration_inactive", &[]);
    assert_eq!(view["active"], false);
    nothing_made(&world, &to).await;

    // A webhook shown as inactive stays so, whatever the integration's later state (FACTS S1.6).
    change(&world, &to, json!({"active": true})).await;
    let id = view["id"].as_str().unwrap();
    assert_eq!(world.webhook(&to, id).await["active"], false);
    assert_eq!(json_sent(&world, &to, BODY).await["active"], true);
    assert_eq!(world.deals(&to.origin).await.len(), 1);

    let path = format!("/v1/origins/{}/webhooks/{id}/reprocess", to.origin);
    let response = world.post(&path, json!({})).await;
    assert!(response.status.is_success(), "{}", response.text());
    world.settle().await;
    let again = world.webhook(&to, id).await;
    succeeded(&again);
    assert_eq!((&again["active"], again["runs"].as_array().unwrap().len()), (&json!(false), 2));
}

#[tokio::test]
async fn in_30_a_deleted_integration_is_unknown_and_its_webhooks_stay() {
    let world = World::new().await;
    let to = world.inbound(json!({"name": "Formulário"})).await;
    let view = json_sent(&world, &to, BODY).await;
    world.delete(&format!("/v1/integrations/{}", to.id)).await.expect(204);
    world.advance(CACHE);
    let request = post(&world, &to).body(BODY);
    turned_away(&world, &to, request, (404, "unknown_ingest_url")).await;
    let kept = world.webhook(&to, view["id"].as_str().unwrap()).await;
    succeeded(&kept);
    assert_eq!(kept["integration"]["name"], "Formulário");
}

/// Suspends the workspace or ends its suspension, as only the operator of a deployment can.
pub(crate) async fn suspended(world: &World, suspended: bool) {
    let key = keys::config::workspace(world.workspace.parse().unwrap());
    let table = world.host.environment("ingest", "TABLE_CONFIG").unwrap();
    let client = world.host.dynamo_client();
    let read = client
        .get_item()
        .table_name(table)
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk));
    let mut row = read.send().await.unwrap().item.unwrap();
    let mut document: Value = serde_json::from_str(row["doc"].as_s().unwrap()).unwrap();
    document["suspended"] = json!(suspended);
    row.insert("doc".to_owned(), AttributeValue::S(document.to_string()));
    client.put_item().table_name(table).set_item(Some(row)).send().await.unwrap();
}

#[tokio::test]
async fn in_30_a_suspended_workspace_receives_nothing() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    suspended(&world, true).await;
    world.advance(CACHE);
    let response = answer(post(&world, &to).body(BODY)).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (403, "workspace_suspended"));
    world.settle().await;
    nothing_made(&world, &to).await;
    assert_eq!(listed(&world, &to).await, 0);
}

#[tokio::test]
async fn in_31_s1_6_the_state_at_receipt_decides_not_the_later_one() {
    for active in [true, false] {
        let world = World::new().await;
        let to = world.inbound(json!({"active": active})).await;
        // Processing is paused before it reads anything of the integration.
        let faults = world.host.faults();
        let held = faults.on("GetItem").function("process").table("config").always().hold_before();
        let sent = world.send(&to, BODY).await.expect(200);
        held.reached().await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(world.webhook(&to, id).await["status"], "pending");
        change(&world, &to, json!({"active": !active})).await;
        faults.clear();
        world.settle().await;
        let view = world.webhook(&to, id).await;
        assert_eq!(view["active"], active);
        if active {
            succeeded(&view);
            assert_eq!(world.deals(&to.origin).await.len(), 1);
        } else {
            failed(&view, "integration_inactive", &[]);
            nothing_made(&world, &to).await;
        }
    }
}

#[tokio::test]
async fn f10_a_pasted_secret_with_blanks_around_it_is_the_secret() {
    let world = World::new().await;
    let secret = "token-colado-inventado";
    let pasted = format!(" \t{secret}\n");
    for check in [
        json!({"type": "token", "in": {"header": " X-Token "}, "secret": pasted}),
        json!({"type": "token", "in": {"header": "x-token"}, "secret": {"value": pasted}}),
        json!({"type": "hotmart", "header": "x-token ", "secret": pasted}),
    ] {
        let to = world.inbound(json!({"verification": [check]})).await;
        let right = post(&world, &to).header("x-token", secret).body(BODY);
        assert_eq!(answer(right).await.status, 200, "{check}");
        assert_eq!(refused(&world, &to).await, []);
    }
    let query = json!({"type": "token", "in": {"query": " chave "}, "secret": pasted});
    let to = world.inbound(json!({"verification": [query]})).await;
    let url = format!("{}?chave={secret}", to.url);
    assert_eq!(answer(world.request(Method::POST, &url).body(BODY)).await.status, 200);
    let basic = json!({"type": "basic", "user": " loja ", "secret": pasted});
    let to = world.inbound(json!({"verification": [basic]})).await;
    let right = post(&world, &to).basic_auth("loja", Some(secret)).body(BODY);
    assert_eq!(answer(right).await.status, 200);

    let dedupe = json!({"source": {"header": " X-Entrega "}});
    let settings = json!({"dedupe": dedupe, "allowed_ips": [" 203.0.113.7 "]});
    let to = world.inbound(settings).await;
    let shown = world.get(&format!("/v1/integrations/{}", to.id)).await.expect(200);
    assert_eq!(shown["dedupe"]["source"]["header"], "x-entrega");
    assert_eq!(shown["allowed_ips"], json!(["203.0.113.7/32"]));

    let endpoint = json!({
        "name": "ERP", "url": " https://erp.example.com/entrada\n",
        "headers": [{"name": " X-Loja ", "value": " valor\n"}],
    });
    let created = world.post("/v1/endpoints", endpoint).await.expect(201);
    let endpoint = created.get("endpoint").unwrap_or(&created);
    assert_eq!(endpoint["url"], "https://erp.example.com/entrada");
    assert_eq!(endpoint["headers"][0]["name"], "x-loja");
    assert_eq!(endpoint["headers"][0]["value"], "valor");
}

#[tokio::test]
async fn f10_a_path_after_the_token_is_counted_for_the_integration_whose_token_is_right() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let other = world.inbound(json!({})).await;
    for path in ["/messages-upsert", "/", "/a/b?x=1"] {
        let url = format!("{}{path}", to.url);
        let refusal = answer(world.request(Method::POST, &url).body(BODY)).await;
        assert_eq!((refusal.status.as_u16(), &*refusal.code()), (404, "unknown_ingest_url"));
    }
    let own = token(&to);
    let another = if own.ends_with('A') { "B" } else { "A" };
    let wrong = format!("{}{another}/x", &own[..own.len() - 1]);
    post_raw(&world, &format!("/in/{wrong}")).await;
    world.settle().await;
    assert_eq!(refused(&world, &to).await, [("path_after_token".to_owned(), 3)]);
    assert_eq!(refused(&world, &other).await, []);
    assert_eq!(listed(&world, &to).await, 0);
    let list = world.get(&format!("/v1/integrations/{}/refused", to.id)).await.expect(200);
    let message = list["items"][0]["message"].as_str().unwrap();
    assert!(message.contains("path after its token"), "{message}");
}
