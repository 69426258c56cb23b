//! An `Idempotency-Key` names one request of one workspace: its route, its path and its body
//! (`CATALOGUE RE-05`).

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, World, answer};

async fn post(world: &World, key: &str, path: &str, body: &Value) -> Answer {
    let request = world.request(Method::POST, &format!("{}{path}", world.host.base_url()));
    let request = request.bearer_auth(key).header("idempotency-key", "click-1");
    answer(request.json(body)).await
}

#[tokio::test]
async fn re_05_a_key_of_another_path_or_body_is_refused_and_does_nothing() {
    let world = World::new().await;
    let (one, two) = (world.inbound(json!({})).await, world.inbound(json!({})).await);
    let path = |id: &str| format!("/v1/integrations/{id}/duplicate");
    let first = post(&world, &world.key, &path(&one.id), &json!({})).await.expect(201);
    for (path, body) in [
        (path(&two.id), json!({})),
        (path(&one.id), json!({"name": "Outro"})),
        ("/v1/origins".to_owned(), json!({})),
    ] {
        let got = post(&world, &world.key, &path, &body).await;
        assert_eq!(
            (got.status.as_u16(), got.code().as_str()),
            (409, "idempotency_mismatch"),
            "{path}"
        );
    }
    let again = post(&world, &world.key, &path(&one.id), &json!({})).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(201)["id"], first["id"]);
    assert_eq!(world.get("/v1/integrations").await.expect(200)["count"], 3);
}

#[tokio::test]
async fn re_05_a_key_of_another_workspace_is_another_key() {
    let world = World::new().await;
    let (_, neighbour) = world.new_workspace("Outra loja").await;
    let origin = json!({"name": "Vendas", "stages": ["Novo"]});
    let first = post(&world, &world.key, "/v1/origins", &origin).await.expect(201);
    let other = post(&world, &neighbour, "/v1/origins", &origin).await;
    assert!(!other.headers.contains_key("idempotent-replayed"));
    assert_ne!(other.expect(201)["id"], first["id"]);
}
