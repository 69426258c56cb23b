//! Enqueues parked entries in batches, then deletes them. An entry that cannot be enqueued stays,
//! and delays no other.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::{StreamExt, stream};
use gancho_domain::common::ids::WorkspaceId;
use gancho_edge::queue::{
    self, DeliverMessage, LaneMessage, Message, Queue, RecoverMessage, VERSION,
};
use gancho_store::parked::{self, Entry, Parked, ParkedKey};
use jiff::Timestamp;
use serde::Serialize;

use crate::{App, recover, schedule};

/// Entries that are enqueued, then deleted: a whole number of calls for both.
const UNIT: usize = 2 * parked::BATCH;
/// Units under way at once, and calls that fail one after another before a run leaves a queue.
const SIDE_BY_SIDE: usize = 8;

/// A message of any queue.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Work {
    Deliver(DeliverMessage),
    Lane(LaneMessage),
    Recover(RecoverMessage),
}

impl Message for Work {
    fn group(&self) -> Option<String> {
        match self {
            Self::Deliver(message) => message.group(),
            Self::Lane(message) => message.group(),
            Self::Recover(message) => message.group(),
        }
    }
}

/// The messages for a queue with their delays, and their entries in the same order.
#[derive(Debug, Default)]
struct Line {
    messages: Vec<(Work, i32)>,
    entries: Vec<Sender>,
}

/// The tenant of a message and its entry.
type Sender = (WorkspaceId, ParkedKey);

/// The numbers of entries that a run enqueued, and that it tried or left without success.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) enqueued: usize,
    pub(crate) left: usize,
}

/// Enqueues the entries of a run.
#[derive(Debug, Default)]
pub(crate) struct Enqueuer {
    /// Calls of each queue that failed one after another.
    failed: BTreeMap<Queue, AtomicUsize>,
}

impl Enqueuer {
    /// Enqueues entries, each after its delay in seconds, and deletes them.
    pub(crate) async fn enqueue(
        &mut self,
        app: &App,
        entries: Vec<(Entry, i32)>,
        deadline: Timestamp,
    ) -> Counts {
        let mut lines: BTreeMap<Queue, Line> = BTreeMap::new();
        for (entry, delay) in entries {
            let Some((queue, work)) = work(&entry) else { continue };
            self.failed.entry(queue).or_default();
            let line = lines.entry(queue).or_default();
            line.messages.push((work, delay));
            line.entries.push((entry.workspace, entry.key));
        }
        let mut units = Vec::new();
        for (queue, line) in &lines {
            let some = line.messages.chunks(UNIT).zip(line.entries.chunks(UNIT));
            units.extend(some.map(|some| self.unit(app, *queue, some, deadline)));
        }
        let mut units = stream::iter(units).buffer_unordered(SIDE_BY_SIDE);
        let mut counts = Counts::default();
        while let Some(done) = units.next().await {
            counts.enqueued += done.enqueued;
            counts.left += done.left;
        }
        counts
    }

    /// Enqueues one unit and deletes what was enqueued.
    async fn unit(
        &self,
        app: &App,
        queue: Queue,
        (messages, entries): (&[(Work, i32)], &[Sender]),
        deadline: Timestamp,
    ) -> Counts {
        let mut sent = Vec::new();
        let batches = messages.chunks(queue::BATCH).zip(entries.chunks(queue::BATCH));
        for (messages, entries) in batches {
            if app.now() >= deadline || self.is_left(queue) {
                break;
            }
            match app.queues.send_batch(queue, messages).await {
                Ok(refused) => {
                    self.count(queue, 0);
                    for (place, error) in &refused {
                        let ws = entries.get(*place).map(|(ws, _)| ws.to_string());
                        tracing::error!(workspace.id = ws, error.cause = %error, "not enqueued");
                    }
                    let kept = |place| refused.iter().any(|(refused, _)| *refused == place);
                    let some = entries.iter().enumerate().filter(|(place, _)| !kept(*place));
                    sent.extend(some.map(|(_, (_, key))| key));
                }
                Err(error) => {
                    tracing::error!(error.cause = %error, "not enqueued");
                    self.count(queue, 1);
                }
            }
        }
        if let Err(error) = app.store.unpark(&sent).await {
            // They are enqueued again by the next run, without effect.
            tracing::error!(error.cause = %error, "entries were enqueued and not deleted");
        }
        Counts { enqueued: sent.len(), left: entries.len() - sent.len() }
    }

    /// Reports whether a queue failed so often that its entries are left to the next run: the time
    /// is for those of the other queues.
    fn is_left(&self, queue: Queue) -> bool {
        let failed = self.failed.get(&queue);
        failed.is_some_and(|failed| failed.load(Ordering::Relaxed) >= SIDE_BY_SIDE)
    }

    /// Counts a call that failed; 0: one that did not.
    fn count(&self, queue: Queue, failed: usize) {
        let Some(count) = self.failed.get(&queue) else { return };
        if failed == 0 {
            count.store(0, Ordering::Relaxed);
        } else {
            count.fetch_add(failed, Ordering::Relaxed);
        }
    }
}

/// The message of an entry. `None`: an expiry is no message.
fn work(entry: &Entry) -> Option<(Queue, Work)> {
    let workspace = entry.workspace;
    Some(match entry.what.clone() {
        Parked::Deliver { delivery, attempt, group } => {
            let (v, slow) = (VERSION, false);
            let message = DeliverMessage { v, workspace, delivery, attempt, group, slow };
            (Queue::Deliver, Work::Deliver(message))
        }
        Parked::Lane { endpoint, lane } => {
            (Queue::Lanes, Work::Lane(LaneMessage { v: VERSION, workspace, endpoint, lane }))
        }
        Parked::Probe { gate, generation } => {
            let message = schedule::recovery(workspace, &gate, generation);
            (Queue::Recover, Work::Recover(RecoverMessage { step: recover::RESUMED, ..message }))
        }
        Parked::Expiry { .. } => return None,
    })
}
