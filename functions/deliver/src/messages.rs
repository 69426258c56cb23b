//! Reads the messages of a batch: those of deliveries and those of lanes.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_edge::queue::{self, DeliverMessage, LaneMessage};

/// A parsed message, with the identifiers of its SQS message.
#[derive(Debug, Clone)]
pub(crate) struct Enqueued<T> {
    pub(crate) message: T,
    /// The SQS message id, for the batch reply.
    pub(crate) id: String,
    /// The receipt handle, for changes of the visibility timeout.
    pub(crate) receipt: String,
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
        let SqsMessage { message_id, receipt_handle, body, .. } = message;
        let (id, receipt) = (message_id.unwrap_or_default(), receipt_handle.unwrap_or_default());
        let body = body.unwrap_or_default();
        if let Some(message) = queue::read::<DeliverMessage>(&body) {
            sorted.standard.push(Enqueued { message, id, receipt });
        } else if let Some(message) = queue::read::<LaneMessage>(&body) {
            sorted.lanes.push(Enqueued { message, id, receipt });
        } else {
            tracing::error!(message.id = id, "malformed message");
            sorted.unreadable.push(id);
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.receipt_handle = Some(format!("receipt of {id}"));
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
        assert_eq!(messages.unreadable, ["c", "d"]);
    }
}
