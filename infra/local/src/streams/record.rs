//! A stream record as Lambda gives it.

use serde_json::{Value, json};

use crate::{dynamo::StreamRow, json::set, names::REGION};

/// Turns a stored sequence number into one of DynamoDB's: 21 digits, so that texts compare as numbers.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// A record on its way to a function.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its place in the stream.
    pub sequence: i64,
    /// Its partition key, which decides its shard.
    pub partition: String,
    /// How large it is as JSON, roughly.
    pub size: usize,
    /// What the function is given.
    pub event: Value,
}

impl Record {
    /// A row of the stream as a record; `now` (seconds) replaces the writer's time where the host's
    /// clock is moved by hand.
    pub fn new(row: &StreamRow, arn: &str, now: Option<i64>) -> Self {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let keys: Value = parse(&row.keys);
        let partition =
            keys.pointer("/pk/S").and_then(Value::as_str).unwrap_or_default().to_owned();
        let size = row.keys.len() + row.new_image.as_ref().map_or(0, String::len);
        let mut change = json!({
            "ApproximateCreationDateTime": now.unwrap_or(row.created_at),
            "Keys": keys,
            "SequenceNumber": public_sequence(row.sequence),
            "SizeBytes": size,
            "StreamViewType": "NEW_IMAGE",
        });
        if let Some(image) = &row.new_image {
            set(&mut change, "NewImage", parse(image));
        }
        let mut event = json!({
            "eventID": row.id,
            "eventName": row.event,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": arn,
        });
        if row.expired {
            let service = json!({ "principalId": "dynamodb.amazonaws.com", "type": "Service" });
            set(&mut event, "userIdentity", service);
        }
        Self { sequence: row.sequence, partition, size: size + 512, event }
    }

    /// The sequence number that the function sees.
    pub fn id(&self) -> &str {
        self.event.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
    }

    /// The shard of this record among `shards`: all records of a partition key share one.
    pub fn shard(&self, shards: usize) -> usize {
        // FNV-1a: the same in every process, as checkpoints outlive it.
        let hash = self.partition.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let shards = u64::try_from(shards).unwrap_or(1).max(1);
        usize::try_from(hash % shards).unwrap_or(0)
    }
}

/// A stored sequence number as DynamoDB writes one.
pub fn public_sequence(stored: i64) -> String {
    (SEQUENCE_OFFSET + u128::try_from(stored).unwrap_or(0)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(event: &str, image: Option<&str>) -> StreamRow {
        StreamRow {
            event: event.to_owned(),
            keys: r#"{"pk":{"S":"a"},"sk":{"S":"b"}}"#.to_owned(),
            new_image: image.map(str::to_owned),
            sequence: 7,
            created_at: 1_700_000_000,
            id: "e1".to_owned(),
            expired: false,
        }
    }

    #[test]
    fn a_record_has_the_shape_that_lambda_gives() {
        let image = r#"{"pk":{"S":"a"},"sk":{"S":"b"},"n":{"N":"12345678901234567890123"}}"#;
        let record = Record::new(&row("INSERT", Some(image)), "arn:stream", None);
        let expected = json!({
            "eventID": "e1", "eventName": "INSERT", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_700_000_000,
                "Keys": {"pk": {"S": "a"}, "sk": {"S": "b"}},
                "SequenceNumber": "100000000000000000007",
                "SizeBytes": 98,
                "StreamViewType": "NEW_IMAGE",
                "NewImage": {"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "12345678901234567890123"}},
            },
            "eventSourceARN": "arn:stream",
        });
        assert_eq!(record.event, expected);
    }

    #[test]
    fn an_expired_row_is_removed_by_the_service() {
        let mut row = row("REMOVE", None);
        row.expired = true;
        let record = Record::new(&row, "arn:stream", None);
        assert_eq!(record.event["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
        assert_eq!(record.event["userIdentity"]["type"], "Service");
        assert!(record.event["dynamodb"].get("NewImage").is_none());
    }
}
