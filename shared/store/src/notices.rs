//! Notices to people, and the notices that are not published yet.
//!
//! A notice and its unsent marker are written together. If a publisher dies, the schedule finds the
//! marker.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use gancho_domain::{
    common::{
        calendar::{self, MAX_MONTHS},
        ids::{NoticeId, WorkspaceId},
    },
    outbound::notice::Notice,
};

use crate::{
    Store, StoreError,
    error::{from_sdk, met_by_update},
    item::{self, Item},
    keys,
};

impl Store {
    /// Writes a notice as unsent. `false`: it exists already. This includes its own notice after a
    /// lost reply: it is unsent then, and the schedule sends it.
    pub async fn put_notice(&self, ws: WorkspaceId, notice: &Notice) -> Result<bool, StoreError> {
        let end = calendar::expires_at(notice.at, MAX_MONTHS);
        let mut row = item::packed_row(&keys::notices::notice(ws, notice.id), notice)?;
        item::expires(&mut row, end);
        let mut mark = item::key(&keys::notices::unsent(ws, notice.id));
        item::expires(&mut mark, end);
        match self.transact(vec![self.notice_put(row)?, self.notice_put(mark)?]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Condition) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn notice_put(&self, row: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.coordination)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Records that the topic accepted a notice. Idempotent.
    pub async fn notice_sent(&self, ws: WorkspaceId, id: NoticeId) -> Result<(), StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(item::key(&keys::notices::notice(ws, id))))
            .update_expression("SET sent = :yes")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        if let Err(error) = update.send().await {
            met_by_update(error)?;
        }
        let delete = self.db.delete_item().table_name(&self.tables.coordination);
        let delete = delete.set_key(Some(item::key(&keys::notices::unsent(ws, id))));
        delete.send().await.map_err(from_sdk).map(drop)
    }

    /// A workspace's notices before one, newest first, at most `limit`.
    pub async fn notices(
        &self,
        ws: WorkspaceId,
        before: Option<NoticeId>,
        limit: usize,
    ) -> Result<Vec<Notice>, StoreError> {
        // `~` is above every digit.
        let before = before.map_or_else(|| "~".to_owned(), |id| id.key());
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", item::s(keys::notices::partition(ws)))
            .expression_attribute_values(":before", item::s(before))
            .scan_index_forward(false);
        self.some(query, limit).await?.iter().map(read).collect()
    }

    /// The notices that are not published yet, of one workspace or of all, at most `limit`.
    pub async fn unsent_notices(
        &self,
        ws: Option<WorkspaceId>,
        limit: usize,
    ) -> Result<Vec<(WorkspaceId, NoticeId)>, StoreError> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .expression_attribute_values(":pk", item::s(keys::notices::UNSENT));
        let query = match ws {
            None => query.key_condition_expression("pk = :pk"),
            Some(ws) => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :ws)")
                .expression_attribute_values(":ws", item::s(keys::notices::unsent_of(ws))),
        };
        let read = |row: &Item| {
            let unreadable = || StoreError::Corrupt("the key of an unsent notice".to_owned());
            keys::notices::parse_unsent(item::text(row, "sk")?).ok_or_else(unreadable)
        };
        self.some(query, limit).await?.iter().map(read).collect()
    }

    /// Notices by their ids, at most 100, in no order.
    pub async fn notices_by_id(
        &self,
        ids: &[(WorkspaceId, NoticeId)],
    ) -> Result<Vec<(WorkspaceId, Notice)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys = ids.iter().map(|(ws, id)| item::key(&keys::notices::notice(*ws, *id)));
        let rows = self.batch_get(&self.tables.coordination, keys.collect()).await?;
        let notices = rows.iter().map(|row| {
            let ws = item::text(row, "pk")?.split('#').next().unwrap_or_default();
            let ws = WorkspaceId::from_key(ws).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            Ok((ws, read(row)?))
        });
        notices.collect()
    }
}

fn read(row: &Item) -> Result<Notice, StoreError> {
    let notice: Notice = item::doc(row)?;
    let sent = row.get("sent").and_then(|sent| sent.as_bool().ok()).copied().unwrap_or(false);
    Ok(Notice { sent: notice.sent || sent, ..notice })
}
