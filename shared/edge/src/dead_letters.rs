//! Reading a dead-letter queue by schedule. It is nearly always empty, and Lambda's pollers cost the
//! same whether anything comes or not: a quarter of a dollar a month for each queue.

use std::collections::VecDeque;

use aws_sdk_sqs::Client;
use gancho_store::cause;
use serde_json::Value;

/// Whether an event comes from the schedule of the dead letters.
pub fn is_of_dead_letters(event: &Value) -> bool {
    event.get("detail-type").and_then(Value::as_str) == Some("dead_letters")
}

/// The most that SQS hands out at once.
const AT_ONCE: i32 = 10;

/// A queue could not be read; its cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the dead letters could not be read: {0}")]
pub struct DeadLettersError(String);

/// A message that was received too often.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The id that SQS gave it.
    pub id: String,
    /// The message as it was enqueued.
    pub body: String,
    receipt: String,
}

/// The letters of a queue, one after the other.
#[derive(Debug)]
pub struct DeadLetters<'a> {
    sqs: &'a Client,
    queue: &'a str,
    waiting: VecDeque<DeadLetter>,
}

impl<'a> DeadLetters<'a> {
    /// Those of the queue with this URL.
    pub fn of(sqs: &'a Client, queue: &'a str) -> Self {
        Self { sqs, queue, waiting: VecDeque::new() }
    }

    /// The next one; nothing when none is visible. It stays in the queue, hidden for the queue's
    /// visibility timeout, until it is [removed](Self::remove).
    pub async fn next(&mut self) -> Result<Option<DeadLetter>, DeadLettersError> {
        if self.waiting.is_empty() {
            let call = self.sqs.receive_message().queue_url(self.queue);
            let received = call.max_number_of_messages(AT_ONCE).send().await;
            let received = received.map_err(|e| DeadLettersError(cause(&e)))?;
            self.waiting =
                received.messages.unwrap_or_default().into_iter().map(dead_letter).collect();
        }
        Ok(self.waiting.pop_front())
    }

    /// Takes one away that has been dealt with.
    pub async fn remove(&self, dead_letter: &DeadLetter) -> Result<(), DeadLettersError> {
        let call =
            self.sqs.delete_message().queue_url(self.queue).receipt_handle(&dead_letter.receipt);
        call.send().await.map(drop).map_err(|e| DeadLettersError(cause(&e)))
    }
}

fn dead_letter(message: aws_sdk_sqs::types::Message) -> DeadLetter {
    DeadLetter {
        id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
    }
}
