//! One shard of a mapping: batches in order, one at a time, retried until they are done or given
//! up.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, timeout_at},
};

use super::{Mapping, MappingSettings, Record};
use crate::emulator::batch::{Verdict, judge};

/// Lambda's limit on a batch is 6 MB.
const BATCH_BYTES: usize = 5_800_000;
/// The first and the longest wait before a retry.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Runs until the mapping ends.
pub(super) async fn run(
    mapping: Arc<Mapping>,
    shard: usize,
    mut records: UnboundedReceiver<Record>,
) {
    let mut waiting = VecDeque::new();
    let mut attempt = Attempt::new(&mapping.settings);
    loop {
        if waiting.is_empty() {
            let Some(record) = records.recv().await else { return };
            waiting.push_back(record);
            gather(&mapping.settings, &mut records, &mut waiting).await;
        }
        while let Ok(record) = records.try_recv() {
            waiting.push_back(record);
        }
        let size = batch_size(&waiting, mapping.around.misdelivery.size(attempt.limit));
        let verdict = deliver(&mapping, waiting.iter().take(size)).await;
        let done = attempt.judge(&verdict, size);
        if done > 0 {
            let last = waiting.drain(..done).next_back();
            mapping.finish(shard, last.map_or(0, |record| record.sequence));
        }
        attempt.wait().await;
    }
}

/// Gathers a batch until it is full or the window ends.
async fn gather(
    settings: &MappingSettings,
    records: &mut UnboundedReceiver<Record>,
    waiting: &mut VecDeque<Record>,
) {
    if settings.window.is_zero() {
        return;
    }
    let end = Instant::now() + settings.window;
    while waiting.len() < settings.batch_size {
        match timeout_at(end, records.recv()).await {
            Ok(Some(record)) => waiting.push_back(record),
            Ok(None) | Err(_) => return,
        }
    }
}

fn batch_size(waiting: &VecDeque<Record>, limit: usize) -> usize {
    let mut bytes = 0;
    let fits = waiting.iter().take(limit).take_while(|record| {
        bytes += record.size;
        bytes <= BATCH_BYTES
    });
    fits.count().max(1)
}

async fn deliver(mapping: &Mapping, records: impl Iterator<Item = &Record> + Clone) -> Verdict {
    let _busy = mapping.around.activity.begin();
    let ids: Vec<&str> = records.clone().map(Record::id).collect();
    let events: Vec<Value> = records.map(|record| record.event.clone()).collect();
    let event = json!({ "Records": events });
    for _ in 1..mapping.around.misdelivery.times() {
        // The result is ignored: the reader has forgotten this delivery.
        _ = mapping.lambda.invoke(&event).await;
    }
    judge(&mapping.lambda.invoke(&event).await, &ids, mapping.settings.partial)
}

/// The state of the retries of one batch.
#[derive(Debug)]
struct Attempt {
    full: usize,
    limit: usize,
    bisect: bool,
    retries: Option<u32>,
    failures: u32,
}

impl Attempt {
    fn new(settings: &MappingSettings) -> Self {
        Self {
            full: settings.batch_size,
            limit: settings.batch_size,
            bisect: settings.bisect,
            retries: settings.retries,
            failures: 0,
        }
    }

    /// The number of records from the front that are done or given up.
    fn judge(&mut self, verdict: &Verdict, size: usize) -> usize {
        let first_failed = match verdict {
            Verdict::Done => size,
            Verdict::Failed => 0,
            Verdict::Partly(failed) => failed.first().copied().unwrap_or(size),
        };
        if first_failed > 0 {
            self.failures = u32::from(first_failed < size);
            self.limit = self.full;
            return first_failed;
        }
        self.failures += 1;
        if self.bisect && size > 1 {
            // Halving a batch does not count as a retry.
            self.limit = size / 2;
            self.failures = 1;
            return 0;
        }
        if self.retries.is_some_and(|retries| self.failures > retries) {
            tracing::warn!(records = size, "given up after the last retry");
            self.failures = 0;
            self.limit = self.full;
            return size;
        }
        0
    }

    async fn wait(&self) {
        if self.failures > 0 {
            let doubled = FIRST_WAIT.saturating_mul(1 << self.failures.min(10));
            tokio::time::sleep(doubled.min(LONGEST_WAIT)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn attempt(bisect: bool, retries: Option<u32>) -> Attempt {
        Attempt { full: 8, limit: 8, bisect, retries, failures: 0 }
    }

    #[test]
    fn the_checkpoint_moves_to_the_first_failed_record() {
        let mut attempt = attempt(false, None);
        assert_eq!(attempt.judge(&Verdict::Partly(BTreeSet::from([3, 5])), 8), 3);
        assert_eq!(attempt.judge(&Verdict::Partly(BTreeSet::from([0, 2])), 5), 0);
        assert_eq!(attempt.judge(&Verdict::Done, 5), 5);
    }

    #[test]
    fn a_failing_batch_is_halved_down_to_the_record_that_fails() {
        let mut attempt = attempt(true, Some(1));
        let mut sizes = Vec::new();
        for size in [8, 4, 2] {
            assert_eq!(attempt.judge(&Verdict::Failed, size), 0);
            sizes.push(attempt.limit);
        }
        assert_eq!(sizes, [4, 2, 1]);
        assert_eq!(attempt.judge(&Verdict::Failed, 1), 1, "given up");
        assert_eq!(attempt.limit, 8);
    }

    #[test]
    fn without_a_limit_a_batch_is_never_given_up() {
        let mut attempt = attempt(false, None);
        assert!((0..1000).all(|_| attempt.judge(&Verdict::Failed, 8) == 0));
    }
}
