//! Handles the messages of the recovery queue.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_edge::{
    batch::{BatchReply, caught},
    queue::{self, RecoverMessage},
};
use jiff::Timestamp;

use crate::{App, Error, recover};

/// Handles messages one by one. The reply lists those that failed.
pub(crate) async fn handle(app: &App, batch: SqsEvent, deadline: Timestamp) -> BatchReply {
    let mut reply = BatchReply::default();
    for message in batch.records {
        let late = app.now() >= deadline;
        if late || !one(app, &message).await {
            reply.again(message.message_id.unwrap_or_default());
        }
    }
    reply
}

async fn one(app: &App, message: &SqsMessage) -> bool {
    let id = message.message_id.as_deref().unwrap_or_default();
    let body = message.body.as_deref().unwrap_or_default();
    let Some(recover) = queue::read::<RecoverMessage>(body) else {
        tracing::error!(message.id = id, "malformed message");
        return false;
    };
    is_done(id, recover::step(app, &recover, sent(app, message))).await
}

/// Returns true if `work` succeeded; else the message stays in its queue.
pub(crate) async fn is_done(message: &str, work: impl Future<Output = Result<(), Error>>) -> bool {
    let Err(cause) = caught(work).await else { return true };
    tracing::warn!(message.id = message, error.cause = cause, "not handled");
    false
}

/// The time at which a message was sent.
fn sent(app: &App, message: &SqsMessage) -> Timestamp {
    let millis = message.attributes.get("SentTimestamp").and_then(|text| text.parse().ok());
    millis.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_else(|| app.now())
}
