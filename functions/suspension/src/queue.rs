//! Messages: gates to go on with, and bells from the dead-letter queues.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::FutureExt;
use gancho_edge::{
    batch::BatchReply,
    bells::{DeliverBell, LaneBell, RecoverBell, VERSION},
};
use jiff::Timestamp;

use crate::{App, Trouble, letters, recover};

/// A message, told apart by what it names.
enum Message {
    Recover(RecoverBell),
    Lane(LaneBell),
    Deliver(DeliverBell),
}

/// Handles messages one by one; those that could not be handled come again.
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
    let Some(what) = read(message.body.as_deref().unwrap_or_default()) else {
        tracing::error!(message.id = message.message_id, "a message is no bell");
        return false;
    };
    let done = follow(app, &what, sent(app, message));
    let cause = match AssertUnwindSafe(done).catch_unwind().await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "panic".to_owned(),
    };
    tracing::warn!(message.id = message.message_id, error.cause = cause, "not handled");
    false
}

async fn follow(app: &App, what: &Message, sent: Timestamp) -> Result<(), Trouble> {
    match what {
        Message::Recover(bell) => recover::step(app, bell, sent).await,
        Message::Lane(bell) => letters::lane(app, bell).await,
        Message::Deliver(bell) => letters::delivery(app, bell).await,
    }
}

/// Reads a bell; versions that are not known are not guessed at.
fn read(body: &str) -> Option<Message> {
    let recover = serde_json::from_str(body).ok().filter(|bell: &RecoverBell| bell.v == VERSION);
    if let Some(bell) = recover {
        return Some(Message::Recover(bell));
    }
    let lane = serde_json::from_str(body).ok().filter(|bell: &LaneBell| bell.v == VERSION);
    if let Some(bell) = lane {
        return Some(Message::Lane(bell));
    }
    let deliver = serde_json::from_str(body).ok().filter(|bell: &DeliverBell| bell.v == VERSION);
    deliver.map(Message::Deliver)
}

/// When a message was sent.
fn sent(app: &App, message: &SqsMessage) -> Timestamp {
    let millis = message.attributes.get("SentTimestamp").and_then(|text| text.parse().ok());
    millis.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_else(|| app.now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gancho_domain::{
        gate::{GateKey, Release},
        ids::{DeliveryId, EndpointId, WorkspaceId},
    };

    #[test]
    fn te_11_a_bell_is_told_apart_by_what_it_names_and_an_unknown_version_by_nothing() {
        let at = Timestamp::UNIX_EPOCH;
        let workspace = WorkspaceId::new(at, &[1; 10]);
        let endpoint = EndpointId::new(at, &[2; 10]);
        let delivery = DeliveryId::new(at, &[3; 10]);
        let lane = LaneBell { v: 1, workspace, endpoint, lane: 0 };
        let deliver = DeliverBell { v: 1, workspace, delivery, attempt: 1 };
        let gate = GateKey::Endpoint(endpoint);
        let (generation, release, step) = (1, Release::All, 0);
        let recover = RecoverBell { v: 1, workspace, gate, generation, release, step };
        let [lane, deliver, recover] = [
            serde_json::to_string(&lane).unwrap(),
            serde_json::to_string(&deliver).unwrap(),
            serde_json::to_string(&recover).unwrap(),
        ];
        assert!(matches!(read(&lane), Some(Message::Lane(_))));
        assert!(matches!(read(&deliver), Some(Message::Deliver(_))));
        assert!(matches!(read(&recover), Some(Message::Recover(_))));
        for body in [lane, deliver, recover] {
            assert!(read(&body.replace("\"v\":1", "\"v\":99")).is_none());
        }
        assert!(read("{ not JSON").is_none());
    }
}
