//! A stream record in a function's event.

use serde_json::{Value, json};

use crate::emulator::{arns::REGION, dynamo::StreamRow, json::set};

/// Converts a stored sequence number into one of DynamoDB's: 21 digits, so that texts compare as
/// numbers.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// A stream record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its position in the stream.
    pub sequence: i64,
    /// Its partition key, which determines its shard.
    pub partition: String,
    /// Its approximate size as JSON.
    pub size: usize,
    /// Its form in the function's event.
    pub event: Value,
}

impl Record {
    /// Converts a row of the stream of this ARN and view type; `now` (seconds) replaces the
    /// writer's time if the host's clock is moved by hand.
    pub fn new(row: &StreamRow, (arn, view): (&str, &str), now: Option<i64>) -> Self {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let keys: Value = parse(&row.keys);
        let partition =
            keys.pointer("/pk/S").and_then(Value::as_str).unwrap_or_default().to_owned();
        let length = |image: &Option<String>| image.as_ref().map_or(0, String::len);
        let size = row.keys.len() + length(&row.new_image) + length(&row.old_image);
        let mut change = json!({
            "ApproximateCreationDateTime": now.unwrap_or(row.created_at),
            "Keys": keys,
            "SequenceNumber": public_sequence(row.sequence),
            "SizeBytes": size,
            "StreamViewType": view,
        });
        if let Some(image) = &row.new_image {
            set(&mut change, "NewImage", parse(image));
        }
        if let Some(image) = &row.old_image {
            set(&mut change, "OldImage", parse(image));
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

    /// The sequence number in the function's event.
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

    const STREAM: (&str, &str) = ("arn:stream", "NEW_IMAGE");

    fn row(event: &str, image: Option<&str>) -> StreamRow {
        StreamRow {
            event: event.to_owned(),
            keys: r#"{"pk":{"S":"a"},"sk":{"S":"b"}}"#.to_owned(),
            new_image: image.map(str::to_owned),
            old_image: None,
            sequence: 7,
            created_at: 1_700_000_000,
            id: "e1".to_owned(),
            expired: false,
        }
    }

    #[test]
    fn a_record_has_the_shape_that_lambda_gives() {
        let image = r#"{"pk":{"S":"a"},"sk":{"S":"b"},"n":{"N":"12345678901234567890123"}}"#;
        let record = Record::new(&row("INSERT", Some(image)), STREAM, None);
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
    fn a_record_has_the_old_image_where_the_stream_has_it() {
        let mut row = row("MODIFY", Some(r#"{"st":{"S":"success"}}"#));
        row.old_image = Some(r#"{"st":{"S":"queued"}}"#.to_owned());
        let record = Record::new(&row, ("arn:stream", "NEW_AND_OLD_IMAGES"), None);
        assert_eq!(record.event["dynamodb"]["OldImage"]["st"]["S"], "queued");
        assert_eq!(record.event["dynamodb"]["NewImage"]["st"]["S"], "success");
        assert_eq!(record.event["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    }

    #[test]
    fn an_expired_row_is_removed_by_the_service() {
        let mut row = row("REMOVE", None);
        row.expired = true;
        let record = Record::new(&row, STREAM, None);
        assert_eq!(record.event["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
        assert_eq!(record.event["userIdentity"]["type"], "Service");
        assert!(record.event["dynamodb"].get("NewImage").is_none());
    }
}
