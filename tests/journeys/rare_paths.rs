//! Rare paths. Each of them needs a permission that no other test uses, so that without
//! them `cargo xtask privileges` would report it as unused.

use gancho_domain::outbound::{endpoint::Preset, rule::Target};
use jiff::SignedDuration;
use local::AwsError;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, World, answer,
    outbound::{EVENT, Outbound, Reply},
};

async fn once(world: &World, path: &str, key: &str, body: &Value) -> Answer {
    let request = world.request(Method::POST, &format!("{}{path}", world.host.base_url()));
    answer(request.bearer_auth(&world.key).header("idempotency-key", key).json(body)).await
}

/// Incompressible text.
fn noise(length: usize) -> String {
    let mut state = 7_u64;
    let captured = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from(state >> 58).unwrap())
    };
    (0..length).map(captured).collect::<String>().replace('\\', "a")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_webhook_of_many_chunks_can_be_previewed() {
    let world = World::new().await;
    let to = world.inbound(json!({"active": false})).await;
    let body = json!({"name": "Ana", "email": "ana@example.com", "more": noise(900_000)});
    let webhook = world.receive(&to, body.to_string()).await;
    let path = format!("/v1/integrations/{}/preview", to.id);
    let shown = world.post(&path, json!({"webhook": webhook})).await.expect(200);
    assert_eq!(shown["result"]["contact"]["email"], "ana@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_an_event_too_large_for_the_table_frees_its_key() {
    let world = World::new().await;
    let mut large = AwsError::new(400, "ValidationException");
    large.fields = json!({"message": "Item size has exceeded the maximum allowed size"});
    world.host.faults().on("PutItem").function("publish").table("events").pre_err(large);
    let body = json!({"type": "order.paid", "subject": "1042", "data": {"n": 1}, "id": "one"});
    let refused = world.post("/v1/events", body.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (413, "event_too_large"));
    // Other content with the same key: a mismatch if the key were still reserved.
    let smaller = json!({"type": "order.paid", "subject": "1042", "data": {}, "id": "one"});
    world.post("/v1/events", smaller).await.expect(202);
}

#[tokio::test]
async fn re_05_a_send_by_hand_that_is_refused_frees_its_key() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    let none = json!({"subject": "4711", "type": EVENT});
    let refused = once(&out.world, "/v1/deliveries/send", "k", &none).await;
    assert_eq!(refused.code(), "no_event_for_subject");
    out.happened(["4712".to_owned()]).await;
    let other = json!({"subject": "4712", "type": EVENT});
    once(&out.world, "/v1/deliveries/send", "k", &other).await.expect(201);
}

#[tokio::test]
async fn an_event_of_a_deal_is_sent_by_hand_with_the_current_deal() {
    let out = Outbound::new().await;
    let endpoint = out.endpoint("/a", Preset::StandardWebhooks.policy()).await;
    out.rule_for("deal.created", Target::Endpoint(endpoint)).await;
    let to = out.world.inbound(json!({})).await;
    out.later(SignedDuration::from_secs(6)).await;
    let body = r#"{"name":"Ana","email":"ana@example.com","title":"Um","order":"4711"}"#;
    out.world.receive(&to, body).await;
    out.world.settle().await;
    let deal = out.world.deals(&to.origin).await.remove(0);
    let request = json!({"subject": deal["id"], "type": "deal.created"});
    let sent = out.world.post("/v1/deliveries/send", request).await.expect(201);
    assert_eq!(sent["items"].as_array().unwrap().len(), 1, "{sent}");
    out.world.settle().await;
    assert_eq!(out.receiver.seen("/a").len(), 2);
}

#[tokio::test]
async fn the_schedule_enqueues_a_bulk_resend_whose_messages_were_never_enqueued() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::RespondIo.policy()).await;
    out.receiver.next("/a", Reply::Status(410));
    out.happened(["4711".to_owned()]).await;
    // The job is written; its first message is about to be enqueued.
    let enqueues =
        out.world.host.faults().on("SendMessageBatch").function("deliveries").table("resend-jobs");
    let held = enqueues.hold_before();
    let body = json!({"filter": {"subject": "4711"}});
    let killed = async {
        held.reached().await;
        out.world.host.kill("deliveries").unwrap();
    };
    let (response, ()) = tokio::join!(out.world.post("/v1/deliveries/resend", body), killed);
    assert_eq!(response.status, 500, "{}", response.text());
    out.world.host.faults().clear();
    let job = || async { out.world.get("/v1/jobs").await.expect(200)["items"][0].clone() };
    assert_eq!(job().await["state"], "running");
    out.later(SignedDuration::from_mins(31)).await;
    out.world.settle().await;
    assert_eq!(job().await["state"], "done", "{}", job().await);
}
