//! Messages: delays, visibility timeouts, receive counts and redrive, by the host's clock, kept in the
//! host's own tables.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::{OptionalExtension, Transaction, params};
use tokio::sync::watch;

use super::message::check_body;
use crate::{chance::Misdelivery, clock::HostClock, lambda::request_id, names, state::State};

/// What a queue is told by the template.
#[derive(Debug, Clone)]
pub struct QueueSettings {
    /// `gancho-jobs`.
    pub name: String,
    /// How long a received message is hidden, in seconds.
    pub visibility: u32,
    /// How long a message is kept, in seconds.
    pub retention: u32,
    /// After how many receipts a message goes to which queue.
    pub redrive: Option<(u32, String)>,
}

/// An error as SQS answers it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct SqsError {
    /// `QueueDoesNotExist`, ...
    pub code: &'static str,
    /// Words for it.
    pub message: String,
}

impl SqsError {
    /// An error of the sender.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Out of range, or not what it should be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }
}

impl From<rusqlite::Error> for SqsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new("InternalError", error.to_string())
    }
}

/// A message in the hands of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub message_id: String,
    /// What this receipt is deleted by.
    pub receipt: String,
    /// Its text.
    pub body: String,
    /// The group that it is fairly shared out by.
    pub group_id: Option<String>,
    /// The queue that it died in.
    pub source_arn: Option<String>,
    /// When it was sent, in milliseconds.
    pub sent_at: i64,
    /// When it was first received, in milliseconds.
    pub first_received_at: i64,
    /// How often it was received, with this time.
    pub receives: u32,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub visible: u64,
    /// With a receiver.
    pub in_flight: u64,
    /// Sent with a delay that runs.
    pub delayed: u64,
}

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

    /// Changes whenever a message may have become visible sooner than was known.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The clock that messages live by.
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

    /// Sends a message; the answer is its id.
    pub fn send(
        &self,
        queue: &str,
        body: &str,
        delay: u32,
        group: Option<&str>,
    ) -> Result<String, SqsError> {
        let queue = self.find(queue)?;
        check_body(body)?;
        if delay > 900 {
            return Err(SqsError::invalid("DelaySeconds must be between 0 and 900."));
        }
        let id = request_id();
        let now = self.clock.millis();
        self.state.transact(|db| {
            db.prepare_cached(
                "INSERT INTO messages (queue, message_id, body, group_id, sent_at, visible_at)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![queue.name, id, body, group, now, now + seconds(delay)])
        })?;
        self.notify();
        Ok(id)
    }

    /// Receives up to `most` messages and hides them for `visibility` seconds, the queue's own by
    /// default. What was received too often goes to the dead-letter queue instead.
    pub fn receive(
        &self,
        queue: &str,
        most: usize,
        visibility: Option<u32>,
    ) -> Result<Vec<Received>, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        let hidden_until = now + seconds(visibility.unwrap_or(queue.visibility));
        let most = self.misdelivery.size(most);
        let (received, moved) = self.state.transact(|db| {
            forget_old(db, queue, now)?;
            let mut ids = visible(db, &queue.name, now, most.saturating_mul(4))?;
            self.misdelivery.order(&mut ids);
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
        })?;
        if moved {
            self.notify();
        }
        Ok(received)
    }

    /// Deletes a message by its latest receipt; an older receipt deletes nothing, as on SQS.
    pub fn delete(&self, queue: &str, receipt: &str) -> Result<(), SqsError> {
        let queue = self.find(queue)?;
        let id = receipt_id(receipt)?;
        self.state.transact(|db| {
            db.prepare_cached("DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ?")?
                .execute(params![id, queue.name, receipt])
        })?;
        Ok(())
    }

    /// Changes when a received message is visible again.
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
            .execute(params![now + seconds(visibility), id, queue.name, receipt, now])
        })?;
        if changed == 0 {
            return Err(SqsError::new("MessageNotInflight", "The message is not in flight."));
        }
        self.notify();
        Ok(())
    }

    /// How many messages a queue holds.
    pub fn depth(&self, queue: &str) -> Result<Depth, SqsError> {
        let queue = self.find(queue)?;
        let now = self.clock.millis();
        let depth = self.state.transact(|db| {
            db.prepare_cached(
                "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL),
                        COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL)
                 FROM messages WHERE queue = ?1",
            )?
            .query_row(params![queue.name, now], |row| {
                Ok(Depth { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
            })
        })?;
        Ok(depth)
    }

    /// The bodies of everything in a queue, oldest first, for tests.
    pub fn bodies(&self, queue: &str) -> Result<Vec<String>, SqsError> {
        let queue = self.find(queue)?;
        let bodies = self.state.transact(|db| {
            db.prepare_cached("SELECT body FROM messages WHERE queue = ? ORDER BY id")?
                .query_map(params![queue.name], |row| row.get(0))?
                .collect()
        })?;
        Ok(bodies)
    }

    /// When the next message of a queue is visible, in milliseconds.
    pub fn next_visible(&self, queue: &str) -> Result<Option<i64>, SqsError> {
        let queue = self.find(queue)?;
        let next = self.state.transact(|db| {
            db.prepare_cached("SELECT MIN(visible_at) FROM messages WHERE queue = ?")?
                .query_row(params![queue.name], |row| row.get(0))
        })?;
        Ok(next)
    }

    fn notify(&self) {
        self.changed.send_modify(|version| *version += 1);
    }
}

