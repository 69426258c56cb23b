//! From an event, or from a webhook that creates a contact, a deal and an event, to the arrival at
//! an endpoint; and the effect of endpoints that hang or are slow (`CATALOGUE OR-09`).

use std::time::{Duration, Instant};

use local::{Host, sqs::Depth};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Bodies, Pace, SIZE, of, receiver::Receiver, run, send};
use crate::{
    Scale,
    error::Result,
    machine,
    report::Report,
    stats::{each, percentile},
    world::{Inbound, PATIENCE, World},
};

/// Measures the part *outbound*.
pub(crate) async fn measure(scale: Scale, report: &mut Report) -> Result<()> {
    arrivals(scale, report).await?;
    hanging(scale.pick(2_000, 100_000), report).await?;
    slow(scale.pick(100, 1_000), report).await
}

/// A host and the server of its endpoints.
struct Scene {
    world: World,
    receiver: Receiver,
}

/// Requests whose arrival at a path is expected.
struct Source<'a> {
    scene: &'a Scene,
    path: &'static str,
    bodies: Bodies,
    /// The integration of webhooks; events are published.
    inbound: Option<Inbound>,
}

impl Scene {
    async fn new() -> Result<Self> {
        let world = World::start(Host::builder()).await?;
        Ok(Self { world, receiver: Receiver::start().await? })
    }

    /// Events of a type of its own, which go to an endpoint at a path.
    async fn events(&self, path: &'static str, size: usize, settings: Value) -> Result<Source<'_>> {
        let event_type = format!("{}.event", path.trim_start_matches('/'));
        self.world.endpoint(&self.receiver.url(path), &[&event_type], settings).await?;
        let bodies = Bodies::of_events(&event_type, size);
        Ok(Source { scene: self, path, bodies, inbound: None })
    }

    /// Webhooks of new people, whose deals go to an endpoint at a path.
    async fn webhooks(&self, path: &'static str) -> Result<Source<'_>> {
        self.world.endpoint(&self.receiver.url(path), &["deal.created"], json!({})).await?;
        let inbound = Some(self.world.integration(json!({})).await?);
        Ok(Source { scene: self, path, bodies: Bodies::of_webhooks(true), inbound })
    }
}

impl Source<'_> {
    fn request(&self) -> RequestBuilder {
        let body = self.bodies.numbered(self.bodies.next());
        self.scene.receiver.expect(self.path, &body);
        match &self.inbound {
            Some(to) => self.scene.world.request(&to.path, body),
            None => self.scene.world.event(body),
        }
    }

    async fn send(&self, pace: Pace) -> Result<usize> {
        Ok(send(pace, |_| self.request()).await?.len())
    }

    fn percentiles(&self) -> (f64, f64) {
        let millis = self.scene.receiver.millis(self.path);
        (percentile(&millis, 0.5), percentile(&millis, 0.99))
    }
}

/// Arrivals at an endpoint that answers at once.
struct Arrived {
    rate_per_second: f64,
    micros: f64,
    p50: f64,
    p99: f64,
    /// Requests of the endpoint for each event or webhook.
    requests: f64,
}

async fn arrivals(scale: Scale, report: &mut Report) -> Result<()> {
    report.text(
        "To the arrival at an endpoint that answers at once, 2 KB: an event from `POST /v1/events`, a webhook \
         from its request through contact, deal and event.",
    );
    let mut rows = Vec::new();
    for (name, webhooks, rate) in [("an event", false, 200), ("a webhook", true, 50)] {
        let flat = [1, 16].map(|connections| {
            (format!("{connections}, as fast as accepted"), Pace::flat(connections, scale.time()))
        });
        let steady = Pace::steady(rate, scale.pick(200, 2_000));
        for (pace_name, pace) in flat.into_iter().chain([(format!("{rate} a second"), steady)]) {
            let mut runs = Vec::new();
            for _ in 0..scale.runs() {
                runs.push(arrived(webhooks, pace).await?);
            }
            rows.push(format!(
                "{name}|{pace_name}|{:.0}|{:.1}|{:.1}|{:.0}|{:.2}",
                of(&runs, |run| run.rate_per_second),
                of(&runs, |run| run.p50),
                of(&runs, |run| run.p99),
                of(&runs, |run| run.micros),
                of(&runs, |run| run.requests),
            ));
        }
    }
    let head = "source|connections|deliveries/s|p50 ms|p99 ms|CPU µs a delivery|requests each";
    report.table(head, &rows);
    report.text("Budgets: 1,500 events a second at 1,300 µs, 2 ms at p50, 600 webhooks a second.");
    Ok(())
}

/// One run on its own host, after some requests that fill the caches.
async fn arrived(webhooks: bool, pace: Pace) -> Result<Arrived> {
    let scene = Scene::new().await?;
    let source = if webhooks {
        scene.webhooks("/fast").await?
    } else {
        scene.events("/fast", SIZE, json!({})).await?
    };
    run(&scene.world, Pace::count(1, 20), |_| source.request()).await?;
    scene.receiver.forget();
    let run = run(&scene.world, pace, |_| source.request()).await?;
    let (p50, p99) = source.percentiles();
    let requests = each(scene.receiver.requests("/fast"), run.millis.len());
    scene.world.host.shutdown().await;
    Ok(Arrived { rate_per_second: run.finished, micros: run.micros, p50, p99, requests })
}

/// The latency of an endpoint's events beside another endpoint: one that answers, and one that
/// never does, before that is known, after it, and while a backlog waits for it.
async fn hanging(backlog: usize, report: &mut Report) -> Result<()> {
    report.text(
        "### An endpoint that begins to hang\n\nThe endpoint never answers within its 5 s and its policy does not \
         suspend it. Latency of another endpoint's 50 events a second:",
    );
    let scene = Scene::new().await?;
    let policy = json!({"policy": {"waits": [86_400], "timeout_ms": 5_000, "suspension": null}});
    let fast = scene.events("/fast", SIZE, json!({})).await?;
    let well = scene.events("/well", 200, json!({})).await?;
    let dead = scene.events("/dead", 200, policy).await?;
    let many = Pace::steady(100, 400);

    let mut rows = vec![beside("nothing else", &fast).await?];
    let name = "100 events a second go to an endpoint that answers";
    let (row, sent) = futures::join!(beside(name, &fast), well.send(many));
    rows.push(sent.and(row)?);
    for when in ["its first seconds", "later"] {
        let name = format!("100 a second go to the hanging endpoint: {when}");
        let (row, sent) = futures::join!(beside(&name, &fast), dead.send(many));
        rows.push(sent.and(row)?);
        waiting(&scene.world, |deliver, slow| deliver + slow == 0).await;
    }
    scene.receiver.forget();
    dead.send(Pace::count(16, backlog)).await?;
    let left = dispatched(&scene, backlog).await;
    rows.push(beside(&format!("{left} of a backlog of {backlog} wait for it"), &fast).await?);
    scene.world.host.shutdown().await;
    report.table("meanwhile|p50 ms|p99 ms|messages of *deliver* in flight at most", &rows);
    report.text("A place is free while fewer than 50 messages of *deliver* are in flight.");
    Ok(())
}

/// Sends 50 events a second until they have arrived, and samples *deliver* every few milliseconds.
async fn beside(name: &str, source: &Source<'_>) -> Result<String> {
    const COUNT: usize = 200;
    let Scene { world, receiver } = source.scene;
    receiver.forget();
    let patience = Instant::now();
    let arrival = async {
        source.send(Pace::steady(50, COUNT)).await?;
        while receiver.millis(source.path).len() < COUNT && patience.elapsed().as_secs() < 60 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(source.percentiles())
    };
    let (mut arrival, mut most) = (std::pin::pin!(arrival), 0);
    loop {
        tokio::select! {
            done = &mut arrival => {
                return done.map(|(p50, p99)| format!("{name}|{p50:.1}|{p99:.1}|{most}"));
            }
            () = tokio::time::sleep(Duration::from_millis(5)) => {
                most = most.max(depth(world, "-deliver").in_flight);
            }
        }
    }
}

/// Waits until a backlog is dispatched and its messages are moved; returns the number that waits.
/// Later events of the stream would wait for the backlog, which is not measured here.
async fn dispatched(scene: &Scene, backlog: usize) -> u64 {
    let nearly = f64::from(u32::try_from(backlog).unwrap_or(u32::MAX)) - 10.0;
    let slow = |slow| f64::from(u32::try_from(slow).unwrap_or(u32::MAX));
    let known = |count| scene.receiver.requests("/dead") + slow(count);
    waiting(&scene.world, |deliver, slow| deliver == 0 && known(slow) >= nearly).await
}

/// Samples every second the messages in the queue *deliver* and those that wait in *slow*, until
/// `enough`; returns the latter.
async fn waiting(world: &World, mut enough: impl FnMut(u64, u64) -> bool) -> u64 {
    let patience = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (deliver, slow) = (depth(world, "-deliver"), depth(world, "-slow"));
        let is_enough = enough(deliver.visible + deliver.in_flight, slow.visible);
        if is_enough || patience.elapsed() > PATIENCE {
            return slow.visible;
        }
    }
}

