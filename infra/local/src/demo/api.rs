//! A client of the API over HTTP, as any other client has it.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::DemoError;

/// A client with a key.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    key: String,
    http: Client,
}

impl Api {
    /// A client of the deployment at `base`.
    pub fn new(base: String, key: &str) -> Result<Self, DemoError> {
        let http = Client::builder().no_proxy().build()?;
        Ok(Self { base, key: key.to_owned(), http })
    }

    /// Sends a request to the API; an answer that is not a success is an error.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DemoError> {
        let request_line = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request_line, request.bearer_auth(&self.key)).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.call(Method::GET, path, None).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Sends a webhook to an ingest URL; returns the status.
    pub(super) async fn send(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Result<u16, DemoError> {
        let request = self.http.post(url).body(body);
        let with =
            |request: RequestBuilder, (name, value): &(String, String)| request.header(name, value);
        Ok(headers.iter().fold(request, with).send().await?.status().as_u16())
    }
}

async fn read(request_line: String, request: RequestBuilder) -> Result<Value, DemoError> {
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    match serde_json::from_str(&text) {
        Ok(body) if status.is_success() => Ok(body),
        _ if status == http::StatusCode::NO_CONTENT => Ok(Value::Null),
        _ => Err(DemoError::Answer { what: request_line, answer: format!("{status} {text}") }),
    }
}

/// The items of a list.
pub fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_default()
}

/// A JSON string; empty where the value is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
