//! Webhooks a second that a host accepts and processes, and the time that a sender waits.

use local::Host;
use serde_json::{Value, json};

use super::{Bodies, Pace, Run, of, run};
use crate::{
    Scale,
    error::{Result, wrong},
    report::Report,
    stats::percentile,
    world::World,
};

/// Integrations that receive: each is processed in order.
const INTEGRATIONS: usize = 8;

/// Measures the part *ingest*.
pub(crate) async fn measure(scale: Scale, report: &mut Report) -> Result<()> {
    report.text("Over HTTP, 2 KB of JSON, every webhook from a new person. CPU is that of the host, with the database.");
    let mut rows = Vec::new();
    for (name, sources) in [("ingest alone", false), ("end to end", true)] {
        for connections in [1, 16, 64] {
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
    let head = "functions|connections|webhooks/s|p50 ms|p99 ms|CPU µs a webhook|end to end/s";
    report.table(head, &rows);
    report.text(
        "*End to end/s* counts until contact, deal, run, search rows and counters of every webhook are written. \
         The target for this inbound half is 600.",
    );
    Ok(())
}

/// A warm-up and some runs on one host.
async fn accepted(scale: Scale, sources: bool, connections: usize) -> Result<Vec<Run>> {
    let world = World::start(Host::builder().event_sources(sources)).await?;
    let (mut inbound, bodies) = (Vec::new(), Bodies::of_webhooks());
    for number in 0..INTEGRATIONS {
        inbound.push(world.integration(json!({"name": format!("Loja {number}")})).await?);
    }
    let request = |number: usize| {
        let to = inbound.get(number % INTEGRATIONS).map_or("/", |to| &to.path);
        world.request(to, bodies.numbered(bodies.next()))
    };
    let mut runs = Vec::new();
    for _ in 0..=scale.runs() {
        runs.push(run(&world, Pace::flat(connections, scale.time()), request).await?);
    }
    // The time of other work means nothing.
    let (newest, status) =
        (world.webhooks("?limit=1").await?, if sources { "success" } else { "pending" });
    if newest.pointer("/items/0/status").and_then(Value::as_str) != Some(status) {
        return Err(wrong(format!("a webhook is not {status}: {newest}")));
    }
    world.host.shutdown().await;
    runs.remove(0);
    Ok(runs)
}
