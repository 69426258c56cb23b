//! Reads the messages of a batch: those of deliveries and those of lanes. Hides those that SQS must
//! deliver again at a certain time.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_edge::queue::{self, DeliverMessage, LaneMessage, Queue, seconds_until};
use jiff::Timestamp;

use crate::App;

/// The result for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// The message is deleted: any further work gets a message of its own.
    Done,
    /// SQS delivers the message again at this time.
    Until(Timestamp),
}

/// A parsed message, with the identifiers of its SQS message.
#[derive(Debug, Clone)]
pub(crate) struct Enqueued<T> {
    pub(crate) message: T,
    /// The SQS message id, for the batch reply.
    pub(crate) id: String,
    /// The receipt handle, for changes of the visibility timeout.
    pub(crate) receipt: String,
    /// The number of times that SQS has delivered the message, this one included.
    pub(crate) receives: u32,
}

/// A batch, by kind of message.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) standard: Vec<Enqueued<DeliverMessage>>,
    pub(crate) lanes: Vec<Enqueued<LaneMessage>>,
    /// Ids of malformed messages; they end in the dead-letter queue.
    pub(crate) unreadable: Vec<String>,
}

/// Parses a batch.
pub(crate) fn read(batch: SqsEvent) -> Messages {
    let mut sorted = Messages::default();
    for message in batch.records {
        let SqsMessage { message_id, receipt_handle, body, attributes, .. } = message;
        let (id, receipt) = (message_id.unwrap_or_default(), receipt_handle.unwrap_or_default());
        let receives = attributes.get("ApproximateReceiveCount");
        let receives = receives.and_then(|text| text.parse().ok()).unwrap_or(1);
        let body = body.unwrap_or_default();
        if let Some(message) = queue::read::<DeliverMessage>(&body) {
            sorted.standard.push(Enqueued { message, id, receipt, receives });
        } else if let Some(message) = queue::read::<LaneMessage>(&body) {
            sorted.lanes.push(Enqueued { message, id, receipt, receives });
        } else {
            tracing::error!(message.id = id, "malformed message");
            sorted.unreadable.push(id);
        }
    }
    sorted
}

/// Hides a message until `until`; SQS then delivers it again.
pub(crate) async fn hide<T>(app: &App, queue: Queue, enqueued: &Enqueued<T>, until: Timestamp) {
    let seconds = seconds_until(until, app.now());
    if let Err(error) = app.queues.hide(queue, &enqueued.receipt, seconds).await {
        // SQS delivers it again when the current visibility timeout ends.
        tracing::warn!(
            message.id = enqueued.id, error.cause = %error,
            "the visibility timeout was not changed"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.receipt_handle = Some(format!("receipt of {id}"));
        message.attributes.insert("ApproximateReceiveCount".to_owned(), "7".to_owned());
        message.body = Some(body.to_owned());
        message
    }

    #[test]
    fn te_11_messages_of_known_versions_are_parsed_and_others_are_unreadable() {
        let ids = |n: u8| format!("{n:032x}");
        let (ws, dlv, ep) = (ids(1), ids(2), ids(3));
        let standard =
            format!(r#"{{"v":1,"workspace":"ws_{ws}","delivery":"dlv_{dlv}","attempt":2}}"#);
        let lane = format!(r#"{{"v":1,"workspace":"ws_{ws}","endpoint":"ep_{ep}","lane":4}}"#);
        let later = standard.replace("\"v\":1", "\"v\":2");
        let mut batch = SqsEvent::default();
        batch.records = vec![
            message("a", &standard),
            message("b", &lane),
            message("c", &later),
            message("d", "hello"),
        ];
        let messages = read(batch);
        assert_eq!(
            (messages.standard[0].message.attempt, messages.standard[0].id.as_str()),
            (2, "a")
        );
        assert_eq!(
            (messages.lanes[0].message.lane, messages.lanes[0].receipt.as_str()),
            (4, "receipt of b")
        );
        assert_eq!((messages.standard[0].receives, messages.lanes[0].receives), (7, 7));
        assert_eq!(messages.unreadable, ["c", "d"]);
    }
}
