//! The whole inbound path: the response to a sender, the URL, clocks that jump (CATALOGUE IF-14).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;

use crate::inbound::{anything, change, failed, json_sent, listed, post, succeeded};

#[tokio::test]
async fn if_14_a_clock_that_jumps_hides_nothing_and_repeats_no_id() {
    // Ten minutes ahead is the next day, in UTC as well as in the workspace's time zone.
    for start in ["2026-11-21T23:55:00Z", "2026-11-22T02:55:00Z", "2026-11-30T23:59:59.999Z"] {
        let world = World::new().await;
        world.clock.set(start.parse().unwrap());
        let to = anything(&world).await;
        let mut sent = Vec::new();
        for jump in [0, 600, -599, 0, 0, -1, 600, -600] {
            world.advance(SignedDuration::from_secs(jump));
            sent.push(json_sent(&world, &to, r#"{"title":"Um"}"#).await);
        }
        let ids: BTreeSet<&str> = sent.iter().map(|view| view["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 8);
        assert!(sent.iter().all(|view| view["status"] == "success"));
        assert_eq!(world.deals(&to.origin).await.len(), 8);

        let list = world.webhooks(&to.origin, "?limit=200").await;
        let items = list["items"].as_array().unwrap();
        let times: Vec<&str> = items.iter().map(|it| it["received_at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| parsed(a) >= parsed(b)), "{times:?}");
        assert_eq!((items.len(), &list["count"]), (8, &json!(8)), "{start}");
        let mut paged = BTreeSet::new();
        let mut query = "?limit=3".to_owned();
        loop {
            let page = world.webhooks(&to.origin, &query).await;
            let items = page["items"].as_array().unwrap().clone();
            paged.extend(items.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit=3&cursor={next}");
        }
        assert_eq!(paged.len(), 8);
    }
}

fn parsed(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn d13_the_sender_gets_the_integrations_own_answer_also_for_a_body_that_cannot_be_read() {
    let world = World::new().await;
    for status in [200, 201, 202, 204, 299] {
        let to = world.inbound(json!({"success_status": status})).await;
        for body in [r#"{"email":"ana@example.com"}"#, "{", ""] {
            let response = tests::answer(post(&world, &to).body(body)).await;
            assert_eq!(response.status, status);
            let id = response.headers["x-gancho-id"].to_str().unwrap().to_owned();
            if status == 204 {
                assert_eq!(response.bytes, b"");
            } else {
                assert_eq!(response.json(), json!({ "id": id }));
            }
            world.settle().await;
            let view = world.webhook(&to, &id).await;
            assert_eq!(view["status"], if body.len() > 1 { "success" } else { "error" });
        }
        assert_eq!(listed(&world, &to).await, 3);
    }
}

#[tokio::test]
async fn s3_8_the_url_is_created_with_the_integration_and_shown_again() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let other = world.integration(&to.origin, json!({})).await;
    let shown = world.get(&format!("/v1/integrations/{}/url", to.id)).await.expect(200);
    assert_eq!(shown["url"], to.url.as_str());
    assert_ne!(to.url, other.url);
    let token = to.url.strip_prefix(&format!("{}/in/", world.host.base_url())).unwrap();
    assert_eq!(token.len(), 46);
}

#[tokio::test]
async fn s3_15_a_change_applies_from_the_next_webhook_on() {
    let world = World::new().await;
    let to = world.inbound(json!({})).await;
    let body = r#"{"email":"ana@example.com","outro":"bia@example.com","title":"Um"}"#;
    let before = json_sent(&world, &to, body).await;
    succeeded(&before);
    let mapping = json!({"fields": [
        {"target": "contact.email", "path": "$.outro"}, {"target": "deal.title", "path": "$.title"},
    ]});
    let edit = json!({
        "name": "Novo nome", "mapping": mapping, "action": "create_deal", "tag": "novo",
        "stage": "Fechado", "status": "lost",
    });
    change(&world, &to, edit).await;
    let after = json_sent(&world, &to, body).await;
    succeeded(&after);
    let version = |view: &Value| view["runs"][0]["mapping_version"].as_u64().unwrap();
    assert_eq!(version(&after), version(&before) + 1);
    let path = format!("/v1/deals/{}", after["deal"]["id"].as_str().unwrap());
    let deal = world.get(&path).await.expect(200);
    assert_eq!((&deal["tags"], &deal["status"]), (&json!(["novo"]), &json!("lost")));
    let mut emails: Vec<Value> =
        world.contacts().await.iter().map(|contact| contact["email"].clone()).collect();
    emails.sort_by_key(ToString::to_string);
    assert_eq!(emails, ["ana@example.com", "bia@example.com"]);
    // A list shows the current name, also for earlier webhooks (FACTS D20).
    let items = world.webhooks(&to.origin, "").await["items"].clone();
    let names = items.as_array().unwrap().iter().map(|it| &it["integration"]["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["Novo nome"; 2]);
}

#[tokio::test]
async fn i1_an_accepted_webhook_is_listed_and_comes_back_byte_for_byte() {
    let world = World::new().await;
    let to = anything(&world).await;
    let bodies: Vec<String> = (0..60)
        .map(|n| match n % 3 {
            0 => format!("{{\"title\":\"Nº {n}\"}}"),
            1 => format!("{{ {n}"),
            _ => "a".repeat(n * 1_000),
        })
        .collect();
    let send = |body: &String| world.send(&to, body.clone());
    let responses = futures::future::join_all(bodies.iter().map(send)).await;
    world.settle().await;
    assert_eq!(listed(&world, &to).await, 60);
    for (body, response) in bodies.iter().zip(responses) {
        let id = response.expect(200)["id"].as_str().unwrap().to_owned();
        assert_eq!(world.payload(&to, &id).await, body.as_bytes());
        let view = world.webhook(&to, &id).await;
        if body.contains("title") {
            succeeded(&view);
        } else {
            failed(&view, "payload_unparseable", &[]);
        }
    }
    assert_eq!(world.deals(&to.origin).await.len(), 20);
}
