//! A function's answer as the client's response: payload format 2.0.

use axum::body::Bytes;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING},
};
use serde_json::Value;

use super::limits::fits_lambda;
use crate::emulator::answer::Answer;

/// Reads an answer. `None` if the gateway answers 500 instead: it is too large, its status or a
/// header is invalid, or its body is not base64 although it is marked so.
pub(super) fn read(answer: &Value, request_id: &str) -> Option<Answer> {
    if !fits_lambda(answer) {
        return None;
    }
    let mut response = match answer.get("statusCode") {
        Some(status) => structured(answer, status)?,
        None => inferred(answer),
    };
    let id = HeaderValue::from_str(request_id).ok()?;
    response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), id);
    Some(response)
}

/// Reads an answer without a status: it is the body of a success.
fn inferred(answer: &Value) -> Answer {
    let body = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
    let mut response = Response::new(Bytes::from(body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn structured(answer: &Value, status: &Value) -> Option<Answer> {
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok())?;
    let status = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
    let mut response = Response::new(body(answer)?);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            headers.insert(name, header_value(value)?);
        }
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(SET_COOKIE, header_value(cookie)?);
    }
    if !response.body().is_empty() && !response.headers().contains_key(CONTENT_TYPE) {
        let plain = HeaderValue::from_static("text/plain;charset=UTF-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
    }
    Some(response)
}

fn body(answer: &Value) -> Option<Bytes> {
    let body = match answer.get("body") {
        None | Some(Value::Null) => return Some(Bytes::new()),
        Some(body) => body.as_str()?,
    };
    if answer.get("isBase64Encoded").and_then(Value::as_bool) == Some(true) {
        return STANDARD.decode(body).ok().map(Bytes::from);
    }
    Some(Bytes::from(body.to_owned()))
}

fn header_value(value: &Value) -> Option<HeaderValue> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn status_headers_cookies_and_body_are_taken_over() {
        let answer = json!({
            "statusCode": 201, "headers": {"content-type": "image/png", "X-N": 7, "content-length": "99"},
            "cookies": ["a=1", "b=2"], "body": "aGk=", "isBase64Encoded": true,
        });
        let response = read(&answer, "id").unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["x-n"], "7");
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(response.body().as_ref(), b"hi");
    }

    #[test]
    fn an_answer_without_a_status_is_the_body_of_a_success() {
        let response = read(&json!({"a": 1}), "id").unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.body().as_ref(), b"{\"a\":1}");
    }

    #[test]
    fn an_invalid_answer_is_the_gateway_s_own_error() {
        for answer in [
            json!({"statusCode": 42}),
            json!({"statusCode": null}),
            json!({"statusCode": 200, "body": "%", "isBase64Encoded": true}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
            json!({"statusCode": 200, "body": "a".repeat(7_000_000)}),
        ] {
            assert!(read(&answer, "id").is_none());
        }
    }
}
