//! Three months of an origin's history, as if the webhooks had come one by one.
//!
//! The store's own code builds the rows, which are imported without stream records. The counters
//! use the production code.

use std::{collections::BTreeMap, sync::mpsc};

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{OriginId, WebhookId, WorkspaceId},
    },
    inbound::{
        tally::Change,
        webhook::{Run, Status},
    },
};
use gancho_store::{
    Store,
    tallies::{Counted, TallyKey, sequence},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Channel, MONTHS,
    mix::{Draft, FEW_PERSON, LONE, MANY_PERSON, Mix, RARE, SENDERS},
    rows,
};
use crate::{
    bodies,
    error::{BenchError, Result, wrong},
    random::Random,
    world::{Inbound, World},
};

/// The relative load of each hour of a day.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 17, 16, 18, 20, 19, 17, 14, 12, 11, 9, 7, 5];
/// The contents of the store.
#[derive(Debug, Default)]
pub(super) struct Seeded {
    pub(super) total: u64,
    pub(super) rows: usize,
    pub(super) errors: u64,
    pub(super) pending: u64,
    /// Errors of the rare application.
    pub(super) rare: u64,
    /// An integration with many webhooks, and one with a single one.
    pub(super) common: String,
    pub(super) lone: String,
    /// E-mail addresses and the number of their webhooks.
    pub(super) few: (String, u64),
    pub(super) many: (String, u64),
    pub(super) few_errors: u64,
}

/// An hour of webhooks.
#[derive(Default)]
struct Batch {
    rows: BTreeMap<String, Vec<dynoxide::Item>>,
    counted: BTreeMap<TallyKey, Vec<Counted>>,
}

/// Fills the store with about `total` webhooks.
pub(super) async fn fill(world: &World, total: u64, now: Timestamp) -> Result<Seeded> {
    let mut senders = Vec::new();
    for (number, application) in SENDERS.iter().enumerate() {
        let settings = json!({"application": application, "name": format!("Canal {number}")});
        senders.push(world.integration(settings).await?);
    }
    let store = world.host.deps_for("process")?.store();
    let maker = Maker::new(world, &store, &senders, now, total)?;
    let (sender, batches) = mpsc::sync_channel(4);
    let making = std::thread::spawn(move || maker.make(&sender));
    let mut rows = 0;
    for batch in batches {
        rows += import(world, batch.rows)?;
        for (key, counted) in &batch.counted {
            store.count(key, counted).await?;
        }
    }
    let mut seeded = making.join().map_err(|_| wrong("the seeding panicked"))??;
    let place = parse::<WorkspaceId>(&world.access.workspace)
        .and_then(|ws| Ok((ws, parse::<OriginId>(&world.access.origin)?)))?;
    for day in [Day::of(now).before(), Day::of(now)] {
        store.watermark(place, (day, 0), now).await?;
    }
    seeded.rows = rows;
    Ok(seeded)
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| wrong(format!("not an id: {text}")))
}

fn import(world: &World, rows: BTreeMap<String, Vec<dynoxide::Item>>) -> Result<usize> {
    let mut count = 0;
    for (table, items) in rows {
        let options = dynoxide::ImportOptions { record_streams: false, set_cached_at: false };
        let imported = world.host.dynamo().database().import_items(&table, items, options);
        count += imported.map_err(|error| BenchError::Database(error.to_string()))?.items_imported;
    }
    Ok(count)
}

/// Creates webhooks in the order of time.
struct Maker {
    store: Store,
    place: (WorkspaceId, OriginId),
    channels: Vec<Channel>,
    bodies: Vec<String>,
    now: Timestamp,
    total: u64,
    mix: Mix,
    created: u64,
    sequence: u64,
    seeded: Seeded,
}

impl Maker {
    fn new(
        world: &World,
        store: &Store,
        senders: &[Inbound],
        now: Timestamp,
        total: u64,
    ) -> Result<Self> {
        let channel = |to: &Inbound| {
            let (application, name) = (to.application.clone(), to.name.clone());
            Ok(Channel { id: parse(&to.id)?, application, name })
        };
        let mut random = Random::new(2);
        let body = |number: u64| {
            let size = 700 + usize::try_from(number).unwrap_or(0) * 9;
            bodies::order(&mut random, number, size, true).to_string()
        };
        let id = |place: usize| senders.get(place).map(|to| to.id.clone()).unwrap_or_default();
        let seeded = Seeded {
            common: id(4),
            lone: id(LONE),
            few: (bodies::email(FEW_PERSON), 0),
            many: (bodies::email(MANY_PERSON), 0),
            ..Seeded::default()
        };
        Ok(Self {
            store: store.clone(),
            place: (parse(&world.access.workspace)?, parse(&world.access.origin)?),
            channels: senders.iter().map(channel).collect::<Result<_>>()?,
            bodies: (0..128).map(body).collect(),
            now,
            total,
            mix: Mix::new(total, now),
            created: 0,
            sequence: 0,
            seeded,
        })
    }

