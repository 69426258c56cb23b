//! The latency of an endpoint's events beside another endpoint: one that answers, and one that
//! never does, before that is known, after it, and while a backlog waits for it (`CATALOGUE
//! OR-09`).

use std::{
    io::Write,
    time::{Duration, Instant},
};

use local::{Host, sqs::Depth};
use serde_json::json;

use super::{
    PATIENCE, SIZE, paced,
    receiver::Receiver,
    send_paced,
    story::{add_endpoint, events_request},
};
use crate::{
    Scale,
    error::Result,
    load::{self, Until},
    table::Table,
    world::World,
};

/// The latencies in milliseconds, and the number of *deliver* messages in flight.
struct Took {
    p50: f64,
    p99: f64,
    most: u64,
}

pub(super) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\n   An endpoint begins to hang for its 5 s, and is not suspended; 50 events a second go to another one"
    )?;
    let world = World::start(Host::builder()).await?;
    let mut table =
        Table::new("the other endpoint's events|p50 ms|p99 ms|messages in flight at most");
    for (name, Took { p50, p99, most }) in rows(&world, scale.pick(2_000, 100_000)).await? {
        table.row(vec![name, format!("{p50:.1}"), format!("{p99:.1}"), most.to_string()]);
    }
    table.write(out)?;
    writeln!(out, "  a place is free while fewer than 50 messages of deliver are in flight")?;
    world.host.shutdown().await;
    Ok(())
}

async fn rows(world: &World, backlog: usize) -> Result<Vec<(String, Took)>> {
    world.allow_plain_http().await?;
    let receiver = Receiver::start().await?;
    let patient = json!({"waits": [86_400], "timeout_ms": 5_000, "suspension": null});
    add_endpoint(world, &receiver, ("/fast", "fast.event"), None).await?;
    add_endpoint(world, &receiver, ("/well", "well.event"), None).await?;
    add_endpoint(world, &receiver, ("/dead", "dead.event"), Some(patient)).await?;
    let fast = events_request(world, &receiver, "fast.event", SIZE);
    let well = events_request(world, &receiver, "well.event", 200);
    let dead = events_request(world, &receiver, "dead.event", 200);
    let fast = async || took(world, &receiver, &fast).await;
    let many = (400, Duration::from_millis(10));

    let mut rows = vec![("alone".to_owned(), fast().await?)];
    let (took, sent) = futures::join!(fast(), send_paced(world, &well, many));
    rows.push(("100 a second go to one that answers".to_owned(), sent.and(took)?));
    for when in ["the first seconds", "later"] {
        let (took, sent) = futures::join!(fast(), send_paced(world, &dead, many));
        rows.push((format!("100 a second go to it: {when}"), sent.and(took)?));
        waiting(world, |deliver, slow| deliver + slow == 0).await;
    }
    receiver.forget();
    load::send(&world.address(), 16, Until::Sent(backlog), &dead).await?;
    let left = dispatched(world, &receiver, backlog).await;
    rows.push((format!("{left} wait for it"), fast().await?));
    Ok(rows)
}

/// Sends 50 events a second, and samples *deliver* every few milliseconds.
async fn took(
    world: &World,
    receiver: &Receiver,
    request: &impl Fn(usize) -> Vec<u8>,
) -> Result<Took> {
    let few = (200, Duration::from_millis(20));
    let mut work = std::pin::pin!(paced(world, (receiver, "/fast"), request, few));
    let mut most = 0;
    loop {
        tokio::select! {
            done = &mut work => return done.map(|(p50, p99)| Took { p50, p99, most }),
            () = tokio::time::sleep(Duration::from_millis(5)) => {
                most = most.max(depth(world, "-deliver").in_flight);
            }
        }
    }
}

/// Waits until a backlog is dispatched and its messages are moved; returns the number that waits.
/// Later events of the stream would wait for the backlog, which is not measured here.
async fn dispatched(world: &World, receiver: &Receiver, backlog: usize) -> u64 {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let nearly = number(u64::try_from(backlog).unwrap_or(u64::MAX)) - 10.0;
    let known = |slow| receiver.requests("/dead") + number(slow);
    waiting(world, |deliver, slow| deliver == 0 && known(slow) >= nearly).await
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
