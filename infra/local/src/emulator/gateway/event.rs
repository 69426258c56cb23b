//! The event of a request: payload format 2.0.
//!
//! HTTP APIs decode the path one time, before they look for a route, and pass it decoded; a `?`
//! that results ends it. (Seen in captures of live APIs; REST APIs and function URLs differ.)

use std::{collections::BTreeMap, net::IpAddr};

use axum::body::Bytes;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, Method, Uri,
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, TRANSFER_ENCODING, USER_AGENT,
    },
    request::Parts,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::{arns::ACCOUNT, json::set, lambda::request_id};

/// A request before its route is known.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, decoded.
    pub path: String,
    /// Headers as the function sees them.
    pub headers: BTreeMap<String, String>,
    /// The request's id.
    pub id: String,
    cookies: Vec<String>,
    query: String,
    body: Bytes,
    source: IpAddr,
    at: Timestamp,
}

impl Request {
    /// A request from `source`. `None` if its `Host` is not a host name, which no gateway would
    /// answer.
    pub fn new(parts: Parts, body: Bytes, source: IpAddr, at: Timestamp) -> Option<Self> {
        let host = parts.headers.get(HOST)?.to_str().ok()?.parse::<http::uri::Authority>().ok()?;
        let cookies = parts.headers.get_all(COOKIE).iter().flat_map(|value| {
            text(value.as_bytes()).split(';').map(|c| c.trim().to_owned()).collect::<Vec<_>>()
        });
        let cookies = cookies.filter(|cookie| !cookie.is_empty()).collect();
        let mut headers = joined(&parts.headers);
        forward(&mut headers, source, &host, at, body.len());
        Some(Self {
            method: parts.method,
            path: decoded_path(&parts.uri),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            id: request_id(),
            headers,
            cookies,
            body,
            source,
            at,
        })
    }

    /// The event for the function behind a route.
    pub fn event(&self, route_key: &str, parameters: &BTreeMap<String, String>) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": self.context(route_key),
        });
        if !self.cookies.is_empty() {
            set(&mut event, "cookies", self.cookies.clone());
        }
        if !self.query.is_empty() {
            set(&mut event, "queryStringParameters", query_parameters(&self.query));
        }
        if !parameters.is_empty() {
            set(&mut event, "pathParameters", json!(parameters));
        }
        let (body, encoded) = self.body();
        if let Some(body) = body {
            set(&mut event, "body", body);
        }
        set(&mut event, "isBase64Encoded", encoded);
        event
    }

    fn context(&self, route_key: &str) -> Value {
        let host = self.headers.get("host").map_or("", String::as_str);
        let domain = host.rsplit_once(':').map_or(host, |(domain, _)| domain);
        json!({
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.split('.').next().unwrap_or_default(),
            "http": {
                "method": self.method.as_str(),
                "path": self.path,
                "protocol": "HTTP/1.1",
                "sourceIp": self.source.to_string(),
                "userAgent": self.headers.get(USER_AGENT.as_str()).cloned().unwrap_or_default(),
            },
            "requestId": self.id,
            "routeKey": route_key,
            "stage": "$default",
            "time": self.at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": self.at.as_millisecond(),
        })
    }

    /// Text as it is, everything else as base64. Text that is not UTF-8 cannot be in JSON, so it is
    /// encoded too.
    fn body(&self) -> (Option<String>, bool) {
        if self.body.is_empty() {
            return (None, false);
        }
        let kind = self.headers.get(CONTENT_TYPE.as_str()).map_or("", String::as_str);
        match std::str::from_utf8(&self.body) {
            Ok(text) if is_text(kind) => (Some(text.to_owned()), false),
            Ok(_) | Err(_) => (Some(STANDARD.encode(&self.body)), true),
        }
    }
}

/// Adds the authorizer's context.
pub fn authorize(event: &mut Value, context: &Value) {
    if let Some(request) = event.get_mut("requestContext").filter(|_| !context.is_null()) {
        set(request, "authorizer", json!({ "lambda": context }));
    }
}

/// `true` for the types that HTTP APIs pass as text. Forms are not among them.
fn is_text(content_type: &str) -> bool {
    let kind =
        content_type.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json" | "application/javascript" | "application/xml"
        )
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

/// Lower-case names, values of equal names joined by commas.
fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        if [COOKIE, CONNECTION, TRANSFER_ENCODING].contains(name) {
            continue;
        }
        let value = text(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    joined
}

/// Sets the `forwarded` headers. A client's own values stay in front.
fn forward(
    headers: &mut BTreeMap<String, String>,
    source: IpAddr,
    host: &http::uri::Authority,
    at: Timestamp,
    length: usize,
) {
    let source = source.to_string();
    headers
        .entry("x-forwarded-for".to_owned())
        .and_modify(|claimed| {
            claimed.push_str(", ");
            claimed.push_str(&source);
        })
        .or_insert(source);
    let mut set = |name: &str, value: String| headers.insert(name.to_owned(), value);
    set("x-forwarded-proto", "http".to_owned());
    set("x-forwarded-port", host.port_u16().unwrap_or(80).to_string());
    let unique = request_id().replace('-', "");
    let unique = unique.get(..24).unwrap_or_default();
    set("x-amzn-trace-id", format!("Root=1-{:08x}-{unique}", at.as_second()));
    if length > 0 {
        set(CONTENT_LENGTH.as_str(), length.to_string());
    }
}

