//! Webhooks a second that a host accepts and processes, and the time that a sender waits.

use std::{path::Path, time::Instant};

use local::{Builder, Host};
use serde_json::{Value, json};

use super::{Bodies, Pace, Run, of, run, send};
use crate::{
    Scale,
    error::{Result, wrong},
    machine::Cpu,
    report::Report,
    stats::{each, percentile},
    world::{Access, Inbound, World},
};

const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Integrations that receive: each is processed in order.
const INTEGRATIONS: usize = 8;

/// Measures the part *ingest*.
pub(crate) async fn ingest(scale: Scale, report: &mut Report) -> Result<()> {
    report.text("Over HTTP, 2 KB of JSON, every webhook from a new person. CPU is that of the host, with the database.");
    let mut rows = Vec::new();
    for (name, sources) in [("ingest alone", false), ("end to end", true)] {
        for connections in CONNECTIONS {
            let runs = accepted(scale, sources, connections).await?;
            let finished = if sources {
                format!("{:.0}", of(&runs, |run| run.finished))
            } else {
                String::new()
            };
            rows.push(format!(
                "{name}|{connections}|{:.0}|{:.2}|{:.2}|{:.0}|{finished}",
                of(&runs, |run| run.accepted),
                of(&runs, |run| percentile(&run.millis, 0.5)),
                of(&runs, |run| percentile(&run.millis, 0.99)),
                of(&runs, |run| run.micros),
            ));
        }
    }
    report.table(
        "functions|connections|webhooks/s|p50 ms|p99 ms|CPU µs a webhook|end to end/s",
        &rows,
    );
    report.text(
        "*End to end/s* counts until contact, deal, run, search rows and counters of every webhook are written. \
         The target for this inbound half is 600.",
    );
    Ok(())
}

/// A warm-up and some runs on one host.
async fn accepted(scale: Scale, sources: bool, connections: usize) -> Result<Vec<Run>> {
    let world = World::start(Host::builder().event_sources(sources)).await?;
    let (inbound, bodies) = (integrations(&world).await?, Bodies::of_webhooks(true));
    let request = |number: usize| webhook(&world, &inbound, number, bodies.numbered(bodies.next()));
    let mut runs = Vec::new();
    for _ in 0..=scale.runs() {
        runs.push(run(&world, Pace::flat(connections, scale.time()), request).await?);
    }
    check(&world, if sources { "success" } else { "pending" }).await?;
    world.host.shutdown().await;
    runs.remove(0);
    Ok(runs)
}

async fn integrations(world: &World) -> Result<Vec<Inbound>> {
    let mut inbound = Vec::new();
    for number in 0..INTEGRATIONS {
        inbound.push(world.integration(json!({"name": format!("Loja {number}")})).await?);
    }
    Ok(inbound)
}

fn webhook(
    world: &World,
    inbound: &[Inbound],
    number: usize,
    body: String,
) -> reqwest::RequestBuilder {
    let to = inbound.get(number % INTEGRATIONS).or(inbound.first());
    world.request(to.map_or("/", |to| &to.path), body)
}

/// The cases of a backlog in order: the second finds the rows of the first. Each with the status of
/// its webhooks, and their contact data.
const BACKLOGS: [(&str, &str, bool); 3] = [
    ("with a new contact and deal", "success", true),
    ("with nothing to change", "success", true),
    ("that end as an error: no contact data", "error", false),
];

/// Measures the part *process*: a host without event sources accepts webhooks; another one with
/// event sources opens the same data, and the time runs until everything is written.
pub(crate) async fn process(scale: Scale, report: &mut Report) -> Result<()> {
    let count = scale.pick(300, 3_000);
    report.text(format!("{count} webhooks of 2 KB are stored, then processed while none arrive; *tally* counts them."));
    let folder = tempfile::Builder::new().prefix("gancho-bench-").tempdir_in("/dev/shm");
    let folder = folder.or_else(|_| tempfile::tempdir())?;
    let world = World::start(builder(folder.path(), false)).await?;
    let (inbound, access) = (integrations(&world).await?, world.access.clone());
    world.host.shutdown().await;
    let mut measured = BACKLOGS.map(|_| Vec::new());
    for round in 0..scale.runs() {
        for (case, runs) in BACKLOGS.into_iter().zip(&mut measured) {
            runs.push(backlog(folder.path(), (&access, &inbound), case, (round, count)).await?);
        }
    }
    let rows = BACKLOGS.iter().zip(&measured).map(|((name, ..), runs)| {
        let (rate, micros) = (of(runs, |run| run.finished), of(runs, |run| run.micros));
        format!("{name}|{rate:.0}|{micros:.0}")
    });
    report.table("webhooks|a second|CPU µs a webhook", &rows.collect::<Vec<_>>());
    Ok(())
}

/// Accepts a backlog and processes it.
async fn backlog(
    folder: &Path,
    (access, inbound): (&Access, &[Inbound]),
    (_, status, reachable): (&str, &str, bool),
    (round, count): (usize, usize),
) -> Result<Run> {
    let world = World::again(builder(folder, false), access.clone()).await?;
    let bodies = Bodies::of_webhooks(reachable);
    let request = |number: usize| {
        let person = (round * count + number) as u64;
        webhook(&world, inbound, number, bodies.numbered(person))
    };
    send(Pace::count(16, count), request).await?;
    world.host.shutdown().await;
    let (before, started) = (Cpu::now()?, Instant::now());
    let world = World::again(builder(folder, true), access.clone()).await?;
    world.settle().await?;
    let finished = 1.0 / each(started.elapsed().as_secs_f64(), count);
    let micros = each(Cpu::now()?.host_micros_since(&before), count);
    check(&world, status).await?;
    world.host.shutdown().await;
    Ok(Run { finished, micros, ..Run::default() })
}

/// Fails if the newest webhook has another status: the time of other work means nothing.
async fn check(world: &World, status: &str) -> Result<()> {
    let newest = world.webhooks("?limit=1").await?;
    match newest.pointer("/items/0/status").and_then(Value::as_str) {
        Some(found) if found == status => Ok(()),
        _ => Err(wrong(format!("a webhook is not {status}: {newest}"))),
    }
}

fn builder(folder: &Path, sources: bool) -> Builder {
    Host::builder().data(folder).event_sources(sources)
}
