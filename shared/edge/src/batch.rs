//! The reply to a batch of records. It lists only the items that failed.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The time after which no item is started: the invocation's deadline minus `margin`, the longest
/// that one item may take.
pub fn deadline(context: &lambda_runtime::Context, margin: SignedDuration) -> Timestamp {
    let end = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let end = Timestamp::from_millisecond(end).unwrap_or(Timestamp::MAX);
    end.checked_sub(margin).unwrap_or(end)
}

/// The reply to a batch from a queue or a stream: the items to deliver again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchReply {
    /// The failed items; empty when every item was handled.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// One item to deliver again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// A queue message's id, or a stream record's sequence number.
    pub item_identifier: String,
}

impl BatchReply {
    /// Requests that an item is delivered again.
    pub fn again(&mut self, item: impl Into<String>) {
        self.batch_item_failures.push(ItemFailure { item_identifier: item.into() });
    }
}
