//! Events by hand: records and messages of streams and queues, in any order and number.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use local::InvokeError;
use serde_json::{Value, json};
use tests::checker::{Row, text};

use crate::harness::{Harness, bare};

/// The stream record of a history row.
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

/// The sequence number of the record at a place.
pub(crate) fn sequence_number(place: usize) -> String {
    (100_000_000_000_000_000_000_u128 + u128::try_from(place).unwrap()).to_string()
}

fn image(row: &HashMap<String, AttributeValue>) -> Value {
    row.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// The stream's JSON of an attribute: a text, number, flag or bytes, as in a webhook's row.
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

    /// Invokes *process* with the stream's event of these webhooks.
    pub(crate) async fn stream(&self, ids: &[&str]) -> Result<Value, InvokeError> {
        let event = self.stream_event(ids).await;
        self.world.host.invoke("process", event).await
    }

    /// The message for a run of a webhook.
    pub(crate) fn message(&self, id: &str, run: u32) -> String {
        let (workspace, origin) = (&self.world.workspace, &self.to.origin);
        json!({"v": 1, "workspace": workspace, "origin": origin, "webhook": id, "run": run})
            .to_string()
    }

    /// Enqueues a message in a queue of the host.
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

    /// Invokes *process* with messages as the queue would; the failed messages of its response.
    pub(crate) async fn messages(&self, bodies: &[String]) -> Vec<String> {
        let event = self.queue_event("process-retry", bodies);
        failed(&self.world.host.invoke("process", event).await.unwrap())
    }
}

/// The failed items of a batch response.
pub(crate) fn failed(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|it| it["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}
