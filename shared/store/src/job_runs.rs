//! The runs that a job enqueued and that have ended: *tally* counts them from the history's stream,
//! one row of counters for each part, exactly as it counts the history (`counted`).
//!
//! A message of a job can be without effect: another request's run took the number after the lease
//! expired, or the webhook expired. *process* then writes a row, so that the job does not wait for
//! that run for ever.

use aws_sdk_dynamodb::types::Select;
use gancho_domain::common::{
    ids::{JobId, WebhookId, WorkspaceId},
    job::{EndedRuns, KEPT, PartId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    counted::{Counters, counters},
    error::from_sdk,
    item, keys,
};

/// The key of a row of counters: the runs that a job caused in one of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobRunsKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The job.
    pub job: JobId,
    /// The part: one partition of the history, so that its records arrive in order.
    pub part: PartId,
}

/// A run in the history's stream, as the counters of its job see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRun {
    /// The stream's sequence number, padded: see [`crate::tallies::sequence`].
    pub sequence: String,
    /// The time of its end.
    pub at: Timestamp,
}

/// The counters of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    runs: u64,
    /// The end of the last run, in milliseconds.
    last: i64,
}

impl Counters for Counts {
    type Record = EndedRun;

    fn sequence(record: &EndedRun) -> &str {
        &record.sequence
    }

    fn take(&mut self, record: &EndedRun) {
        self.runs += 1;
        self.last = self.last.max(record.at.as_millisecond());
    }

    fn encode(&self) -> Vec<u8> {
        // Two numbers: this cannot fail, and an empty text would be refused when it is read.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn name(&self) -> &'static str {
        ""
    }

    fn decode(bytes: &[u8], _name: &str) -> Result<Self, StoreError> {
        serde_json::from_slice(bytes).map_err(|e| StoreError::Corrupt(e.to_string()))
    }
}

/// The end of the retention of a job's rows.
fn expires_at(job: JobId) -> Timestamp {
    job.made_at().checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

impl Store {
    /// Counts runs of one part, in the stream's order. A repeated record is not counted again.
    pub async fn count_job_runs(
        &self,
        key: &JobRunsKey,
        records: &[EndedRun],
    ) -> Result<(), StoreError> {
        let at = keys::tallies::job_runs(key.workspace, key.job, &key.part.to_string());
        self.count_in::<Counts>(&at, expires_at(key.job), records).await
    }

    /// Records that a job's message for a webhook had no effect.
    pub async fn drop_job_run(
        &self,
        (ws, job): (WorkspaceId, JobId),
        webhook: WebhookId,
    ) -> Result<(), StoreError> {
        let at = keys::coordination::job_dropped(ws, job, &webhook.key());
        let mut row = item::key(&at);
        item::expires(&mut row, expires_at(job));
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        put.send().await.map_err(from_sdk).map(drop)
    }

    /// The enqueued runs of a job that have ended or never will happen.
    pub async fn job_runs(&self, ws: WorkspaceId, job: JobId) -> Result<EndedRuns, StoreError> {
        let (counted, dropped) =
            futures::try_join!(self.counted_runs(ws, job), self.dropped_runs(ws, job))?;
        Ok(EndedRuns { count: counted.count + dropped, ..counted })
    }

    async fn counted_runs(&self, ws: WorkspaceId, job: JobId) -> Result<EndedRuns, StoreError> {
        let query = self.db.query().table_name(&self.tables.tallies);
        let query = query
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", item::s(keys::tallies::job_runs(ws, job, "").pk))
            .consistent_read(true);
        let mut rows = query.into_paginator().items().send();
        let mut ended = EndedRuns::default();
        while let Some(row) = rows.next().await {
            let Counts { runs, last } = counters(&row.map_err(from_sdk)?)?;
            ended.count += runs;
            ended.last_at = ended.last_at.max(Timestamp::from_millisecond(last).ok());
        }
        Ok(ended)
    }

    async fn dropped_runs(&self, ws: WorkspaceId, job: JobId) -> Result<u64, StoreError> {
        let pk = item::s(keys::coordination::job_dropped(ws, job, "").pk);
        let query = self.db.query().table_name(&self.tables.coordination);
        let query = query
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", pk)
            .select(Select::Count)
            .consistent_read(true);
        let mut pages = query.into_paginator().send();
        let mut dropped = 0;
        while let Some(page) = pages.next().await {
            dropped += u64::try_from(page.map_err(from_sdk)?.count).unwrap_or(0);
        }
        Ok(dropped)
    }
}
