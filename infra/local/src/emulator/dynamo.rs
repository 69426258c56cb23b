//! The embedded DynamoDB: tables from the template, the protocol on a local port, and direct access
//! to its stream records, which its own API cannot trim (DESIGN 10).

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use dynoxide::{Database, actions::list_tables::ListTablesRequest};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use tokio::runtime::Handle;

use crate::emulator::{error::HostError, json::set};

/// Its stream table has no index, so that each write would scan it.
const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS host_stream_by_table
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
CREATE INDEX IF NOT EXISTS host_stream_by_shard
    ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
";

/// DynamoDB's limit on the deletes of one request.
const BATCH: usize = 25;

/// The embedded DynamoDB.
#[derive(Clone)]
pub struct Dynamo {
    database: Database,
    /// A second connection to the same file; the library owns the first.
    file: Arc<Mutex<Connection>>,
    expiring: Arc<Mutex<HashSet<(String, String)>>>,
    address: SocketAddr,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dynamo").field("address", &self.address).finish_non_exhaustive()
    }
}

/// One row of a stream, as the library stores it.
#[derive(Debug, Clone)]
pub struct StreamRow {
    /// `INSERT`, `MODIFY`, `REMOVE`.
    pub event: String,
    /// The key, as DynamoDB JSON.
    pub keys: String,
    /// The row as it is now, as DynamoDB JSON.
    pub new_image: Option<String>,
    /// The row as it was, as DynamoDB JSON, where the stream has it.
    pub old_image: Option<String>,
    /// Its place in the stream.
    pub sequence: i64,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Its id.
    pub id: String,
    /// `true` if the service removed the row at its TTL.
    pub expired: bool,
}

impl Dynamo {
    /// Opens the file, creates the tables that are missing, and serves the protocol on `services`.
    /// With `durable`, committed data survives the end of the process (not a power cut).
    pub fn start(
        file: &Path,
        durable: bool,
        tables: &[(String, Yaml)],
        services: &Handle,
    ) -> Result<Self, HostError> {
        let database = Database::new(&file.to_string_lossy()).map_err(dynamo)?;
        // The library's names for `synchronous = NORMAL` and `OFF`.
        if durable {
            database.disable_bulk_loading().map_err(dynamo)?;
        } else {
            database.enable_bulk_loading().map_err(dynamo)?;
        }
        for (id, properties) in tables {
            create_table(&database, id, properties)?;
        }
        let second = Connection::open(file)?;
        second.busy_timeout(std::time::Duration::from_secs(10))?;
        second.execute_batch("PRAGMA synchronous = OFF;")?;
        second.execute_batch(INDEXES)?;
        let address = serve(&database, services)?;
        Ok(Self { database, file: Arc::new(Mutex::new(second)), expiring: Arc::default(), address })
    }

    /// The protocol's address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The library, for benches (`import_items` writes no stream records).
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Up to `limit` records of a table's stream after a place in it.
    pub fn read_stream(
        &self,
        table: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<StreamRow>, HostError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut select = file.prepare_cached(
            "SELECT event_name, keys_json, new_image, CAST(sequence_number AS INTEGER), created_at,
                    event_id, old_image
             FROM _stream_records
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
             ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = select.query_map(params![table, after, limit], |row| {
            Ok(StreamRow {
                event: row.get(0)?,
                keys: row.get(1)?,
                new_image: row.get(2)?,
                sequence: row.get(3)?,
                created_at: row.get(4)?,
                id: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                old_image: row.get(6)?,
                expired: false,
            })
        })?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        drop(select);
        drop(file);
        self.mark_expired(table, &mut rows);
        Ok(rows)
    }

    /// `true` if a table's stream has records after a place.
    pub fn stream_has_more(&self, table: &str, after: i64) -> Result<bool, HostError> {
        Ok(!self.read_stream(table, after, 1)?.is_empty())
    }

    /// Deletes records before a place that every reader has passed. The row at that place stays, so
    /// that sequence numbers keep rising.
    pub fn trim_stream(&self, table: &str, before: i64) -> Result<(), HostError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.prepare_cached(
            "DELETE FROM _stream_records
             WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2",
        )?
        .execute(params![table, before])?;
        Ok(())
    }

