//! Reads a dead-letter queue on a schedule. The queue is nearly always empty, and Lambda's pollers
//! cost a quarter of a dollar a month for each queue even when no message arrives.

use std::collections::VecDeque;

use aws_sdk_sqs::Client;
use gancho_store::cause;

use crate::queue::{Queue, QueueError, Queues};

/// The most messages that SQS returns per call.
const AT_ONCE: i32 = 10;

/// A message that exceeded the receive limit of its queue.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message id of SQS.
    pub id: String,
    /// The message as it was enqueued.
    pub body: String,
    receipt: String,
}

/// The dead letters of a queue, one after the other.
#[derive(Debug)]
pub struct DeadLetters<'a> {
    sqs: &'a Client,
    queue: &'a str,
    waiting: VecDeque<DeadLetter>,
}

impl<'a> DeadLetters<'a> {
    /// The dead letters of a queue.
    pub fn of(queues: &'a Queues, queue: Queue) -> Result<Self, QueueError> {
        let (sqs, queue) = (queues.client(), queues.url(queue)?);
        Ok(Self { sqs, queue, waiting: VecDeque::new() })
    }

    /// The next dead letter, or `None` when none is visible. It stays in the queue, hidden for the
    /// queue's visibility timeout, until it is [removed](Self::remove).
    pub async fn next(&mut self) -> Result<Option<DeadLetter>, QueueError> {
        if self.waiting.is_empty() {
            let call = self.sqs.receive_message().queue_url(self.queue);
            let received = call.max_number_of_messages(AT_ONCE).send().await;
            let received = received.map_err(|e| QueueError(cause(&e)))?;
            self.waiting =
                received.messages.unwrap_or_default().into_iter().map(dead_letter).collect();
        }
        Ok(self.waiting.pop_front())
    }

    /// Deletes a handled dead letter from the queue.
    pub async fn remove(&self, dead_letter: &DeadLetter) -> Result<(), QueueError> {
        let call =
            self.sqs.delete_message().queue_url(self.queue).receipt_handle(&dead_letter.receipt);
        call.send().await.map(drop).map_err(|e| QueueError(cause(&e)))
    }
}

fn dead_letter(message: aws_sdk_sqs::types::Message) -> DeadLetter {
    DeadLetter {
        id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
    }
}
