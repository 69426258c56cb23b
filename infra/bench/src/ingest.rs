//! Webhooks a second that a host accepts, the time that a sender waits, and the time until
//! everything is processed.

use std::{
    io::Write,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use local::Host;
use serde_json::json;

use crate::{
    Scale, bodies,
    error::Result,
    load::{self, Until},
    random::Random,
    stats::{each, median, percentile},
    table::Table,
    usage::Cpu,
    world::{Inbound, World},
};

const CONNECTIONS: [usize; 3] = [1, 16, 64];
const SIZE: usize = 2_048;
/// The time limit of a backlog.
const PATIENCE: Duration = Duration::from_mins(10);
/// The placeholder of a person's number in a body.
const NOBODY: u64 = 99_999_999;

/// The result of one run.
struct Run {
    rate_per_second: f64,
    p50: f64,
    p99: f64,
    micros: f64,
    drained: f64,
    scenario: f64,
}

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    let caption = "\n1. Ingest to history, over HTTP, 2 KB of JSON; every webhook is a new person's\n   \
                 client and host share the cores; CPU is the host's alone, database included";
    writeln!(out, "{caption}")?;
    let mut table = Table::new(
        "what runs|connections|webhooks/s|p50 ms|p99 ms|CPU us/webhook|all processed after s|end to end/s",
    );
    for (name, sources) in [("ingest alone", false), ("end to end", true)] {
        for connections in CONNECTIONS {
            let mut cells = vec![name.to_owned(), connections.to_string()];
            cells.extend(cells_of(&runs(scale, sources, connections).await?, sources));
            table.row(cells);
        }
    }
    table.write(out)?;
    let footnote = "contact, deal, run, lookups and counters of every webhook are written by then";
    writeln!(out, "  {footnote}")?;
    Ok(())
}

/// The medians of some runs.
fn cells_of(runs: &[Run], sources: bool) -> Vec<String> {
    let of = |what: fn(&Run) -> f64| median(&runs.iter().map(what).collect::<Vec<_>>());
    let scenario = |digits: usize, what: fn(&Run) -> f64| {
        if sources { format!("{:.digits$}", of(what)) } else { "-".to_owned() }
    };
    vec![
        format!("{:.0}", of(|run| run.rate_per_second)),
        format!("{:.2}", of(|run| run.p50)),
        format!("{:.2}", of(|run| run.p99)),
        format!("{:.0}", of(|run| run.micros)),
        scenario(2, |run| run.drained),
        scenario(0, |run| run.scenario),
    ]
}

/// A warm-up and some runs, each on its own host.
async fn runs(scale: Scale, sources: bool, connections: usize) -> Result<Vec<Run>> {
    let world = World::start(Host::builder().event_sources(sources)).await?;
    let mut inbound = Vec::new();
    for number in 0..4 {
        inbound.push(world.integration(json!({"name": format!("Loja {number}")})).await?);
    }
    let sender = Sender::new(&world, &inbound);
    let mut runs = Vec::new();
    for run in 0..=scale.runs() {
        let time = if run == 0 { Duration::from_secs(1) } else { scale.time() };
        let measured = one(&world, &sender, connections, time).await?;
        if run > 0 {
            runs.push(measured);
        }
    }
    world.host.shutdown().await;
    Ok(runs)
}

async fn one(world: &World, sender: &Sender, connections: usize, time: Duration) -> Result<Run> {
    let before = Cpu::now()?;
    let started = Instant::now();
    let request = |_: usize| sender.request();
    let sent = load::send(&sender.address, connections, Until::Elapsed(time), &request).await?;
    let answered = Instant::now();
    world.host.settle_within(PATIENCE).await?;
    let count = sent.millis.len();
    let all = count_of(count);
    Ok(Run {
        rate_per_second: all / sent.seconds,
        p50: percentile(&sent.millis, 0.5),
        p99: percentile(&sent.millis, 0.99),
        micros: each(Cpu::now()?.host_micros_since(&before), count),
        drained: answered.elapsed().as_secs_f64(),
        scenario: all / started.elapsed().as_secs_f64(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "some thousand webhooks")]
fn count_of(count: usize) -> f64 {
    count as f64
}

/// Creates requests at low cost: bodies are prepared, only the person changes.
struct Sender {
    address: String,
    /// The parts of requests around the person's number.
    templates: Vec<Vec<String>>,
    person: AtomicU64,
}

impl Sender {
    fn new(world: &World, inbound: &[Inbound]) -> Self {
        let mut random = Random::new(1);
        let address = world.address();
        let template = |to: &Inbound| {
            let body = bodies::order(&mut random, NOBODY, SIZE, true).to_string();
            let phone = bodies::phone(NOBODY);
            let body = body.replace(&phone, &format!("+55119{NOBODY}"));
            let request = load::post(&address, &to.path, &body);
            let request = String::from_utf8_lossy(&request).into_owned();
            request.split(&NOBODY.to_string()).map(str::to_owned).collect()
        };
        let templates = inbound.iter().cycle().take(64).map(template).collect();
        Self { address, templates, person: AtomicU64::new(0) }
    }

    fn request(&self) -> Vec<u8> {
        let person = self.person.fetch_add(1, Ordering::Relaxed);
        let place = usize::try_from(person).unwrap_or(0) % self.templates.len().max(1);
        let pieces = self.templates.get(place).map(Vec::as_slice).unwrap_or_default();
        pieces.join(&format!("{:08}", 10_000_000 + person)).into_bytes()
    }
}
