//! The page of a subject, and the list of notices.

use std::collections::BTreeSet;

use gancho_domain::outbound::endpoint::Preset;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::outbound::{Outbound, Reply};

use super::{act, list};

#[tokio::test]
async fn a_subjects_page_shows_both_directions_in_order_of_time() {
    let out = Outbound::new().await;
    out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    let to = out.world.inbound(json!({})).await;
    let webhook = out
        .world
        .receive(&to, r#"{"name":"Ana","email":"ana@example.com","title":"Um","order":"4711"}"#)
        .await;
    out.later(SignedDuration::from_mins(1)).await;
    out.happened(["4711".to_owned()]).await;
    out.later(SignedDuration::from_mins(1)).await;
    let delivery = out.deliveries().await.iter().find(|d| d.subject == "4711").unwrap().id;
    act(&out, &delivery.to_string(), "resend").await.expect(201);
    out.world.settle().await;
    let page = out.world.get("/v1/subjects/4711").await.expect(200);
    let kinds = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    };
    let all = kinds(&page);
    assert_eq!(all.len(), 4);
    assert_eq!((all[0].as_str(), all[3].as_str()), ("delivery", "webhook"));
    assert_eq!(page["items"][3]["webhook"]["id"], webhook);
    assert_eq!(page["items"][0]["delivery"]["resend_of"], delivery.to_string());
    // The same in pages of one item.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/subjects/4711?limit=1{cursor}");
        let page = out.world.get(&path).await.expect(200);
        seen.extend(kinds(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    // A deal by its id: the webhook that created it, and its deliveries.
    let deal = out.world.deals(&to.origin).await[0]["id"].as_str().unwrap().to_owned();
    let page = out.world.get(&format!("/v1/subjects/{deal}")).await.expect(200);
    let all: BTreeSet<String> = kinds(&page).into_iter().collect();
    assert_eq!(all, BTreeSet::from(["event".to_owned(), "webhook".to_owned()]));
    let nothing = out.world.get("/v1/subjects/nobody").await.expect(200);
    assert_eq!(nothing["items"], json!([]));
}

#[tokio::test]
async fn f7_the_page_of_a_subject_takes_the_texts_that_an_event_takes() {
    let out = Outbound::new().await;
    for (subject, path) in [("NF 12/2026", "NF%2012%2F2026"), ("São João", "S%C3%A3o%20Jo%C3%A3o")]
    {
        let event = json!({"type": "order.dispatched", "subject": subject, "data": {}});
        out.world.post("/v1/events", event).await.expect(202);
        out.world.settle().await;
        let page = out.world.get(&format!("/v1/subjects/{path}")).await.expect(200);
        assert_eq!(
            (&page["subject"], &page["items"][0]["kind"]),
            (&json!(subject), &json!("event"))
        );
    }
    for path in ["a%00b", "a%0Ab", "a%E2%80%AEb", "%20"] {
        let missing = out.world.get(&format!("/v1/subjects/{path}")).await;
        assert_eq!(
            (missing.status.as_u16(), missing.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn s2_5_a_key_of_any_printable_text_finds_its_events_and_an_e_mail_or_phone_the_webhooks() {
    let out = Outbound::new().await;
    let to = out.world.inbound(json!({})).await;
    let body = r#"{"name":"Ana","email":"ana@example.com","phone":"(11) 98765-4321","title":"Um"}"#;
    let webhook = out.world.receive(&to, body).await;
    let event = json!({"type": "order.dispatched", "subject": "NF 12/2026 ana@x", "data": {}});
    out.world.post("/v1/events", event).await.expect(202);
    out.world.settle().await;
    let find = async |key: &str| out.world.get(&format!("/v1/subjects?key={key}")).await;
    let page = find("NF%2012%2F2026%20ana%40x").await.expect(200);
    assert_eq!(
        (&page["subject"], &page["items"][0]["kind"], &page["returned"]),
        (&json!("NF 12/2026 ana@x"), &json!("event"), &json!(1))
    );
    for key in ["ana%40example.com", "ANA@EXAMPLE.COM", "11987654321", "%2B55%2011%2098765-4321"] {
        let page = find(key).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 1, "{key}: {page}");
        assert_eq!(page["items"][0]["webhook"]["id"], webhook, "{key}");
    }
    let path = out.world.get("/v1/subjects/ana@example.com").await.expect(200);
    assert_eq!(path["items"][0]["webhook"]["id"], webhook);
    assert_eq!(find("bia@example.com").await.expect(200)["items"], json!([]));
    for (key, reason) in [("", "required"), ("a%0Ab", "control_character"), ("a%00b", "nul")] {
        let refused = find(key).await.expect(422);
        assert_eq!(
            (&refused["path"], &refused["params"]["reason"]),
            (&json!("key"), &json!(reason))
        );
    }
    out.world.get("/v1/subjects").await.expect(422);
}

#[tokio::test]
async fn notices_are_listed() {
    let out = Outbound::new().await;
    let endpoint = out.sends_to("/a", Preset::StandardWebhooks.policy()).await;
    out.receiver.answers("/a", Reply::Status(410));
    out.happened(["1".to_owned()]).await;
    let page = out.world.get("/v1/notices").await.expect(200);
    let notice = &page["items"][0];
    assert_eq!(notice["kind"], "gone");
    assert_eq!(notice["endpoint"]["id"], endpoint.to_string());
    assert!(!notice["text"].as_str().unwrap().is_empty());
    assert_eq!(list(&out, "?state=failure").await["items"][0]["reason"], "endpoint_gone");
}
