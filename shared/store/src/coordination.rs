//! Small rows for coordination: claims of delivery ids, and recent refusals.

use aws_sdk_dynamodb::types::{AttributeValue, Put, Update};
use gancho_domain::common::{
    calendar::Day,
    code::Code,
    ids::{IntegrationId, WebhookId, WorkspaceId},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys::{self, Key},
};

/// The time for which refusals are kept.
const REFUSALS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A sender's delivery id, claimed for the first webhook with it that had an effect (`FACTS D18`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key of the row.
    pub key: Key,
    /// The webhook that claimed it.
    pub webhook: WebhookId,
    /// SHA-256 of that webhook's body, hexadecimal.
    pub body_sha256: String,
    /// The number of webhooks that came with it, the first included.
    pub seen: u64,
    /// The time at which the claim expires.
    pub until: Timestamp,
    /// The time at which the row was created or read.
    pub now: Timestamp,
}

/// Refusals of one integration, for one day and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reason.
    pub code: Code,
    /// Their number.
    pub count: u64,
    /// The latest of them.
    pub last_at: Timestamp,
    /// The IP address that the latest came from.
    pub last_ip: String,
}

impl Store {
    /// The claim of a delivery id, unless it has expired.
    pub async fn claim(&self, key: &Key, now: Timestamp) -> Result<Option<Claim>, StoreError> {
        let Some(item) = self.get(&self.tables.coordination, key).await? else { return Ok(None) };
        let until = item::number(&item, "x").and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let until = until.ok_or_else(|| StoreError::Corrupt("a claim has no end".to_owned()))?;
        let webhook = WebhookId::from_key(item::text(&item, "webhook")?);
        let claim = Claim {
            key: key.clone(),
            webhook: webhook.map_err(|e| StoreError::Corrupt(e.to_string()))?,
            body_sha256: item::text(&item, "body")?.to_owned(),
            seen: item::number(&item, "seen").unwrap_or(1),
            until,
            now,
        };
        Ok(Some(claim).filter(|claim| now < claim.until))
    }

    /// A claim for a transaction. It succeeds if there is no claim, the claim has expired, or it is
    /// the same webhook's (a reprocess), whose count stays.
    pub(crate) fn claim_put(&self, claim: &Claim) -> Result<Put, StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let mut item = item::key(&claim.key);
        item.insert("webhook".to_owned(), AttributeValue::S(claim.webhook.key()));
        item.insert("body".to_owned(), AttributeValue::S(claim.body_sha256.clone()));
        item.insert("seen".to_owned(), AttributeValue::N(claim.seen.to_string()));
        item.insert("x".to_owned(), number(claim.until.as_millisecond()));
        item::expires(&mut item, claim.until);
        Put::builder()
            .table_name(&self.tables.coordination)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR x <= :now OR webhook = :me")
            .expression_attribute_values(":now", number(claim.now.as_millisecond()))
            .expression_attribute_values(":me", AttributeValue::S(claim.webhook.key()))
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// Counts one more webhook with a claimed id, for a transaction.
    pub(crate) fn claim_count(&self, key: &Key) -> Result<Update, StoreError> {
        Update::builder()
            .table_name(&self.tables.coordination)
            .set_key(Some(item::key(key)))
            .update_expression("ADD seen :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))
    }

    /// Counts a refusal. There is one row per day and reason, so that a flood does not create many
    /// rows.
    pub async fn count_refusal(
        &self,
        (ws, integration): (WorkspaceId, IntegrationId),
        code: Code,
        source_ip: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::coordination::refusal(ws, integration, Day::of(now), code.as_str());
        let number = |n: i64| AttributeValue::N(n.to_string());
        let call = self.db.update_item().table_name(&self.tables.coordination);
        call.set_key(Some(item::key(&key)))
            .update_expression("ADD n :one SET last_at = :at, last_ip = :ip, expires_at = :end")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":at", number(now.as_millisecond()))
            .expression_attribute_values(":ip", AttributeValue::S(source_ip.to_owned()))
            .expression_attribute_values(":end", number((now + REFUSALS_KEPT).as_second()))
            .send()
            .await
            .map_err(from_sdk)
            .map(drop)
    }

    /// The recent refusals of an integration, newest day first.
    pub async fn refusals(
        &self,
        ws: WorkspaceId,
        integration: IntegrationId,
        now: Timestamp,
    ) -> Result<Vec<(Day, Refused)>, StoreError> {
        let oldest = Day::of(now - REFUSALS_KEPT).to_string();
        let found = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk >= :oldest")
            .expression_attribute_values(
                ":pk",
                AttributeValue::S(keys::coordination::refusals(ws, integration)),
            )
            .expression_attribute_values(":oldest", AttributeValue::S(oldest))
            .scan_index_forward(false)
            .send()
            .await
            .map_err(from_sdk)?;
        Ok(found.items().iter().filter_map(refused).collect())
    }
}

fn refused(item: &Item) -> Option<(Day, Refused)> {
    let (day, code) = item::text(item, "sk").ok()?.split_once('#')?;
    let refused = Refused {
        code: Code::parse(code)?,
        count: item::number(item, "n")?,
        last_at: Timestamp::from_millisecond(item::number(item, "last_at")?).ok()?,
        last_ip: item::text(item, "last_ip").ok()?.to_owned(),
    };
    Some((Day::parse(day)?, refused))
}
