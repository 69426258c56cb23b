//! Bulk jobs: the request, and the progress of each part.
//!
//! A job is one row; only its end is added later. A part is a row that one worker at a time
//! advances: each write names the version that it starts from.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use gancho_domain::common::{
    ids::{JobId, WorkspaceId},
    job::{Job, PartId, PartProgress, State},
};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    error::from_sdk,
    item::{self, Item},
    keys,
};

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// The job as requested.
    pub job: Job,
    /// The final state and time, after the end was recorded.
    pub ended: Option<(State, Timestamp)>,
}

/// A part as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredPart {
    /// Its progress.
    pub progress: PartProgress,
    /// Grows by one with every write; 0 where there is no row.
    pub version: u64,
}

/// The key of a part of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The job.
    pub job: JobId,
    /// The part.
    pub part: PartId,
}

impl Store {
    /// Writes a new job. `false`: it exists already.
    pub async fn create_job(&self, ws: WorkspaceId, job: &Job) -> Result<bool, StoreError> {
        let mut row = item::row(&keys::coordination::job(ws, job.id), job)?;
        row.insert("x".to_owned(), number(job.expires_at().as_millisecond()));
        item::expires(&mut row, job.expires_at());
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        let put = put.condition_expression("attribute_not_exists(pk)");
        match put.send().await.map_err(from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A job that has not expired.
    pub async fn job(
        &self,
        ws: WorkspaceId,
        id: JobId,
        now: Timestamp,
    ) -> Result<Option<StoredJob>, StoreError> {
        let row = self.get(&self.tables.coordination, &keys::coordination::job(ws, id)).await?;
        let job = row.as_ref().map(stored).transpose()?;
        Ok(job.filter(|stored| now < stored.job.expires_at()))
    }

    /// A workspace's jobs below `below`, newest first, at most `limit`.
    pub async fn jobs(
        &self,
        ws: WorkspaceId,
        below: Option<JobId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<StoredJob>, StoreError> {
        // `~` is above every digit.
        let below = below.map_or_else(|| "~".to_owned(), |id| id.key());
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk AND sk < :below")
            .filter_expression("x > :now")
            .expression_attribute_values(":pk", AttributeValue::S(keys::coordination::jobs(ws)))
            .expression_attribute_values(":below", AttributeValue::S(below))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .scan_index_forward(false);
        collect(query, limit).await
    }

    /// A workspace's jobs whose end is not recorded yet.
    pub async fn open_jobs(
        &self,
        ws: WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<StoredJob>, StoreError> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk")
            .filter_expression("x > :now AND attribute_not_exists(ended)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::coordination::jobs(ws)))
            .expression_attribute_values(":now", number(now.as_millisecond()));
        collect(query, usize::MAX).await
    }

    /// Records the end of a job. `false`: it had ended already. `writer` is new for every request.
    pub async fn end_job(
        &self,
        (ws, id): (WorkspaceId, JobId),
        state: State,
        (now, writer): (Timestamp, &str),
    ) -> Result<bool, StoreError> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.coordination)
            .set_key(Some(item::key(&keys::coordination::job(ws, id))))
            .update_expression("SET ended = :state, ended_at = :now, w = :w")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(ended) OR w = :w)",
            )
            .expression_attribute_values(":state", AttributeValue::S(item::json(&state)?))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":w", AttributeValue::S(writer.to_owned()));
        match update.send().await.map_err(from_sdk) {
            Ok(_) => Ok(true),
            Err(StoreError::Condition) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The progress of a part; a part without a row has not started.
    pub async fn job_part(&self, key: PartKey) -> Result<StoredPart, StoreError> {
        let at = keys::coordination::job_part(key.workspace, key.job, &key.part.to_string());
        let row = self.get(&self.tables.coordination, &at).await?;
        row.map_or_else(|| Ok(StoredPart::default()), |row| part(&row))
    }

    /// The progress of every started part of a job.
    pub async fn job_parts(
        &self,
        ws: WorkspaceId,
        id: JobId,
    ) -> Result<BTreeMap<PartId, PartProgress>, StoreError> {
        let pk = keys::coordination::job_part(ws, id, "").pk;
        let mut rows = self
            .db
            .query()
            .table_name(&self.tables.coordination)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut parts = BTreeMap::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(from_sdk)?;
            let id = item::text(&row, "sk")?.parse::<PartId>();
            let id = id.map_err(|e| StoreError::Corrupt(e.to_string()))?;
            parts.insert(id, part(&row)?.progress);
        }
        Ok(parts)
    }

    /// Advances a part from the version that `from` has; returns the new one. `None`: another
    /// worker advanced it meanwhile. `writer` is different for each worker.
    pub async fn move_part(
        &self,
        key: PartKey,
        from: &StoredPart,
        progress: PartProgress,
        (writer, expires_at): (&str, Timestamp),
    ) -> Result<Option<StoredPart>, StoreError> {
        let next = StoredPart { progress, version: from.version + 1 };
        let at = keys::coordination::job_part(key.workspace, key.job, &key.part.to_string());
        let mut row = item::row(&at, &next.progress)?;
        row.insert("v".to_owned(), number(next.version));
        row.insert("w".to_owned(), AttributeValue::S(writer.to_owned()));
        item::expires(&mut row, expires_at);
        let put = self.db.put_item().table_name(&self.tables.coordination).set_item(Some(row));
        let put = match from.version {
            0 => put.condition_expression("attribute_not_exists(pk) OR w = :w"),
            version => put
                .condition_expression("v = :v OR w = :w")
                .expression_attribute_values(":v", number(version)),
        };
        let put = put.expression_attribute_values(":w", AttributeValue::S(writer.to_owned()));
        match put.send().await.map_err(from_sdk) {
            Ok(_) => Ok(Some(next)),
            Err(StoreError::Condition) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The jobs that a query finds, at most `limit`.
async fn collect(query: QueryFluentBuilder, limit: usize) -> Result<Vec<StoredJob>, StoreError> {
    let mut rows = query.consistent_read(true).into_paginator().items().send();
    let mut jobs = Vec::new();
    while jobs.len() < limit {
        let Some(row) = rows.next().await else { break };
        jobs.push(stored(&row.map_err(from_sdk)?)?);
    }
    Ok(jobs)
}

fn stored(row: &Item) -> Result<StoredJob, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let at = item::number(row, "ended_at").and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let state = item::text(row, "ended").ok().map(serde_json::from_str).transpose();
    let ended = state.map_err(|e| corrupt(&e))?.zip(at);
    Ok(StoredJob { job: item::doc(row)?, ended })
}

fn part(row: &Item) -> Result<StoredPart, StoreError> {
    let version = item::number(row, "v");
    let version = version.ok_or_else(|| StoreError::Corrupt("a part has no version".to_owned()))?;
    Ok(StoredPart { progress: item::doc(row)?, version })
}

fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}
