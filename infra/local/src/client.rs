//! A client of the API over HTTP: a base URL, a key, JSON bodies. Tests, bench and demo use it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// The error of a request.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No response arrived: the error and its sources.
    #[error("{0}")]
    Http(String),
    /// The response is no success, or its body is not JSON.
    #[error("{request}: {status} {body}")]
    Response {
        /// Method and path.
        request: String,
        /// The status.
        status: StatusCode,
        /// The body as text.
        body: String,
    },
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(gancho_store::cause(&error))
    }
}

/// A client with a key.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of the API at `base`, such as `http://127.0.0.1:8787`, with an API key.
    pub fn new(base: impl Into<String>, key: impl Into<String>) -> Result<Self, ClientError> {
        // The host closes a connection that is idle for 30 s; a request may not meet that moment.
        let idle = Duration::from_secs(10);
        let http = reqwest::Client::builder().no_proxy().pool_idle_timeout(idle).build()?;
        Ok(Self { base: base.into(), key: key.into(), http })
    }

    /// The same client with another key.
    #[must_use]
    pub fn with_key(&self, key: impl Into<String>) -> Self {
        Self { key: key.into(), ..self.clone() }
    }

    /// A request to any URL, without the key, for the caller to complete.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Calls the API at a path; returns the response, whatever its status.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, url).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::read(request).await
    }

    /// `GET`; returns the JSON of a 2xx response.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::GET, path, None).await
    }

    /// `POST`; returns the JSON of a 2xx response.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.json(Method::POST, path, Some(body)).await
    }

    /// `PATCH`; returns the JSON of a 2xx response.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.json(Method::PATCH, path, Some(body)).await
    }

    async fn json(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClientError> {
        let request = format!("{method} {path}");
        let answer = self.call(method, path, body).await?;
        match serde_json::from_slice(&answer.bytes) {
            Ok(body) if answer.status.is_success() => Ok(body),
            _ => {
                let (status, body) = (answer.status, answer.text());
                Err(ClientError::Response { request, status, body })
            }
        }
    }
}

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Sends a request and reads the whole response.
    pub async fn read(request: RequestBuilder) -> Result<Self, ClientError> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, bytes: response.bytes().await?.to_vec() })
    }

    /// The body as JSON; `null` if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The stable code of a problem; empty if there is none.
    pub fn code(&self) -> String {
        let body = self.json();
        body.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The JSON of a response that must have this status.
    ///
    /// # Panics
    ///
    /// If the status is another one: a test has failed.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Host;

    #[tokio::test]
    async fn a_refused_request_is_an_error_with_status_and_body() {
        let host = Host::builder().start().await.unwrap();
        let client = Client::new(host.base_url(), "gk_unknown").unwrap();
        let error = client.post("/v1/origins", &json!({})).await.unwrap_err().to_string();
        assert!(error.starts_with("POST /v1/origins: 403 Forbidden {"), "{error}");
        let answer = client.call(Method::GET, "/v1/origins", None).await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        host.shutdown().await;
    }
}
