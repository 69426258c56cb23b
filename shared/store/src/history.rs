//! Webhooks as received, and the results of their runs.
//!
//! A webhook is one row that never changes. Its headers and body are packed together (zstd): inline
//! if the row stays within an item's limit, else in chunks written before it. A run is a row beside
//! it, which never changes either.

use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, Put},
};
use gancho_domain::{
    common::ids::IntegrationId,
    inbound::webhook::{Received, Run, Test, WebhookKey},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys,
};

/// Bytes of packed headers and body that are stored in the row itself; an item's limit is 400 KiB
/// in all.
const INLINE: usize = 380 * 1024;
/// Bytes of one chunk.
const CHUNK: usize = 390 * 1024;
/// The maximum size of an unpacked webhook: the request limit of Lambda, and its headers.
const UNPACKED: usize = 8 * 1024 * 1024;
/// zstd's level: 3 is its default, 8 microseconds for 2 KB.
const LEVEL: i32 = 3;

/// The row of a webhook. Names are short because every byte is billed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct WebhookRow {
    pk: String,
    sk: String,
    expires_at: i64,
    /// The exact end, in milliseconds; the TTL attribute has whole seconds only.
    #[serde(rename = "x")]
    expires_ms: i64,
    #[serde(rename = "i")]
    integration: String,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "a")]
    application: String,
    #[serde(rename = "on")]
    active: bool,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    test: Option<Test>,
    #[serde(rename = "r")]
    months: u8,
    #[serde(rename = "m")]
    method: String,
    #[serde(rename = "ip")]
    source_ip: String,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    delivery_id: Option<String>,
    #[serde(rename = "l")]
    body_size: usize,
    #[serde(rename = "h", with = "serde_bytes")]
    body_sha256: Vec<u8>,
    /// Packed headers, query and body; or the number of chunks that hold them.
    #[serde(rename = "p", default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    packed: Option<Vec<u8>>,
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    chunks: u32,
    /// The writer: a put whose reply was lost meets its own row.
    #[serde(rename = "w")]
    writer: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The part that is packed before the body.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Envelope {
    #[serde(rename = "h")]
    headers: Vec<(String, String)>,
    #[serde(rename = "q", default, skip_serializing_if = "String::is_empty")]
    query: String,
}

/// A webhook as it is stored; the body may still be in chunks.
#[derive(Debug, Clone)]
pub struct StoredWebhook {
    /// The request as received. Headers and query are empty until [`Store::body`] has unpacked
    /// them.
    pub received: Received,
    packed: Option<Vec<u8>>,
    chunks: u32,
}

impl StoredWebhook {
    /// True if the row has the whole body, so that [`Store::body`] makes no call.
    pub fn is_whole(&self) -> bool {
        self.packed.is_some()
    }
}

/// A webhook and all of its runs, oldest first.
#[derive(Debug, Clone)]
pub struct WebhookAndRuns {
    /// The webhook.
    pub webhook: StoredWebhook,
    /// Its runs.
    pub runs: Vec<Run>,
}

/// The run row's own attributes, as the tally reads them from the stream.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// The webhook.
    pub key: WebhookKey,
    /// The integration that received it.
    pub integration: IntegrationId,
    /// Calendar months of the webhook's retention.
    pub months: u8,
    /// The run.
    pub run: Run,
}

/// A row of the `history` table.
#[derive(Debug, Clone)]
pub enum HistoryRow {
    /// A received request.
    Webhook(Box<StoredWebhook>),
    /// A run of one.
    Run(Box<RunRow>),
}

