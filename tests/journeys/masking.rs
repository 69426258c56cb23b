//! Every plain secret of a sender is masked where its request is kept, not the first alone
//! (`CATALOGUE I14, AU-11`), and no answer shows what a reader could sign or send with.

use gancho_domain::outbound::endpoint::Preset;
use reqwest::Method;
use serde_json::json;
use tests::{
    World, answer, checker,
    outbound::{EVENT, Outbound, Reply},
};

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

#[tokio::test]
async fn gd_20_the_names_of_secrets_are_known_in_portuguese_and_however_they_are_written() {
    let world = World::new().await;
    let verification =
        json!([{"type": "token", "in": {"header": "x-one"}, "secret": "canary-known-0123456789"}]);
    let to = world.inbound(json!({ "verification": verification })).await;
    let url = format!(
        "{}?senha=canary-1&api%5Fkey=canary-2&accessToken=canary-3&r=canary%2Dknown-0123456789&kept=visible",
        to.url
    );
    let mut request = world.request(Method::POST, &url).header("x-one", "canary-known-0123456789");
    for (name, value) in [
        ("x-chave", "canary-4"),
        ("x-jwt-assertion", "canary-5"),
        ("ocp-apim-subscription-key", "canary-6"),
        ("referer", "https://erp.example/?of=canary-known-0123456789"),
        ("idempotency-key", "visible"),
    ] {
        request = request.header(name, value);
    }
    let sent = answer(request.json(&json!({"email": "ana@exemplo.com.br"}))).await.expect(200);
    let shown = world.webhook(&to, sent["id"].as_str().unwrap()).await.to_string();
    assert_eq!(
        (shown.matches("canary").count(), shown.matches("visible").count()),
        (0, 2),
        "{shown}"
    );
}

/// One delivery to an endpoint whose path is its secret, as Slack's are, and whose answer is 410.
async fn secret_path() -> (Outbound, String, Vec<String>) {
    let out = Outbound::new().await;
    let to = out.sends_to("/T00/canary-path", Preset::StandardWebhooks.policy()).await;
    let named = json!({"name": "ERP"});
    out.world.patch(&format!("/v1/endpoints/{to}"), named).await.expect(200);
    out.receiver.answers("/T00/canary-path", Reply::Status(410));
    out.happened(["4711".to_owned()]).await;
    let delivery = out.only().await.id;
    let paths = [
        "/v1/endpoints".to_owned(),
        format!("/v1/endpoints/{to}"),
        "/v1/deliveries".to_owned(),
        "/v1/deliveries?format=csv".to_owned(),
        format!("/v1/deliveries/{delivery}"),
        "/v1/subjects/4711".to_owned(),
    ];
    (out, to.to_string(), paths.to_vec())
}

#[tokio::test]
async fn gd_22_viewers_and_e_mails_see_the_host_of_an_endpoint_and_not_its_path() {
    let (out, _, paths) = secret_path().await;
    let viewer = json!({"name": "leitura", "role": "viewer"});
    let viewer = out.world.post("/v1/keys", viewer).await.expect(201);
    let key = viewer["key"].as_str().unwrap();
    for path in paths {
        let shown = async |key: &str| out.world.call_as(key, Method::GET, &path, None).await.text();
        let (seen, known) = (shown(key).await, shown(&out.world.key).await);
        assert!(seen.contains("/***") && !seen.contains("canary"), "{path}: {seen}");
        assert!(known.contains("canary-path"), "{path}: {known}");
    }
    let mails = out.world.host.mailbox().all();
    assert!(!mails.is_empty(), "410 notifies");
    assert!(!mails.iter().any(|mail| format!("{mail:?}").contains("canary")), "{mails:?}");
}

#[tokio::test]
async fn gd_23_a_signature_leaves_in_no_answer() {
    let (out, endpoint, mut paths) = secret_path().await;
    let signature = out.receiver.seen("/T00/canary-path")[0].headers["webhook-signature"].clone();
    assert!(signature.starts_with("v1,"));
    paths.push("/v1/notices".to_owned());
    let mut answers = Vec::new();
    for path in paths {
        answers.push(out.world.get(&path).await.text());
    }
    let send = json!({"subject": "4711", "type": EVENT, "preview": true});
    for (path, body) in [
        ("/v1/deliveries/send".to_owned(), send),
        (format!("/v1/endpoints/{endpoint}/test"), json!({})),
    ] {
        let answer = out.world.post(&path, body).await;
        assert!(answer.status.is_success(), "{path}: {answer:?}");
        answers.push(answer.text());
    }
    let with_headers = answers.iter().filter(|text| text.contains("webhook-signature"));
    assert_eq!(with_headers.count(), 3, "the detail, the preview and the test name the header");
    for text in &answers {
        assert!(!text.contains("v1,"), "{text}");
    }
}
