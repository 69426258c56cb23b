//! The events of the function: the history's stream, its queue and two schedules.

use aws_lambda_events::{dynamodb, sqs};
use gancho_edge::{batch::BatchReply, dead_letters::is_of_dead_letters};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event, distinguished by its source.
#[derive(Debug)]
pub enum Event {
    /// Rows written to the history.
    Stream(dynamodb::Event),
    /// Webhooks to reprocess or retry.
    Queue(sqs::SqsEvent),
    /// The five-minute schedule of the dead letters.
    DeadLetters,
    /// The hourly sweep.
    Sweep,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(from)?;
        let source = event.pointer("/Records/0/eventSource").and_then(Value::as_str);
        match source {
            Some("aws:dynamodb") => serde_json::from_value(event).map(Self::Stream),
            Some("aws:sqs") => serde_json::from_value(event).map(Self::Queue),
            Some(_) | None if is_of_dead_letters(&event) => Ok(Self::DeadLetters),
            Some(_) | None => Ok(Self::Sweep),
        }
        .map_err(serde::de::Error::custom)
    }
}

/// The reply: the items to deliver again, or a summary for a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// The reply to a batch.
    Batch(BatchReply),
    /// The reply to the sweep.
    Swept {
        /// The number of webhooks that were re-enqueued.
        enqueued: usize,
    },
    /// The reply to the schedule of the dead letters.
    DeadLetters {
        /// The number of webhooks that were given up.
        given_up: usize,
    },
}
