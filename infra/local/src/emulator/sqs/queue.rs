//! Messages: delays, visibility timeouts, receive counts, redrive, order within groups and fairness
//! between them, by the host's clock, stored in the host's own tables.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::{Transaction, params};
use tokio::sync::watch;

use super::{
    fifo,
    message::{Outgoing, Received, Sent, check_body},
    rows::{self, Depth, insert, redrive, take},
    settings::{QueueSettings, SqsError},
};
use crate::emulator::{clock::HostClock, rng::Misdelivery, state::State};

/// All queues.
#[derive(Debug, Clone)]
pub struct Queues {
    settings: Arc<BTreeMap<String, QueueSettings>>,
    state: State,
    clock: HostClock,
    misdelivery: Misdelivery,
    changed: Arc<watch::Sender<u64>>,
}

impl Queues {
    /// The queues of a template.
    pub fn new(
        settings: Vec<QueueSettings>,
        state: State,
        clock: HostClock,
        misdelivery: Misdelivery,
    ) -> Self {
        let settings = settings.into_iter().map(|queue| (queue.name.clone(), queue)).collect();
        let changed = Arc::new(watch::channel(0).0);
        Self { settings: Arc::new(settings), state, clock, misdelivery, changed }
    }

    /// Changes whenever a message may have become visible earlier than was known.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The clock of the queues.
    pub fn clock(&self) -> &HostClock {
        &self.clock
    }

    /// A queue by its name or URL.
    pub fn find(&self, name: &str) -> Result<&QueueSettings, SqsError> {
        let name = name.rsplit('/').next().unwrap_or(name);
        self.settings.get(name).ok_or_else(|| {
            SqsError::new("QueueDoesNotExist", "The specified queue does not exist.")
        })
    }

    /// The names of all queues.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    /// Sends a message to a standard queue; returns its id.
    pub fn send(
        &self,
        queue: &str,
        body: &str,
        delay: u32,
        group: Option<&str>,
    ) -> Result<String, SqsError> {
        let message = Outgoing { body, delay, group, deduplication: None };
        self.send_message(queue, &message).map(|sent| sent.id)
    }

    /// Sends a message. A FIFO queue ignores a repetition within five minutes; the result is that
    /// of the first send.
    pub fn send_message(&self, queue: &str, message: &Outgoing<'_>) -> Result<Sent, SqsError> {
        let queue = self.find(queue)?;
        check_body(message.body)?;
        let deduplication = message.check(queue)?;
        let now = self.clock.millis();
        let sent = self
            .state
            .transact(|db| insert(db, queue, (message, deduplication.as_deref()), now))?;
        self.notify();
        Ok(sent)
    }

