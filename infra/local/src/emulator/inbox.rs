//! The built-in inbox: it captures requests and answers with configured replies.
//!
//! Any name under [`DOMAIN`] leads to it, on the port of the gateway. Senders of events reach it at
//! `http://inbox.gancho.localhost:8787/anything`; so does curl, which resolves every name under
//! `localhost` to this machine.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Response, StatusCode, request::Parts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::emulator::{answer::Answer, clock::HostClock};

/// The ending of the names that lead to the inbox.
pub const DOMAIN: &str = ".gancho.localhost";
/// The number of requests that are kept; the oldest are removed first.
const KEPT: usize = 10_000;

/// A captured request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedRequest {
    /// Its number, from 1.
    pub number: u64,
    /// The time of its arrival.
    pub at: Timestamp,
    /// `POST`.
    pub method: String,
    /// The name that it was sent to, without the port: `inbox.gancho.localhost`.
    pub host: String,
    /// `/orders`.
    pub path: String,
    /// The query, as it was sent.
    pub query: Option<String>,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The exact body.
    pub body: Vec<u8>,
    /// The status of its response.
    pub answered: u16,
}

impl CapturedRequest {
    /// The first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The request for display: the body as text, or in base64 if it is not text.
    pub fn shown(&self) -> Value {
        let text = std::str::from_utf8(&self.body).ok();
        let bytes = text.is_none().then(|| STANDARD.encode(&self.body));
        json!({
            "number": self.number, "at": self.at, "method": self.method, "host": self.host,
            "path": self.path, "query": self.query, "headers": self.headers, "body": text,
            "body_base64": bytes, "answered": self.answered,
        })
    }
}

/// A reply to requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Milliseconds until the answer, by the system's clock.
    pub delay_ms: u64,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
    /// The number of requests it applies to; then the next reply applies, else 200. `None`: every
    /// request.
    pub times: Option<u32>,
}

impl Default for Reply {
    fn default() -> Self {
        let (headers, body) = (BTreeMap::new(), String::new());
        Self { status: 200, delay_ms: 0, headers, body, times: None }
    }
}

impl Reply {
    /// A reply to every request with this status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Limits the reply to this many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Delays the reply by so many milliseconds of the system's clock.
    #[must_use]
    pub fn after_ms(self, delay_ms: u64) -> Self {
        Self { delay_ms, ..self }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }
}

/// The replies for a key: first those for some requests, then the one for all.
#[derive(Debug, Default)]
struct Replies {
    some: VecDeque<Reply>,
    all: Option<Reply>,
}

impl Replies {
    fn next(&mut self) -> Option<Reply> {
        while let Some(reply) = self.some.front_mut() {
            let left = reply.times.unwrap_or(1);
            if left > 0 {
                reply.times = Some(left - 1);
                return Some(reply.clone());
            }
            self.some.pop_front();
        }
        self.all.clone()
    }
}

/// The inbox. Clones share it.
#[derive(Debug, Clone)]
pub struct Inbox {
    port: u16,
    clock: HostClock,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    captured_requests: VecDeque<CapturedRequest>,
    count: u64,
    replies: BTreeMap<String, Replies>,
}

impl Inbox {
    pub(crate) fn new(port: u16, clock: HostClock) -> Self {
        Self { port, clock, kept: Arc::default() }
    }

    /// The URL of `path` at a name: `http://erp.gancho.localhost:8787/orders`.
    pub fn url(&self, name: &str, path: &str) -> String {
        format!("http://{name}{DOMAIN}:{}{path}", self.port)
    }

    /// All captured requests, oldest first.
    pub fn all(&self) -> Vec<CapturedRequest> {
        self.kept().captured_requests.iter().cloned().collect()
    }

    /// The captured requests to a name (`erp`) or below a path (`orders`, `/orders`).
    pub fn at(&self, key: &str) -> Vec<CapturedRequest> {
        let key = key.trim_start_matches('/');
        let kept = self.kept();
        let own = kept
            .captured_requests
            .iter()
            .filter(|captured| has_key(key, &captured.host, &captured.path));
        own.cloned().collect()
    }

    /// Sets the reply to requests to a name or below a path. The longest matching key decides; the
    /// empty one matches all. A reply without `times` replaces every earlier reply of the key.
    pub fn answer_with(&self, key: &str, reply: Reply) {
        let mut kept = self.kept();
        let replies = kept.replies.entry(key.trim_start_matches('/').to_owned()).or_default();
        if reply.times.is_some() {
            replies.some.push_back(reply);
        } else {
            *replies = Replies { some: VecDeque::new(), all: Some(reply) };
        }
    }

