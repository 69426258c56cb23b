//! The events that invoke the functions, distinguished by their source, and the replies to them.

use std::collections::BTreeMap;

use aws_lambda_events::{dynamodb, sqs::SqsEvent};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::batch::BatchReply;

/// An event. `R` is the type of API requests; a function without any is never built with their
/// parser.
#[derive(Debug)]
pub enum Event<R = NoRequest> {
    /// A request of the API.
    Http(Box<R>),
    /// Records of a table's stream.
    Stream(dynamodb::Event),
    /// Messages of a queue.
    Queue(SqsEvent),
    /// The schedule of the dead letters.
    DeadLetters,
    /// The other schedule of the function.
    Schedule,
}

/// The request of a function without a route.
#[derive(Debug)]
pub enum NoRequest {}

impl<'de> Deserialize<'de> for NoRequest {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("the function has no route"))
    }
}

impl<'de, R: DeserializeOwned> Deserialize<'de> for Event<R> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        let text = |pointer| event.pointer(pointer).and_then(Value::as_str);
        if event.get("requestContext").is_some() {
            return read(event).map(|request| Self::Http(Box::new(request)));
        }
        match (text("/Records/0/eventSource"), text("/detail-type")) {
            (Some("aws:dynamodb"), _) => read(event).map(Self::Stream),
            (Some("aws:sqs"), _) => read(event).map(Self::Queue),
            (None, Some("dead_letters")) => Ok(Self::DeadLetters),
            (None, Some(_)) => Ok(Self::Schedule),
            (source, None) | (source @ Some(_), Some(_)) => {
                Err(serde::de::Error::custom(format!("an event of an unknown source: {source:?}")))
            }
        }
    }
}

fn read<T: DeserializeOwned, E: serde::de::Error>(event: Value) -> Result<T, E> {
    serde_json::from_value(event).map_err(E::custom)
}

/// The error of an event that the template gives to another function.
pub fn unexpected() -> lambda_runtime::Error {
    "the function has no such event source".into()
}

/// The reply to an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a request, in the gateway's format.
    Http(Value),
    /// To a batch: the items to deliver again.
    Batch(BatchReply),
    /// To a schedule: the numbers of handled items by name.
    Counts(BTreeMap<&'static str, usize>),
}

impl Reply {
    /// The reply to a schedule.
    pub fn counts<const N: usize>(counts: [(&'static str, usize); N]) -> Self {
        Self::Counts(counts.into())
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::request::LambdaRequest;
    use serde_json::json;

    use super::*;

    fn of(event: Value) -> Result<Event<LambdaRequest>, serde_json::Error> {
        serde_json::from_value(event)
    }

    #[test]
    fn events_are_distinguished_by_their_source() {
        let message = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "{}",
            "attributes": {}, "messageAttributes": {}}]});
        assert!(matches!(of(message), Ok(Event::Queue(_))));
        let record = json!({"Records": [{"eventSource": "aws:dynamodb", "eventID": "1", "eventName": "INSERT",
            "awsRegion": "us-east-1", "dynamodb": {"ApproximateCreationDateTime": 1,
                "Keys": {}, "NewImage": {}, "SizeBytes": 1, "SequenceNumber": "1"}}]});
        assert!(matches!(of(record), Ok(Event::Stream(_))));
        let tick =
            |kind| of(json!({"source": "gancho.schedule", "detail-type": kind, "detail": {}}));
        assert!(matches!(tick("sweep"), Ok(Event::Schedule)));
        assert!(matches!(tick("dead_letters"), Ok(Event::DeadLetters)));
        assert!(of(json!({"detail": {}})).is_err());
        assert!(
            of(json!({"Records": [{"eventSource": "aws:s3"}], "detail-type": "sweep"})).is_err()
        );
    }

    #[test]
    fn a_request_is_one_only_for_a_function_with_routes() {
        let request = json!({"version": "2.0", "routeKey": "GET /v1/jobs", "rawPath": "/v1/jobs",
            "rawQueryString": "", "headers": {}, "isBase64Encoded": false,
            "requestContext": {"accountId": "1", "apiId": "a", "stage": "$default",
                "requestId": "r", "time": "t", "timeEpoch": 1,
                "http": {"method": "GET", "path": "/v1/jobs", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "u"}}});
        assert!(matches!(of(request.clone()), Ok(Event::Http(_))));
        assert!(serde_json::from_value::<Event>(request).is_err());
    }

    #[test]
    fn the_counts_of_a_schedule_are_an_object() {
        let reply = Reply::counts([("due", 2), ("notified", 1)]);
        assert_eq!(serde_json::to_value(reply).unwrap(), json!({"due": 2, "notified": 1}));
    }
}
