//! Delivers queues to functions, as Lambda's event source mappings do.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{
    message::{Received, lambda_record},
    queue::Queues,
    settings::SqsError,
};
use crate::emulator::{
    activity::Activity,
    arns,
    batch::{Verdict, judge},
    lambda::Lambda,
    rng::Misdelivery,
};

/// The template's settings of an event source.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// The queue's name.
    pub queue: String,
    /// The largest batch, in messages.
    pub batch_size: usize,
    /// The number of concurrent batches.
    pub concurrency: usize,
    /// `true` if the function reports failed items.
    pub partial: bool,
}

/// The event source mapping of a queue.
#[derive(Debug)]
pub struct Source {
    settings: SourceSettings,
    lambda: Arc<Lambda>,
    queues: Queues,
    misdelivery: Misdelivery,
    activity: Activity,
}

impl Source {
    /// A mapping that is not started.
    pub fn new(
        settings: SourceSettings,
        lambda: Arc<Lambda>,
        queues: Queues,
        misdelivery: Misdelivery,
        activity: Activity,
    ) -> Arc<Self> {
        Arc::new(Self { settings, lambda, queues, misdelivery, activity })
    }

    /// The queue that it reads.
    pub fn queue(&self) -> &str {
        &self.settings.queue
    }

    /// Delivers messages to the function as they become visible.
    pub fn start(self: &Arc<Self>, engine: &Handle) {
        engine.spawn(Arc::clone(self).poll());
    }

    async fn poll(self: Arc<Self>) {
        let slots = Arc::new(Semaphore::new(self.settings.concurrency));
        let mut changes = self.queues.changes();
        while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
            changes.mark_unchanged();
            match self.take(slot) {
                Ok(true) => {}
                Ok(false) => {
                    let next = self.queues.next_visible(&self.settings.queue).unwrap_or_default();
                    tokio::select! {
                        woken = changes.changed() => if woken.is_err() { return },
                        () = self.queues.clock().wait_until(next) => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(queue = self.settings.queue, %error, "a queue cannot be read");
                    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
                }
            }
        }
    }

    /// Receives one batch and delivers it; `false` if there is none.
    fn take(self: &Arc<Self>, slot: OwnedSemaphorePermit) -> Result<bool, SqsError> {
        let busy = self.activity.begin();
        let size = self.settings.batch_size;
        let messages = self.queues.receive(&self.settings.queue, size, None)?;
        if messages.is_empty() {
            return Ok(false);
        }
        let source = Arc::clone(self);
        tokio::spawn(async move {
            source.deliver(messages).await;
            drop((slot, busy));
        });
        Ok(true)
    }

    /// Invokes the function; deletes the handled messages. Failed ones become visible when their
    /// timeout ends.
    async fn deliver(&self, messages: Vec<Received>) {
        let arn = arns::arn("sqs", &self.settings.queue);
        let records: Vec<Value> = messages.iter().map(|m| lambda_record(m, &arn)).collect();
        let event = json!({ "Records": records });
        for _ in 1..self.misdelivery.times() {
            _ = self.lambda.invoke(&event).await;
        }
        let ids: Vec<&str> = messages.iter().map(|m| m.message_id.as_str()).collect();
        let verdict = judge(&self.lambda.invoke(&event).await, &ids, self.settings.partial);
        for (position, message) in messages.iter().enumerate() {
            let done = match &verdict {
                Verdict::Done => true,
                Verdict::Failed => false,
                Verdict::Partly(failed) => !failed.contains(&position),
            };
            if done && let Err(error) = self.queues.delete(&self.settings.queue, &message.receipt) {
                tracing::warn!(queue = self.settings.queue, %error, "a message is not deleted");
            }
        }
    }
}