impl HistoryRow {
    /// Reads a row, from a query or from the stream.
    pub fn from_item(item: Item) -> Result<Self, StoreError> {
        let (pk, sk) = (item::text(&item, "pk")?, item::text(&item, "sk")?);
        let lost = || StoreError::Corrupt(format!("no history key: {pk} {sk}"));
        match keys::history::parse(pk, sk).ok_or_else(lost)? {
            (key, None) => {
                let row = serde_dynamo::from_item(item).map_err(corrupt)?;
                Ok(Self::Webhook(Box::new(StoredWebhook::from_row(key, row)?)))
            }
            (key, Some(_)) => {
                let id = item::text(&item, "i")?;
                let integration =
                    IntegrationId::from_key(id).map_err(|e| StoreError::Corrupt(e.to_string()))?;
                let months = item::number(&item, "r").unwrap_or(1);
                Ok(Self::Run(Box::new(RunRow { key, integration, months, run: item::doc(&item)? })))
            }
        }
    }
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

impl StoredWebhook {
    fn from_row(key: WebhookKey, row: WebhookRow) -> Result<Self, StoreError> {
        let hash = row.body_sha256.try_into();
        let received = Received {
            key,
            integration: IntegrationId::from_key(&row.integration).map_err(corrupt)?,
            integration_name: row.name,
            application: row.application,
            active: row.active,
            test: row.test,
            method: row.method,
            query: String::new(),
            headers: Vec::new(),
            source_ip: row.source_ip,
            delivery_id: row.delivery_id,
            body_size: row.body_size,
            body_sha256: hash.map_err(|_| StoreError::Corrupt("no hash".to_owned()))?,
            months: row.months,
            expires_at: Timestamp::from_millisecond(row.expires_ms).map_err(corrupt)?,
        };
        Ok(Self { received, packed: row.packed, chunks: row.chunks })
    }
}

/// Packs headers and query, and a body, as one compressed frame.
fn pack(received: &Received, body: &[u8]) -> Result<Vec<u8>, StoreError> {
    let envelope = Envelope { headers: received.headers.clone(), query: received.query.clone() };
    let head = item::json(&envelope)?;
    let length = u32::try_from(head.len()).map_err(|_| StoreError::TooLarge)?;
    let mut plain = Vec::with_capacity(4 + head.len() + body.len());
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(head.as_bytes());
    plain.extend_from_slice(body);
    zstd::bulk::compress(&plain, LEVEL).map_err(corrupt)
}

fn unpack(packed: &[u8]) -> Result<(Envelope, Vec<u8>), StoreError> {
    // The frame states its content size; a damaged one must not cause a large allocation.
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= UNPACKED);
    let mut plain = zstd::bulk::decompress(packed, size.ok_or(StoreError::BodyChanged)?)
        .map_err(|_| StoreError::BodyChanged)?;
    let head = plain.get(..4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let end = head.and_then(|length| usize::try_from(length).ok()).map(|length| length + 4);
    let envelope = end.and_then(|end| plain.get(4..end)).ok_or(StoreError::BodyChanged)?;
    let envelope = serde_json::from_slice(envelope).map_err(|_| StoreError::BodyChanged)?;
    let body = plain.split_off(end.unwrap_or(0));
    Ok((envelope, body))
}

impl Store {
    /// Writes a webhook: chunks first, the row last, so that a listed webhook is complete. `writer`
    /// is new for every request: a put whose reply was lost meets its own row and succeeds.
    pub async fn put_webhook(
        &self,
        received: &Received,
        body: &[u8],
        writer: String,
    ) -> Result<(), StoreError> {
        let packed = pack(received, body)?;
        let (packed, chunks) = if packed.len() <= INLINE {
            (Some(packed), 0)
        } else {
            (None, self.put_chunks(received, &packed).await?)
        };
        let item = serde_dynamo::to_item(row(received, packed, chunks, writer.clone()));
        self.db
            .put_item()
            .table_name(&self.tables.history)
            .set_item(Some(item.map_err(corrupt)?))
            .condition_expression("attribute_not_exists(pk) OR w = :w")
            .expression_attribute_values(":w", AttributeValue::S(writer))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }

    async fn put_chunks(&self, received: &Received, packed: &[u8]) -> Result<u32, StoreError> {
        let mut count = 0;
        for chunk in packed.chunks(CHUNK) {
            let mut item = item::key(&keys::bodies::chunk(&received.key, count));
            item.insert("b".to_owned(), AttributeValue::B(Blob::new(chunk)));
            item::expires(&mut item, received.expires_at);
            let put = self.db.put_item().table_name(&self.tables.bodies).set_item(Some(item));
            put.send().await.map_err(from_sdk)?;
            count += 1;
        }
        Ok(count)
    }

