//! The events of the function: the deliveries' stream, its queue, two schedules.

use aws_lambda_events::{dynamodb, sqs};
use gancho_edge::{batch::BatchReply, dead_letters::is_of_dead_letters};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event, by its source.
#[derive(Debug)]
pub enum Event {
    /// Rows of deliveries, before and after.
    Stream(dynamodb::Event),
    /// Gates to recover.
    Queue(sqs::SqsEvent),
    /// Every five minutes: the dead letters.
    DeadLetters,
    /// Every minute.
    Minute,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        let source = event.pointer("/Records/0/eventSource").and_then(Value::as_str);
        match source {
            Some("aws:dynamodb") => serde_json::from_value(event).map(Self::Stream),
            Some("aws:sqs") => serde_json::from_value(event).map(Self::Queue),
            Some(_) | None if is_of_dead_letters(&event) => Ok(Self::DeadLetters),
            Some(_) | None => Ok(Self::Minute),
        }
        .map_err(serde::de::Error::custom)
    }
}

/// The reply: items to deliver again, or the counts of a scheduled run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a batch.
    Batch(BatchReply),
    /// To the schedule.
    Minute {
        /// Parked entries that were enqueued or ended.
        due: usize,
        /// Notices that were published.
        notified: usize,
    },
    /// To the schedule of dead letters.
    DeadLetters {
        /// Messages that were handled.
        dealt_with: usize,
    },
}
