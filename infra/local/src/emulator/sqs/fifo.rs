//! The order of messages. In a FIFO queue the next message is the first of each group that has
//! nothing in flight. In a standard queue it is from the groups with the fewest messages in flight
//! (a fair queue), so that one noisy group does not delay the others.

use rusqlite::{Transaction, params};

use super::settings::QueueSettings;

/// The groups that have messages, after an empty text for those without a group.
fn groups(db: &Transaction<'_>, queue: &str) -> rusqlite::Result<Vec<String>> {
    // Jumps from group to group in the index, however many messages each has.
    let mut select = db.prepare_cached(
        "WITH RECURSIVE groups(name) AS (
             SELECT ''
             UNION ALL
             SELECT (SELECT MIN(group_id) FROM messages WHERE queue = ?1 AND group_id > groups.name)
             FROM groups WHERE groups.name IS NOT NULL)
         SELECT name FROM groups WHERE name IS NOT NULL",
    )?;
    select.query_map(params![queue], |row| row.get(0))?.collect()
}

const FLYING: &str = "SELECT COUNT(*) FROM messages
     WHERE queue = ?1 AND group_id IS ?2 AND visible_at > ?3 AND receipt IS NOT NULL";

fn flying(db: &Transaction<'_>, queue: &str, group: &str, now: i64) -> rusqlite::Result<u64> {
    db.prepare_cached(FLYING)?.query_row(params![queue, named(group), now], |row| row.get(0))
}

fn named(group: &str) -> Option<&str> {
    (!group.is_empty()).then_some(group)
}

/// Up to `most` visible messages of a standard queue, in the order of their delivery.
pub(super) fn fairly(
    db: &Transaction<'_>,
    queue: &str,
    now: i64,
    most: usize,
) -> rusqlite::Result<Vec<i64>> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut candidates: Vec<(u64, i64, i64)> = Vec::new();
    for group in groups(db, queue)? {
        let ready: Vec<(i64, i64)> = db
            .prepare_cached(
                "SELECT visible_at, id FROM messages
                 WHERE queue = ? AND group_id IS ? AND visible_at <= ?
                 ORDER BY visible_at, id LIMIT ?",
            )?
            .query_map(params![queue, named(&group), now, limit], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        if ready.is_empty() {
            continue;
        }
        // Each delivered message adds one in flight to its group.
        let flying = flying(db, queue, &group, now)?;
        candidates.extend((flying..).zip(ready).map(|(rank, (at, id))| (rank, at, id)));
    }
    candidates.sort_unstable();
    candidates.truncate(most);
    Ok(candidates.into_iter().map(|(_, _, id)| id).collect())
}

/// The visible messages of a FIFO queue by group, in the order in which they were sent: up to
/// `most` of each group that has nothing in flight, the longest waiting group first.
pub(super) fn in_order(
    db: &Transaction<'_>,
    queue: &str,
    now: i64,
    most: usize,
) -> rusqlite::Result<Vec<Vec<i64>>> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut ready = Vec::new();
    for group in groups(db, queue)? {
        if flying(db, queue, &group, now)? > 0 {
            continue;
        }
        let ids: Vec<i64> = db
            .prepare_cached(
                "SELECT id FROM messages WHERE queue = ? AND group_id IS ? AND visible_at <= ?
                 ORDER BY id LIMIT ?",
            )?
            .query_map(params![queue, named(&group), now, limit], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if !ids.is_empty() {
            ready.push(ids);
        }
    }
    ready.sort_unstable();
    Ok(ready)
}

/// The time at which the next message may be received. A message behind another of its group has no
/// time.
pub(super) fn next(
    db: &Transaction<'_>,
    queue: &QueueSettings,
    now: i64,
) -> rusqlite::Result<Option<i64>> {
    if queue.fifo.is_none() {
        return db
            .prepare_cached("SELECT MIN(visible_at) FROM messages WHERE queue = ?")?
            .query_row(params![queue.name], |row| row.get(0));
    }
    if !in_order(db, &queue.name, now, 1)?.is_empty() {
        return Ok(Some(now));
    }
    db.prepare_cached("SELECT MIN(visible_at) FROM messages WHERE queue = ? AND visible_at > ?")?
        .query_row(params![queue.name, now], |row| row.get(0))
}
