//! Batches of a queue or a stream: in which order their items are handled, and the reply, which
//! lists only the items that failed.

use std::{collections::BTreeMap, fmt::Display, panic::AssertUnwindSafe};

use futures::{FutureExt, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::clock::Clock;

/// The number of lines of a batch that are handled concurrently.
const CONCURRENCY: usize = 16;

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

impl<I: Into<String>> FromIterator<I> for BatchReply {
    fn from_iter<A: IntoIterator<Item = I>>(failed: A) -> Self {
        let mut reply = Self::default();
        failed.into_iter().for_each(|item| reply.again(item));
        reply
    }
}

/// The content of a record of a stream, and the record's sequence number.
#[derive(Debug)]
pub struct Arrival<T> {
    /// The stream's name of the record.
    pub sequence: String,
    /// The content.
    pub value: T,
}

/// Handles the arrivals of each line in order, up to the first that fails or would begin after the
/// deadline; lines are handled concurrently. `handle` returns false if an arrival failed.
///
/// Returns the sequence numbers of the arrivals that failed or were not begun. Lambda repeats a
/// batch from the lowest of them, so arrivals after it are handled again.
pub async fn in_lines<T, K: Ord, F>(
    arrivals: impl IntoIterator<Item = Arrival<T>>,
    line: impl Fn(&T) -> K,
    (clock, deadline): (&Clock, Timestamp),
    handle: impl Fn(T) -> F,
) -> Vec<String>
where
    F: Future<Output = bool>,
{
    let mut lines: BTreeMap<K, Vec<Arrival<T>>> = BTreeMap::new();
    for arrival in arrivals {
        lines.entry(line(&arrival.value)).or_default().push(arrival);
    }
    let handle = &handle;
    let one_line = |line: Vec<Arrival<T>>| async move {
        let mut failed = Vec::new();
        for Arrival { sequence, value } in line {
            if !failed.is_empty() || clock.now() >= deadline || !handle(value).await {
                failed.push(sequence);
            }
        }
        failed
    };
    // A list: over a borrowing iterator the future would not be `Send` for every lifetime.
    let lines: Vec<_> = lines.into_values().map(one_line).collect();
    stream::iter(lines).buffer_unordered(CONCURRENCY).collect::<Vec<_>>().await.concat()
}

/// Runs `work`; a panic is an error with the text `panic`. One item that panics does not fail its
/// batch.
pub async fn caught<T, E: Display>(work: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err("panic".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::ManualClock;

    fn arrivals(values: &[(&'static str, u8)]) -> Vec<Arrival<(&'static str, u8)>> {
        let arrival = |value: &(&'static str, u8)| Arrival {
            sequence: format!("{}{}", value.0, value.1),
            value: *value,
        };
        values.iter().map(arrival).collect()
    }

    #[tokio::test]
    async fn a_line_is_in_order_and_stops_at_its_first_failure_while_others_go_on() {
        let clock = Clock::Manual(ManualClock::new(Timestamp::UNIX_EPOCH));
        let begun = Mutex::new(Vec::new());
        let batch = arrivals(&[("a", 1), ("b", 1), ("a", 2), ("b", 2), ("a", 3), ("b", 3)]);
        let failed = in_lines(
            batch,
            |value| value.0,
            (&clock, Timestamp::MAX),
            |value| {
                begun.lock().unwrap().push(value);
                async move {
                    tokio::task::yield_now().await;
                    value != ("a", 2)
                }
            },
        )
        .await;
        assert_eq!(failed, ["a2", "a3"]);
        let begun = begun.into_inner().unwrap();
        let line = |name| begun.iter().filter(|it| it.0 == name).map(|it| it.1).collect::<Vec<_>>();
        assert_eq!((line("a"), line("b")), (vec![1, 2], vec![1, 2, 3]));
    }

    #[tokio::test]
    async fn nothing_begins_after_the_deadline() {
        let manual = ManualClock::new(Timestamp::UNIX_EPOCH);
        let clock = Clock::Manual(manual.clone());
        let deadline = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(2);
        let batch = arrivals(&[("a", 1), ("a", 2), ("a", 3)]);
        let failed = in_lines(
            batch,
            |value| value.0,
            (&clock, deadline),
            |_| {
                manual.advance(SignedDuration::from_secs(1));
                std::future::ready(true)
            },
        )
        .await;
        assert_eq!(failed, ["a3"]);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let fails = async { Err::<(), _>("down") };
        assert_eq!(caught(fails).await, Err("down".to_owned()));
        let panics = async { if true { panic!("canary") } else { Ok::<(), &str>(()) } };
        assert_eq!(caught(panics).await, Err("panic".to_owned()));
    }
}
