//! A webhook that is processed late or again has the effect that it had, and no other (`FACTS D15,
//! D18, S3.4, S3.10`).

use jiff::SignedDuration;
use local::AwsError;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Inbound, World, answer};

/// Sends a body under a delivery id; returns the webhook's id without waiting for its run.
async fn delivered(world: &World, to: &Inbound, id: &str, body: &Value) -> String {
    let request = world.request(Method::POST, &to.url).header("x-delivery", id);
    let request = request.header("content-type", "application/json").body(body.to_string());
    answer(request).await.expect(200)["id"].as_str().unwrap().to_owned()
}

async fn later(world: &World, seconds: i64) {
    world.advance(SignedDuration::from_secs(seconds));
    world.settle().await;
}

async fn reprocess(world: &World, to: &Inbound, id: &str) {
    let path = format!("/v1/origins/{}/webhooks/{id}/reprocess", to.origin);
    world.post(&path, json!({})).await.expect(202);
    world.settle().await;
}

fn by_header(window_hours: u32) -> Value {
    json!({"source": {"header": "x-delivery"}, "window_hours": window_hours})
}

#[tokio::test]
async fn d18_the_window_of_an_id_begins_at_the_receipt_even_if_the_run_is_late() {
    let world = World::new().await;
    let settings = json!({"action": "create_deal", "dedupe": by_header(1)});
    let to = world.inbound(settings).await;
    let ana = json!({"email": "ana@exemplo.com.br"});
    let faults = world.host.faults();
    let reads = faults.on("GetItem").function("process").table("config").always();
    reads.pre_err(AwsError::internal());
    let first = delivered(&world, &to, "evt-1", &ana).await;
    world.settle().await;
    // The stream and three messages fail; twelve minutes after the receipt the run succeeds.
    for _ in 0..3 {
        later(&world, 181).await;
    }
    faults.clear();
    later(&world, 181).await;
    let run = world.webhook(&to, &first).await["runs"][0].clone();
    assert_eq!(run["status"], "success", "{run}");
    let received: jiff::Timestamp = tests::START.parse().unwrap();
    let finished: jiff::Timestamp = run["finished_at"].as_str().unwrap().parse().unwrap();
    assert!(finished.duration_since(received) > SignedDuration::from_mins(9), "{run}");
    let until = received + SignedDuration::from_mins(61);
    later(&world, until.duration_since(world.now()).as_secs()).await;
    let second = delivered(&world, &to, "evt-1", &ana).await;
    world.settle().await;
    assert_eq!(world.webhook(&to, &second).await["duplicate_of"], Value::Null);
}

#[tokio::test]
async fn d18_a_reprocess_of_the_first_keeps_the_number_that_came() {
    let world = World::new().await;
    let to = world.inbound(json!({"dedupe": by_header(24)})).await;
    let ana = json!({"email": "ana@exemplo.com.br"});
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(delivered(&world, &to, "evt-1", &ana).await);
        later(&world, 1).await;
    }
    assert_eq!(world.webhook(&to, &ids[0]).await["seen"], 3);
    reprocess(&world, &to, &ids[0]).await;
    let first = world.webhook(&to, &ids[0]).await;
    assert_eq!((&first["seen"], first["runs"].as_array().unwrap().len()), (&json!(3), 2));
    ids.push(delivered(&world, &to, "evt-1", &ana).await);
    later(&world, 1).await;
    assert_eq!(world.webhook(&to, &ids[3]).await["duplicate_of"], json!(ids[0]));
    assert_eq!(world.webhook(&to, &ids[0]).await["seen"], 4);
}

#[tokio::test]
async fn d15_a_reprocess_in_create_mode_changes_its_own_deal_and_keeps_what_a_person_set() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal", "tag": "site"})).await;
    let send = async |title: &str| {
        let body = json!({"email": "ana@exemplo.com.br", "title": title, "value": "10"});
        let id = world.receive(&to, body.to_string()).await;
        world.advance(SignedDuration::from_secs(1));
        id
    };
    let (first, second) = (send("Um").await, send("Dois").await);
    let deal = async |webhook: &str| {
        let id = world.webhook(&to, webhook).await["deal"]["id"].clone();
        world.get(&format!("/v1/deals/{}", id.as_str().unwrap())).await.expect(200)
    };
    let (own, other) = (deal(&first).await, deal(&second).await);
    assert_ne!(own["id"], other["id"]);
    let path = format!("/v1/deals/{}", own["id"].as_str().unwrap());
    let person =
        json!({"status": "won", "stage": "Fechado", "tags": ["vip"], "title": "Renomeado"});
    world.patch(&path, person).await.expect(200);
    let closed = deal(&first).await;
    // The contact's newest open deal is the second one's.
    reprocess(&world, &to, &first).await;
    let run = world.webhook(&to, &first).await["runs"][1].clone();
    assert_eq!((&run["status"], &run["deal"]["id"]), (&json!("success"), &own["id"]), "{run}");
    let after = deal(&first).await;
    for field in ["status", "stage", "value"] {
        assert_eq!(after[field], closed[field], "{field}: {after}");
    }
    assert_eq!((&after["title"], &after["tags"]), (&json!("Um"), &json!(["site", "vip"])));
    assert_eq!(deal(&second).await, other);
    assert_eq!(world.deals(&to.origin).await.len(), 2);
}

#[tokio::test]
async fn s3_10_each_deal_that_is_created_beside_an_open_one_is_an_event_of_its_own() {
    let world = World::new().await;
    let to = world.inbound(json!({"action": "create_deal"})).await;
    for title in ["Um", "Dois"] {
        let body = json!({"email": "ana@exemplo.com.br", "title": title, "value": "10"});
        world.receive(&to, body.to_string()).await;
        world.advance(SignedDuration::from_secs(1));
    }
    for deal in world.deals(&to.origin).await {
        let path = format!("/v1/subjects/{}", deal["id"].as_str().unwrap());
        let trail = world.get(&path).await.expect(200);
        let events: Vec<&Value> =
            trail["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "event").collect();
        assert_eq!(events.len(), 1, "{trail}");
        assert!(events[0]["event"]["types"].to_string().contains("deal.created"), "{trail}");
    }
}

#[tokio::test]
async fn s3_6_the_webhooks_of_an_integration_take_effect_in_the_order_of_their_receipt() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let faults = world.host.faults();
    let held = faults.on("GetItem").function("process").table("config").hold_before();
    // The others wait behind the first, and come in one batch.
    for n in 0..6 {
        let body = json!({"email": "ana@exemplo.com.br", "title": format!("Pedido {n}")});
        world.send(&to, body.to_string()).await.expect(200);
        if n == 0 {
            held.reached().await;
        }
        world.advance(SignedDuration::from_millis(1));
    }
    held.release();
    world.settle().await;
    let deal = world.deals(&to.origin).await[0].clone();
    assert_eq!((&deal["title"], &deal["version"]), (&json!("Pedido 5"), &json!(6)));
}
