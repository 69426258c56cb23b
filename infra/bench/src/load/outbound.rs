//! From an event, or from a webhook that creates a contact, a deal and an event, to the arrival at
//! an endpoint; and the effect of one that hangs (`CATALOGUE OR-09`).

use std::time::{Duration, Instant};

use local::Host;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Bodies, Pace, SIZE, of, receiver::Receiver, run, send};
use crate::{
    Scale,
    error::{Result, wrong},
    report::Report,
    stats::{each, percentile},
    world::{Inbound, PATIENCE, World},
};

/// Measures the part *outbound*.
pub(crate) async fn measure(scale: Scale, report: &mut Report) -> Result<()> {
    arrivals(scale, report).await?;
    hanging(scale.pick(50, 200), report).await
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
        Ok(Source { scene: self, path, bodies: Bodies::of_webhooks(), inbound })
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
/// never does, before that is known and after it.
async fn hanging(count: usize, report: &mut Report) -> Result<()> {
    report.text(
        "### An endpoint that begins to hang\n\nThe endpoint never answers within its 5 s and its policy does not \
         suspend it. Latency of another endpoint's 50 events a second:",
    );
    let scene = Scene::new().await?;
    let policy = json!({"policy": {"waits": [86_400], "timeout_ms": 5_000, "suspension": null}});
    let fast = scene.events("/fast", SIZE, json!({})).await?;
    let well = scene.events("/well", 200, json!({})).await?;
    let dead = scene.events("/dead", 200, policy).await?;
    let mut rows = vec![beside("nothing else", None, &fast, count).await?];
    for (name, other) in [
        ("100 events a second go to an endpoint that answers", &well),
        ("100 a second go to the hanging endpoint: its first seconds", &dead),
        ("100 a second go to it: later", &dead),
    ] {
        rows.push(beside(name, Some(other), &fast, count).await?);
        // The next row begins without messages of this one.
        tokio::time::sleep(Duration::from_secs(6)).await;
    }
    scene.world.host.shutdown().await;
    report.table("meanwhile|p50 ms|p99 ms", &rows);
    Ok(())
}

/// Sends `count` events at 50 a second and waits until they have arrived; another source sends
/// twice as many in the same time.
async fn beside(
    name: &str,
    other: Option<&Source<'_>>,
    source: &Source<'_>,
    count: usize,
) -> Result<String> {
    let receiver = &source.scene.receiver;
    receiver.forget();
    let others = async {
        match other {
            Some(other) => other.send(Pace::steady(100, 2 * count)).await.map(drop),
            None => Ok(()),
        }
    };
    futures::try_join!(source.send(Pace::steady(50, count)), others)?;
    let begun = Instant::now();
    while receiver.millis(source.path).len() < count {
        if begun.elapsed() > PATIENCE {
            return Err(wrong(format!("{name}: not every event arrived")));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (p50, p99) = source.percentiles();
    Ok(format!("{name}|{p50:.1}|{p99:.1}"))
}
