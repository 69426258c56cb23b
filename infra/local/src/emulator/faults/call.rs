//! A recorded call to a service.

use serde_json::Value;

use crate::emulator::arns;

/// One request that a function's client sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Call {
    /// The function whose client sent it.
    pub function: String,
    /// `PutItem`.
    pub operation: String,
    /// The tables (`history`), the queue (`jobs`) or the topic (`notices`) that it names.
    pub tables: Vec<String>,
    /// The body's bytes.
    pub request_bytes: usize,
    /// The reply's bytes.
    pub response_bytes: usize,
    /// The reply's status; none when there was no reply.
    pub status: Option<u16>,
    /// Write and read units together, if they were requested.
    pub capacity: f64,
    /// The same by table, indexes with their table.
    pub units: Vec<(String, f64)>,
    /// The rows that a query, a batch of reads or a read inspected.
    pub rows: usize,
}

impl Call {
    /// The first table or queue.
    pub fn table(&self) -> &str {
        self.tables.first().map_or("", String::as_str)
    }

    /// `true` if the operation changes a table.
    pub fn writes(operation: &str) -> bool {
        matches!(
            operation,
            "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
        )
    }

    pub(super) fn read(function: &str, operation: &str, body: &[u8]) -> Self {
        let request = parameters(body);
        let mut tables = Vec::new();
        name_tables(&request, &mut tables);
        tables.dedup();
        Self {
            function: function.to_owned(),
            operation: operation.to_owned(),
            tables,
            request_bytes: body.len(),
            ..Self::default()
        }
    }
}

/// The parameters of a request as JSON; SNS's request is a form.
pub(super) fn parameters(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let fields = url::form_urlencoded::parse(body);
        Value::Object(
            fields.map(|(name, value)| (name.into(), Value::String(value.into()))).collect(),
        )
    })
}

fn name_tables(request: &Value, tables: &mut Vec<String>) {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    tables.extend(text("TableName").map(arns::short_table));
    let queue = text("QueueUrl").or_else(|| text("TopicArn"));
    tables.extend(queue.map(|name| arns::short_queue(name).to_owned()));
    if let Some(items) = request.get("RequestItems").and_then(Value::as_object) {
        tables.extend(items.keys().map(|name| arns::short_table(name)));
    }
    let actions = request.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    for action in actions.filter_map(Value::as_object).flat_map(serde_json::Map::values) {
        name_tables(action, tables);
    }
}

/// The units that a reply reports for each table, and the rows that were read.
pub(super) fn consumed(reply: &[u8]) -> (Vec<(String, f64)>, usize) {
    let reply: Value = serde_json::from_slice(reply).unwrap_or(Value::Null);
    (units(&reply), rows(&reply))
}

fn rows(reply: &Value) -> usize {
    let scanned = reply.get("ScannedCount").and_then(Value::as_u64);
    let one = usize::from(reply.get("Item").is_some());
    let tables = reply.get("Responses").and_then(Value::as_object).into_iter().flatten();
    let batch: usize = tables.filter_map(|(_, rows)| rows.as_array()).map(Vec::len).sum();
    scanned.and_then(|rows| usize::try_from(rows).ok()).unwrap_or(one + batch)
}

fn units(reply: &Value) -> Vec<(String, f64)> {
    let of = |value: &Value| {
        let table = value.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let units = value.get("CapacityUnits").and_then(Value::as_f64)?;
        Some((arns::short_table(table), units))
    };
    match reply.get("ConsumedCapacity") {
        Some(Value::Array(tables)) => tables.iter().filter_map(of).collect(),
        Some(one) => of(one).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_a_transaction_are_named() {
        let body = br#"{"TransactItems":[{"Put":{"TableName":"HistoryTable"}},{"Update":{"TableName":"CrmTable"}}]}"#;
        let call = Call::read("process", "TransactWriteItems", body);
        assert_eq!(call.tables, ["history", "crm"]);
        let message =
            Call::read("process", "SendMessage", br#"{"QueueUrl":"http://h/0/gancho-jobs"}"#);
        assert_eq!(message.table(), "jobs");
    }

    #[test]
    fn the_topic_of_a_form_is_named() {
        let body = b"Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A0%3Agancho-notices";
        assert_eq!(Call::read("suspension", "Publish", body).table(), "notices");
        let message = br#"{"QueueUrl":"http://h/0/gancho-lanes.fifo"}"#;
        assert_eq!(Call::read("deliver", "SendMessage", message).table(), "lanes");
    }

    #[test]
    fn units_are_counted_by_table() {
        let reply = br#"{"ConsumedCapacity":[{"TableName":"CrmTable","CapacityUnits":2.0},{"TableName":"EventsTable","CapacityUnits":4.5}]}"#;
        let (units, rows) = consumed(reply);
        assert_eq!(units, [("crm".to_owned(), 2.0), ("events".to_owned(), 4.5)]);
        assert_eq!(rows, 0);
        assert_eq!(consumed(b"{}").0, []);
    }

    #[test]
    fn rows_are_those_that_were_inspected() {
        assert_eq!(consumed(br#"{"Items":[{}],"Count":1,"ScannedCount":7}"#).1, 7);
        assert_eq!(consumed(br#"{"Responses":{"CrmTable":[{},{}]}}"#).1, 2);
        assert_eq!(consumed(br#"{"Item":{}}"#).1, 1);
    }
}