    /// Removes the captured requests and the replies.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `true` if the request's host name leads to the inbox.
    pub(crate) fn takes(parts: &Parts) -> bool {
        host(parts).ends_with(DOMAIN)
    }

    /// Captures a request and answers it.
    pub(crate) async fn receive(&self, parts: Parts, body: Bytes) -> Answer {
        let reply = self.keep(&parts, &body);
        if reply.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
        }
        answer(reply)
    }

    fn keep(&self, parts: &Parts, body: &Bytes) -> Reply {
        let (host, path) = (host(parts), parts.uri.path().to_owned());
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        let mut kept = self.kept();
        let fitting = kept.replies.iter_mut().filter(|(key, _)| has_key(key, &host, &path));
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        let reply = fitting.into_iter().find_map(|(_, replies)| replies.next()).unwrap_or_default();
        kept.count += 1;
        let captured = CapturedRequest {
            number: kept.count,
            at: self.clock.now(),
            method: parts.method.to_string(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers.collect(),
            body: body.to_vec(),
            answered: reply.status,
            host,
            path,
        };
        kept.captured_requests.push_back(captured);
        if kept.captured_requests.len() > KEPT {
            kept.captured_requests.pop_front();
        }
        reply
    }
}

/// `true` if the key is the name before [`DOMAIN`], or a path with everything below it.
fn has_key(key: &str, host: &str, path: &str) -> bool {
    let name = host.strip_suffix(DOMAIN).unwrap_or(host);
    let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(key));
    key.is_empty()
        || key == name
        || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn host(parts: &Parts) -> String {
    let header = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host = header.or_else(|| parts.uri.host()).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn answer(reply: Reply) -> Answer {
    let mut answer = Response::new(Bytes::from(reply.body));
    *answer.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    for (name, value) in &reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use gancho_edge::clock::{Clock, ManualClock};
    use tokio::runtime::Handle;

    use super::*;
    use crate::emulator::answer::head;

    fn inbox() -> Inbox {
        let clock = Clock::Manual(ManualClock::new(Timestamp::UNIX_EPOCH));
        Inbox::new(8787, HostClock::new(clock, &Handle::current()))
    }

    async fn send(inbox: &Inbox, host: &str, path: &str) -> u16 {
        let parts = head("POST", path, &[("host", host.as_bytes()), ("x-a", b"1")]);
        assert!(Inbox::takes(&parts));
        inbox.receive(parts, Bytes::from_static(b"{\"n\": 1.0}")).await.status().as_u16()
    }

    #[tokio::test]
    async fn a_request_is_captured_exactly() {
        let inbox = inbox();
        assert_eq!(send(&inbox, "ERP.gancho.localhost:8787", "/orders?a=%20b").await, 200);
        let captured = inbox.all().remove(0);
        assert_eq!(
            (captured.host.as_str(), captured.path.as_str()),
            ("erp.gancho.localhost", "/orders")
        );
        assert_eq!(captured.query.as_deref(), Some("a=%20b"));
        assert_eq!(captured.body, b"{\"n\": 1.0}");
        assert_eq!((captured.header("x-a"), captured.answered), (Some("1"), 200));
        assert_eq!(captured.shown()["body"], "{\"n\": 1.0}");
        assert_eq!(inbox.url("erp", "/orders"), "http://erp.gancho.localhost:8787/orders");
    }

    #[tokio::test]
    async fn a_reply_is_used_as_often_as_set() {
        let inbox = inbox();
        inbox.answer_with("erp", Reply::status(503));
        inbox.answer_with("erp", Reply::status(500).times(2));
        inbox.answer_with("/orders/new", Reply::status(204).header("x-b", "2"));
        let mut seen = Vec::new();
        for path in ["/", "/orders/new/1", "/orders", "/"] {
            seen.push(send(&inbox, "erp.gancho.localhost", path).await);
        }
        assert_eq!(seen, [500, 204, 500, 503]);
        assert_eq!(send(&inbox, "other.gancho.localhost", "/").await, 200);
        assert_eq!((inbox.at("erp").len(), inbox.at("orders").len()), (4, 2));
        inbox.clear();
        assert_eq!(send(&inbox, "erp.gancho.localhost", "/").await, 200);
        assert_eq!(inbox.all().len(), 1);
    }

    #[test]
    fn other_names_lead_to_the_gateway() {
        for host in ["127.0.0.1:8787", "gancho.localhost", "localhost", "a.gancho.localhost.evil"] {
            assert!(!Inbox::takes(&head("GET", "/", &[("host", host.as_bytes())])), "{host}");
        }
    }
}
