//! Recounts of a day from the history itself, after the stream lost records (it keeps them for 24
//! hours) or rows were written without it.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{OriginId, WorkspaceId},
    },
    inbound::{
        tally::Change,
        webhook::{Received, Run, Status},
    },
};
use jiff::{SignedDuration, Timestamp};

use super::{Counts, TallyKey};
use crate::{
    Store, StoreError,
    counted::{Stored, Written},
    error::from_sdk,
    item,
    listing::Window,
};

/// The result of a recount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recounted {
    /// Webhooks of the day.
    pub webhooks: u64,
    /// Rows of counters that were wrong.
    pub corrected: u64,
}

type Rows = BTreeMap<TallyKey, Stored<Counts>>;

impl Store {
    /// Recounts a day of an origin, in every shard that is read. For days without traffic: a
    /// committed record that is still in the stream would be counted twice.
    /// [`StoreError::Condition`]: the counters changed meanwhile; retry.
    pub async fn recount(
        &self,
        ws: WorkspaceId,
        origin: OriginId,
        day: Day,
    ) -> Result<Recounted, StoreError> {
        let shards = self.origin(ws, origin).await?.map_or(1, |origin| origin.read_shards);
        let mut done = Recounted::default();
        for shard in 0..shards {
            let before = self.stored_tallies((ws, origin), (day, shard)).await?;
            let (mut after, newest) = self.counted_anew((ws, origin), (day, shard)).await?;
            for key in before.keys() {
                after.entry(*key).or_default();
            }
            for (key, counted) in after {
                let hours = counted.counters.tally.hours();
                done.webhooks += hours.map(|(_, hour)| hour.total()).sum::<u64>();
                let known = before.get(&key).cloned().unwrap_or_default();
                done.corrected += u64::from(self.correct(&key, &known, counted).await?);
            }
            if let Some(newest) = newest {
                self.watermark((ws, origin), (day, shard), newest).await?;
            }
        }
        Ok(done)
    }

    async fn correct(
        &self,
        key: &TallyKey,
        known: &Stored<Counts>,
        counted: Stored<Counts>,
    ) -> Result<bool, StoreError> {
        let mut counters = counted.counters;
        if counters.application.is_empty() {
            counters.application.clone_from(&known.counters.application);
        }
        if known.counters == counters {
            return Ok(false);
        }
        let next = Stored { counters, last: known.last.clone(), version: known.version + 1 };
        match self.write_counters(&key.row(), key.expires_at(), known, &next).await? {
            Written::Done => Ok(true),
            Written::Beaten(_) => Err(StoreError::Condition),
        }
    }

    async fn stored_tallies(
        &self,
        (ws, origin): (WorkspaceId, OriginId),
        (day, shard): (Day, u8),
    ) -> Result<Rows, StoreError> {
        let tallies = self.tallies((ws, origin), (day, day)).await?;
        let mut rows = Rows::new();
        for row in tallies.rows.iter().filter(|row| (row.day, row.shard) == (day, shard)) {
            let (integration, months) = (row.integration, row.months);
            let key = TallyKey { workspace: ws, origin, day, shard, integration, months };
            let call = self.db.get_item().table_name(&self.tables.tallies).consistent_read(true);
            let got = call.set_key(Some(item::key(&key.row()))).send().await.map_err(from_sdk)?;
            if let Some(item) = got.item {
                rows.insert(key, Stored::read(&item)?);
            }
        }
        Ok(rows)
    }

    async fn counted_anew(
        &self,
        (ws, origin): (WorkspaceId, OriginId),
        (day, shard): (Day, u8),
    ) -> Result<(Rows, Option<Timestamp>), StoreError> {
        let end = day.after().start() - SignedDuration::from_millis(1);
        let window = Window { day, from: day.start(), to: end + SignedDuration::from_millis(1) };
        let mut rows = Rows::new();
        let mut newest = None;
        self.each_webhook((ws, origin, shard), &window, |received, runs| {
            newest = newest.max(Some(received.received_at()));
            let key = TallyKey {
                workspace: ws,
                origin,
                day,
                shard,
                integration: received.integration,
                months: received.months,
            };
            count(&mut rows.entry(key).or_default().counters, received, runs);
        })
        .await?;
        Ok((rows, newest))
    }
}

fn count(row: &mut Counts, received: &Received, runs: &[Run]) {
    let at = received.received_at();
    row.application.clone_from(&received.application);
    row.tally.apply(&Change::came(at));
    let mut from = Status::Pending;
    for run in runs {
        let to = run.verdict.into();
        row.tally.apply(&Change { received_at: at, from: Some(from), to });
        from = to;
    }
}
