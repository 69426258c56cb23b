//! The time from a published event, and from a webhook that creates a contact, a deal and its
//! event, to the arrival at an endpoint that answers at once.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use local::Host;

use super::{
    PATIENCE, SIZE, paced,
    receiver::Receiver,
    story::{add_endpoint, events_request, webhooks_request},
};
use crate::{
    Scale,
    error::Result,
    load::{self, Until},
    stats::{each, median, percentile},
    table::Table,
    usage::Cpu,
    world::World,
};

const CONNECTIONS: [usize; 2] = [1, 16];

/// The start of the measured time.
#[derive(Debug, Clone, Copy)]
struct Scenario {
    name: &'static str,
    event_type: &'static str,
    path: &'static str,
    /// Requests a second of the row at a steady pace.
    pace: u64,
}

const EVENT: Scenario =
    Scenario { name: "an event published", event_type: "fast.event", path: "/fast", pace: 200 };
const WEBHOOK: Scenario =
    Scenario { name: "a webhook in", event_type: "deal.created", path: "/deal", pace: 50 };

/// A host and an endpoint of it that answers at once.
struct Ground {
    world: World,
    receiver: Receiver,
    scenario: Scenario,
    /// The ingest URL's path.
    ingest_path: String,
}

/// The result of one run.
struct Run {
    rate_per_second: f64,
    p50: f64,
    p99: f64,
    micros: f64,
    requests: f64,
}

pub(super) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\n5. To the arrival at an endpoint, 2 KB: from an event published over HTTP, and from a \
         webhook\n   that creates a contact, a deal and an event; p50 and p99 from the request"
    )?;
    let head = "what begins|connections|deliveries/s|p50 ms|p99 ms|CPU us/delivery|requests each";
    let mut table = Table::new(head);
    for scenario in [EVENT, WEBHOOK] {
        for connections in CONNECTIONS {
            let mut runs = Vec::new();
            for run in 0..=scale.runs() {
                let measured = arrivals(scenario, connections, scale.time()).await?;
                if run > 0 {
                    runs.push(measured);
                }
            }
            table.row(cells(scenario, &connections.to_string(), &runs));
        }
        let steady = steady(scenario, scale).await?;
        table.row(cells(scenario, &format!("{} a second", scenario.pace), &[steady]));
    }
    Ok(table.write(out)?)
}

impl Ground {
    /// Fills the caches.
    async fn new(scenario: Scenario) -> Result<Self> {
        let world = World::start(Host::builder()).await?;
        world.allow_plain_http().await?;
        let receiver = Receiver::start().await?;
        add_endpoint(&world, &receiver, (scenario.path, scenario.event_type), None).await?;
        let ingest_path = world.integration(serde_json::json!({})).await?.path;
        let ground = Self { world, receiver, scenario, ingest_path };
        load::send(&ground.world.address(), 1, Until::Sent(20), &ground.requests(0)).await?;
        ground.world.host.settle_within(PATIENCE).await?;
        ground.receiver.forget();
        Ok(ground)
    }

    /// The requests of the scenario, numbered from `first`.
    fn requests(&self, first: u64) -> Box<dyn Fn(usize) -> Vec<u8> + '_> {
        let (world, receiver) = (&self.world, &self.receiver);
        if self.scenario.path == WEBHOOK.path {
            Box::new(webhooks_request(world, receiver, &self.ingest_path, (SIZE, first)))
        } else {
            Box::new(events_request(world, receiver, self.scenario.event_type, SIZE))
        }
    }

    async fn end(self, before: &Cpu, (started, count): (Instant, usize)) -> Result<Run> {
        self.world.host.settle_within(PATIENCE).await?;
        let seconds = started.elapsed().as_secs_f64();
        let millis = self.receiver.millis(self.scenario.path);
        let run = Run {
            rate_per_second: 1.0 / each(seconds, count),
            p50: percentile(&millis, 0.5),
            p99: percentile(&millis, 0.99),
            micros: each(Cpu::now()?.host_micros_since(before), count),
            requests: each(self.receiver.requests(self.scenario.path), count),
        };
        self.world.host.shutdown().await;
        Ok(run)
    }
}

/// Sends as fast as the host accepts, for a time, on its own host.
async fn arrivals(scenario: Scenario, connections: usize, time: Duration) -> Result<Run> {
    let ground = Ground::new(scenario).await?;
    let (before, started) = (Cpu::now()?, Instant::now());
    let address = ground.world.address();
    let sent =
        load::send(&address, connections, Until::Elapsed(time), &ground.requests(1_000)).await?;
    let count = sent.millis.len();
    ground.end(&before, (started, count)).await
}

/// Sends at a pace that the host keeps up with.
async fn steady(scenario: Scenario, scale: Scale) -> Result<Run> {
    let ground = Ground::new(scenario).await?;
    let (before, started) = (Cpu::now()?, Instant::now());
    let count = scale.pick(200, 2_000);
    let every = Duration::from_secs(1) / u32::try_from(scenario.pace).unwrap_or(1);
    let request = ground.requests(1_000);
    paced(&ground.world, (&ground.receiver, scenario.path), &request, (count, every)).await?;
    drop(request);
    ground.end(&before, (started, count)).await
}

fn cells(scenario: Scenario, connections: &str, runs: &[Run]) -> Vec<String> {
    let of = |what: fn(&Run) -> f64| median(&runs.iter().map(what).collect::<Vec<_>>());
    vec![
        scenario.name.to_owned(),
        connections.to_owned(),
        format!("{:.0}", of(|run| run.rate_per_second)),
        format!("{:.2}", of(|run| run.p50)),
        format!("{:.2}", of(|run| run.p99)),
        format!("{:.0}", of(|run| run.micros)),
        format!("{:.3}", of(|run| run.requests)),
    ]
}
