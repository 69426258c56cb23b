//! Endpoints, rules and the requests that publish events.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::{endpoint, receiver::Receiver};
use crate::{
    bodies,
    error::Result,
    load,
    random::Random,
    world::{World, text},
};

/// An endpoint at a path, and the rule that sends it every event of a type.
pub(super) async fn add_endpoint(
    world: &World,
    receiver: &Receiver,
    (path, event_type): (&str, &str),
    policy: Option<serde_json::Value>,
) -> Result<()> {
    let body = endpoint(path, &receiver.url(path), policy);
    let created = world.post("/v1/endpoints", &body).await?;
    let rule = json!({
        "name": path,
        "filter": {"types": [event_type]},
        "target": {"endpoint": text(&created, "/id")?},
        "method": "POST",
        "body": "standard",
    });
    world.post("/v1/rules", &rule).await.map(drop)
}

/// Requests that publish an event of a type; each is registered at the receiver when it begins.
pub(super) fn events_request<'a>(
    world: &World,
    receiver: &'a Receiver,
    event_type: &str,
    size: usize,
) -> impl Fn(usize) -> Vec<u8> + use<'a> {
    let (address, key) = (world.address(), world.access.key.clone());
    let data = bodies::order(&mut Random::new(1), 1, size, true);
    let event_type = event_type.to_owned();
    let next = AtomicU64::new(0);
    move |_| {
        let subject = format!("{event_type}-{}", next.fetch_add(1, Ordering::Relaxed));
        let body = json!({"type": event_type, "subject": subject, "data": data}).to_string();
        receiver.expect(subject);
        load::post_as(&address, "/v1/events", &key, &body)
    }
}

/// Webhooks of new people, each with its own deal, numbered from `first`; each is registered at the
/// receiver when it begins.
pub(super) fn webhooks_request<'a>(
    world: &World,
    receiver: &'a Receiver,
    ingest_path: &str,
    (size, first): (usize, u64),
) -> impl Fn(usize) -> Vec<u8> + use<'a> {
    let (address, ingest_path) = (world.address(), ingest_path.to_owned());
    let next = AtomicU64::new(first);
    move |_| {
        let person = next.fetch_add(1, Ordering::Relaxed);
        let title = format!("Pedido {person}");
        let mut body = bodies::order(&mut Random::new(1), person, size, true);
        if let Some(known) = body.get_mut("title") {
            *known = json!(title);
        }
        receiver.expect(title);
        load::post(&address, &ingest_path, &body.to_string())
    }
}
