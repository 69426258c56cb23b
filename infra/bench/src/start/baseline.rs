//! The smallest possible function, which is not part of the host, and the effect of a panic.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    process::Process,
    relay::{Relay, Seen},
};
use crate::error::{Result, wrong};

/// The name of its binary.
pub(crate) const NAME: &str = "baseline";

/// Measures the same numbers as for other functions.
pub(crate) fn measure(program: &Path, (cold, steady): (usize, usize)) -> Result<Seen> {
    let relay = Relay::new(program, environment());
    for step in 0..cold + steady {
        if step < cold {
            relay.restart();
        }
        relay.invoke(&request("/"))?;
    }
    relay.seen()
}

/// Describes the response to a panic, and whether the process continues.
pub(crate) fn panics(program: &Path) -> Result<String> {
    let process = Process::start(program, &environment())?;
    let panicked = process.invoke(&request("/panic"))?;
    let after = process.invoke(&request("/"))?;
    if !panicked.answer.failed || after.answer.failed {
        return Err(wrong(format!(
            "a panic ended in {:?}, then {:?}",
            panicked.answer, after.answer
        )));
    }
    Ok(format!(
        "a panic was answered with an error, and the process went on: {}",
        panicked.answer.body
    ))
}

/// The variables that Lambda sets for every function.
fn environment() -> Vec<(String, String)> {
    let all = [
        ("AWS_LAMBDA_FUNCTION_NAME", NAME),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", local::arns::REGION),
    ];
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// A request in the event format of an HTTP API.
fn request(path: &str) -> String {
    let event: Value = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.com"},
        "requestContext": {
            "accountId": local::arns::ACCOUNT,
            "apiId": "api",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "requestId": "one",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_305_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    event.to_string()
}
