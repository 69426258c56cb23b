//! A client of the API over HTTP, as any other client has it.

use serde_json::Value;

use super::DemoError;

/// A client with a key.
#[derive(Debug, Clone)]
pub(super) struct Api {
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Api {
    pub(super) fn new(base: String, key: String) -> Result<Self, DemoError> {
        Ok(Self { base, key, http: reqwest::Client::builder().no_proxy().build()? })
    }

    /// The same client with another key.
    pub(super) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.key);
        read(format!("GET {path}"), request).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.key);
        read(format!("POST {path}"), request.json(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self.http.patch(format!("{}{path}", self.base)).bearer_auth(&self.key);
        read(format!("PATCH {path}"), request.json(body)).await
    }

    /// Sends a request to an ingest URL; returns the status and the body.
    pub(super) async fn send(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Result<(u16, Value), DemoError> {
        let mut request = self.http.post(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }
}

async fn read(request_line: String, request: reqwest::RequestBuilder) -> Result<Value, DemoError> {
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    match serde_json::from_str(&text) {
        Ok(body) if status.is_success() => Ok(body),
        _ => Err(DemoError::Answer { what: request_line, answer: format!("{status} {text}") }),
    }
}

/// The value at a JSON pointer; `null` where there is none.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A JSON string; empty where the value is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