    /// A webhook with its runs; `None` if it does not exist or has ended by `now`.
    pub async fn webhook(
        &self,
        key: &WebhookKey,
        now: Timestamp,
    ) -> Result<Option<WebhookAndRuns>, StoreError> {
        let at = keys::history::webhook(key);
        let found = self
            .db
            .query()
            .table_name(&self.tables.history)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(at.pk))
            .expression_attribute_values(":sk", AttributeValue::S(at.sk))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(from_sdk)?;
        let mut webhook = None;
        let mut runs = Vec::new();
        for item in found {
            match HistoryRow::from_item(item)? {
                HistoryRow::Webhook(row) => webhook = Some(*row),
                HistoryRow::Run(row) => runs.push(row.run),
            }
        }
        let alive = webhook.filter(|webhook| now < webhook.received.expires_at);
        Ok(alive.map(|webhook| WebhookAndRuns { webhook, runs }))
    }

    /// The exact bytes of a webhook's body; fills in the headers and query that are packed with it.
    pub async fn body(&self, webhook: &mut StoredWebhook) -> Result<Vec<u8>, StoreError> {
        let (envelope, body) = match &webhook.packed {
            Some(packed) => unpack(packed)?,
            None => unpack(&self.chunks(webhook).await?)?,
        };
        if Sha256::digest(&body).as_slice() != webhook.received.body_sha256.as_slice() {
            return Err(StoreError::BodyChanged);
        }
        webhook.received.headers = envelope.headers;
        webhook.received.query = envelope.query;
        Ok(body)
    }

    async fn chunks(&self, webhook: &StoredWebhook) -> Result<Vec<u8>, StoreError> {
        let mut packed = Vec::new();
        for number in 0..webhook.chunks {
            let key = keys::bodies::chunk(&webhook.received.key, number);
            let item = self.get(&self.tables.bodies, &key).await?;
            let chunk = item.and_then(|mut item| item.remove("b"));
            let chunk = chunk.and_then(|value| value.as_b().ok().cloned());
            packed.extend_from_slice(chunk.ok_or(StoreError::BodyMissing)?.as_ref());
        }
        Ok(packed)
    }

    /// The row of a run, for a put or a transaction: it fails if the run exists.
    pub(crate) fn run_put(&self, received: &Received, run: &Run) -> Result<Put, StoreError> {
        let key = keys::history::run(&received.key, run.number);
        let mut item = item::row(&key, run)?;
        item.insert("i".to_owned(), AttributeValue::S(received.integration.key()));
        item.insert("r".to_owned(), AttributeValue::N(received.months.to_string()));
        item::expires(&mut item, received.expires_at);
        Put::builder()
            .table_name(&self.tables.history)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(corrupt)
    }

    /// Writes a run that changes nothing else. [`StoreError::Condition`]: it was written before.
    pub async fn put_run(&self, received: &Received, run: &Run) -> Result<(), StoreError> {
        let put = self.run_put(received, run)?;
        self.db
            .put_item()
            .table_name(put.table_name())
            .set_item(Some(put.item().clone()))
            .set_condition_expression(put.condition_expression().map(str::to_owned))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }
}

/// The row of a webhook whose body fits in it.
pub(crate) fn inline_item(
    received: &Received,
    body: &[u8],
    writer: String,
) -> Result<Item, StoreError> {
    let packed = pack(received, body)?;
    serde_dynamo::to_item(row(received, Some(packed), 0, writer)).map_err(corrupt)
}

fn row(received: &Received, packed: Option<Vec<u8>>, chunks: u32, writer: String) -> WebhookRow {
    let keys::Key { pk, sk } = keys::history::webhook(&received.key);
    WebhookRow {
        pk,
        sk,
        expires_at: received.expires_at.as_second() + 1,
        expires_ms: received.expires_at.as_millisecond(),
        integration: received.integration.key(),
        name: received.integration_name.clone(),
        application: received.application.clone(),
        active: received.active,
        test: received.test,
        months: received.months,
        method: received.method.clone(),
        source_ip: received.source_ip.clone(),
        delivery_id: received.delivery_id.clone(),
        body_size: received.body_size,
        body_sha256: received.body_sha256.to_vec(),
        packed,
        chunks,
        writer,
    }
}
