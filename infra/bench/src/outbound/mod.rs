//! How long from an event's publication to its arrival, how many a second, and what does one dead
//! endpoint do to the others?
//!
//! The receiver lives with the client on the main thread; the host's threads are what CPU counts.

pub(crate) mod receiver;
mod story;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use local::Host;
use serde_json::{Value, json};

use self::{
    receiver::Receiver,
    story::{add_endpoint, events_request},
};
use crate::{
    Scale,
    error::Result,
    load::{self, Until},
    stats::{each, median, percentile},
    table::Table,
    usage::{self, Cpu},
    world::World,
};

const CONNECTIONS: [usize; 2] = [1, 16];
/// From one event to the next at the pace of the budget, 200 a second.
const PACE: Duration = Duration::from_millis(5);
/// Bytes of an event's data.
const SIZE: usize = 2_048;
const PATIENCE: Duration = Duration::from_mins(20);

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    writeln!(out, "\n5. From an event published over HTTP to its arrival at an endpoint, 2 KB")?;
    let mut table =
        Table::new("connections|deliveries/s|p50 ms|p99 ms|CPU us/delivery|requests per event");
    for connections in CONNECTIONS {
        let mut runs = Vec::new();
        for run in 0..=scale.runs() {
            let measured = arrivals(connections, scale.time()).await?;
            if run > 0 {
                runs.push(measured);
            }
        }
        table.row(cells(connections, &runs));
    }
    table.row(steady(scale).await?);
    table.write(out)?;
    dead(scale, out).await?;
    slow(scale, out).await
}

/// The row of events that come at the pace of the budget.
async fn steady(scale: Scale) -> Result<Vec<String>> {
    let (world, receiver) = listening().await?;
    let request = events_request(&world, &receiver, "fast.event", SIZE);
    let before = Cpu::now()?;
    let started = Instant::now();
    let count = scale.pick(200, 2_000);
    let (p50, p99) = paced(&world, &receiver, &request, (count, PACE)).await?;
    let seconds = started.elapsed().as_secs_f64();
    world.host.settle_within(PATIENCE).await?;
    let micros = each(Cpu::now()?.host_micros_since(&before), count);
    world.host.shutdown().await;
    Ok(vec![
        "200 a second".to_owned(),
        format!("{:.0}", 1.0 / each(seconds, count)),
        format!("{p50:.2}"),
        format!("{p99:.2}"),
        format!("{micros:.0}"),
    ])
}

/// A host, and an endpoint of it that answers at once; caches are full.
async fn listening() -> Result<(World, Receiver)> {
    let world = World::start(Host::builder()).await?;
    world.allow_plain_http().await?;
    let receiver = Receiver::start().await?;
    add_endpoint(&world, &receiver, ("/fast", "fast.event"), None).await?;
    {
        let request = events_request(&world, &receiver, "fast.event", SIZE);
        load::send(&world.address(), 1, Until::Sent(20), &request).await?;
    }
    world.host.settle_within(PATIENCE).await?;
    receiver.forget();
    Ok((world, receiver))
}

/// What one run came to.
struct Run {
    per_second: f64,
    p50: f64,
    p99: f64,
    micros: f64,
    requests: f64,
}

fn cells(connections: usize, runs: &[Run]) -> Vec<String> {
    let of = |what: fn(&Run) -> f64| median(&runs.iter().map(what).collect::<Vec<_>>());
    vec![
        connections.to_string(),
        format!("{:.0}", of(|run| run.per_second)),
        format!("{:.2}", of(|run| run.p50)),
        format!("{:.2}", of(|run| run.p99)),
        format!("{:.0}", of(|run| run.micros)),
        format!("{:.3}", of(|run| run.requests)),
    ]
}

/// Publishes for a time to one endpoint that answers at once, on a host of its own.
async fn arrivals(connections: usize, time: Duration) -> Result<Run> {
    let (world, receiver) = listening().await?;
    let request = events_request(&world, &receiver, "fast.event", SIZE);
    let before = Cpu::now()?;
    let started = Instant::now();
    let sent = load::send(&world.address(), connections, Until::Elapsed(time), &request).await?;
    world.host.settle_within(PATIENCE).await?;
    let seconds = started.elapsed().as_secs_f64();
    let count = sent.millis.len();
    let millis = receiver.millis("/fast");
    let run = Run {
        per_second: 1.0 / each(seconds, count),
        p50: percentile(&millis, 0.5),
        p99: percentile(&millis, 0.99),
        micros: each(Cpu::now()?.host_micros_since(&before), count),
        requests: each(receiver.requests("/fast"), count),
    };
    world.host.shutdown().await;
    Ok(run)
}

