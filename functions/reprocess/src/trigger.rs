//! The events of the function: API requests, messages of its queue, a schedule.

use aws_lambda_events::sqs::SqsEvent;
use gancho_edge::batch::BatchReply;
use lambda_http::request::LambdaRequest;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event, by its source.
#[derive(Debug)]
pub enum Event {
    /// A request of the API.
    Http(Box<LambdaRequest>),
    /// Parts of jobs.
    Queue(SqsEvent),
    /// The schedule of the sweep for parts whose message was lost.
    Schedule,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        if event.get("requestContext").is_some() {
            return read(event).map(|request| Self::Http(Box::new(request)));
        }
        match event.pointer("/Records/0/eventSource").and_then(Value::as_str) {
            Some("aws:sqs") => read(event).map(Self::Queue),
            Some(_) | None => Ok(Self::Schedule),
        }
    }
}

fn read<T: serde::de::DeserializeOwned, E: serde::de::Error>(event: Value) -> Result<T, E> {
    serde_json::from_value(event).map_err(E::custom)
}

/// The reply: a response, items to deliver again, or the result of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a request, in the gateway's form.
    Http(Value),
    /// To a batch.
    Batch(BatchReply),
    /// To a schedule.
    Swept {
        /// Number of parts that were enqueued again.
        enqueued: usize,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_distinguished_by_their_source() {
        let message = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "{}",
            "attributes": {}, "messageAttributes": {}}]});
        assert!(matches!(serde_json::from_value(message).unwrap(), Event::Queue(_)));
        let tick = json!({"source": "gancho.schedule", "detail-type": "sweep", "detail": {}});
        assert!(matches!(serde_json::from_value(tick).unwrap(), Event::Schedule));
        let request = json!({"version": "2.0", "routeKey": "GET /v1/jobs", "rawPath": "/v1/jobs",
            "rawQueryString": "", "headers": {}, "isBase64Encoded": false,
            "requestContext": {"accountId": "1", "apiId": "a", "stage": "$default",
                "requestId": "r", "time": "t", "timeEpoch": 1,
                "http": {"method": "GET", "path": "/v1/jobs", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "u"}}});
        assert!(matches!(serde_json::from_value(request).unwrap(), Event::Http(_)));
    }
}
