//! Leases of a webhook's runs: of several concurrent requests for a run, one gets the lease.
//!
//! A lease names the number of the next run. It can be taken if there is none, if it has ended, or
//! if its run is done: the requested number is higher then. The run's own row, which is written
//! only once, guarantees that a run happens only once. The lease only reports a conflict earlier.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use gancho_domain::common::ids::{WebhookId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys,
};

/// The duration of a lease. It is longer than the queue's visibility timeout, so that another
/// worker has replaced one that died.
pub const HOLDS: SignedDuration = SignedDuration::from_mins(5);
/// The time for which its row is kept: as long as an idempotency key, whose request uses it to find
/// its run.
const KEPT: SignedDuration = SignedDuration::from_hours(25);

/// The maximum number of rows of one call.
const AT_ONCE: usize = 100;
/// The maximum number of concurrent calls.
const CALLS: usize = 8;

/// A requested run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The number of the run.
    pub run: u32,
    /// The requester. The same one may request it again.
    pub writer: String,
}

impl Store {
    /// Takes the lease of a webhook's run. `false`: another one holds it.
    pub async fn take_lease(
        &self,
        (ws, webhook): (WorkspaceId, WebhookId),
        lease: &Lease,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut row = item::key(&keys::coordination::lease(ws, webhook));
        row.insert("r".to_owned(), number(lease.run));
        row.insert("u".to_owned(), number((now + HOLDS).as_millisecond()));
        row.insert("w".to_owned(), AttributeValue::S(lease.writer.clone()));
        item::ends(&mut row, now + KEPT);
        let free = "attribute_not_exists(pk) OR u <= :now OR r < :run OR (w = :w AND r = :run)";
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.coordination)
            .set_item(Some(row))
            .condition_expression(free)
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":run", number(lease.run))
            .expression_attribute_values(":w", AttributeValue::S(lease.writer.clone()));
        match put.send().await.map_err(from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The last lease of a webhook, held or expired.
    pub async fn lease(
        &self,
        ws: WorkspaceId,
        webhook: WebhookId,
    ) -> Result<Option<Lease>, StoreError> {
        let row =
            self.get(&self.tables.coordination, &keys::coordination::lease(ws, webhook)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The number of the run that was requested last, for each of these webhooks that has a lease,
    /// held or expired; one call for each hundred webhooks. A run that is not written yet is still
    /// under way after its lease has expired, because a full queue delays it.
    pub async fn requested_runs(
        &self,
        ws: WorkspaceId,
        webhooks: &[WebhookId],
        now: Timestamp,
    ) -> Result<BTreeMap<WebhookId, u32>, StoreError> {
        let mut reads = Vec::new();
        for some in webhooks.chunks(AT_ONCE) {
            reads.push(self.requested_of(ws, some, now));
        }
        let all: Vec<_> = stream::iter(reads).buffered(CALLS).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn requested_of(
        &self,
        ws: WorkspaceId,
        webhooks: &[WebhookId],
        now: Timestamp,
    ) -> Result<Vec<(WebhookId, u32)>, StoreError> {
        let places: BTreeMap<String, WebhookId> =
            webhooks.iter().map(|id| (keys::coordination::lease(ws, *id).pk, *id)).collect();
        let keys = webhooks.iter().map(|id| item::key(&keys::coordination::lease(ws, *id)));
        let rows = self.batch_get(&self.tables.coordination, keys.collect()).await?;
        let mut requested = Vec::new();
        for row in rows.iter().filter(|row| !item::has_ended(row, now)) {
            let webhook = places.get(item::text(row, "pk")?).copied();
            requested.extend(webhook.zip(Some(read(row)?.run)));
        }
        Ok(requested)
    }

    /// Releases the lease of a run that could not be enqueued. A lease of another requester is not
    /// changed.
    pub async fn free_lease(
        &self,
        (ws, webhook): (WorkspaceId, WebhookId),
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let freed = self
            .db
            .delete_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(item::key(&keys::coordination::lease(ws, webhook))))
            .condition_expression("w = :w AND r = :run")
            .expression_attribute_values(":w", AttributeValue::S(lease.writer.clone()))
            .expression_attribute_values(":run", number(lease.run))
            .send()
            .await;
        match freed.map_err(from_sdk) {
            Ok(_) | Err(StoreError::Condition) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn read(row: &Item) -> Result<Lease, StoreError> {
    let run = item::number(row, "r");
    let run = run.ok_or_else(|| StoreError::Corrupt("a lease names no run".to_owned()))?;
    Ok(Lease { run, writer: item::text(row, "w")?.to_owned() })
}

fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}
