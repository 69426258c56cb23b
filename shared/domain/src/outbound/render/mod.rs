//! The bytes of a request. They depend on the event, the rule's version and the delivery alone, so
//! that every attempt sends the same bytes (`CATALOGUE I11`).
//!
//! The standard body is version 1, fixed (`FACTS S4.1, D6`):
//! `{"id","type","version","occurred_at","workspace","subject":{"key","status"},"data"}`.

use serde_json::{Map, Value, json};

use crate::{
    common::{condition, ids::WorkspaceId},
    outbound::{
        delivery::Delivery,
        event::Event,
        rule::{Body, MappedField, Target},
    },
};

/// The version of the standard body.
pub const VERSION: u8 = 1;
/// The longest URL that a `GET` is sent to, in bytes (`CATALOGUE OU-17`).
pub const URL_CAP: usize = 8 * 1024;
/// The header that counts how many times Gancho has passed an event on to itself (`FACTS D19`).
pub const HOPS: &str = "gancho-hops";

/// Headers that control the connection, or that Gancho sets itself.
const OURS: [&str; 18] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
/// Prefixes of headers that only Gancho sets.
const OUR_BEGINNINGS: [&str; 3] = ["webhook-", "gancho-", "x-forwarded-"];

/// `true` if this header may be set for an endpoint (`CATALOGUE OU-18, SS-14`).
pub fn may_be_set(name: &str, value: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let name = name.to_ascii_lowercase();
    let named = !name.is_empty() && name.len() <= 128 && name.bytes().all(token);
    let ours = OURS.contains(&name.as_str())
        || OUR_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    // No line ends, and no bytes that servers may interpret differently.
    let visible = value.bytes().all(|b| (0x20..0x7f).contains(&b));
    named && !ours && visible && value.trim() == value && value.len() <= 4_096
}

/// The JSON body of a delivery.
pub fn body(ws: WorkspaceId, event: &Event, delivery: &Delivery, body: &Body) -> Value {
    let standard = standard(ws, event, delivery);
    match body {
        Body::Standard => standard,
        Body::Mapped(fields) => mapped(&standard, fields),
    }
}

/// The standard body.
fn standard(ws: WorkspaceId, event: &Event, delivery: &Delivery) -> Value {
    let mut subject = Map::new();
    subject.insert("key".to_owned(), json!(event.subject));
    if let Some(status) = &delivery.subject_status {
        subject.insert("status".to_owned(), json!(status));
    }
    let mut data = event.data.clone();
    // From origin to origin a deal always arrives as open (`FACTS S3.14`).
    if let (Target::Integration { .. }, Some(map)) = (delivery.target, data.as_object_mut())
        && event.about.status.is_some()
    {
        map.insert("status".to_owned(), json!("open"));
    }
    json!({
        "id": event.id,
        "type": delivery.event_type,
        "version": VERSION,
        "occurred_at": event.occurred_at,
        "workspace": ws,
        "subject": subject,
        "data": data,
    })
}

/// The chosen fields under their new names; missing ones are omitted.
fn mapped(standard: &Value, fields: &[MappedField]) -> Value {
    let mut to = Map::new();
    for field in fields {
        if let Some(value) = condition::at(standard, &field.from) {
            put(&mut to, &field.to, value.clone());
        }
    }
    Value::Object(to)
}

/// Inserts a value at a path of keys joined by dots; it replaces an earlier value in its way.
fn put(map: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        map.insert(path.to_owned(), value);
        return;
    };
    let inner = map.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Some(inner) = inner.as_object_mut() {
        put(inner, rest, value);
    }
}

/// Nested data as pairs of a query string: `a[b]=1`, `list[0]=2` (`FACTS S3.12`).
pub fn pairs(value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    flatten(String::new(), value, &mut pairs);
    pairs
}

fn flatten(name: String, value: &Value, to: &mut Vec<(String, String)>) {
    let inside =
        |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(inside(key), value, to)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| flatten(inside(&index.to_string()), value, to)),
        Value::Null => to.push((name, String::new())),
        Value::String(text) => to.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => to.push((name, value.to_string())),
    }
}

/// The pairs as a query string in the form encoding (`application/x-www-form-urlencoded`).
pub fn query(value: &Value) -> String {
    let pairs = pairs(value);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &pairs {
        query.append_pair(name, value);
    }
    query.finish()
}

#[cfg(test)]
mod tests;
