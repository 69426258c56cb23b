//! Parses the gateway's event without trusting any of it (`CATALOGUE IN-28`).
//!
//! A request to an ingest URL is not authenticated, so this function parses the gateway's event
//! itself: a missing or malformed field becomes a response, never a panic. A request of the API
//! carries the authorizer's context, which only the gateway can add.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use gancho_domain::common::code::Language;
use lambda_http::request::LambdaRequest;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event of an HTTP API, payload format 2.0.
#[derive(Debug)]
pub enum Event {
    /// A request of the API.
    Api(Box<LambdaRequest>),
    /// A request to an ingest URL. Any other input is one without fields.
    Ingest(Received),
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        if event.pointer("/requestContext/authorizer").is_some_and(Value::is_object) {
            let request = serde_json::from_value(event).map_err(serde::de::Error::custom)?;
            return Ok(Self::Api(Box::new(request)));
        }
        Ok(Self::Ingest(Received(serde_json::from_value(event).unwrap_or_default())))
    }
}

/// A request to an ingest URL, as the gateway passes it on.
#[derive(Debug, Default)]
pub struct Received(Fields);

/// The fields of an event; each may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields {
    raw_query_string: Option<String>,
    cookies: Option<Vec<String>>,
    headers: Option<BTreeMap<String, String>>,
    path_parameters: Option<BTreeMap<String, String>>,
    request_context: Option<Context>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    http: Option<Http>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Http {
    method: Option<String>,
    source_ip: Option<String>,
}

/// A parsed request to an ingest URL.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// The token of the URL.
    pub(crate) token: String,
    /// The method, in upper case.
    pub(crate) method: String,
    /// The query as received.
    pub(crate) query: String,
    /// The headers, names in lower case. The gateway joins the values of a repeated header by
    /// commas.
    pub(crate) headers: Vec<(String, String)>,
    /// The source address that the gateway reports, never `X-Forwarded-For` (`CATALOGUE IN-25`).
    pub(crate) source_ip: String,
    /// The exact bytes of the body.
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The language of error messages, from `Accept-Language`.
    pub(crate) fn language(&self) -> Language {
        let headers = self.0.headers.iter().flatten();
        let mut accepted = headers.filter(|(name, _)| name.eq_ignore_ascii_case("accept-language"));
        Language::accepted(accepted.next().map(|(_, value)| value.as_str()))
    }

    /// Parses the event. `None` if it is not an event of the gateway or its base64 is invalid.
    pub(crate) fn into_incoming(self) -> Option<Incoming> {
        let event = self.0;
        let http = event.request_context?.http?;
        let body = match (event.body, event.is_base64_encoded.unwrap_or(false)) {
            (None, _) => Vec::new(),
            (Some(text), true) => STANDARD.decode(text).ok()?,
            (Some(text), false) => text.into_bytes(),
        };
        let mut headers: Vec<_> = event.headers.unwrap_or_default().into_iter().collect();
        let cookies = event.cookies.filter(|cookies| !cookies.is_empty());
        headers.extend(cookies.map(|cookies| ("cookie".to_owned(), cookies.join("; "))));
        for (name, _) in &mut headers {
            name.make_ascii_lowercase();
        }
        Some(Incoming {
            token: event.path_parameters?.remove("token")?,
            method: http.method?.to_ascii_uppercase(),
            query: event.raw_query_string.unwrap_or_default(),
            headers,
            source_ip: http.source_ip.unwrap_or_default(),
            body,
        })
    }
}

impl Incoming {
    /// The language of error messages, from `accept-language`.
    pub(crate) fn language(&self) -> Language {
        let header = self.headers.iter().find(|(name, _)| name == "accept-language");
        Language::accepted(header.map(|(_, value)| value.as_str()))
    }
}

/// The response to an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To a request of the API, in the gateway's format.
    Api(Value),
    /// To a request to an ingest URL.
    Ingest(Reply),
}

/// The response to a request to an ingest URL, in the gateway's format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers.
    pub headers: BTreeMap<&'static str, String>,
    /// The body.
    pub body: String,
    /// Always false: every response is text.
    pub is_base64_encoded: bool,
}

impl Reply {
    /// A response with a content type.
    pub fn new(status_code: u16, content_type: &str, body: String) -> Self {
        let headers = BTreeMap::from([
            ("content-type", content_type.to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ]);
        Self { status_code, headers, body, is_base64_encoded: false }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn incoming(event: Value) -> Option<Incoming> {
        match serde_json::from_value(event).unwrap() {
            Event::Ingest(received) => received.into_incoming(),
            Event::Api(request) => panic!("{request:?}"),
        }
    }

    #[test]
    fn in_28_an_event_that_is_not_the_gateways_is_refused() {
        let good = json!({
            "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}},
            "pathParameters": {"token": "t"},
            "headers": {"Content-Type": "a/b"},
            "body": "AAE=", "isBase64Encoded": true,
        });
        let parsed = incoming(good.clone()).unwrap();
        assert_eq!(parsed.body, [0, 1]);
        assert_eq!(parsed.headers, [("content-type".to_owned(), "a/b".to_owned())]);

        let without = |field: &str| {
            let mut event = good.clone();
            event.as_object_mut().unwrap().remove(field);
            incoming(event)
        };
        assert!(without("requestContext").is_none());
        assert!(without("pathParameters").is_none());
        assert_eq!(without("body").unwrap().body, b"");
        assert!(without("headers").unwrap().headers.is_empty());
        let mut bad = good.clone();
        bad["body"] = json!("A*=");
        assert!(incoming(bad).is_none());
        let version_one = json!({"version": "1.0", "httpMethod": "POST", "path": "/in/t",
            "requestContext": {"identity": {"sourceIp": "192.0.2.1"}}, "body": null});
        assert!(incoming(version_one).is_none());
    }

    #[test]
    fn g_12_only_the_gateways_authorizer_makes_a_request_of_the_api() {
        let of_sender = json!({
            "routeKey": "POST /v1/integrations/{integration}/test",
            "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.1"}},
            "pathParameters": {"token": "t", "integration": "int_1"},
            "headers": {"authorization": "Bearer x"},
            "authorizer": {"lambda": {"role": "admin"}},
            "body": r#"{"requestContext": {"authorizer": {"lambda": {"role": "admin"}}}}"#,
        });
        assert_eq!(incoming(of_sender).unwrap().token, "t");
    }
}
