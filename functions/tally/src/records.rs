//! What does a record of the history's stream mean to the counters?

use std::collections::HashMap;

use aws_lambda_events::dynamodb::EventRecord;
use gancho_domain::{
    common::{calendar::Day, ids::IntegrationId},
    inbound::{tally::Change, webhook::WebhookKey},
};
use gancho_store::{
    Item,
    history::HistoryRow,
    tallies::{Counted, TallyKey, sequence},
};
use jiff::Timestamp;

/// A record that counts.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its row of counters.
    pub(crate) key: TallyKey,
    /// What it changes there.
    pub(crate) counted: Counted,
    /// Its sequence number as the stream spells it.
    pub(crate) sequence: String,
    /// When its webhook came, if it tells of that and not of a run.
    pub(crate) came_at: Option<Timestamp>,
}

/// Reads a record. Only new rows count: neither webhooks nor runs ever change, and what TTL deletes
/// has been left out of every count since it ended. A row that cannot be read is not listed
/// either; it is logged and left out.
pub(crate) fn read(record: EventRecord) -> Option<Record> {
    if record.event_name != "INSERT" {
        return None;
    }
    let number = record.change.sequence_number?;
    let image: Item = HashMap::from(record.change.new_image);
    let read = HistoryRow::from_item(image).map_err(|error| error.to_string());
    match read.and_then(|row| meaning(&row, &number).ok_or_else(|| "no sequence number".to_owned()))
    {
        Ok(record) => Some(record),
        Err(cause) => {
            tracing::error!(error.cause = cause, record.sequence = number, "record skipped");
            None
        }
    }
}

fn meaning(row: &HistoryRow, number: &str) -> Option<Record> {
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
    Some(Record { key, counted, sequence: number.to_owned(), came_at })
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
