//! Three months of an origin's history, as if they had come one by one.
//!
//! Rows are made by the store's own code and imported without stream records; the counters are
//! counted by the code that counts.

use std::{collections::BTreeMap, sync::mpsc};

use aws_sdk_dynamodb::types::AttributeValue;
use gancho_domain::{
    calendar::{self, Day},
    code::Code,
    ids::{ContactId, DealId, IntegrationId, OriginId, WebhookId, WorkspaceId},
    tally::Change,
    webhook::{Cause, Did, Received, Remark, Run, Status, Verdict, WebhookKey},
};
use gancho_store::{
    Item, Store,
    tallies::{Counted, TallyKey, sequence},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    bodies,
    error::{BenchError, Result, wrong},
    random::Random,
    world::{Inbound, World},
};

/// Integrations, the busiest first; the last three are special.
const SENDERS: [&str; 20] = [
    "elementor",
    "elementor",
    "hotmart",
    "webhook",
    "rdstation",
    "elementor",
    "typeform",
    "hotmart",
    "webhook",
    "rdstation",
    "activecampaign",
    "elementor",
    "typeform",
    "webhook",
    "rdstation",
    "hotmart",
    "stripe",
    "github",
    "intelipost",
    "shopify",
];
/// Of these many common ones, the busiest has one in three webhooks.
const COMMON: usize = 17;
const GITHUB: usize = 17;
const RARE: usize = 18;
const LONE: usize = 19;
/// How busy each hour of a day is.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 17, 16, 18, 20, 19, 17, 14, 12, 11, 9, 7, 5];
const MONTHS: u8 = 3;
/// Webhooks of the person with a few, and of the one with many.
const FEW: u64 = 5;
const MANY: u64 = 2_000;
const FEW_PERSON: u64 = 90_000_001;
const MANY_PERSON: u64 = 90_000_002;

/// What lies in the store now.
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
    /// E-mail addresses and how many webhooks have them.
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
        store.mark(place, (day, 0), now).await?;
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

/// A sender as the seed needs it.
struct Channel {
    id: IntegrationId,
    application: String,
    name: String,
}

/// Makes webhooks in the order of time.
struct Maker {
    store: Store,
    place: (WorkspaceId, OriginId),
    channels: Vec<Channel>,
    bodies: Vec<String>,
    now: Timestamp,
    total: u64,
    random: Random,
    made: u64,
    sequence: u64,
    rare: u64,
    seeded: Seeded,
}

/// A webhook in the making.
struct Draft {
    at: Timestamp,
    channel: usize,
    status: Status,
    person: u64,
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
            random: Random::new(3),
            made: 0,
            sequence: 0,
            rare: 0,
            seeded,
        })
    }

    /// Sends an hour after the other, the counters with the last hour of their day.
    fn make(mut self, to: &mpsc::SyncSender<Batch>) -> Result<Seeded> {
        let first = self.now - SignedDuration::from_hours(24 * 91);
        let hours: Vec<Timestamp> =
            (0..24 * 91).map(|hour| first + SignedDuration::from_hours(hour)).collect();
        let weight = |at: &Timestamp| {
            let (hour, _) = gancho_domain::tally::hour_and_minute(*at);
            HOURS.get(usize::from(hour)).copied().unwrap_or(1)
        };
        let mut left: u64 = hours.iter().map(weight).sum();
        let mut counted = BTreeMap::new();
        for (number, start) in hours.iter().enumerate() {
            let share = weight(start);
            let count = (self.total - self.made) * share / left.max(1);
            left -= share;
            let mut batch = Batch { counted: std::mem::take(&mut counted), ..Batch::default() };
            self.hour(*start, count, number == 0, &mut batch)?;
            let last = hours.get(number + 1).is_none_or(|next| Day::of(*next) != Day::of(*start));
            if !last {
                counted = std::mem::take(&mut batch.counted);
            }
            to.send(batch).map_err(|_| wrong("nobody takes the rows"))?;
        }
        self.seeded.total = self.made;
        Ok(self.seeded)
    }

    fn hour(
        &mut self,
        start: Timestamp,
        count: u64,
        oldest: bool,
        batch: &mut Batch,
    ) -> Result<()> {
        let mut moments: Vec<u64> = (0..count).map(|_| self.random.below(3_600_000)).collect();
        moments.sort_unstable();
        for (number, moment) in moments.into_iter().enumerate() {
            let millis = i64::try_from(moment).unwrap_or(0);
            let at = start + SignedDuration::from_millis(millis);
            let draft = self.draft(at, oldest && number == 7);
            self.count(&draft);
            self.webhook(&draft, batch)?;
        }
        Ok(())
    }

    /// 90 % succeed, 8 % fail, 2 % are pending; a few are special.
    fn draft(&mut self, at: Timestamp, lone: bool) -> Draft {
        let every = |share: u64| (self.total / share).max(1);
        let (few, many) = (self.made % every(FEW) == 3, self.made % every(MANY) == 1);
        let mut status = match self.random.below(100) {
            0..90 => Status::Success,
            90..98 => Status::Error,
            _ => Status::Pending,
        };
        let mut channel = self.channel();
        let mut person = self.random.below(self.total / 4 + 1);
        if few {
            person = FEW_PERSON;
            let failed = self.seeded.few.1 == 2;
            (status, channel) = (if failed { Status::Error } else { Status::Success }, 2);
        } else if many {
            (person, status) = (MANY_PERSON, Status::Success);
        } else if lone {
            (status, channel) = (Status::Success, LONE);
        }
        if channel == GITHUB {
            status = Status::Success;
        } else if channel == RARE {
            self.rare += 1;
            status = if self.rare % 80 == 5 { Status::Error } else { Status::Success };
        }
        Draft { at, channel, status, person }
    }

    /// One of the common ones by a harmonic share; seldom the two rare ones.
    fn channel(&mut self) -> usize {
        match self.random.below(5_000) {
            0 => return RARE,
            1..40 => return GITHUB,
            _ => {}
        }
        let shares = |place: usize| 10_000 / (place as u64 + 1);
        let all: u64 = (0..COMMON).map(shares).sum();
        let mut left = self.random.below(all);
        for place in 0..COMMON {
            if left < shares(place) {
                return place;
            }
            left -= shares(place);
        }
        0
    }

    fn count(&mut self, draft: &Draft) {
        self.made += 1;
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
        let id = WebhookId::in_shard(draft.at, 0, &self.random.entropy());
        let Some(channel) = self.channels.get(draft.channel) else { return Ok(()) };
        let place = usize::try_from(self.made).unwrap_or(0) % self.bodies.len().max(1);
        let body = self.bodies.get(place).map(String::as_str).unwrap_or_default();
        let received = received(self.place, channel, id, body.len());
        let run = run(draft, &received, &mut self.random);
        let key = TallyKey {
            workspace: self.place.0,
            origin: self.place.1,
            day: Day::of(draft.at),
            shard: 0,
            integration: channel.id,
            months: MONTHS,
        };
        let counted = batch.counted.entry(key).or_default();
        let mut changes = vec![Change::came(draft.at)];
        let runs: Vec<Run> = run.into_iter().collect();
        let to = runs.iter().map(|run| Status::from(run.verdict));
        changes.extend(to.map(|to| Change {
            to,
            from: Some(Status::Pending),
            ..Change::came(draft.at)
        }));
        for change in changes {
            self.sequence += 1;
            let number = sequence(&self.sequence.to_string()).unwrap_or_default();
            let application = change.from.is_none().then(|| channel.application.clone());
            counted.push(Counted { sequence: number, change, application });
        }
        for (table, item) in self.store.rows_of(&received, body.as_bytes(), &runs)? {
            batch.rows.entry(table.to_owned()).or_default().push(converted(item)?);
        }
        Ok(())
    }
}

