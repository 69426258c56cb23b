//! The time of a first page with its count, with a million webhooks of three months in the store
//! and a function that has just started.

mod cases;
mod mix;
mod rows;
mod seed;

use std::time::Instant;

use gancho_domain::common::ids::IntegrationId;
use gancho_edge::clock::{Clock, ManualClock};
use local::Host;
use serde_json::Value;

use self::cases::CASES;
use crate::{
    Scale,
    error::{Result, wrong},
    report::{Report, verdict},
    stats::{median, percentile},
    world::World,
};

/// The present time here.
pub(crate) const NOW: &str = "2026-11-21T13:00:00Z";
/// Milliseconds.
const BUDGET: f64 = 200.0;
/// The retention of every webhook in the seed, in months.
const MONTHS: u8 = 3;

/// A sender in the seed.
struct Channel {
    id: IntegrationId,
    application: String,
    name: String,
}

pub(crate) async fn measure(scale: Scale, report: &mut Report) -> Result<()> {
    let now = NOW.parse().map_err(wrong)?;
    let builder = Host::builder().clock(Clock::Manual(ManualClock::new(now)));
    let world = World::start(builder).await?;
    let seeded = seed::fill(&world, scale.pick(20_000, 1_000_000), now).await?;
    report.text(format!(
        "First page of 50 and the exact count over HTTP; {} webhooks of three months ({} rows) in the store, a new \
         process of the function before every request. Budget: {BUDGET} ms.",
        seeded.drafts.len(),
        seeded.rows
    ));
    // The first request opens connections and invokes the authorizer.
    world.webhooks("?limit=1").await?;
    let mut rows = Vec::new();
    for (name, query, is_in) in CASES {
        let query = seeded.query(query);
        let count = seeded.drafts.iter().filter(|draft| is_in(draft)).count();
        rows.push(row(&world, (name, &query, count), scale).await?);
    }
    let first = world.webhooks("").await?;
    let next = first.pointer("/next").and_then(Value::as_str);
    let query = format!("?cursor={}", next.ok_or_else(|| wrong("no second page"))?);
    let case = ("none, the next page", &*query, seeded.drafts.len());
    rows.push(row(&world, case, scale).await?);
    report.table("filter|count|median ms|max ms|AWS calls|rows read|read units|budget", &rows);
    world.host.shutdown().await;
    Ok(())
}

/// A list with its name, its query and its number of webhooks.
type Listed<'a> = (&'a str, &'a str, usize);

async fn row(world: &World, listed: Listed<'_>, scale: Scale) -> Result<String> {
    let (name, query, count) = listed;
    let mut millis = Vec::new();
    for _ in 0..scale.pick(2, 9) {
        world.host.cold_start("history")?;
        let begun = Instant::now();
        let list = world.webhooks(query).await?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
        check(listed, &list)?;
    }
    // The calls of one more request, which is not timed.
    world.host.cold_start("history")?;
    let (_, mut calls) = world.recorded(async || world.webhooks(query).await).await?;
    calls.retain(|call| call.function == "history");
    let (median, slowest) = (median(&millis), percentile(&millis, 1.0));
    let verdict = match (verdict(median, BUDGET), verdict(slowest, BUDGET)) {
        ("met", "missed") => "median met, maximum missed",
        (_, of_slowest) => of_slowest,
    };
    Ok(format!(
        "{name}|{count}|{median:.1}|{slowest:.1}|{}|{}|{:.1}|{verdict}",
        calls.len(),
        calls.iter().map(|call| call.rows).sum::<usize>(),
        calls.iter().map(|call| call.capacity).sum::<f64>(),
    ))
}

/// Checks a list: the time of a wrong list means nothing.
fn check((name, _, expected): Listed<'_>, list: &Value) -> Result<()> {
    let items = list.pointer("/items").and_then(Value::as_array).map_or(0, Vec::len);
    let count = list.pointer("/count").and_then(Value::as_u64);
    if count == Some(expected as u64) && items == expected.min(50) {
        return Ok(());
    }
    Err(wrong(format!("{name}: {items} items, {count:?} counted, {expected} expected")))
}
