//! The time from an event's publication, or from a webhook, to the arrival at an endpoint; the
//! rate; and the effect of one dead endpoint on the others.
//!
//! - `arrivals`: one endpoint that answers at once. `dead`: one that never does. Here: a thousand
//!   slow ones.
//! - `story`: endpoints, rules, requests. `receiver`: the endpoints' server.
//!
//! The receiver and the client run on the main thread; CPU counts the host's threads only.

mod arrivals;
mod dead;
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
    usage,
    world::World,
};

/// Bytes of an event's data.
const SIZE: usize = 2_048;
const PATIENCE: Duration = Duration::from_mins(20);

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    arrivals::measure(scale, out).await?;
    dead::measure(scale, out).await?;
    slow(scale, out).await
}

/// Sends `count` requests, one in each interval.
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

/// p50 and p99 of the arrivals at a path, with one request in each interval.
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

/// The settings of an endpoint.
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
