//! The time of a first page with its count, with a million webhooks of three months in the store
//! and a function that has just started.

mod cases;
mod mix;
mod rows;
mod seed;

use std::time::Instant;

use gancho_domain::common::ids::IntegrationId;
use gancho_edge::clock::{Clock, ManualClock};
use local::{Call, Host};
use serde_json::Value;

use self::cases::Case;
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
    for case in cases::all(&seeded)? {
        rows.push(row(&world, &case, scale).await?);
    }
    let first = world.webhooks("").await?;
    let next = first.pointer("/next").and_then(Value::as_str);
    let query = format!("?cursor={}", next.ok_or_else(|| wrong("no second page"))?);
    let count = seeded.drafts.len() as u64;
    rows.push(row(&world, &Case { name: "none, the next page", query, count }, scale).await?);
    report.table("filter|count|median ms|max ms|AWS calls|rows read|read units|budget", &rows);
    world.host.shutdown().await;
    Ok(())
}

async fn row(world: &World, case: &Case, scale: Scale) -> Result<String> {
    let mut millis = Vec::new();
    for _ in 0..scale.pick(2, 9) {
        world.host.cold_start("history")?;
        let begun = Instant::now();
        let list = world.webhooks(&case.query).await?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
        case.check(&list)?;
    }
    let calls = calls(world, case).await?;
    let (median, slowest) = (median(&millis), percentile(&millis, 1.0));
    let verdict = match (verdict(median, BUDGET), verdict(slowest, BUDGET)) {
        ("met", "missed") => "median met, maximum missed",
        (_, of_slowest) => of_slowest,
    };
    Ok(format!(
        "{}|{}|{median:.1}|{slowest:.1}|{}|{}|{:.1}|{verdict}",
        case.name,
        case.count,
        calls.len(),
        calls.iter().map(|call| call.rows).sum::<usize>(),
        calls.iter().map(|call| call.capacity).sum::<f64>(),
    ))
}

/// The calls of one more request, which is not timed.
async fn calls(world: &World, case: &Case) -> Result<Vec<Call>> {
    world.host.cold_start("history")?;
    let faults = world.host.faults();
    faults.meter(true);
    faults.record();
    world.webhooks(&case.query).await?;
    let calls = faults.calls();
    faults.stop_recording();
    faults.meter(false);
    Ok(calls.into_iter().filter(|call| call.function == "history").collect())
}
