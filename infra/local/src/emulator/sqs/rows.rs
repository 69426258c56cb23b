//! The rows of messages.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    message::{Outgoing, Received, Sent},
    settings::QueueSettings,
};
use crate::emulator::{arns, lambda::request_id};

/// The time for which a FIFO queue remembers deduplication ids.
const REMEMBERED: i64 = 5 * 60 * 1000;

/// The number of messages in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Neither in flight nor delayed.
    pub visible: u64,
    /// In flight.
    pub in_flight: u64,
    /// Delayed.
    pub delayed: u64,
}

pub(super) fn seconds(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

/// Stores a message unless the FIFO queue remembers its deduplication id.
pub(super) fn insert(
    db: &Transaction<'_>,
    queue: &QueueSettings,
    (message, deduplication): (&Outgoing<'_>, Option<&str>),
    now: i64,
) -> rusqlite::Result<Sent> {
    let scope = queue.fifo.filter(|fifo| fifo.per_group).and(message.group).unwrap_or_default();
    if let Some(deduplication) = deduplication {
        db.prepare_cached("DELETE FROM deduplications WHERE queue = ? AND until <= ?")?
            .execute(params![queue.name, now])?;
        if let Some(known) = known_message(db, (&queue.name, scope, deduplication))? {
            return Ok(known);
        }
    }
    let id = request_id();
    db.prepare_cached(
        "INSERT INTO messages
             (queue, message_id, body, group_id, sent_at, visible_at, deduplication_id)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        queue.name,
        id,
        message.body,
        message.group,
        now,
        now + seconds(message.delay),
        deduplication
    ])?;
    let place = db.last_insert_rowid();
    if let Some(deduplication) = deduplication {
        db.prepare_cached("INSERT INTO deduplications VALUES (?, ?, ?, ?, ?, ?)")?
            .execute(params![queue.name, scope, deduplication, id, place, now + REMEMBERED])?;
    }
    Ok(Sent { id, sequence: queue.fifo.map(|_| sequence(place)) })
}

fn known_message(
    db: &Transaction<'_>,
    (queue, scope, deduplication): (&str, &str, &str),
) -> rusqlite::Result<Option<Sent>> {
    db.prepare_cached(
        "SELECT message_id, place FROM deduplications
         WHERE queue = ? AND scope = ? AND deduplication_id = ?",
    )?
    .query_row(params![queue, scope, deduplication], |row| {
        Ok(Sent { id: row.get(0)?, sequence: Some(sequence(row.get(1)?)) })
    })
    .optional()
}

/// A sequence number of a FIFO queue as SQS writes it.
fn sequence(place: i64) -> String {
    format!("{place:020}")
}

pub(super) fn is_known(db: &Transaction<'_>, queue: &str, id: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM messages WHERE id = ? AND queue = ?")?
        .exists(params![id, queue])
}

pub(super) fn in_flight(db: &Transaction<'_>, queue: &str, now: i64) -> rusqlite::Result<u64> {
    db.prepare_cached(
        "SELECT COUNT(*) FROM messages
         WHERE queue = ? AND visible_at > ? AND receipt IS NOT NULL",
    )?
    .query_row(params![queue, now], |row| row.get(0))
}

pub(super) fn depth(db: &Transaction<'_>, queue: &str, now: i64) -> rusqlite::Result<Depth> {
    db.prepare_cached(
        "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2),
                COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL),
                COUNT(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL)
         FROM messages WHERE queue = ?1",
    )?
    .query_row(params![queue, now], |row| {
        Ok(Depth { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
    })
}

pub(super) fn forget_old(
    db: &Transaction<'_>,
    queue: &QueueSettings,
    now: i64,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM messages WHERE queue = ? AND visible_at <= ? AND sent_at < ?")?
        .execute(params![queue.name, now, now - seconds(queue.retention)])
        .map(|_| ())
}

/// Moves a message with too many receives to the dead-letter queue.
pub(super) fn redrive(
    db: &Transaction<'_>,
    queue: &QueueSettings,
    id: i64,
    now: i64,
) -> rusqlite::Result<bool> {
    let Some((most, target)) = &queue.redrive else { return Ok(false) };
    let source = arns::arn("sqs", &queue.name);
    db.prepare_cached(
        "UPDATE messages SET queue = ?, visible_at = ?, receives = 0, receipt = NULL,
                first_received_at = NULL, source_arn = ?
         WHERE id = ? AND receives >= ?",
    )?
    .execute(params![target, now, source, id, most])
    .map(|moved| moved > 0)
}

/// Marks a message as received.
pub(super) fn take(
    db: &Transaction<'_>,
    id: i64,
    now: i64,
    hidden_until: i64,
) -> rusqlite::Result<Received> {
    let receipt = format!("{id}.{}", request_id());
    db.prepare_cached(
        "UPDATE messages SET receipt = ?2, visible_at = ?3, receives = receives + 1,
                first_received_at = COALESCE(first_received_at, ?4)
         WHERE id = ?1
         RETURNING message_id, body, group_id, source_arn, sent_at, first_received_at, receives,
                deduplication_id",
    )?
    .query_row(params![id, receipt, hidden_until, now], |row| {
        let deduplication: Option<String> = row.get(7)?;
        Ok(Received {
            receipt: receipt.clone(),
            message_id: row.get(0)?,
            body: row.get(1)?,
            group_id: row.get(2)?,
            sequence: deduplication.map(|deduplication| (deduplication, sequence(id))),
            source_arn: row.get(3)?,
            sent_at: row.get(4)?,
            first_received_at: row.get(5)?,
            receives: row.get(6)?,
        })
    })
    .optional()?
    .ok_or(rusqlite::Error::QueryReturnedNoRows)
}