    /// The keys of the rows of a table with `attribute` at or before `now` (seconds).
    pub fn expired_keys(
        &self,
        table: &str,
        attribute: &str,
        now: i64,
    ) -> Result<Vec<(String, String)>, HostError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table.replace('"', "\"\"");
        let path = format!("$.\"{attribute}\".N");
        let sql = format!(
            "SELECT json_extract(item_json, '$.pk.S'), json_extract(item_json, '$.sk.S')
             FROM \"{table}\"
             WHERE CAST(json_extract(item_json, ?1) AS INTEGER) <= ?2"
        );
        let mut select = file.prepare(&sql)?;
        let rows = select.query_map(params![path, now], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Deletes every row whose partition key is `prefix`, or begins with it and `#`; returns their
    /// number. Their stream records are deleted too, so that no function acts on them later; the
    /// newest record of a table stays, so that sequence numbers keep rising.
    pub fn remove_partitions(&self, prefix: &str) -> Result<usize, HostError> {
        let mut removed = 0;
        let tables = self.database.list_tables(ListTablesRequest::default()).map_err(dynamo)?;
        for table in tables.table_names {
            let keys = self.keys_below(&table, prefix)?;
            for some in keys.chunks(BATCH) {
                self.delete_rows(&table, some)?;
            }
            self.remove_stream(&table, prefix)?;
            removed += keys.len();
        }
        Ok(removed)
    }

    fn remove_stream(&self, table: &str, prefix: &str) -> Result<(), HostError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!(
            "DELETE FROM _stream_records WHERE table_name = ?2 AND {}
             AND CAST(sequence_number AS INTEGER) < (
                 SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records
                 WHERE table_name = ?2)",
            below("keys_json")
        );
        file.execute(&sql, params![prefix, table])?;
        Ok(())
    }

    fn keys_below(&self, table: &str, prefix: &str) -> Result<Vec<(String, String)>, HostError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!(
            "SELECT json_extract(item_json, '$.pk.S'), json_extract(item_json, '$.sk.S')
             FROM \"{table}\" WHERE {}",
            below("item_json")
        );
        let mut select = file.prepare(&sql)?;
        let rows = select.query_map(params![prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn delete_rows(&self, table: &str, keys: &[(String, String)]) -> Result<(), HostError> {
        let delete = |(pk, sk): &(String, String)| json!({"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}});
        let deletes: Vec<Value> = keys.iter().map(delete).collect();
        let request = json!({"RequestItems": {table: deletes}});
        let request = serde_json::from_value(request).map_err(dynamo)?;
        self.database.batch_write_item(request).map_err(dynamo)?;
        Ok(())
    }

    /// Marks the next removal of this key as the service's own, by TTL.
    pub fn expect_expiry(&self, table: &str, pk: &str, sk: &str) {
        let mut expiring = self.expiring.lock().unwrap_or_else(PoisonError::into_inner);
        expiring.insert((table.to_owned(), key_text(pk, sk)));
    }

    fn mark_expired(&self, table: &str, rows: &mut [StreamRow]) {
        let expiring = self.expiring.lock().unwrap_or_else(PoisonError::into_inner);
        if expiring.is_empty() {
            return;
        }
        for row in rows.iter_mut().filter(|row| row.event == "REMOVE") {
            let keys: Value = serde_json::from_str(&row.keys).unwrap_or_default();
            let text = |name: &str| keys.pointer(name).and_then(Value::as_str).unwrap_or_default();
            let key = key_text(text("/pk/S"), text("/sk/S"));
            row.expired = expiring.contains(&(table.to_owned(), key));
        }
    }
}

/// The SQL condition that the partition key in a JSON column is `?1`, or begins with it and `#`.
fn below(column: &str) -> String {
    let pk = format!("json_extract({column}, '$.pk.S')");
    format!("({pk} = ?1 OR substr({pk}, 1, length(?1) + 1) = ?1 || '#')")
}

fn key_text(pk: &str, sk: &str) -> String {
    format!("{pk}\u{0}{sk}")
}

fn dynamo(error: impl std::fmt::Display) -> HostError {
    HostError::Dynamo(error.to_string())
}

fn serve(database: &Database, services: &Handle) -> Result<SocketAddr, HostError> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(HostError::io("a port for DynamoDB"))?;
    let address = listener.local_addr().map_err(HostError::io("the port of DynamoDB"))?;
    let _context = services.enter();
    let listener = tokio::net::TcpListener::from_std(listener)
        .map_err(HostError::io("the port of DynamoDB"))?;
    services.spawn(dynoxide::server::serve_on(listener, database.clone()));
    Ok(address)
}

fn create_table(database: &Database, id: &str, properties: &Yaml) -> Result<(), HostError> {
    if database.get_table_metadata(id).map_err(dynamo)?.is_some() {
        return Ok(());
    }
    let part = |name: &str| properties.get(name).map(serde_json::to_value).transpose();
    let bad = |error: serde_json::Error| HostError::Template(format!("{id}: {error}"));
    let mut request = json!({ "TableName": id, "BillingMode": "PAY_PER_REQUEST" });
    for name in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
        if let Some(value) = part(name).map_err(bad)? {
            set(&mut request, name, value);
        }
    }
    if let Some(mut stream) = part("StreamSpecification").map_err(bad)? {
        set(&mut stream, "StreamEnabled", true);
        set(&mut request, "StreamSpecification", stream);
    }
    let request = serde_json::from_value(request).map_err(bad)?;
    database.create_table(request).map(|_| ()).map_err(dynamo)
}
