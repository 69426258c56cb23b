//! Events of webhooks, people and producers, and the rules that match them.

use futures::future::join_all;
use gancho_domain::outbound::event::Event;
use gancho_store::Store;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Inbound, World, answer};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, path: Option<&str>) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    assert_eq!(body["path"].as_str(), path, "{body}");
}

fn store(world: &World) -> Store {
    world.host.deps_for("deliveries").unwrap().store()
}

/// Every stored event of a subject, oldest first.
async fn events_of(world: &World, subject: &str) -> Vec<Event> {
    let ws = world.workspace.parse().unwrap();
    let mut found = store(world).events_of(ws, subject, world.now(), None, 100).await.unwrap();
    found.reverse();
    found
}

fn names(event: &Event) -> Vec<&str> {
    event.types.iter().map(gancho_domain::outbound::event::EventType::as_str).collect()
}

async fn deal(world: &World, to: &Inbound) -> Value {
    world.deals(&to.origin).await[0].clone()
}

fn order(n: u32) -> Value {
    json!({"type": "order.dispatched", "subject": n.to_string(), "subject_status": "dispatched",
           "data": {"order_number": n.to_string(), "invoice": {}, "note": null}})
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_10_d12_a_webhook_that_creates_a_deal_causes_one_event_of_deal_and_contact_each() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let sent =
        json!({"name": "Ana", "email": "ana@exemplo.com.br", "title": "Plano", "value": "10.50"});
    let webhook = world.receive(&to, sent.to_string()).await;
    let deal = deal(&world, &to).await;
    let events = events_of(&world, text(&deal["id"])).await;
    assert_eq!(events.len(), 1);
    assert_eq!(names(&events[0]), ["deal.created", "deal.entered_stage", "deal.updated"]);
    assert_eq!(events[0].subject_status.as_deref(), Some("open"));
    assert!(serde_json::to_string(&events[0].cause).unwrap().contains(&webhook));
    let data = &events[0].data;
    assert_eq!((&data["title"], &data["value"]), (&json!("Plano"), &json!("10.50")));
    assert_eq!((&data["stage_name"], &data["origin_name"]), (&json!("Novo"), &json!("Vendas")));
    assert_eq!(data["contact"]["email"], "ana@exemplo.com.br");
    assert_eq!(data.get("tags"), None, "only filled fields");
    let contact = events_of(&world, text(&deal["contact"])).await;
    assert_eq!(
        contact.iter().map(names).collect::<Vec<_>>(),
        [["contact.created", "contact.updated"]]
    );
    assert_eq!(contact[0].data.get("deals"), None);
    let month = SignedDuration::from_hours(24 * 30);
    assert_eq!(events[0].expires_at, world.now() + month, "{:?}", events[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_changes_nothing_is_no_event_and_a_changed_stage_names_itself() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let sent = json!({"email": "ana@exemplo.com.br", "title": "Plano"});
    world.receive(&to, sent.to_string()).await;
    let deal = deal(&world, &to).await;
    world.advance(SignedDuration::from_secs(1));
    world.receive(&to, sent.to_string()).await;
    assert_eq!(events_of(&world, text(&deal["id"])).await.len(), 1);
    world.advance(SignedDuration::from_secs(1));
    let moved = json!({"email": "ana@exemplo.com.br", "stage": "Fechado"});
    world.receive(&to, moved.to_string()).await;
    let events = events_of(&world, text(&deal["id"])).await;
    assert_eq!(events.len(), 2);
    assert_eq!(names(&events[1]), ["deal.stage_changed", "deal.entered_stage", "deal.updated"]);
    assert_eq!(events_of(&world, text(&deal["contact"])).await.len(), 1, "the person is the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_10_a_person_who_updates_a_deal_causes_an_event_with_the_change() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    world.receive(&to, json!({"name": "Ana", "email": "ana@exemplo.com.br"}).to_string()).await;
    let before = deal(&world, &to).await;
    let path = format!("/v1/deals/{}", text(&before["id"]));
    world.advance(SignedDuration::from_secs(1));
    world.patch(&path, json!({"status": "won"})).await.expect(200);
    world.advance(SignedDuration::from_secs(1));
    world.patch(&path, json!({"status": "won"})).await.expect(200);
    world.patch(&path, json!({"title": "Outro"})).await.expect(200);
    let events = events_of(&world, text(&before["id"])).await;
    let changes: Vec<_> = events.iter().skip(1).map(names).collect();
    assert_eq!(changes, [vec!["deal.status_changed", "deal.updated"], vec!["deal.updated"]]);
    assert_eq!(events[1].subject_status.as_deref(), Some("won"));
    assert_eq!(serde_json::to_value(&events[1].cause).unwrap(), "person");
    assert_eq!(events[1].data["contact"]["name"], "Ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_1_a_producer_publishes_an_order_and_its_data_is_not_changed() {
    let world = World::new().await;
    let mut body = order(1042);
    body["occurred_at"] = json!("2026-11-20T10:00:00-03:00");
    body["data"]["value"] = serde_json::from_str("259.9000000000000000000001").unwrap();
    let taken = world.post("/v1/events", body.clone()).await.expect(202);
    let events = events_of(&world, "1042").await;
    assert_eq!((events.len(), events[0].id.to_string()), (1, text(&taken["id"]).to_owned()));
    assert_eq!(events[0].data, body["data"], "empty values stay, and numbers keep their digits");
    assert_eq!(events[0].occurred_at.to_string(), "2026-11-20T13:00:00Z");
    assert_eq!(events[0].subject_status.as_deref(), Some("dispatched"));
    let (_, stranger) = world.new_workspace("Outra loja").await;
    world.call_as(&stranger, Method::POST, "/v1/events", Some(&body)).await.expect(202);
    assert_eq!(events_of(&world, "1042").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn te_05_an_invalid_event_is_refused_with_its_reason() {
    let world = World::new().await;
    let with = |field: &str, value: Value| {
        let mut body = order(1);
        body[field] = value;
        body
    };
    for (body, path) in [
        (with("type", json!("Order")), "type"),
        (with("type", json!("a".repeat(65))), "type"),
        (with("subject", json!("")), "subject"),
        (with("subject", json!("é".repeat(257))), "subject"),
        (with("subject", json!("a\u{0}b")), "subject"),
        (with("subject", json!("a\u{202e}b")), "subject"),
        (with("subject", json!(1042)), "subject"),
        (with("subject_status", json!("")), "subject_status"),
        (with("occurred_at", json!("yesterday")), "occurred_at"),
        (with("occurred_at", json!(1_795_266_000_000_u64)), "occurred_at"),
        (with("data", json!([])), "data"),
        (with("data", json!(null)), "data"),
        (with("id", json!("i".repeat(256))), "id"),
        (with("nope", json!(1)), "nope"),
        (json!({"type": "a.b", "data": {}}), "subject"),
    ] {
        let got = world.post("/v1/events", body.clone()).await;
        assert_eq!(got.code(), "validation_error", "{body:.80}: {}", got.text());
        refused(&got, 422, "validation_error", Some(path));
    }
    let fits = with("data", json!({"a": "x".repeat(256 * 1024 - 8)}));
    world.post("/v1/events", fits).await.expect(202);
    let large = with("data", json!({"a": "x".repeat(256 * 1024 - 7)}));
    refused(&world.post("/v1/events", large).await, 413, "event_too_large", Some("data"));
    let viewer = world.post("/v1/keys", json!({"name": "v", "role": "viewer"})).await.expect(201);
    let theirs =
        world.call_as(text(&viewer["key"]), Method::POST, "/v1/events", Some(&order(1))).await;
    refused(&theirs, 403, "forbidden", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_the_same_event_is_accepted_once_and_another_with_its_id_is_refused() {
    let world = World::new().await;
    let mut body = order(7);
    body["id"] = json!("pedido-7");
    let first = world.post("/v1/events", body.clone()).await.expect(202);
    world.advance(SignedDuration::from_secs(5));
    let again = world.post("/v1/events", body.clone()).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(202), first);
    let mut other = body.clone();
    other["data"]["note"] = json!("x");
    refused(&world.post("/v1/events", other.clone()).await, 409, "idempotency_mismatch", None);
    assert_eq!(events_of(&world, "7").await.len(), 1);
    // The same JSON in another spelling is the same event.
    let spelled = format!(" {} ", serde_json::to_string_pretty(&body).unwrap());
    let url = format!("{}/v1/events", world.host.base_url());
    let request = world.request(Method::POST, &url).bearer_auth(&world.key).body(spelled);
    assert_eq!(answer(request).await.expect(202), first);
    // The same key of another kind of request is a different key.
    let request = world.request(Method::POST, &url).bearer_auth(&world.key);
    let by_header =
        answer(request.header("idempotency-key", "k").json(&order(8))).await.expect(202);
    let origins = format!("{}/v1/origins", world.host.base_url());
    let request = world.request(Method::POST, &origins).bearer_auth(&world.key);
    let origin = json!({"name": "Vendas", "stages": ["Novo"]});
    answer(request.header("idempotency-key", "k").json(&origin)).await.expect(201);
    let request = world.request(Method::POST, &url).bearer_auth(&world.key);
    let replayed = answer(request.header("idempotency-key", "k").json(&order(8))).await;
    assert_eq!(replayed.expect(202), by_header);
    assert_eq!(events_of(&world, "8").await.len(), 1);
    world.advance(SignedDuration::from_hours(24));
    let later = world.post("/v1/events", other).await.expect(202);
    assert_ne!(later["id"], first["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn re_05_twenty_concurrent_requests_and_a_killed_one_are_one_event() {
    let world = World::new().await;
    let mut body = order(9);
    body["id"] = json!("pedido-9");
    let got = join_all((0..20).map(|_| world.post("/v1/events", body.clone()))).await;
    let taken: Vec<&Answer> = got.iter().filter(|one| one.status == 202).collect();
    assert!(!taken.is_empty());
    for one in got.iter().filter(|one| one.status != 202) {
        refused(one, 409, "idempotency_in_progress", None);
    }
    assert_eq!(events_of(&world, "9").await.len(), 1);
    body = order(10);
    body["id"] = json!("pedido-10");
    // The event is stored; the response is about to be stored.
    let held = world
        .host
        .faults()
        .on("UpdateItem")
        .function("publish")
        .table("coordination")
        .hold_before();
    let killed = async {
        held.reached().await;
        world.host.kill("publish").unwrap();
    };
    let (first, ()) = tokio::join!(world.post("/v1/events", body.clone()), killed);
    assert_eq!(first.status, 500, "{}", first.text());
    held.release();
    world.host.faults().clear();
    refused(&world.post("/v1/events", body.clone()).await, 409, "idempotency_in_progress", None);
    world.advance(SignedDuration::from_secs(31));
    let again = world.post("/v1/events", body).await.expect(202);
    let events = events_of(&world, "10").await;
    assert_eq!((events.len(), events[0].id.to_string()), (1, text(&again["id"]).to_owned()));
}

/// A rule of these types to an integration of the workspace.
async fn rule_to_integration(world: &World, types: Value, to: &Inbound) -> Value {
    let rule = json!({
        "name": "De origem a origem",
        "filter": {"types": types},
        "target": {"integration": {"origin": to.origin, "integration": to.id}},
    });
    world.post("/v1/rules", rule).await.expect(201)
}

/// Maps the standard body of a deal's event.
fn from_deal() -> Value {
    json!({"fields": [
        {"target": "contact.email", "path": "$.data.contact.email"},
        {"target": "contact.name", "path": "$.data.contact.name"},
        {"target": "deal.title", "path": "$.data.title"},
        {"target": "deal.status", "path": "$.data.status"},
    ]})
}

#[tokio::test(flavor = "multi_thread")]
async fn d19_s3_14_from_origin_to_origin_a_deal_arrives_open_and_in_both_histories() {
    let world = World::new().await;
    let from = world.inbound(json!({})).await;
    let origin = world.origin("Pós-venda").await;
    let to = world.integration(&origin, json!({"mapping": from_deal()})).await;
    world
        .receive(
            &from,
            json!({"name": "Ana", "email": "ana@exemplo.com.br", "title": "Plano"}).to_string(),
        )
        .await;
    rule_to_integration(&world, json!(["deal.status_changed"]), &to).await;
    let deal = deal(&world, &from).await;
    world.advance(SignedDuration::from_secs(10));
    world
        .patch(&format!("/v1/deals/{}", text(&deal["id"])), json!({"status": "won"}))
        .await
        .expect(200);
    world.settle().await;
    let there = world.deals(&origin).await;
    assert_eq!(there.len(), 1, "one rule sends once");
    assert_eq!((&there[0]["title"], &there[0]["status"]), (&json!("Plano"), &json!("open")));
    assert_eq!(there[0]["contact"], deal["contact"]);
    let history = world.webhooks(&origin, "").await;
    assert_eq!((&history["count"], &history["items"][0]["status"]), (&json!(1), &json!("success")));
    let events = events_of(&world, text(&there[0]["id"])).await;
    assert_eq!(events[0].hops, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn d19_of_06_a_loop_stops_after_three_hops() {
    let world = World::new().await;
    let origin = world.origin("Vendas").await;
    let settings = json!({"mapping": from_deal(), "action": "create_deal"});
    let to = world.integration(&origin, settings).await;
    rule_to_integration(&world, json!(["deal.created"]), &to).await;
    let first = json!({"data": {"title": "Volta", "contact": {"email": "ana@exemplo.com.br"}}});
    world.send(&to, first.to_string()).await.expect(200);
    for _ in 0..8 {
        world.settle().await;
        world.advance(SignedDuration::from_secs(1));
    }
    let deals = world.deals(&origin).await;
    assert_eq!(deals.len(), 4, "the first, and three that Gancho passed on to itself");
    let list = world.get("/v1/deliveries?state=discarded").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert!(list.to_string().contains("loop_detected"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_06_an_event_that_returns_through_an_external_system_keeps_its_hops() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let request = world.request(Method::POST, &to.url).header("gancho-hops", "2");
    let sent = answer(request.body(json!({"email": "ana@exemplo.com.br"}).to_string())).await;
    let sent = sent.expect(200);
    world.settle().await;
    let seen = world.webhook(&to, text(&sent["id"])).await;
    assert!(seen["headers"].to_string().contains("gancho-hops"), "{seen}");
    let deal = deal(&world, &to).await;
    assert_eq!(events_of(&world, text(&deal["id"])).await[0].hops, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn d12_a_rule_that_matches_several_names_of_one_change_sends_once() {
    let world = World::new().await;
    let from = world.inbound(json!({})).await;
    let origin = world.origin("Pós-venda").await;
    let to =
        world.integration(&origin, json!({"mapping": from_deal(), "action": "create_deal"})).await;
    let types = json!(["deal.updated", "deal.created", "deal.entered_stage"]);
    let rule = rule_to_integration(&world, types, &to).await;
    let filter = json!({"filter": {"types": ["deal.updated", "deal.created", "deal.entered_stage"], "origins": [from.origin]}});
    world.patch(&format!("/v1/rules/{}", text(&rule["id"])), filter).await.expect(200);
    world
        .receive(&from, json!({"email": "ana@exemplo.com.br", "title": "Plano"}).to_string())
        .await;
    world.settle().await;
    assert_eq!(world.deals(&origin).await.len(), 1);
    let list = world.get("/v1/deliveries").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    // Any other change of the deal causes one more delivery.
    world.advance(SignedDuration::from_secs(10));
    world
        .receive(
            &from,
            json!({"email": "ana@exemplo.com.br", "stage": "Fechado", "title": "Outro"})
                .to_string(),
        )
        .await;
    world.settle().await;
    assert_eq!(world.deals(&origin).await.len(), 2);
}
