//! The recipe for receivers in Rust, as ARCHITECTURE.md prints it, on real deliveries. The recipes in
//! other languages run in `cargo xtask test --only clients`.

use gancho_edge::clock::{Clock, ManualClock};
use local::CapturedRequest;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::json;
use standardwebhooks::{Webhook, WebhookError};
use tests::World;

fn verify(secret: &str, signed: &[u8], headers: &HeaderMap) -> Result<(), WebhookError> {
    Webhook::new(secret)?.verify(signed, headers)
}

/// The secret of an endpoint, and a POST and a GET of the same event as its receiver got them.
async fn deliver(world: &World) -> (String, Vec<CapturedRequest>) {
    let url = world.host.inbox().url("erp", "/orders?loja=1");
    let new = json!({"name": "ERP", "url": url});
    let endpoint = world.post("/v1/endpoints", new).await.expect(201);
    for method in ["POST", "GET"] {
        let rule = json!({
            "name": method, "method": method, "filter": {"types": ["order.dispatched"]},
            "target": {"endpoint": endpoint["id"]},
            "body": {"mapped": [{"from": "data.nota", "to": "nota"}]},
        });
        world.post("/v1/rules", rule).await.expect(201);
    }
    let event =
        json!({"type": "order.dispatched", "subject": "1", "data": {"nota": "açaí & +%41"}});
    world.post("/v1/events", event).await.expect(202);
    world.settle().await;
    (endpoint["secret"].as_str().unwrap().to_owned(), world.host.inbox().at("erp"))
}

fn headers(request: &CapturedRequest) -> HeaderMap {
    let pairs = request.headers.iter();
    pairs
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn f8_the_recipe_in_rust_verifies_a_post_and_a_get() {
    // The library reads the real clock.
    let world = World::at(ManualClock::new(Clock::System.now()), |builder| builder).await;
    let (secret, requests) = deliver(&world).await;
    let mut methods: Vec<&str> = requests.iter().map(|request| request.method.as_str()).collect();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "POST"]);
    for request in &requests {
        let query = request.query.as_deref().unwrap().as_bytes();
        let signed = if request.method == "GET" { query } else { &request.body };
        verify(&secret, signed, &headers(request)).unwrap();
        assert!(verify(&secret, &[signed, b"1"].concat(), &headers(request)).is_err());
        assert!(verify(super::signing::WHSEC, signed, &headers(request)).is_err());
    }
    world.host.shutdown().await;
}

#[test]
fn f8_the_document_prints_the_recipe_that_is_tested() {
    let document = include_str!("../../infra/docs/ARCHITECTURE.md");
    let recipe = document.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(include_str!("recipes.rs").contains(recipe), "{recipe}");
    assert_eq!(document.matches("```rust").count(), 1);
}