/// A dead endpoint's backlog, and what another endpoint's events take beside it.
async fn dead(scale: Scale, out: &mut impl Write) -> Result<()> {
    let backlog = scale.pick(2_000, 100_000);
    writeln!(
        out,
        "\n   One endpoint hangs for a second and closes; its backlog is {backlog} events"
    )?;
    let world = World::start(Host::builder()).await?;
    world.allow_plain_http().await?;
    let receiver = Receiver::start().await?;
    let patient = json!({"waits": [86_400], "timeout_ms": 2_000, "suspension": null});
    add_endpoint(&world, &receiver, ("/fast", "fast.event"), None).await?;
    add_endpoint(&world, &receiver, ("/dead", "dead.event"), Some(patient)).await?;
    let fast = events_request(&world, &receiver, "fast.event", SIZE);
    let dead = events_request(&world, &receiver, "dead.event", 200);
    let few = (200, Duration::from_millis(20));
    let alone = paced(&world, &receiver, &fast, few).await?;
    load::send(&world.address(), 16, Until::Sent(backlog), &dead).await?;
    dispatched(&world, &receiver, backlog).await;
    let left = receiver.requests("/dead");
    let crowded = paced(&world, &receiver, &fast, few).await?;
    let mut table = Table::new("the other endpoint's events|p50 ms|p99 ms");
    for (name, (p50, p99)) in [("alone", alone), ("beside the backlog", crowded)] {
        table.row(vec![name.to_owned(), format!("{p50:.1}"), format!("{p99:.1}")]);
    }
    table.write(out)?;
    writeln!(out, "  of the backlog {left:.0} had been tried when the second row began")?;
    world.host.shutdown().await;
    Ok(())
}

/// Waits until every event of the backlog has its bell: what comes after it in the stream of events
/// waits for that, and it is not what is asked here.
async fn dispatched(world: &World, receiver: &Receiver, backlog: usize) {
    let queues = world.host.queues();
    let name = queues.names().find(|name| name.ends_with("-deliver")).map(str::to_owned);
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let patience = Instant::now();
    while patience.elapsed() < PATIENCE {
        let depth = name.as_deref().and_then(|name| queues.depth(name).ok());
        let waiting = depth.map_or(0, |depth| depth.visible + depth.in_flight);
        // A bell is in flight while its request is open, so that some count twice.
        let known = receiver.requests("/dead") + number(waiting);
        if known >= number(u64::try_from(backlog).unwrap_or(u64::MAX)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// p50 and p99 of so many events, one in each interval.
async fn paced(
    world: &World,
    receiver: &Receiver,
    request: &impl Fn(usize) -> Vec<u8>,
    (count, every): (usize, Duration),
) -> Result<(f64, f64)> {
    receiver.forget();
    let mut clock = tokio::time::interval(every);
    for number in 0..count {
        clock.tick().await;
        load::send(&world.address(), 1, Until::Sent(1), &|_| request(number)).await?;
    }
    let patience = Instant::now();
    while receiver.millis("/fast").len() < count && patience.elapsed() < Duration::from_mins(1) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let millis = receiver.millis("/fast");
    Ok((percentile(&millis, 0.5), percentile(&millis, 0.99)))
}

/// Memory while a thousand endpoints are slow at once.
async fn slow(scale: Scale, out: &mut impl Write) -> Result<()> {
    let count = scale.pick(100, 1_000);
    let world = World::start(Host::builder()).await?;
    world.allow_plain_http().await?;
    let receiver = Receiver::start().await?;
    let paths: Vec<String> = (0..count).map(|number| format!("/slow/{number}")).collect();
    for path in &paths {
        add_endpoint(&world, &receiver, (path, "slow.event"), None).await?;
    }
    let request = events_request(&world, &receiver, "slow.event", SIZE);
    let (before, _) = usage::memory()?;
    load::send(&world.address(), 1, Until::Sent(1), &request).await?;
    let mut highest = before;
    let patience = Instant::now();
    let arrived = || paths.iter().all(|path| receiver.requests(path) > 0.0);
    while !arrived() && patience.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
        highest = highest.max(usage::memory()?.0);
    }
    let open = receiver.most();
    world.host.settle_within(PATIENCE).await?;
    writeln!(
        out,
        "\n   {count} endpoints that take 3 s, one event each: {open} requests open at once, \
         {before:.0} MB before, {highest:.0} MB at most (the whole process)"
    )?;
    world.host.shutdown().await;
    Ok(())
}

/// What an endpoint is made with.
fn endpoint(name: &str, url: &str, policy: Option<Value>) -> Value {
    let mut body = json!({"name": name, "url": url, "preset": "standard-webhooks"});
    if let (Some(policy), Some(body)) = (policy, body.as_object_mut()) {
        body.insert("policy".to_owned(), policy);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_without_a_policy_of_its_own_takes_the_presets() {
        assert_eq!(endpoint("a", "b", None).get("policy"), None);
        let own = endpoint("a", "b", Some(json!({"waits": [1]})));
        assert_eq!(own.pointer("/policy/waits/0"), Some(&json!(1)));
    }
}