fn depth(world: &World, queue: &str) -> Depth {
    let queues = world.host.queues();
    let name = queues.names().find(|known| known.ends_with(queue));
    name.and_then(|name| queues.depth(name).ok()).unwrap_or_default()
}

/// Memory while many endpoints are slow at once.
async fn slow(count: usize, report: &mut Report) -> Result<()> {
    let Scene { world, receiver } = Scene::new().await?;
    let paths: Vec<String> = (0..count).map(|number| format!("/slow/{number}")).collect();
    for path in &paths {
        world.endpoint(&receiver.url(path), &["slow.event"], json!({})).await?;
    }
    let (before, _) = machine::memory("self")?;
    let body = Bodies::of_events("slow.event", SIZE).numbered(0);
    send(Pace::count(1, 1), |_| world.event(body.clone())).await?;
    let (mut highest, patience) = (before, Instant::now());
    let arrived = || paths.iter().all(|path| receiver.requests(path) > 0.0);
    while !arrived() && patience.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
        highest = highest.max(machine::memory("self")?.0);
    }
    let open = receiver.most();
    world.settle().await?;
    world.host.shutdown().await;
    report.text(format!(
        "### Many endpoints that take 3 s\n\n{count} endpoints that take 3 s, one event each: {open} requests are \
         open at once, and the process grows from {before:.0} to {highest:.0} MB.",
    ));
    Ok(())
}