    /// Receives up to `most` messages and hides them for `visibility` seconds, the queue's own by
    /// default. Messages with too many receives are moved to the dead-letter queue instead.
    pub fn receive(
        &self,
        queue: &str,
        most: usize,
        visibility: Option<u32>,
    ) -> Result<Vec<Received>, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        let hidden_until = now + rows::seconds(visibility.unwrap_or(queue.visibility));
        let most = self.misdelivery.size(most);
        let taken = self.state.transact(|db| {
            rows::forget_old(db, queue, now)?;
            let room = queue.limit().saturating_sub(rows::in_flight(db, &queue.name, now)?);
            let most = usize::try_from(room).unwrap_or(usize::MAX).min(most);
            if most == 0 {
                return Ok(None);
            }
            self.take_some(db, (queue, most), now, hidden_until).map(Some)
        })?;
        let Some((received, moved)) = taken else {
            return Err(SqsError::new("OverLimit", "Too many messages are in flight."));
        };
        if moved {
            self.notify();
        }
        Ok(received)
    }

    fn take_some(
        &self,
        db: &Transaction<'_>,
        (queue, most): (&QueueSettings, usize),
        now: i64,
        hidden_until: i64,
    ) -> rusqlite::Result<(Vec<Received>, bool)> {
        // More than `most`: some are moved to the dead-letter queue instead.
        let enough = most.saturating_mul(4);
        let ids = if queue.fifo.is_some() {
            let mut groups = fifo::in_order(db, &queue.name, now, enough)?;
            self.misdelivery.order(&mut groups);
            groups.concat()
        } else {
            let mut ids = fifo::fairly(db, &queue.name, now, enough)?;
            self.misdelivery.order(&mut ids);
            ids
        };
        let mut received = Vec::new();
        let mut moved = false;
        for id in ids {
            if received.len() == most {
                break;
            }
            if redrive(db, queue, id, now)? {
                moved = true;
            } else {
                received.push(take(db, id, now, hidden_until)?);
            }
        }
        Ok((received, moved))
    }

    /// Deletes a message by its latest receipt; an older receipt deletes nothing, as on SQS. A FIFO
    /// queue refuses a receipt whose visibility timeout has ended.
    pub fn delete(&self, queue: &str, receipt: &str) -> Result<(), SqsError> {
        let queue = self.find(queue)?;
        let id = receipt_id(receipt)?;
        let since = if queue.fifo.is_some() { self.clock.millis() } else { i64::MIN };
        let (known, deleted) = self.state.transact(|db| {
            let known = rows::is_known(db, &queue.name, id)?;
            let deleted = db
                .prepare_cached(
                    "DELETE FROM messages
                     WHERE id = ? AND queue = ? AND receipt = ? AND visible_at > ?",
                )?
                .execute(params![id, queue.name, receipt, since])?;
            Ok((known, deleted > 0))
        })?;
        if queue.fifo.is_some() {
            if known && !deleted {
                return Err(SqsError::invalid("The receipt handle has expired."));
            }
            // The next message of its group may be received now.
            self.notify();
        }
        Ok(())
    }

    /// Changes the time at which a received message becomes visible again.
    pub fn change_visibility(
        &self,
        queue: &str,
        receipt: &str,
        visibility: u32,
    ) -> Result<(), SqsError> {
        let queue = self.find(queue)?;
        if visibility > 43_200 {
            return Err(SqsError::invalid("VisibilityTimeout must be between 0 and 43200."));
        }
        let id = receipt_id(receipt)?;
        let now = self.clock.millis();
        let changed = self.state.transact(|db| {
            db.prepare_cached(
                "UPDATE messages SET visible_at = ?
                 WHERE id = ? AND queue = ? AND receipt = ? AND visible_at > ?",
            )?
            .execute(params![
                now + rows::seconds(visibility),
                id,
                queue.name,
                receipt,
                now
            ])
        })?;
        if changed == 0 {
            return Err(SqsError::new("MessageNotInflight", "The message is not in flight."));
        }
        self.notify();
        Ok(())
    }

    /// The number of messages in a queue.
    pub fn depth(&self, queue: &str) -> Result<Depth, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        Ok(self.state.transact(|db| rows::depth(db, &queue.name, now))?)
    }

    /// `true` if a message could be received now. In a FIFO queue its group must have none in
    /// flight.
    pub fn is_ready(&self, queue: &str) -> Result<bool, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        let next = self.state.transact(|db| fifo::next(db, queue, now))?;
        Ok(next.is_some_and(|next| next <= now))
    }

    /// The bodies of all messages in a queue, oldest first, for tests.
    pub fn bodies(&self, queue: &str) -> Result<Vec<String>, SqsError> {
        let queue = self.find(queue)?;
        let bodies = self.state.transact(|db| {
            db.prepare_cached("SELECT body FROM messages WHERE queue = ? ORDER BY id")?
                .query_map(params![queue.name], |row| row.get(0))?
                .collect()
        })?;
        Ok(bodies)
    }

    /// Deletes the messages, in any queue, whose body names this workspace.
    pub fn remove_messages_of(&self, workspace: &str) -> Result<usize, SqsError> {
        let delete = "DELETE FROM messages
             WHERE json_valid(body) AND json_extract(body, '$.workspace') = ?";
        Ok(self.state.transact(|db| db.execute(delete, params![workspace]))?)
    }

    /// The time at which the next message of a queue may be received, in milliseconds.
    pub fn next_visible(&self, queue: &str) -> Result<Option<i64>, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        Ok(self.state.transact(|db| fifo::next(db, queue, now))?)
    }

    fn notify(&self) {
        self.changed.send_modify(|version| *version += 1);
    }
}

fn receipt_id(receipt: &str) -> Result<i64, SqsError> {
    let id = receipt.split_once('.').and_then(|(id, _)| id.parse().ok());
    id.ok_or_else(|| {
        SqsError::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    })
}
