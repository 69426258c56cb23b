//! The rules for messages, and their form in a function's event.

use serde_json::{Value, json};

use sha2::{Digest, Sha256};

use super::settings::{Fifo, QueueSettings, SqsError};
use crate::emulator::{arns::REGION, json::set};

/// SQS's limit on a message.
const BODY_LIMIT: usize = 1_048_576;

/// The longest delay, in seconds.
const LONGEST_DELAY: u32 = 900;

/// A message to send.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outgoing<'a> {
    /// Its text.
    pub body: &'a str,
    /// The delay in seconds; a FIFO queue has no delays of messages.
    pub delay: u32,
    /// The group: of its order (FIFO), or of its fair share.
    pub group: Option<&'a str>,
    /// The deduplication id (FIFO).
    pub deduplication: Option<&'a str>,
}

/// The result of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// Its place in a FIFO queue.
    pub sequence: Option<String>,
}

/// A received message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub message_id: String,
    /// The receipt handle that deletes it.
    pub receipt: String,
    /// Its text.
    pub body: String,
    /// The group: of its order (FIFO), or of its fair share.
    pub group_id: Option<String>,
    /// The deduplication id and the sequence number in a FIFO queue.
    pub sequence: Option<(String, String)>,
    /// The ARN of the queue whose dead letter it is.
    pub source_arn: Option<String>,
    /// The time of the send, in milliseconds.
    pub sent_at: i64,
    /// The time of the first receive, in milliseconds.
    pub first_received_at: i64,
    /// The number of receives, with this one.
    pub receives: u32,
}

impl Outgoing<'_> {
    /// Refuses a message that this queue does not accept; returns the deduplication id of a FIFO
    /// queue.
    pub(super) fn check(&self, queue: &QueueSettings) -> Result<Option<String>, SqsError> {
        if self.delay > LONGEST_DELAY {
            return Err(SqsError::invalid("DelaySeconds must be between 0 and 900."));
        }
        let name = |id: &str| (1..=128).contains(&id.len()) && id.chars().all(is_name);
        if !self.group.into_iter().chain(self.deduplication).all(name) {
            return Err(SqsError::invalid("An id has 1 to 128 letters, digits or punctuation."));
        }
        let Some(fifo) = queue.fifo else {
            let wrong = "MessageDeduplicationId is not valid for this queue type.";
            return self.deduplication.map_or(Ok(None), |_| Err(SqsError::invalid(wrong)));
        };
        self.check_fifo(fifo).map(Some)
    }

    fn check_fifo(&self, fifo: Fifo) -> Result<String, SqsError> {
        if self.delay > 0 {
            return Err(SqsError::invalid("DelaySeconds is not valid for this queue type."));
        }
        if self.group.is_none() {
            return Err(SqsError::new(
                "MissingParameter",
                "The request must contain the parameter MessageGroupId.",
            ));
        }
        let by_content = || fifo.by_content.then(|| hex::encode(Sha256::digest(self.body)));
        self.deduplication.map(str::to_owned).or_else(by_content).ok_or_else(|| {
            SqsError::invalid(
                "The queue should either have ContentBasedDeduplication enabled or \
                 MessageDeduplicationId provided explicitly",
            )
        })
    }
}

/// Letters, digits and punctuation of ASCII.
fn is_name(c: char) -> bool {
    c.is_ascii_graphic()
}

/// Refuses the bodies that SQS refuses: empty ones, large ones, and characters outside of XML's.
pub(super) fn check_body(body: &str) -> Result<(), SqsError> {
    if body.is_empty() {
        return Err(SqsError::new(
            "MissingParameter",
            "The request must contain the parameter MessageBody.",
        ));
    }
    if body.len() > BODY_LIMIT {
        return Err(SqsError::new(
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
        ));
    }
    if body.chars().all(is_allowed) {
        return Ok(());
    }
    Err(SqsError::new(
        "InvalidMessageContents",
        "Invalid characters were found in the message body.",
    ))
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The hash that SDKs verify messages by.
pub(super) fn md5_hex(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// The attributes that a receiver sees.
pub(super) fn attributes(message: &Received) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receives.to_string(),
        "SentTimestamp": message.sent_at.to_string(),
        "SenderId": "AIDAGANCHOLOCALHOST00",
        "ApproximateFirstReceiveTimestamp": message.first_received_at.to_string(),
    });
    if let Some(group) = &message.group_id {
        set(&mut attributes, "MessageGroupId", group.as_str());
    }
    if let Some((deduplication, sequence)) = &message.sequence {
        set(&mut attributes, "MessageDeduplicationId", deduplication.as_str());
        set(&mut attributes, "SequenceNumber", sequence.as_str());
    }
    if let Some(source) = &message.source_arn {
        set(&mut attributes, "DeadLetterQueueSourceArn", source.as_str());
    }
    attributes
}

/// A message as Lambda gives it to a function.
pub(super) fn lambda_record(message: &Received, queue_arn: &str) -> Value {
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes(message),
        "messageAttributes": {},
        "md5OfBody": md5_hex(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_sqs_refuses_are_refused() {
        assert!(check_body("{\"v\":1} \t\n ç 🎣").is_ok());
        for (body, code) in [
            ("", "MissingParameter"),
            ("a\u{0}", "InvalidMessageContents"),
            ("\u{FFFE}", "InvalidMessageContents"),
        ] {
            assert_eq!(check_body(body).unwrap_err().code, code);
        }
        assert_eq!(
            check_body(&"x".repeat(BODY_LIMIT + 1)).unwrap_err().code,
            "InvalidParameterValue"
        );
    }

    #[test]
    fn a_message_has_the_shape_that_lambda_gives() {
        let message = Received {
            message_id: "m1".to_owned(),
            receipt: "1.r".to_owned(),
            body: "{}".to_owned(),
            group_id: Some("g".to_owned()),
            sequence: Some(("d".to_owned(), "00000000000000000001".to_owned())),
            source_arn: Some("arn:source".to_owned()),
            sent_at: 5,
            first_received_at: 6,
            receives: 2,
        };
        let expected = json!({
            "messageId": "m1", "receiptHandle": "1.r", "body": "{}",
            "attributes": {
                "ApproximateReceiveCount": "2", "SentTimestamp": "5",
                "SenderId": "AIDAGANCHOLOCALHOST00", "ApproximateFirstReceiveTimestamp": "6",
                "MessageGroupId": "g", "MessageDeduplicationId": "d",
                "SequenceNumber": "00000000000000000001",
                "DeadLetterQueueSourceArn": "arn:source",
            },
            "messageAttributes": {}, "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:queue", "awsRegion": "us-east-1",
        });
        assert_eq!(lambda_record(&message, "arn:queue"), expected);
    }
}