/// Decodes a header: bytes that are not UTF-8 are read as Latin-1.
fn text(bytes: &[u8]) -> String {
    let latin = || bytes.iter().map(|byte| char::from(*byte)).collect();
    std::str::from_utf8(bytes).map_or_else(|_| latin(), str::to_owned)
}

fn decoded_path(uri: &Uri) -> String {
    let bytes = percent_decode(uri.path().as_bytes());
    let path = String::from_utf8_lossy(&bytes).into_owned();
    path.split('?').next().unwrap_or_default().to_owned()
}

fn percent_decode(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, tail)) = rest.split_first() {
        let hex =
            tail.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let value = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(value.unwrap_or(byte));
        rest = if value.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    decoded
}

/// Decoded, values of equal names joined by commas.
fn query_parameters(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let joined = match parameters.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        parameters.insert(name.into_owned(), Value::String(joined));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::answer::head;

    fn request(method: &str, uri: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Request {
        let mut all: Vec<(&str, &[u8])> = vec![("host", b"127.0.0.1:8787")];
        all.extend_from_slice(headers);
        let at = "2026-11-21T20:05:07.089Z".parse().unwrap();
        let source = "203.0.113.9".parse().unwrap();
        Request::new(head(method, uri, &all), Bytes::copy_from_slice(body), source, at).unwrap()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "the whole shape, to be read at a glance")]
    fn an_event_has_the_shape_of_payload_format_2() {
        let mut request = request(
            "POST",
            "/in/a%20b?x=1&x=2&y=a%2Bb+c",
            &[
                ("content-type", b"application/json; charset=utf-8"),
                ("user-agent", b"curl/8"),
                ("x-tag", b"one"),
                ("x-tag", b"two"),
                ("cookie", b"a=1; b=2"),
                ("x-forwarded-for", b"1.2.3.4"),
                ("connection", b"keep-alive"),
            ],
            b"{\"a\":1}",
        );
        request.id = "id".to_owned();
        request.headers.insert("x-amzn-trace-id".to_owned(), "trace".to_owned());
        let parameters = BTreeMap::from([("token".to_owned(), "a b".to_owned())]);
        let expected = json!({
            "version": "2.0",
            "routeKey": "ANY /in/{token}",
            "rawPath": "/in/a b",
            "rawQueryString": "x=1&x=2&y=a%2Bb+c",
            "headers": {
                "content-length": "7",
                "content-type": "application/json; charset=utf-8",
                "host": "127.0.0.1:8787",
                "user-agent": "curl/8",
                "x-amzn-trace-id": "trace",
                "x-forwarded-for": "1.2.3.4, 203.0.113.9",
                "x-forwarded-port": "8787",
                "x-forwarded-proto": "http",
                "x-tag": "one,two",
            },
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "domainName": "127.0.0.1",
                "domainPrefix": "127",
                "http": {
                    "method": "POST", "path": "/in/a b", "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.9", "userAgent": "curl/8",
                },
                "requestId": "id",
                "routeKey": "ANY /in/{token}",
                "stage": "$default",
                "time": "21/Nov/2026:20:05:07 +0000",
                "timeEpoch": 1_795_291_507_089_i64,
            },
            "cookies": ["a=1", "b=2"],
            "queryStringParameters": {"x": "1,2", "y": "a+b c"},
            "pathParameters": {"token": "a b"},
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        });
        assert_eq!(request.event("ANY /in/{token}", &parameters), expected);
    }

    #[test]
    fn bodies_are_text_where_the_gateway_says_so_and_base64_elsewhere() {
        let body = |kind: &[u8], body: &[u8]| {
            let event = request("POST", "/", &[("content-type", kind)], body)
                .event("ANY /", &BTreeMap::new());
            (event["body"].as_str().unwrap().to_owned(), event["isBase64Encoded"] == true)
        };
        for kind in [&b"text/plain"[..], b"application/vnd.api+json", b"Application/XML;charset=x"]
        {
            assert_eq!(body(kind, b"hi"), ("hi".to_owned(), false));
        }
        for kind in [&b"application/x-www-form-urlencoded"[..], b"", b"image/png"] {
            assert_eq!(body(kind, b"hi"), ("aGk=".to_owned(), true));
        }
        assert_eq!(body(b"application/json", b"\xFF"), ("/w==".to_owned(), true));
    }

    #[test]
    fn in_26_the_path_is_decoded_once_and_ends_at_a_question_mark() {
        let path = |uri: &str| request("GET", uri, &[], b"").path;
        assert_eq!(path("/in/%2e%2e/a"), "/in/../a");
        assert_eq!(path("/in/a%2Fb"), "/in/a/b");
        assert_eq!(path("/in/a%252Fb"), "/in/a%2Fb");
        assert_eq!(path("/in/a%3Fx=1?y=2"), "/in/a");
        assert_eq!(path("/in/%zz%"), "/in/%zz%");
    }

    #[test]
    fn in_24_header_bytes_that_are_no_text_are_read_as_latin_1() {
        let request = request("GET", "/", &[("x-a", b"caf\xE9"), ("x-b", "café".as_bytes())], b"");
        assert_eq!(request.headers["x-a"], "café");
        assert_eq!(request.headers["x-b"], "café");
    }

    #[test]
    fn an_invalid_host_header_is_refused() {
        for host in [&b"a b"[..], b"[", b""] {
            let at = Timestamp::UNIX_EPOCH;
            let source = "127.0.0.1".parse().unwrap();
            let parts = head("GET", "/", &[("host", host)]);
            assert!(Request::new(parts, Bytes::new(), source, at).is_none());
        }
    }
}
