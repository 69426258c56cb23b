//! The events that invoke the function: API requests and messages of its queue.

use aws_lambda_events::sqs::SqsEvent;
use gancho_edge::batch::BatchReply;
use lambda_http::request::LambdaRequest;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An invocation event, distinguished by its source.
#[derive(Debug)]
pub enum Event {
    /// An API request.
    Http(Box<LambdaRequest>),
    /// A batch of job parts.
    Queue(SqsEvent),
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        if event.get("requestContext").is_some() {
            return read(event).map(|request| Self::Http(Box::new(request)));
        }
        read(event).map(Self::Queue)
    }
}

fn read<T: serde::de::DeserializeOwned, E: serde::de::Error>(event: Value) -> Result<T, E> {
    serde_json::from_value(event).map_err(E::custom)
}

/// The reply: an HTTP response, or the items of a batch that failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// The response to an API request, in the gateway's format.
    Http(Value),
    /// The reply to a batch.
    Batch(BatchReply),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_event_is_recognised_by_its_source() {
        let message = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "{}",
            "attributes": {}, "messageAttributes": {}}]});
        assert!(matches!(serde_json::from_value(message).unwrap(), Event::Queue(_)));
        let request = json!({"version": "2.0", "routeKey": "GET /v1/deliveries",
            "rawPath": "/v1/deliveries", "rawQueryString": "", "headers": {},
            "isBase64Encoded": false,
            "requestContext": {"accountId": "1", "apiId": "a", "stage": "$default",
                "requestId": "r", "time": "t", "timeEpoch": 1,
                "http": {"method": "GET", "path": "/v1/deliveries", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "u"}}});
        assert!(matches!(serde_json::from_value(request).unwrap(), Event::Http(_)));
        assert!(serde_json::from_value::<Event>(json!({"detail": {}})).is_err());
    }
}
