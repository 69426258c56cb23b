//! Which messages woke the function: bells of deliveries, and of lanes.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use gancho_edge::queue::{self, DeliverBell, LaneBell};

/// A bell, and the message that it came in.
#[derive(Debug, Clone)]
pub(crate) struct Rung<T> {
    pub(crate) bell: T,
    /// What the message is called in the answer.
    pub(crate) id: String,
    /// What the message is called when its visibility changes.
    pub(crate) receipt: String,
}

/// A batch, sorted.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    pub(crate) standard: Vec<Rung<DeliverBell>>,
    pub(crate) lanes: Vec<Rung<LaneBell>>,
    /// Messages that are no bells; they end in the dead-letter queue.
    pub(crate) unreadable: Vec<String>,
}

/// Reads a batch.
pub(crate) fn read(batch: SqsEvent) -> Bells {
    let mut sorted = Bells::default();
    for message in batch.records {
        let SqsMessage { message_id, receipt_handle, body, .. } = message;
        let (id, receipt) = (message_id.unwrap_or_default(), receipt_handle.unwrap_or_default());
        let body = body.unwrap_or_default();
        if let Some(bell) = queue::read::<DeliverBell>(&body) {
            sorted.standard.push(Rung { bell, id, receipt });
        } else if let Some(bell) = queue::read::<LaneBell>(&body) {
            sorted.lanes.push(Rung { bell, id, receipt });
        } else {
            tracing::error!(message.id = id, "a message is no bell");
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
    fn te_11_bells_of_known_versions_are_told_apart_and_others_are_not_guessed_at() {
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
        let bells = read(batch);
        assert_eq!((bells.standard[0].bell.attempt, bells.standard[0].id.as_str()), (2, "a"));
        assert_eq!(
            (bells.lanes[0].bell.lane, bells.lanes[0].receipt.as_str()),
            (4, "receipt of b")
        );
        assert_eq!(bells.unreadable, ["c", "d"]);
    }
}
