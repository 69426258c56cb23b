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

const DAYS: i64 = 91;

/// The contents of the store.
#[derive(Debug, Default)]
pub(super) struct Seeded {
    /// Every webhook.
    pub(super) drafts: Vec<Draft>,
    /// The number of rows.
    pub(super) rows: usize,
    /// Integrations in the order of [`SENDERS`].
    integrations: Vec<String>,
}

impl Seeded {
    /// A query with the id of an integration for `#` and its place.
    pub(super) fn query(&self, query: &str) -> String {
        let (before, place) = query.split_once('#').unwrap_or((query, ""));
        let id = place.parse::<usize>().ok().and_then(|place| self.integrations.get(place));
        format!("{before}{}", id.map_or("", String::as_str))
    }
}

/// Fills the store with `total` webhooks, day by day; the last day ends now.
pub(super) async fn fill(world: &World, total: u64, now: Timestamp) -> Result<Seeded> {
    let (mut channels, mut seeded) = (Vec::new(), Seeded::default());
    for (number, application) in SENDERS.split(' ').enumerate() {
        let settings = json!({"application": application, "name": format!("Canal {number}")});
        let created = world.integration(settings).await?;
        seeded.integrations.push(created.id.clone());
        let (id, application, name) = (parse(&created.id)?, created.application, created.name);
        channels.push(Channel { id, application, name });
    }
    let store = world.host.deps_for("process")?.store();
    let place = (parse(&world.workspace)?, parse(&world.origin)?);
    let (mut mix, mut rows) = (Mix::new(total, now), Rows::default());
    // Some bodies for all webhooks: a random one for each would take longer than its rows.
    let bodies: Vec<String> = (700..1_852)
        .step_by(9)
        .map(|size| bodies::order(&mix.chance, 1, size, true).to_string())
        .collect();
    for day in 0..DAYS {
        let start = now - SignedDuration::from_hours(24 * (DAYS - day));
        let left = u64::try_from(DAYS - day).unwrap_or(1);
        let drafts = mix.day(start, (total - seeded.drafts.len() as u64) / left, day == 0);
        for (number, draft) in drafts.iter().enumerate() {
            let channel = channels.get(draft.channel).ok_or_else(|| wrong("no such sender"))?;
            let sequence = 2 * (seeded.drafts.len() + number);
            let body = bodies.get(number % bodies.len()).map_or("", String::as_str);
            rows.add(&store, (place, channel), (draft, sequence, body), &mix.chance)?;
        }
        seeded.drafts.extend(drafts);
        seeded.rows += rows.store(world)?;
        rows.count(&store, Some(Day::of(start).after())).await?;
    }
    rows.count(&store, None).await?;
    for day in [Day::of(now).before(), Day::of(now)] {
        store.watermark(place, (day, 0), now).await?;
    }
    Ok(seeded)
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| wrong(format!("not an id: {text}")))
}

/// The rows and the counters of a day's webhooks.
#[derive(Default)]
struct Rows {
    rows: BTreeMap<String, Vec<dynoxide::Item>>,
    counted: BTreeMap<TallyKey, Vec<Counted>>,
}

impl Rows {
    fn add(
        &mut self,
        store: &Store,
        (place, channel): ((WorkspaceId, OriginId), &Channel),
        (draft, number, body): (&Draft, usize, &str),
        chance: &Chance,
    ) -> Result<()> {
        let id = WebhookId::in_shard(draft.at, 0, &bodies::entropy(chance));
        let received = rows::received(place, channel, id, body.len());
        let runs: Vec<_> = rows::run(draft, &received, chance).into_iter().collect();
        for (table, item) in store.rows_of(&received, body.as_bytes(), &runs)? {
            self.rows.entry(table.to_owned()).or_default().push(rows::converted(item)?);
        }
        let key = TallyKey {
            workspace: place.0,
            origin: place.1,
            day: Day::of(draft.at),
            shard: 0,
            integration: channel.id,
            months: MONTHS,
        };
        let came = Change::came(draft.at);
        let from = Some(Status::Pending);
        let ended = runs.iter().map(|run| Change { from, to: run.verdict.into(), ..came });
        for (step, change) in std::iter::once(came).chain(ended).enumerate() {
            let sequence = sequence(&(number + step).to_string()).unwrap_or_default();
            let application = change.from.is_none().then(|| channel.application.clone());
            let counted = Counted { sequence, change, application };
            self.counted.entry(key).or_default().push(counted);
        }
        Ok(())
    }

    /// Imports the rows; returns their number.
    fn store(&mut self, world: &World) -> Result<usize> {
        let mut count = 0;
        for (table, items) in std::mem::take(&mut self.rows) {
            let options = dynoxide::ImportOptions { record_streams: false, set_cached_at: false };
            let imported = world.host.dynamo().database().import_items(&table, items, options);
            count += imported.map_err(wrong)?.items_imported;
        }
        Ok(count)
    }

    /// Counts the webhooks of other days than `open`, which is not complete.
    async fn count(&mut self, store: &Store, open: Option<Day>) -> Result<()> {
        let all = std::mem::take(&mut self.counted).into_iter();
        let (open, done): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.partition(|(key, _)| Some(key.day) == open);
        self.counted = open;
        for (key, counted) in done {
            store.count(&key, &counted).await?;
        }
        Ok(())
    }
}
