//! Three months of an origin's history, as if the webhooks had come one by one.
//!
//! The store's own code builds the rows, which are imported without stream records. The counters
//! use the production code.

use std::collections::BTreeMap;

use gancho_domain::{
    common::{
        calendar::Day,
        ids::{OriginId, WebhookId, WorkspaceId},
    },
    inbound::{tally::Change, webhook::Status},
};
use gancho_store::{
    Store,
    tallies::{Counted, TallyKey, sequence},
};
use jiff::{SignedDuration, Timestamp};
use local::rng::Chance;
use serde_json::json;

use super::{
    Channel, MONTHS,
    mix::{Draft, Mix, SENDERS},
    rows,
};
use crate::{
    bodies,
    error::{Result, wrong},
    world::World,
};

/// The relative load of each hour of a day.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 17, 16, 18, 20, 19, 17, 14, 12, 11, 9, 7, 5];
const DAYS: i64 = 91;

/// The contents of the store.
#[derive(Debug, Default)]
pub(super) struct Seeded {
    /// Every webhook.
    pub(super) drafts: Vec<Draft>,
    /// The number of rows.
    pub(super) rows: usize,
    /// Integrations in the order of [`SENDERS`].
    pub(super) integrations: Vec<String>,
}

/// Fills the store with `total` webhooks, day by day.
pub(super) async fn fill(world: &World, total: u64, now: Timestamp) -> Result<Seeded> {
    let mut channels = Vec::new();
    for (number, application) in SENDERS.iter().enumerate() {
        let settings = json!({"application": application, "name": format!("Canal {number}")});
        let created = world.integration(settings).await?;
        let (id, application, name) = (parse(&created.id)?, created.application, created.name);
        channels.push(Channel { id, application, name });
    }
    let integrations = channels.iter().map(|channel| channel.id.to_string()).collect();
    let store = world.host.deps_for("process")?.store();
    let place = (parse(&world.access.workspace)?, parse(&world.access.origin)?);
    let mut maker = Maker::new(&store, place, channels);
    let mut seeded = Seeded { integrations, ..Seeded::default() };
    let (first, mut mix) = (now - SignedDuration::from_hours(24 * DAYS), Mix::new(total, now));
    let mut left = HOURS.iter().sum::<u64>() * DAYS.unsigned_abs();
    for hour in 0..24 * DAYS {
        let start = first + SignedDuration::from_hours(hour);
        let weight = HOURS.get(usize::from(start.to_zoned(UTC).hour().unsigned_abs()));
        let weight = weight.copied().unwrap_or(1);
        let count = (total - seeded.drafts.len() as u64) * weight / left.max(1);
        left -= weight;
        let drafts = mix.hour(start, count, hour == 0);
        for draft in &drafts {
            maker.add(draft, &mix.chance)?;
        }
        seeded.drafts.extend(drafts);
        seeded.rows += maker.store(world, Day::of(start)).await?;
    }
    maker.count(None).await?;
    for day in [Day::of(now).before(), Day::of(now)] {
        store.watermark(place, (day, 0), now).await?;
    }
    Ok(seeded)
}

const UTC: jiff::tz::TimeZone = jiff::tz::TimeZone::UTC;

fn parse<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| wrong(format!("not an id: {text}")))
}

/// Creates the rows and the counters of webhooks.
struct Maker<'a> {
    store: &'a Store,
    place: (WorkspaceId, OriginId),
    channels: Vec<Channel>,
    bodies: Vec<String>,
    created: usize,
    sequence: u64,
    rows: BTreeMap<String, Vec<dynoxide::Item>>,
    counted: BTreeMap<TallyKey, Vec<Counted>>,
}

impl<'a> Maker<'a> {
    fn new(store: &'a Store, place: (WorkspaceId, OriginId), channels: Vec<Channel>) -> Self {
        let chance = Chance::new(2);
        let body = |number: usize| {
            bodies::order(&chance, number as u64, 700 + number * 9, true).to_string()
        };
        let bodies = (0..128).map(body).collect();
        let (rows, counted) = (BTreeMap::new(), BTreeMap::new());
        Self { store, place, channels, bodies, created: 0, sequence: 0, rows, counted }
    }

    fn add(&mut self, draft: &Draft, chance: &Chance) -> Result<()> {
        let id = WebhookId::in_shard(draft.at, 0, &bodies::entropy(chance));
        let channel = self.channels.get(draft.channel).ok_or_else(|| wrong("no such sender"))?;
        let body = self.bodies.get(self.created % self.bodies.len()).map_or("", String::as_str);
        let received = rows::received(self.place, channel, id, body.len());
        let runs: Vec<_> = rows::run(draft, &received, chance).into_iter().collect();
        for (table, item) in self.store.rows_of(&received, body.as_bytes(), &runs)? {
            self.rows.entry(table.to_owned()).or_default().push(rows::converted(item)?);
        }
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
            let sequence = sequence(&self.sequence.to_string()).unwrap_or_default();
            let application = change.from.is_none().then(|| channel.application.clone());
            let counted = Counted { sequence, change, application };
            self.counted.entry(key).or_default().push(counted);
        }
        self.created += 1;
        Ok(())
    }

    /// Imports the rows, and counts the days before `day`; returns the number of rows.
    async fn store(&mut self, world: &World, day: Day) -> Result<usize> {
        let mut count = 0;
        for (table, items) in std::mem::take(&mut self.rows) {
            let options = dynoxide::ImportOptions { record_streams: false, set_cached_at: false };
            let imported = world.host.dynamo().database().import_items(&table, items, options);
            count += imported.map_err(wrong)?.items_imported;
        }
        self.count(Some(day)).await?;
        Ok(count)
    }

    /// Counts the webhooks of other days than `day`.
    async fn count(&mut self, day: Option<Day>) -> Result<()> {
        let (open, done) = std::mem::take(&mut self.counted)
            .into_iter()
            .partition(|(key, _)| Some(key.day) == day);
        self.counted = open;
        let done: BTreeMap<TallyKey, Vec<Counted>> = done;
        for (key, counted) in done {
            self.store.count(&key, &counted).await?;
        }
        Ok(())
    }
}
