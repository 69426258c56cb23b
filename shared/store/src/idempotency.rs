//! Idempotency keys: a repeated request gets the same response (`Idempotency-Key`, `CATALOGUE
//! RE-05`).
//!
//! There is one row in `coordination` for each key of a workspace. First it records that a request
//! is running, then its response. It is kept for 24 hours. A secret that a response shows only once
//! (a new API key) must not be in the stored copy: the caller removes it.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use gancho_domain::common::ids::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, sha256_hex},
};

/// The time for which a response is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The maximum duration of a request. After it, a request that was killed is over and may be
/// started again.
const RUNS: SignedDuration = SignedDuration::from_secs(30);

/// An idempotency key with the fingerprint of its request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The text of the header.
    pub key: String,
    /// A hash of the request: see [`IdempotencyKey::new`].
    fingerprint: String,
    /// New for every request.
    writer: String,
}

/// A response as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, without secrets that are shown only once.
    pub body: Value,
    /// The version of the resource, for the `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// The state of a key that a request meets.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyState {
    /// The key is reserved: carry out the request. The time is that of the first try, even if this
    /// is a later one after a kill, so that ids derived from it and the key are the same again.
    First(Timestamp),
    /// The request was completed: return this response.
    Done(KeptAnswer),
    /// The key was used for another request.
    Mismatch,
    /// The same request is running.
    Running,
}

impl IdempotencyKey {
    /// A key for a request that consists of its route, its path and its body.
    pub fn new(workspace: WorkspaceId, key: &str, request: &[&[u8]], writer: String) -> Self {
        let mut all = Vec::new();
        for part in request {
            all.extend_from_slice(&(part.len() as u64).to_be_bytes());
            all.extend_from_slice(part);
        }
        Self { workspace, key: key.to_owned(), fingerprint: sha256_hex(&all), writer }
    }

    fn place(&self) -> Item {
        item::key(&keys::coordination::idempotency(self.workspace, &self.key))
    }
}

fn millis(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}

impl Store {
    /// Reserves the key, unless the request was completed or is running.
    pub async fn begin_idempotent(
        &self,
        request: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<KeyState, StoreError> {
        let mut row = request.place();
        row.insert("h".to_owned(), AttributeValue::S(request.fingerprint.clone()));
        row.insert("w".to_owned(), AttributeValue::S(request.writer.clone()));
        row.insert("began".to_owned(), millis(now));
        row.insert("x".to_owned(), millis(now + KEPT));
        row.insert("runs_until".to_owned(), millis(now + RUNS));
        item::expires(&mut row, now + KEPT);
        let tried = self
            .db
            .put_item()
            .table_name(&self.tables.coordination)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(pk) OR x <= :now OR w = :w")
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":w", AttributeValue::S(request.writer.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match tried.map_err(from_sdk) {
            Ok(_) => Ok(KeyState::First(now)),
            Err(StoreError::Condition) => self.met(request, now).await,
            Err(error) => Err(error),
        }
    }

    /// Reads the row that another try wrote.
    async fn met(&self, request: &IdempotencyKey, now: Timestamp) -> Result<KeyState, StoreError> {
        let key = keys::coordination::idempotency(request.workspace, &request.key);
        // Deleted between the two calls: the other try gave up, so the next one finds the key free.
        let Some(row) = self.get(&self.tables.coordination, &key).await? else {
            return Ok(KeyState::Running);
        };
        if item::text(&row, "h")? != request.fingerprint {
            return Ok(KeyState::Mismatch);
        }
        if row.contains_key("doc") {
            return item::doc(&row).map(KeyState::Done);
        }
        let until = item::number(&row, "runs_until").unwrap_or(i64::MAX);
        if now.as_millisecond() < until {
            return Ok(KeyState::Running);
        }
        self.take_over(request, &row, now).await
    }

    /// Takes over the key of a request that was killed. Of several concurrent tries one succeeds.
    async fn take_over(
        &self,
        request: &IdempotencyKey,
        row: &Item,
        now: Timestamp,
    ) -> Result<KeyState, StoreError> {
        let taken = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(request.place()))
            .update_expression("SET w = :w, runs_until = :until")
            .condition_expression("attribute_not_exists(doc) AND w = :old OR w = :w")
            .expression_attribute_values(":w", AttributeValue::S(request.writer.clone()))
            .expression_attribute_values(
                ":old",
                AttributeValue::S(item::text(row, "w")?.to_owned()),
            )
            .expression_attribute_values(":until", millis(now + RUNS))
            .send()
            .await;
        match taken.map_err(from_sdk) {
            Ok(_) => {
                let began = item::number(row, "began");
                let began = began.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                Ok(KeyState::First(began.unwrap_or(now)))
            }
            Err(StoreError::Condition) => Ok(KeyState::Running),
            Err(error) => Err(error),
        }
    }

    /// Stores the response of a request.
    pub async fn finish_idempotent(
        &self,
        request: &IdempotencyKey,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        self.db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(request.place()))
            .update_expression("SET doc = :doc")
            .condition_expression("w = :w")
            .expression_attribute_values(":doc", AttributeValue::S(item::json(answer)?))
            .expression_attribute_values(":w", AttributeValue::S(request.writer.clone()))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }

    /// Releases the key of a request that was refused, so that a corrected one can be sent with it.
    pub async fn abandon_idempotent(&self, request: &IdempotencyKey) -> Result<(), StoreError> {
        let freed = self
            .db
            .delete_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(request.place()))
            .condition_expression(
                "attribute_not_exists(pk) OR w = :w AND attribute_not_exists(doc)",
            )
            .expression_attribute_values(":w", AttributeValue::S(request.writer.clone()))
            .send()
            .await;
        match freed.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
