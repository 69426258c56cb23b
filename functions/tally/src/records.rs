//! Maps records of the history's stream to changes of the counters.

use std::collections::HashMap;

use aws_lambda_events::dynamodb::EventRecord;
use gancho_domain::{
    common::{calendar::Day, ids::IntegrationId, job::PartId},
    inbound::{
        tally::Change,
        webhook::{Cause, WebhookKey},
    },
};
use gancho_store::{
    Item,
    history::{HistoryRow, RunRow},
    job_runs::{EndedRun, JobRunsKey},
    tallies::{Counted, TallyKey, sequence},
};
use jiff::Timestamp;

/// A change of one row of counters.
#[derive(Debug)]
pub(crate) struct Record {
    /// The row of counters.
    pub(crate) key: TallyKey,
    /// The change.
    pub(crate) counted: Counted,
    /// The record's sequence number as the stream spells it.
    pub(crate) sequence: String,
    /// The time of receipt, if the record is a webhook and not a run.
    pub(crate) came_at: Option<Timestamp>,
    /// The job's row of counters and the run, if the record is a run of a job.
    pub(crate) of_job: Option<(JobRunsKey, EndedRun)>,
}

/// Reads a record. Only inserts count: webhooks and runs never change, and counts already exclude
/// the expired rows that TTL deletes. An unreadable row is logged and skipped; lists do not show
/// it either.
pub(crate) fn read(record: EventRecord) -> Option<Record> {
    if record.event_name != "INSERT" {
        return None;
    }
    let number = record.change.sequence_number?;
    let image: Item = HashMap::from(record.change.new_image);
    let read = HistoryRow::from_item(image).map_err(|error| error.to_string());
    match read.and_then(|row| convert(&row, &number).ok_or_else(|| "no sequence number".to_owned()))
    {
        Ok(record) => Some(record),
        Err(cause) => {
            tracing::error!(error.cause = cause, record.sequence = number, "record skipped");
            None
        }
    }
}

fn convert(row: &HistoryRow, number: &str) -> Option<Record> {
    let (at, integration, months, application, change) = match row {
        HistoryRow::Webhook(row) => {
            let it = &row.received;
            let application = Some(it.application.clone());
            (it.key, it.integration, it.months, application, Change::came(it.received_at()))
        }
        HistoryRow::Run(row) => {
            let received_at = row.key.webhook.made_at();
            let (from, to) = (Some(row.run.previous), row.run.verdict.into());
            (row.key, row.integration, row.months, None, Change { received_at, from, to })
        }
    };
    let came_at = change.from.is_none().then_some(change.received_at);
    let counted = Counted { sequence: sequence(number)?, change, application };
    let key = key_of(&at, integration, months);
    let of_job = of_job(row, &counted.sequence);
    Some(Record { key, counted, sequence: number.to_owned(), came_at, of_job })
}

fn of_job(row: &HistoryRow, sequence: &str) -> Option<(JobRunsKey, EndedRun)> {
    let HistoryRow::Run(row) = row else { return None };
    let RunRow { key, run, .. } = &**row;
    let Cause::Job(job) = run.cause else { return None };
    let part = PartId { day: Day::of(key.webhook.made_at()), shard: key.webhook.shard() };
    let ended = EndedRun { sequence: sequence.to_owned(), at: run.finished_at };
    Some((JobRunsKey { workspace: key.workspace, job, part }, ended))
}

fn key_of(at: &WebhookKey, integration: IntegrationId, months: u8) -> TallyKey {
    TallyKey {
        workspace: at.workspace,
        origin: at.origin,
        day: Day::of(at.webhook.made_at()),
        shard: at.webhook.shard(),
        integration,
        months,
    }
}
