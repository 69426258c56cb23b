//! How long from an event's publication, or from a webhook, to the arrival at an endpoint, how many a
//! second, and what does one dead endpoint do to the others?
//!
//! - `arrivals`: one endpoint that answers at once. Here: a dead one, and a thousand slow ones.
//! - `story`: endpoints, rules, requests. `receiver`: who gets what is sent.
//!
//! The receiver lives with the client on the main thread; the host's threads are what CPU counts.

mod arrivals;
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
    stats::percentile,
    table::Table,
    usage,
    world::World,
};

/// Bytes of an event's data.
const SIZE: usize = 2_048;
const PATIENCE: Duration = Duration::from_mins(20);

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    arrivals::measure(scale, out).await?;
    dead(scale, out).await?;
    slow(scale, out).await
}

/// What an endpoint's events take beside those of one that never answers: before that is known, after
/// it, and while a backlog waits for it.
async fn dead(scale: Scale, out: &mut impl Write) -> Result<()> {
    let backlog = scale.pick(2_000, 100_000);
    writeln!(
        out,
        "\n   An endpoint begins to hang for its 5 s, and is not suspended; 50 events a second go to another one"
    )?;
    let world = World::start(Host::builder()).await?;
    world.allow_plain_http().await?;
    let receiver = Receiver::start().await?;
    let patient = json!({"waits": [86_400], "timeout_ms": 5_000, "suspension": null});
    add_endpoint(&world, &receiver, ("/fast", "fast.event"), None).await?;
    add_endpoint(&world, &receiver, ("/dead", "dead.event"), Some(patient)).await?;
    let fast = events_request(&world, &receiver, "fast.event", SIZE);
    let dead = events_request(&world, &receiver, "dead.event", 200);
    let few = (200, Duration::from_millis(20));
    let fast = async || paced(&world, (&receiver, "/fast"), &fast, few).await;
    let both = async || {
        let dead = send_paced(&world, &dead, (400, Duration::from_millis(10)));
        let (fast, dead) = futures::join!(fast(), dead);
        dead.and(fast)
    };

    let mut rows = vec![("alone".to_owned(), fast().await?)];
    rows.push(("100 a second come for it: the first seconds".to_owned(), both().await?));
    waiting(&world, |deliver, _| deliver == 0).await;
    rows.push(("100 a second come for it: later".to_owned(), both().await?));
    waiting(&world, |_, slow| slow == 0).await;
    receiver.forget();
    load::send(&world.address(), 16, Until::Sent(backlog), &dead).await?;
    let left = dispatched(&world, &receiver, backlog).await;
    rows.push((format!("{left} wait for it"), fast().await?));

    let mut table = Table::new("the other endpoint's events|p50 ms|p99 ms");
    for (name, (p50, p99)) in rows {
        table.row(vec![name, format!("{p50:.1}"), format!("{p99:.1}")]);
    }
    table.write(out)?;
    world.host.shutdown().await;
    Ok(())
}

/// Waits until a backlog is dispatched and its bells are moved; how many wait then. Whoever comes later
/// in the stream of events would wait for the former, and that is not what is asked here.
async fn dispatched(world: &World, receiver: &Receiver, backlog: usize) -> u64 {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let nearly = number(u64::try_from(backlog).unwrap_or(u64::MAX)) - 10.0;
    let known = |slow| receiver.requests("/dead") + number(slow);
    waiting(world, |deliver, slow| deliver == 0 && known(slow) >= nearly).await
}

/// Looks every second how many bells are in the queue *deliver*, and how many wait in *slow*, until it is
/// `enough`; how many these are then.
async fn waiting(world: &World, mut enough: impl FnMut(u64, u64) -> bool) -> u64 {
    let queues = world.host.queues();
    let depth = |name: &str| {
        let name = queues.names().find(|known| known.ends_with(name));
        name.and_then(|name| queues.depth(name).ok()).unwrap_or_default()
    };
    let patience = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (deliver, slow) = (depth("-deliver"), depth("-slow"));
        let is_enough = enough(deliver.visible + deliver.in_flight, slow.visible);
        if is_enough || patience.elapsed() > PATIENCE {
            return slow.visible;
        }
    }
}

/// Sends so many requests, one in each interval.
async fn send_paced(
    world: &World,
    request: &impl Fn(usize) -> Vec<u8>,
    (count, every): (usize, Duration),
) -> Result<()> {
    let mut clock = tokio::time::interval(every);
    for number in 0..count {
        clock.tick().await;
        load::send(&world.address(), 1, Until::Sent(1), &|_| request(number)).await?;
    }
    Ok(())
}

/// p50 and p99 of what so many requests bring to a path, one in each interval.
async fn paced(
    world: &World,
    (receiver, path): (&Receiver, &str),
    request: &impl Fn(usize) -> Vec<u8>,
    (count, every): (usize, Duration),
) -> Result<(f64, f64)> {
    receiver.forget();
    send_paced(world, request, (count, every)).await?;
    let patience = Instant::now();
    while receiver.millis(path).len() < count && patience.elapsed() < Duration::from_mins(1) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let millis = receiver.millis(path);
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