fn received(
    (workspace, origin): (WorkspaceId, OriginId),
    channel: &Channel,
    webhook: WebhookId,
    body_size: usize,
) -> Received {
    let headers = [
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("host", "abc123.execute-api.us-east-1.amazonaws.com"),
        ("user-agent", "GuzzleHttp/7"),
        ("x-amzn-trace-id", "Root=1-69207a51-3f0f9f3c6d1f2f6c0c1d2e3f"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ];
    Received {
        key: WebhookKey { workspace, origin, webhook },
        integration: channel.id,
        integration_name: channel.name.clone(),
        application: channel.application.clone(),
        active: true,
        method: "POST".to_owned(),
        query: String::new(),
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        source_ip: "203.0.113.7".to_owned(),
        delivery_id: None,
        body_size,
        body_sha256: [7; 32],
        months: MONTHS,
        expires_at: calendar::expires_at(webhook.made_at(), MONTHS),
    }
}

/// The run of a webhook; none while it is pending.
fn run(draft: &Draft, received: &Received, random: &mut Random) -> Option<Run> {
    let verdict = match draft.status {
        Status::Pending => return None,
        Status::Success => Verdict::Success,
        Status::Error => Verdict::Error,
    };
    let good = verdict == Verdict::Success;
    // One and the same person has one and the same contact.
    let mut person = Random::new(draft.person);
    let contact = ContactId::new(Timestamp::UNIX_EPOCH, &person.entropy());
    let deal = DealId::new(received.received_at(), &random.entropy());
    let did = if random.below(3) == 0 { Did::Created } else { Did::Updated };
    let failure =
        Remark::new(Code::MappingFailed).with("field", "deal.value").with("path", "$.value");
    let email = format!("email:{}", bodies::email(draft.person));
    Some(Run {
        number: 1,
        previous: Status::Pending,
        verdict,
        cause: Cause::Received,
        failure: (!good).then(|| failure.with("reason", "not_a_number")),
        warnings: Vec::new(),
        contact: good.then_some((contact, Did::Updated)),
        deal: good.then_some((deal, did)),
        duplicate_of: None,
        delivery_id: None,
        mapping_version: Some(1),
        finished_at: received.received_at() + SignedDuration::from_millis(340),
        found_by: vec![email, format!("phone:{}", bodies::phone(draft.person))],
    })
}

/// The same row in the embedded database's own types.
fn converted(item: Item) -> Result<dynoxide::Item> {
    item.into_iter().map(|(name, value)| Ok((name, value_of(value)?))).collect()
}

fn value_of(value: AttributeValue) -> Result<dynoxide::AttributeValue> {
    if let Ok(text) = value.as_s() {
        return Ok(dynoxide::AttributeValue::S(text.clone()));
    }
    if let Ok(number) = value.as_n() {
        return Ok(dynoxide::AttributeValue::N(number.clone()));
    }
    if let Ok(bytes) = value.as_b() {
        return Ok(dynoxide::AttributeValue::B(bytes.clone().into_inner()));
    }
    let flag = value.as_bool().map_err(|other| wrong(format!("a row holds {other:?}")))?;
    Ok(dynoxide::AttributeValue::BOOL(*flag))
}
