//! Events by hand: what streams and queues would bring, in any order, as often as one likes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use local::InvokeError;
use serde_json::{Value, json};
use tests::checker::{Row, text};

use crate::harness::{Harness, bare};

/// A row of the history as the stream would bring it.
fn record(row: &Row, sequence: usize) -> Value {
    json!({
        "eventID": format!("event-{sequence}"), "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/HistoryTable/stream/x",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": {"pk": {"S": text(row, "pk")}, "sk": {"S": text(row, "sk")}},
            "NewImage": image(row),
            "SequenceNumber": sequence_number(sequence),
            "SizeBytes": 100, "StreamViewType": "NEW_IMAGE",
        },
    })
}

/// As the stream numbers the record at a place.
pub(crate) fn sequence_number(place: usize) -> String {
    (100_000_000_000_000_000_000_u128 + u128::try_from(place).unwrap()).to_string()
}

fn image(row: &HashMap<String, AttributeValue>) -> Value {
    row.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// Texts, numbers, flags and bytes, which is all that a webhook's row has.
fn attribute(value: &AttributeValue) -> Value {
    let plain = value.as_s().map(|text| json!({ "S": text }));
    let plain = plain.or_else(|_| value.as_n().map(|number| json!({ "N": number })));
    let plain = plain.or_else(|_| value.as_bool().map(|flag| json!({ "BOOL": flag })));
    plain.unwrap_or_else(|_| json!({ "B": STANDARD.encode(value.as_b().unwrap()) }))
}

impl Harness {
    /// The stream's event for webhooks, in this order.
    pub(crate) async fn stream_event(&self, ids: &[&str]) -> Value {
        let rows = self.rows("TABLE_HISTORY").await;
        let row = |id: &str| rows.iter().find(|row| text(row, "sk") == bare(id)).unwrap();
        let records = ids.iter().enumerate().map(|(place, id)| record(row(id), place));
        json!({ "Records": records.collect::<Vec<_>>() })
    }

    /// Brings webhooks to *process* as the stream would.
    pub(crate) async fn stream(&self, ids: &[&str]) -> Result<Value, InvokeError> {
        let event = self.stream_event(ids).await;
        self.world.host.invoke("process", event).await
    }

    /// A message that asks for a run of a webhook.
    pub(crate) fn message(&self, id: &str, run: u32) -> String {
        let (workspace, origin) = (&self.world.workspace, &self.to.origin);
        json!({"v": 1, "workspace": workspace, "origin": origin, "webhook": id, "run": run})
            .to_string()
    }

    /// Rings in a queue of the host.
    pub(crate) fn enqueue(&self, queue: &str, body: &str) {
        self.world.host.queues().send(&self.queue(queue), body, 0, None).unwrap();
    }

    /// The event of a queue with these bodies; messages are called `m1`, `m2`, ...
    pub(crate) fn queue_event(&self, queue: &str, bodies: &[String]) -> Value {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{}", self.queue(queue));
        let message = |(place, body): (usize, &String)| {
            json!({
                "messageId": format!("m{}", place + 1), "receiptHandle": "r", "body": body,
                "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
                "eventSourceARN": arn, "awsRegion": "us-east-1",
            })
        };
        json!({ "Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>() })
    }

    /// Brings messages to *process* as the queue would; the answer's failed messages.
    pub(crate) async fn messages(&self, bodies: &[String]) -> Vec<String> {
        let event = self.queue_event("process-retry", bodies);
        failed(&self.world.host.invoke("process", event).await.unwrap())
    }
}

/// What of a batch shall come again.
pub(crate) fn failed(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|it| it["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}
