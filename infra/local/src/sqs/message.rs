//! What may be in a message, and how it is shown to a function.

use serde_json::{Value, json};

use super::{Received, SqsError};
use crate::{json::set, names::REGION};

/// SQS's limit on a message.
const BODY_LIMIT: usize = 1_048_576;

/// Refuses what SQS refuses: nothing, too much, and characters outside of XML's.
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

/// A hash that SDKs check messages by.
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
            group_id: None,
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
                "DeadLetterQueueSourceArn": "arn:source",
            },
            "messageAttributes": {}, "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:queue", "awsRegion": "us-east-1",
        });
        assert_eq!(lambda_record(&message, "arn:queue"), expected);
    }
}
