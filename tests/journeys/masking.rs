//! Every plain secret of a sender is masked where its request is kept, not the first alone
//! (`CATALOGUE I14, AU-11`).

use reqwest::Method;
use serde_json::json;
use tests::{World, answer, checker};

#[tokio::test]
async fn i14_each_of_several_secrets_of_a_sender_is_masked() {
    let world = World::new().await;
    let check = |place: serde_json::Value, secret: &str| json!({"type": "token", "in": place, "secret": secret});
    let to = world
        .inbound(json!({"verification": [
            check(json!({"header": "x-one"}), "canary-one-0123456789"),
            check(json!({"header": "x-two"}), "canary-two-0123456789"),
            check(json!({"query": "three"}), "canary-three-0123456789"),
        ]}))
        .await;
    let url = format!("{}?three=canary-three-0123456789&kept=visible", to.url);
    let request = world.request(Method::POST, &url).header("x-one", "canary-one-0123456789");
    let request = request.header("x-two", "canary-two-0123456789").header("x-kept", "visible");
    let request = request.header("authorization", "Bearer canary-bearer-0123456789");
    let sent = answer(request.json(&json!({"email": "ana@exemplo.com.br"}))).await.expect(200);
    world.settle().await;
    let shown = world.webhook(&to, sent["id"].as_str().unwrap()).await.to_string();
    for secret in ["canary-one", "canary-two", "canary-three", "canary-bearer"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
        for row in checker::rows(&world, "TABLE_HISTORY").await {
            assert!(!format!("{row:?}").contains(secret), "{secret}");
        }
    }
    assert_eq!(shown.matches("visible").count(), 2, "{shown}");
}
