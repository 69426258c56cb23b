//! The API keys of a suspended workspace (`CATALOGUE IN-30, TE-03`).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{OWNER, World};

use crate::ingest::suspended;

/// The longest time that the gateway keeps the authorizer's answer for a key.
const AUTHORIZED: SignedDuration = SignedDuration::from_secs(60);
/// The longest time that *publish* keeps a workspace.
const CACHED: SignedDuration = SignedDuration::from_secs(5);

fn event() -> Value {
    json!({"type": "order.dispatched", "subject": "PED-1", "data": {}})
}

/// A key of each role, and a call that each role may make.
async fn keys(world: &World) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    for role in ["viewer", "operator", "admin"] {
        let key = world.post("/v1/keys", json!({"name": role, "role": role})).await.expect(201);
        keys.push((role, key["key"].as_str().unwrap().to_owned()));
    }
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn in_30_every_key_of_a_suspended_workspace_is_refused_and_no_other() {
    let world = World::new().await;
    let (_, neighbour) = world.new_workspace("Outra loja").await;
    let mut all = keys(&world).await;
    all.push(("first admin", world.key.clone()));
    let calls = [
        (Method::GET, "/v1/workspace", None),
        (Method::GET, "/v1/deals", None),
        (Method::POST, "/v1/events", Some(event())),
        (Method::POST, "/v1/origins", Some(json!({"name": "Vendas", "stages": ["Novo"]}))),
    ];
    for (role, key) in &all {
        world.call_as(key, Method::GET, "/v1/workspace", None).await.expect(200);
        suspended(&world, true).await;
        world.advance(AUTHORIZED);
        for (method, path, body) in &calls {
            let got = world.call_as(key, method.clone(), path, body.as_ref()).await;
            assert_eq!(got.status, 403, "{role} {path}: {}", got.text());
            assert_eq!(got.text(), r#"{"message":"Forbidden"}"#, "the gateway refuses it");
        }
        world.call_as(&neighbour, Method::GET, "/v1/workspace", None).await.expect(200);
        world.call_as(&neighbour, Method::POST, "/v1/events", Some(&event())).await.expect(202);
        let new = json!({"name": "Nova"});
        world.call_as(OWNER, Method::POST, "/v1/workspaces", Some(&new)).await.expect(201);
        suspended(&world, false).await;
        world.advance(AUTHORIZED);
        world.call_as(key, Method::GET, "/v1/workspace", None).await.expect(200);
    }
    world.settle().await;
    assert_eq!(world.get("/v1/origins").await.expect(200)["count"], 0);
    assert_eq!(world.get("/v1/subjects/PED-1").await.expect(200)["items"], json!([]));
}

/// The gateway still has the authorizer's answer of before; the function refuses.
#[tokio::test(flavor = "multi_thread")]
async fn in_30_a_suspended_workspace_publishes_nothing_while_its_key_is_cached() {
    let world = World::new().await;
    world.post("/v1/events", event()).await.expect(202);
    suspended(&world, true).await;
    world.advance(CACHED);
    let got = world.post("/v1/events", event()).await;
    assert_eq!((got.status.as_u16(), got.code().as_str()), (403, "workspace_suspended"));
    world.settle().await;
    suspended(&world, false).await;
    world.advance(CACHED);
    world.post("/v1/events", event()).await.expect(202);
    world.settle().await;
    let trail = world.get("/v1/subjects/PED-1").await.expect(200);
    assert_eq!(trail["items"].as_array().unwrap().len(), 2, "{trail}");
}
