//! The host's own persistent state: queue messages and the progress of each stream reader.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, params};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    group_id TEXT,
    source_arn TEXT,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    first_received_at INTEGER,
    receives INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    deduplication_id TEXT
);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (queue, visible_at, id);
CREATE INDEX IF NOT EXISTS messages_by_group ON messages (queue, group_id, visible_at, id);
CREATE INDEX IF NOT EXISTS messages_in_flight ON messages (queue, visible_at)
    WHERE receipt IS NOT NULL;
CREATE INDEX IF NOT EXISTS messages_in_flight_by_group
    ON messages (queue, group_id, visible_at) WHERE receipt IS NOT NULL;
CREATE TABLE IF NOT EXISTS deduplications (
    queue TEXT NOT NULL,
    scope TEXT NOT NULL,
    deduplication_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, scope, deduplication_id)
);
CREATE TABLE IF NOT EXISTS checkpoints (
    reader TEXT NOT NULL,
    shard INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (reader, shard)
);
";

/// Adds a column that folders of earlier versions lack.
fn add_missing(connection: &Connection) -> rusqlite::Result<()> {
    let there = connection
        .prepare("SELECT 1 FROM pragma_table_info('messages') WHERE name = 'deduplication_id'")?
        .exists([])?;
    if there {
        return Ok(());
    }
    connection.execute_batch("ALTER TABLE messages ADD COLUMN deduplication_id TEXT")
}

/// The host's own tables. Clones share one connection.
#[derive(Debug, Clone)]
pub struct State(Arc<Mutex<Connection>>);

impl State {
    /// In a file, or in memory.
    pub fn open(file: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match file {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        // Write-ahead logging without a sync per commit: committed data outlives the process.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        connection.execute_batch(SCHEMA)?;
        add_missing(&connection)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in one exclusive transaction.
    pub fn transact<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// The progress of a reader in a shard.
    pub fn checkpoint(&self, reader: &str, shard: i64) -> rusqlite::Result<Option<i64>> {
        self.transact(|db| {
            db.prepare_cached("SELECT sequence FROM checkpoints WHERE reader = ? AND shard = ?")?
                .query_row(params![reader, shard], |row| row.get(0))
                .optional()
        })
    }

    /// Stores the progress of a reader in several shards.
    pub fn save_checkpoints(&self, reader: &str, marks: &[(i64, i64)]) -> rusqlite::Result<()> {
        self.transact(|db| {
            let mut save =
                db.prepare_cached("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)")?;
            for (shard, sequence) in marks {
                save.execute(params![reader, shard, sequence])?;
            }
            Ok(())
        })
    }
}
