//! CATALOGUE AU-07 and AU-08, FACTS D18: repeated deliveries.

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Inbound, World, answer};

use crate::inbound::{accepted, json_sent, post, succeeded, warnings};

/// An integration that identifies deliveries by a header.
async fn by_header(world: &World) -> Inbound {
    let dedupe = json!({"source": {"header": "X-Delivery"}, "window_hours": 24});
    world.inbound(json!({"action": "create_deal", "dedupe": dedupe})).await
}

async fn delivered(world: &World, to: &Inbound, id: &str, body: &str) -> Value {
    let request = post(world, to).header("x-delivery", id).body(body.to_owned());
    accepted(world, to, request, body.as_bytes()).await
}

const ANA: &str = r#"{"email":"ana@example.com","title":"Um"}"#;

#[tokio::test]
async fn au_07_a_hundred_concurrent_repeats_are_all_listed_and_one_takes_effect() {
    let world = World::new().await;
    let to = by_header(&world).await;
    let send = |_| {
        let request = post(&world, &to).header("x-delivery", "evt-1").body(ANA);
        answer(request)
    };
    let responses = join_all((0..100).map(send)).await;
    assert!(responses.iter().all(|one| one.status == 200));
    world.settle().await;

    let items = world.webhooks(&to.origin, "?limit=200").await["items"].clone();
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), 100);
    assert!(items.iter().all(|item| item["status"] == "success"));
    let (first, others): (Vec<&Value>, Vec<&Value>) =
        items.iter().partition(|item| item["duplicate_of"].is_null());
    assert_eq!((first.len(), others.len()), (1, 99));
    assert!(others.iter().all(|item| item["duplicate_of"] == first[0]["id"]));
    assert!(others.iter().all(|item| item["deal"].is_null() && item["warnings"] == json!([])));

    let deals = world.deals(&to.origin).await;
    assert_eq!((deals.len(), &deals[0]["id"]), (1, &first[0]["deal"]["id"]));
    assert_eq!(world.contacts().await.len(), 1);
    let view = world.webhook(&to, first[0]["id"].as_str().unwrap()).await;
    assert_eq!(view["seen"], 100);
}

#[tokio::test]
async fn au_08_a_reused_id_with_another_body_is_listed_with_a_warning_and_changes_nothing() {
    let world = World::new().await;
    let to = by_header(&world).await;
    let first = delivered(&world, &to, "evt-1", ANA).await;
    let (deals, contacts) = (world.deals(&to.origin).await, world.contacts().await);
    let other = r#"{"email":"bia@example.com","title":"Outro"}"#;
    let second = delivered(&world, &to, "evt-1", other).await;
    succeeded(&second);
    assert_eq!(second["duplicate_of"], first["id"]);
    assert_eq!(warnings(&second), ["id_reuse"]);
    assert_eq!(world.deals(&to.origin).await, deals);
    assert_eq!(world.contacts().await, contacts);
    // The first keeps its bytes, and the same bytes again are no reuse.
    assert_eq!(world.payload(&to, first["id"].as_str().unwrap()).await, ANA.as_bytes());
    let third = delivered(&world, &to, "evt-1", ANA).await;
    assert_eq!((warnings(&third), &third["duplicate_of"]), (vec![], &first["id"]));
    assert_eq!(world.webhook(&to, first["id"].as_str().unwrap()).await["seen"], 3);
}

#[tokio::test]
async fn d18_an_id_is_a_duplicate_for_its_window_and_within_its_integration() {
    let world = World::new().await;
    let to = by_header(&world).await;
    let dedupe = json!({"source": {"header": "x-delivery"}, "window_hours": 1});
    let brief = json!({"action": "create_deal", "dedupe": dedupe});
    let brief = world.integration(&to.origin, brief).await;
    assert!(delivered(&world, &to, "evt-1", ANA).await["duplicate_of"].is_null());
    let first = delivered(&world, &brief, "evt-1", "{}").await;
    assert!(first["duplicate_of"].is_null(), "another integration's ids are its own");
    world.advance(SignedDuration::from_mins(59));
    assert_eq!(delivered(&world, &brief, "evt-1", "{}").await["duplicate_of"], first["id"]);
    world.advance(SignedDuration::from_mins(2));
    assert!(delivered(&world, &brief, "evt-1", "{}").await["duplicate_of"].is_null());
    assert_eq!(world.deals(&to.origin).await.len(), 3);
}

#[tokio::test]
async fn d18_the_first_shows_how_many_came_for_every_place_of_the_id() {
    for (source, bodies) in [
        (json!({"path": "$.id"}), [r#"{"id":7,"a":1}"#, r#"{"a":1,"id":7}"#]),
        (json!("body"), [r#"{"id":7}"#, r#"{"id":7}"#]),
    ] {
        let world = World::new().await;
        let dedupe = json!({"source": source, "window_hours": 24});
        let to = world.inbound(json!({"action": "create_deal", "dedupe": dedupe})).await;
        let first = json_sent(&world, &to, bodies[0]).await;
        let second = json_sent(&world, &to, bodies[1]).await;
        assert_eq!(second["duplicate_of"], first["id"]);
        let id = first["id"].as_str().unwrap();
        assert_eq!(world.webhook(&to, id).await["seen"], 2, "{source}");
        // Without an id nothing is a duplicate.
        if source.is_object() {
            for _ in 0..2 {
                assert!(json_sent(&world, &to, "{}").await["duplicate_of"].is_null());
            }
        }
    }
}

#[tokio::test]
async fn i16_without_a_delivery_id_every_request_is_a_webhook_of_its_own() {
    let world = World::new().await;
    let to = by_header(&world).await;
    for _ in 0..2 {
        let view = json_sent(&world, &to, ANA).await;
        succeeded(&view);
        assert!(view["duplicate_of"].is_null() && view["seen"].is_null());
    }
    assert_eq!(world.deals(&to.origin).await.len(), 2);
}
