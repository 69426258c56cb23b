//! Answers to HTTP clients, of the gateway and of the host's own API.

use axum::body::Bytes;
#[cfg(test)]
use http::request::Parts;
use http::{Response, StatusCode};

/// An answer to a client.
pub(crate) type Answer = Response<Bytes>;

/// An answer with a message, as API Gateway writes it.
pub(crate) fn message(status: StatusCode, text: &str) -> Answer {
    let body = serde_json::json!({ "message": text }).to_string();
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
    answer
}

/// The answer to an invocation that failed.
pub(crate) fn internal_error() -> Answer {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// A request's head, for tests of the parts.
#[cfg(test)]
pub(crate) fn head(method: &str, uri: &str, headers: &[(&str, &[u8])]) -> Parts {
    let mut builder = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, http::HeaderValue::from_bytes(value).unwrap());
    }
    builder.body(()).unwrap().into_parts().0
}
