//! The same request sent again is answered the same (`Idempotency-Key`, `CATALOGUE RE-05`).
//!
//! A row of `work` for each key of a workspace: first it says that a request is running, then what
//! it was answered. It is kept for a day. What an answer shows once (a new API key) must not be in
//! the stored copy: that is for the caller to see to.

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

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a request may run. One that was killed is over by then, and may be begun again.
const RUNS: SignedDuration = SignedDuration::from_secs(30);

/// A key of a request, and what the request asks for.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The text of the header.
    pub key: String,
    /// A hash of what is asked: see [`IdempotencyKey::new`].
    fingerprint: String,
    /// New for every request.
    writer: String,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, without what is shown only once.
    pub body: Value,
    /// The version of the thing, for the `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// What a request with a key meets.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyState {
    /// Nobody was here: do it. The time is the first try's, also when this is another one after a
    /// kill: ids that are derived from it and the key are the same again.
    First(Timestamp),
    /// It was done: answer this.
    Done(KeptAnswer),
    /// The key was used for something else.
    Mismatch,
    /// The same request is running.
    Running,
}

impl IdempotencyKey {
    /// A request: what it asks for is its route, its path and its body.
    pub fn new(workspace: WorkspaceId, key: &str, asked: &[&[u8]], writer: String) -> Self {
        let mut all = Vec::new();
        for part in asked {
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
    /// Begins a request, unless it ran or runs.
    pub async fn begin_idempotent(
        &self,
        once: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<KeyState, StoreError> {
        let mut row = once.place();
        row.insert("h".to_owned(), AttributeValue::S(once.fingerprint.clone()));
        row.insert("w".to_owned(), AttributeValue::S(once.writer.clone()));
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
            .expression_attribute_values(":w", AttributeValue::S(once.writer.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match tried.map_err(from_sdk) {
            Ok(_) => Ok(KeyState::First(now)),
            Err(StoreError::Condition) => self.met(once, now).await,
            Err(error) => Err(error),
        }
    }

    /// Somebody was here before.
    async fn met(&self, once: &IdempotencyKey, now: Timestamp) -> Result<KeyState, StoreError> {
        let key = keys::coordination::idempotency(once.workspace, &once.key);
        // Gone between two calls: the one who was here gave up; the next try will find it free.
        let Some(row) = self.get(&self.tables.coordination, &key).await? else {
            return Ok(KeyState::Running);
        };
        if item::text(&row, "h")? != once.fingerprint {
            return Ok(KeyState::Mismatch);
        }
        if row.contains_key("doc") {
            return item::doc(&row).map(KeyState::Done);
        }
        let until = item::number(&row, "runs_until").unwrap_or(i64::MAX);
        if now.as_millisecond() < until {
            return Ok(KeyState::Running);
        }
        self.take_over(once, &row, now).await
    }

    /// Goes on for a request that was killed; of several that try, one does.
    async fn take_over(
        &self,
        once: &IdempotencyKey,
        row: &Item,
        now: Timestamp,
    ) -> Result<KeyState, StoreError> {
        let taken = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(once.place()))
            .update_expression("SET w = :w, runs_until = :until")
            .condition_expression("attribute_not_exists(doc) AND w = :old OR w = :w")
            .expression_attribute_values(":w", AttributeValue::S(once.writer.clone()))
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

    /// Keeps what a request was answered.
    pub async fn finish_idempotent(
        &self,
        once: &IdempotencyKey,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        self.db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(once.place()))
            .update_expression("SET doc = :doc")
            .condition_expression("w = :w")
            .expression_attribute_values(":doc", AttributeValue::S(item::json(answer)?))
            .expression_attribute_values(":w", AttributeValue::S(once.writer.clone()))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }

    /// Frees the key of a request that was refused, so that it can be sent again corrected.
    pub async fn abandon_idempotent(&self, once: &IdempotencyKey) -> Result<(), StoreError> {
        let freed = self
            .db
            .delete_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(once.place()))
            .condition_expression(
                "attribute_not_exists(pk) OR w = :w AND attribute_not_exists(doc)",
            )
            .expression_attribute_values(":w", AttributeValue::S(once.writer.clone()))
            .send()
            .await;
        match freed.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