fn seconds(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

fn forget_old(db: &Transaction<'_>, queue: &QueueSettings, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM messages WHERE queue = ? AND visible_at <= ? AND sent_at < ?")?
        .execute(params![queue.name, now, now - seconds(queue.retention)])
        .map(|_| ())
}

fn visible(db: &Transaction<'_>, queue: &str, now: i64, most: usize) -> rusqlite::Result<Vec<i64>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    db.prepare_cached(
        "SELECT id FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?",
    )?
    .query_map(params![queue, now, most], |row| row.get(0))?
    .collect()
}

fn redrive(
    db: &Transaction<'_>,
    queue: &QueueSettings,
    id: i64,
    now: i64,
) -> rusqlite::Result<bool> {
    let Some((most, target)) = &queue.redrive else { return Ok(false) };
    let source = names::arn("sqs", &queue.name);
    db.prepare_cached(
        "UPDATE messages SET queue = ?, visible_at = ?, receives = 0, receipt = NULL,
                first_received_at = NULL, source_arn = ?
         WHERE id = ? AND receives >= ?",
    )?
    .execute(params![target, now, source, id, most])
    .map(|moved| moved > 0)
}

fn take(db: &Transaction<'_>, id: i64, now: i64, hidden_until: i64) -> rusqlite::Result<Received> {
    let receipt = format!("{id}.{}", request_id());
    db.prepare_cached(
        "UPDATE messages SET receipt = ?2, visible_at = ?3, receives = receives + 1,
                first_received_at = COALESCE(first_received_at, ?4)
         WHERE id = ?1
         RETURNING message_id, body, group_id, source_arn, sent_at, first_received_at, receives",
    )?
    .query_row(params![id, receipt, hidden_until, now], |row| {
        Ok(Received {
            receipt: receipt.clone(),
            message_id: row.get(0)?,
            body: row.get(1)?,
            group_id: row.get(2)?,
            source_arn: row.get(3)?,
            sent_at: row.get(4)?,
            first_received_at: row.get(5)?,
            receives: row.get(6)?,
        })
    })
    .optional()?
    .ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn receipt_id(receipt: &str) -> Result<i64, SqsError> {
    let id = receipt.split_once('.').and_then(|(id, _)| id.parse().ok());
    id.ok_or_else(|| {
        SqsError::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    })
}

#[cfg(test)]
mod tests {
    use gancho_edge::clock::{Clock, ManualClock};
    use jiff::{SignedDuration, Timestamp};
    use tokio::runtime::Handle;

    use super::*;

    fn queues(misdelivery: Misdelivery) -> (Queues, ManualClock) {
        let hand = ManualClock::new(Timestamp::UNIX_EPOCH);
        let clock = HostClock::new(Clock::Manual(hand.clone()), &Handle::current());
        let queue = |name: &str, redrive| QueueSettings {
            name: name.to_owned(),
            visibility: 180,
            retention: 86_400,
            redrive,
        };
        let settings = vec![queue("q", Some((2, "q-dlq".to_owned()))), queue("q-dlq", None)];
        let state = State::open(None).unwrap();
        (Queues::new(settings, state, clock, misdelivery), hand)
    }

    #[tokio::test]
    async fn a_received_message_is_hidden_until_its_visibility_timeout_ends() {
        let (queues, hand) = queues(Misdelivery::default());
        queues.send("q", "a", 0, None).unwrap();
        assert_eq!(queues.receive("q", 10, None).unwrap().len(), 1);
        hand.advance(SignedDuration::from_secs(179));
        assert!(queues.receive("q", 10, None).unwrap().is_empty());
        hand.advance(SignedDuration::from_secs(1));
        let again = queues.receive("q", 10, None).unwrap();
        assert_eq!((again[0].receives, again[0].first_received_at), (2, 0));
    }

    #[tokio::test]
    async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
        let (queues, hand) = queues(Misdelivery::default());
        let id = queues.send("q", "a", 0, None).unwrap();
        for _ in 0..2 {
            assert_eq!(queues.receive("q", 10, None).unwrap().len(), 1);
            hand.advance(SignedDuration::from_secs(180));
        }
        assert!(queues.receive("q", 10, None).unwrap().is_empty());
        let dead = queues.receive("q-dlq", 10, None).unwrap();
        assert_eq!(dead[0].message_id, id);
        assert_eq!(dead[0].receives, 1);
        assert_eq!(dead[0].source_arn.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:q"));
    }

    #[tokio::test]
    async fn a_delay_runs_by_the_host_s_clock() {
        let (queues, hand) = queues(Misdelivery::default());
        queues.send("q", "a", 900, None).unwrap();
        assert_eq!(queues.depth("q").unwrap(), Depth { visible: 0, in_flight: 0, delayed: 1 });
        hand.advance(SignedDuration::from_secs(900));
        assert_eq!(queues.receive("q", 1, None).unwrap()[0].body, "a");
        assert_eq!(queues.send("q", "a", 901, None).unwrap_err().code, "InvalidParameterValue");
    }

    #[tokio::test]
    async fn an_old_receipt_deletes_nothing() {
        let (queues, hand) = queues(Misdelivery::default());
        queues.send("q", "a", 0, None).unwrap();
        let first = queues.receive("q", 1, None).unwrap().remove(0);
        hand.advance(SignedDuration::from_secs(180));
        let second = queues.receive("q", 1, None).unwrap().remove(0);
        queues.delete("q", &first.receipt).unwrap();
        assert_eq!(queues.depth("q").unwrap().in_flight, 1);
        queues.delete("q", &second.receipt).unwrap();
        assert_eq!(queues.depth("q").unwrap(), Depth::default());
        assert_eq!(queues.delete("q", "x").unwrap_err().code, "ReceiptHandleIsInvalid");
    }

    #[tokio::test]
    async fn a_visibility_of_zero_gives_a_message_back_at_once() {
        let (queues, _) = queues(Misdelivery::default());
        queues.send("q", "a", 0, None).unwrap();
        let message = queues.receive("q", 1, None).unwrap().remove(0);
        queues.change_visibility("q", &message.receipt, 0).unwrap();
        assert_eq!(queues.depth("q").unwrap().visible, 1);
        let error = queues.change_visibility("q", &message.receipt, 5).unwrap_err();
        assert_eq!(error.code, "MessageNotInflight");
    }

    #[tokio::test]
    async fn a_shuffled_queue_hands_out_every_message_once_in_another_order() {
        let (queues, _) = queues(Misdelivery::new(1, 1, true));
        for n in 0..20 {
            queues.send("q", &n.to_string(), 0, None).unwrap();
        }
        let mut seen = Vec::new();
        while seen.len() < 20 {
            let batch = queues.receive("q", 10, None).unwrap();
            assert!(!batch.is_empty());
            seen.extend(batch.into_iter().map(|m| m.body.parse::<u32>().unwrap()));
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        assert_ne!(seen, sorted);
    }
}
