//! Parses the gateway's event without trusting any of it (`CATALOGUE IN-28`).
//!
//! This is the only function that accepts unauthenticated requests, so it parses the gateway's
//! event itself: a missing or malformed field becomes a response, never a panic.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use gancho_domain::common::code::Language;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event of an HTTP API, payload format 2.0. Any other input is an event without fields.
#[derive(Debug, Default)]
pub struct Event(Fields);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        Ok(Self(serde_json::from_value(event).unwrap_or_default()))
    }
}

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

/// A parsed request.
#[derive(Debug)]
pub struct Incoming {
    /// The token of the URL.
    pub token: String,
    /// The method, in upper case.
    pub method: String,
    /// The query as received.
    pub query: String,
    /// The headers, names in lower case. The gateway joins the values of a repeated header by
    /// commas.
    pub headers: Vec<(String, String)>,
    /// The source address that the gateway reports, never `X-Forwarded-For` (`CATALOGUE IN-25`).
    pub source_ip: String,
    /// The exact bytes of the body.
    pub body: Vec<u8>,
}

impl Event {
    /// The language of error messages, from `Accept-Language`.
    pub fn language(&self) -> Language {
        let headers = self.0.headers.iter().flatten();
        let mut accepted = headers.filter(|(name, _)| name.eq_ignore_ascii_case("accept-language"));
        Language::accepted(accepted.next().map(|(_, value)| value.as_str()))
    }

    /// Parses the event. `None` if it is not an event of the gateway or its base64 is invalid.
    pub fn into_incoming(self) -> Option<Incoming> {
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
    pub fn language(&self) -> Language {
        let header = self.headers.iter().find(|(name, _)| name == "accept-language");
        Language::accepted(header.map(|(_, value)| value.as_str()))
    }
}

/// The response in the gateway's format.
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
        serde_json::from_value::<Event>(event).unwrap().into_incoming()
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
}
