//! Webhooks a second that are processed, with a backlog and no senders.
//!
//! A host without event sources accepts the webhooks; another host with event sources then opens
//! the same data, and the time runs until everything is written.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use local::{Builder, Host};
use serde_json::{Value, json};

use crate::{
    Scale, bodies,
    error::{Result, wrong},
    load::{self, Until},
    random::Random,
    stats::{each, median},
    table::Table,
    usage::Cpu,
    world::{Access, Inbound, World},
};

const SIZE: usize = 2_048;
const SENDERS: u64 = 8;
const PATIENCE: Duration = Duration::from_mins(10);

/// The cases in order: each finds the rows of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    New,
    Renamed,
    Unchanged,
    Unreachable,
}

const CASES: [(Case, &str); 4] = [
    (Case::New, "new contact, new deal"),
    (Case::Renamed, "contact updated, deal unchanged"),
    (Case::Unchanged, "contact and deal unchanged"),
    (Case::Unreachable, "error: no contact data"),
];

/// The folder with its access, and the integrations.
struct Place<'a> {
    folder: &'a Path,
    access: Access,
    inbound: Vec<Inbound>,
}

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    let count = scale.backlog();
    writeln!(out, "\n3. Processing a backlog of {count} webhooks of 2 KB, tally beside it")?;
    let folder = tempfile::Builder::new().prefix("gancho-bench-").tempdir_in("/dev/shm");
    let folder = folder.or_else(|_| tempfile::tempdir())?;
    let place = Place::prepare(folder.path()).await?;
    let mut measured: Vec<(Vec<f64>, Vec<f64>, String)> = vec![Default::default(); CASES.len()];
    for round in 0..scale.runs() {
        for ((case, _), into) in CASES.into_iter().zip(&mut measured) {
            let (rate_per_second, micros, what) = place.run(case, round, count).await?;
            into.0.push(rate_per_second);
            into.1.push(micros);
            into.2 = what;
        }
    }
    let mut table = Table::new("what comes|webhooks/s|CPU us/webhook|the last one came to");
    for ((_, name), (rate_per_second, micros, what)) in CASES.into_iter().zip(measured) {
        let rate_per_second = format!("{:.0}", median(&rate_per_second));
        table.row(vec![name.to_owned(), rate_per_second, format!("{:.0}", median(&micros)), what]);
    }
    table.write(out)?;
    Ok(())
}

impl<'a> Place<'a> {
    async fn prepare(folder: &'a Path) -> Result<Self> {
        let world = World::start(builder(folder, false)).await?;
        let mut inbound = Vec::new();
        for number in 0..SENDERS {
            inbound.push(world.integration(json!({"name": format!("Loja {number}")})).await?);
        }
        let access = world.access.clone();
        world.host.shutdown().await;
        Ok(Self { folder, access, inbound })
    }

    /// Accepts a backlog and processes it: webhooks a second, CPU each, and the result of the last.
    async fn run(&self, case: Case, round: usize, count: usize) -> Result<(f64, f64, String)> {
        let world = World::again(builder(self.folder, false), self.access.clone()).await?;
        let address = world.address();
        let request = |number: usize| self.request(case, round * count + number, &address);
        load::send(&address, 16, Until::Sent(count), &request).await?;
        world.host.shutdown().await;
        let before = Cpu::now()?;
        let started = Instant::now();
        let world = World::again(builder(self.folder, true), self.access.clone()).await?;
        world.host.settle_within(PATIENCE).await?;
        let seconds = started.elapsed().as_secs_f64();
        let micros = each(Cpu::now()?.host_micros_since(&before), count);
        let what = last(&world).await?;
        world.host.shutdown().await;
        Ok((1.0 / each(seconds, count), micros, what))
    }

    /// Person `number` has its own body, the same in every case except for the difference of the
    /// case.
    fn request(&self, case: Case, number: usize, address: &str) -> Vec<u8> {
        let person = number as u64;
        let mut random = Random::new(person);
        let mut body = bodies::order(&mut random, person, SIZE, case != Case::Unreachable);
        if matches!(case, Case::Renamed | Case::Unchanged)
            && let Some(name) = body.get_mut("name")
        {
            *name = json!("Outro Nome da Mesma Pessoa");
        }
        let to = self.inbound.get(number % self.inbound.len().max(1));
        load::post(address, to.map_or("/", |to| to.path.as_str()), &body.to_string())
    }
}

fn builder(folder: &Path, sources: bool) -> Builder {
    Host::builder().data(folder).event_sources(sources)
}

/// The result of the newest webhook.
async fn last(world: &World) -> Result<String> {
    let list = world.webhooks("?limit=1").await?;
    let newest = list.pointer("/items/0").ok_or_else(|| wrong("the list is empty"))?;
    let text = |pointer: &str| newest.pointer(pointer).and_then(Value::as_str).unwrap_or("-");
    let (contact, deal) = (text("/contact/did"), text("/deal/did"));
    let code = text("/error/code");
    Ok(format!("{}, contact {contact}, deal {deal}, code {code}", text("/status")))
}
