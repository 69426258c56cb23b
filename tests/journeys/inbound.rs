//! Shared functions of the inbound tests: send, wait, check through the API.

use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT_LANGUAGE, LINK},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Answer, Inbound, World, answer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer than any function caches configuration.
pub(crate) const CACHE: jiff::SignedDuration = jiff::SignedDuration::from_secs(6);

/// An integration that creates a deal of any parsed body, so that only the body matters.
pub(crate) async fn anything(world: &World) -> Inbound {
    world.inbound(json!({ "action": "create_deal" })).await
}

/// An integration with these mapped fields.
pub(crate) async fn mapped(world: &World, action: &str, fields: Value) -> Inbound {
    world.inbound(json!({"action": action, "mapping": {"fields": fields}})).await
}

/// `{"target": .., "path": ..}`.
pub(crate) fn field(target: &str, path: &str) -> Value {
    json!({"target": target, "path": path})
}

/// A `POST` to an integration.
pub(crate) fn post(world: &World, to: &Inbound) -> RequestBuilder {
    world.request(Method::POST, &to.url)
}

/// Sends bytes of a type, which must be accepted and kept byte for byte; the full webhook after it
/// is processed.
pub(crate) async fn sent(world: &World, to: &Inbound, kind: &str, body: impl AsRef<[u8]>) -> Value {
    let body = body.as_ref().to_vec();
    let request = post(world, to).header("content-type", kind).body(body.clone());
    accepted(world, to, request, &body).await
}

/// Sends a JSON text.
pub(crate) async fn json_sent(world: &World, to: &Inbound, body: impl AsRef<[u8]>) -> Value {
    sent(world, to, "application/json", body).await
}

/// Sends a request, which must be accepted with its body kept byte for byte.
pub(crate) async fn accepted(
    world: &World,
    to: &Inbound,
    request: RequestBuilder,
    body: &[u8],
) -> Value {
    let response = answer(request).await;
    assert_eq!(response.status, 200, "{}", response.text());
    world.settle().await;
    let id = response.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(response.headers["x-gancho-id"], id.as_str());
    let view = world.webhook(to, &id).await;
    assert_eq!(view["size"], body.len());
    assert_eq!(view["payload"]["sha256"], hex::encode(Sha256::digest(body)));
    assert!(bytes_of(world, &view).await == body, "the bytes differ from those sent");
    view
}

/// All bytes of a webhook, from as many responses as needed.
pub(crate) async fn bytes_of(world: &World, view: &Value) -> Vec<u8> {
    let mut next = Some(view["payload"]["href"].as_str().unwrap().to_owned());
    let mut bytes = Vec::new();
    while let Some(path) = next {
        let part = world.get(&path).await;
        assert!(part.status.is_success(), "{}", part.text());
        bytes.extend_from_slice(&part.bytes);
        let link = part.headers.get(LINK).map(|link| link.to_str().unwrap());
        next = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    bytes
}

/// The parsed tree that mappings read, as text.
pub(crate) async fn tree_of(world: &World, view: &Value) -> String {
    let path = format!("{}?view=json", view["payload"]["href"].as_str().unwrap());
    let response = world.get(&path).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.text()
}

/// Asserts that a webhook failed for this reason, with a message in both languages, and no effect.
#[track_caller]
pub(crate) fn failed(view: &Value, code: &str, params: &[(&str, &str)]) {
    assert_eq!(view["status"], "error", "{view:#}");
    assert_eq!(view["error"]["code"], code, "{view:#}");
    for (name, value) in params {
        assert_eq!(view["error"]["params"][*name], *value, "{view:#}");
    }
    let message = view["error"]["message"].as_str().unwrap();
    assert!(!message.is_empty() && !message.contains('{'), "{message}");
    assert!(view["deal"].is_null() && view["contact"].is_null(), "{view:#}");
}

/// Asserts that a webhook was processed.
#[track_caller]
pub(crate) fn succeeded(view: &Value) {
    assert_eq!(view["status"], "success", "{view:#}");
    assert!(view["error"].is_null());
}

/// The codes of a webhook's warnings.
pub(crate) fn warnings(view: &Value) -> Vec<&str> {
    view["warnings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

/// The sentences of a webhook's error in English and Portuguese.
pub(crate) async fn sentences(world: &World, to: &Inbound, view: &Value) -> (String, String) {
    let id = view["id"].as_str().unwrap();
    let url = format!("{}/v1/origins/{}/webhooks/{id}", world.host.base_url(), to.origin);
    let mut both = Vec::new();
    for language in ["en", "pt-BR"] {
        let request = world.request(Method::GET, &url).bearer_auth(&world.key);
        let response = answer(request.header(ACCEPT_LANGUAGE, language)).await.expect(200);
        both.push(response["error"]["message"].as_str().unwrap().to_owned());
    }
    let portuguese = both.remove(1);
    (both.remove(0), portuguese)
}

/// Asserts that no deal and no contact exists.
pub(crate) async fn nothing_made(world: &World, to: &Inbound) {
    assert_eq!(world.deals(&to.origin).await, Vec::<Value>::new());
    assert_eq!(world.contacts().await, Vec::<Value>::new());
}

/// The number of webhooks in an origin's list.
pub(crate) async fn listed(world: &World, to: &Inbound) -> usize {
    world.webhooks(&to.origin, "?limit=200").await["items"].as_array().unwrap().len()
}

/// The refused requests of an integration: `(code, count)`, in the order of the codes.
pub(crate) async fn refused(world: &World, to: &Inbound) -> Vec<(String, u64)> {
    let list = world.get(&format!("/v1/integrations/{}/refused", to.id)).await.expect(200);
    let items = list["items"].as_array().unwrap();
    let row = |it: &Value| (it["code"].as_str().unwrap().to_owned(), it["count"].as_u64().unwrap());
    let mut rows: Vec<_> = items.iter().map(row).collect();
    rows.sort();
    rows
}

/// Asserts that a request was refused with this status and code, and stored no webhook.
pub(crate) async fn turned_away(
    world: &World,
    to: &Inbound,
    request: RequestBuilder,
    (status, code): (u16, &str),
) -> Answer {
    let before = listed(world, to).await;
    let response = answer(request).await;
    assert_eq!(
        (response.status.as_u16(), response.code().as_str()),
        (status, code),
        "{}",
        response.text()
    );
    assert_eq!(response.headers["content-type"], "application/problem+json");
    world.settle().await;
    assert_eq!(listed(world, to).await, before);
    response
}

/// Sends the bytes of a request over a connection of its own; status and body of the answer.
pub(crate) async fn raw(world: &World, request: &[u8]) -> (u16, String) {
    let address = world.host.base_url();
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Changes an integration, and waits until every function uses the change.
pub(crate) async fn change(world: &World, to: &Inbound, patch: Value) {
    world.patch(&format!("/v1/integrations/{}", to.id), patch).await.expect(200);
    world.advance(CACHE);
}