    /// Sends one hour after the other, the counters with the last hour of their day.
    fn make(mut self, to: &mpsc::SyncSender<Batch>) -> Result<Seeded> {
        let first = self.now - SignedDuration::from_hours(24 * 91);
        let hours: Vec<Timestamp> =
            (0..24 * 91).map(|hour| first + SignedDuration::from_hours(hour)).collect();
        let weight = |at: &Timestamp| {
            let (hour, _) = gancho_domain::inbound::tally::hour_and_minute(*at);
            HOURS.get(usize::from(hour)).copied().unwrap_or(1)
        };
        let mut left: u64 = hours.iter().map(weight).sum();
        let mut counted = BTreeMap::new();
        for (number, start) in hours.iter().enumerate() {
            let share = weight(start);
            let count = (self.total - self.created) * share / left.max(1);
            left -= share;
            let mut batch = Batch { counted: std::mem::take(&mut counted), ..Batch::default() };
            self.hour(*start, count, number == 0, &mut batch)?;
            let last = hours.get(number + 1).is_none_or(|next| Day::of(*next) != Day::of(*start));
            if !last {
                counted = std::mem::take(&mut batch.counted);
            }
            to.send(batch).map_err(|_| wrong("the receiver of the rows is gone"))?;
        }
        self.seeded.total = self.created;
        Ok(self.seeded)
    }

    fn hour(
        &mut self,
        start: Timestamp,
        count: u64,
        oldest: bool,
        batch: &mut Batch,
    ) -> Result<()> {
        let mut moments: Vec<u64> = (0..count).map(|_| self.mix.random.below(3_600_000)).collect();
        moments.sort_unstable();
        for (number, moment) in moments.into_iter().enumerate() {
            let millis = i64::try_from(moment).unwrap_or(0);
            let at = start + SignedDuration::from_millis(millis);
            let draft = self.mix.draft(at, oldest && number == 7);
            self.count(&draft);
            self.webhook(&draft, batch)?;
        }
        Ok(())
    }

    fn count(&mut self, draft: &Draft) {
        self.created += 1;
        let error = u64::from(draft.status == Status::Error);
        self.seeded.errors += error;
        self.seeded.pending += u64::from(draft.status == Status::Pending);
        if draft.channel == RARE {
            self.seeded.rare += error;
        }
        if draft.person == FEW_PERSON {
            self.seeded.few.1 += 1;
            self.seeded.few_errors += error;
        }
        self.seeded.many.1 += u64::from(draft.person == MANY_PERSON);
    }

    fn webhook(&mut self, draft: &Draft, batch: &mut Batch) -> Result<()> {
        let id = WebhookId::in_shard(draft.at, 0, &self.mix.random.entropy());
        let Some(channel) = self.channels.get(draft.channel) else { return Ok(()) };
        let place = usize::try_from(self.created).unwrap_or(0) % self.bodies.len().max(1);
        let body = self.bodies.get(place).map(String::as_str).unwrap_or_default();
        let received = rows::received(self.place, channel, id, body.len());
        let run = rows::run(draft, &received, &mut self.mix.random);
        let runs: Vec<Run> = run.into_iter().collect();
        for (table, item) in self.store.rows_of(&received, body.as_bytes(), &runs)? {
            batch.rows.entry(table.to_owned()).or_default().push(rows::converted(item)?);
        }
        self.counted(draft, &runs, batch);
        Ok(())
    }

    /// Counts a webhook.
    fn counted(&mut self, draft: &Draft, runs: &[Run], batch: &mut Batch) {
        let Some(channel) = self.channels.get(draft.channel) else { return };
        let key = TallyKey {
            workspace: self.place.0,
            origin: self.place.1,
            day: Day::of(draft.at),
            shard: 0,
            integration: channel.id,
            months: MONTHS,
        };
        let came = Change::came(draft.at);
        let from = Some(Status::Pending);
        let ended = runs.iter().map(|run| Change { from, to: run.verdict.into(), ..came });
        for change in std::iter::once(came).chain(ended) {
            self.sequence += 1;
            let number = sequence(&self.sequence.to_string()).unwrap_or_default();
            let application = change.from.is_none().then(|| channel.application.clone());
            let counted = Counted { sequence: number, change, application };
            batch.counted.entry(key).or_default().push(counted);
        }
    }
}
