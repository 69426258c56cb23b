//! The time of a first page with its count, with a million webhooks of three months in the store
//! and a function that has just started.

mod cases;
mod mix;
mod rows;
mod seed;

use std::{io::Write, time::Instant};

use gancho_edge::clock::{Clock, ManualClock};
use local::{Call, Host};
use serde_json::Value;

use self::{
    cases::{Case, Count},
    seed::Seeded,
};
use crate::{
    Scale,
    error::{Result, wrong},
    stats::{median, percentile},
    table::{Table, verdict},
    world::World,
};

/// The present time here.
pub(crate) const NOW: &str = "2026-11-21T13:00:00Z";
/// Milliseconds (`issue 2`, part 7).
const BUDGET: f64 = 200.0;

/// The retention of every webhook in the seed, in months.
const MONTHS: u8 = 3;

/// A sender in the seed.
struct Channel {
    id: gancho_domain::common::ids::IntegrationId,
    application: String,
    name: String,
}

pub(crate) async fn measure(scale: Scale, out: &mut impl Write) -> Result<()> {
    let now = NOW.parse().map_err(|_| wrong("the present time cannot be read"))?;
    let builder = Host::builder().clock(Clock::Manual(ManualClock::new(now)));
    let world = World::start(builder).await?;
    let started = Instant::now();
    let seeded = seed::fill(&world, scale.webhooks(), now).await?;
    writeln!(
        out,
        "\n2. Listing: first page (50) and exact count over HTTP; {} webhooks of three months, {} rows",
        seeded.total, seeded.rows
    )?;
    writeln!(
        out,
        "   a new process of the function before every request; seeded in {:.0} s, {:.1} GB of items",
        started.elapsed().as_secs_f64(),
        gigabytes(&world)?
    )?;
    write_cases(&world, &seeded, scale, out).await?;
    world.host.shutdown().await;
    Ok(())
}

async fn write_cases(
    world: &World,
    seeded: &Seeded,
    scale: Scale,
    out: &mut impl Write,
) -> Result<()> {
    let mut table =
        Table::new("filter|count|median ms|max ms|AWS calls|rows read|read units|< 200 ms");
    // The first request opens connections and invokes the authorizer.
    world.webhooks("?limit=1").await?;
    for case in cases::all(seeded) {
        table.row(one(world, &case, scale).await?);
    }
    let first = world.webhooks("").await?;
    let next = first.pointer("/next").and_then(Value::as_str);
    let next = next.ok_or_else(|| wrong("no second page"))?;
    let count = Count::Exactly(seeded.total);
    let case = Case { name: "no filter, the next page", query: format!("?cursor={next}"), count };
    table.row(one(world, &case, scale).await?);
    table.write(out)?;
    Ok(())
}

async fn one(world: &World, case: &Case, scale: Scale) -> Result<Vec<String>> {
    let mut millis = Vec::new();
    let mut count = 0;
    for _ in 0..scale.pick(2, 9) {
        world.host.cold_start("history")?;
        let began = Instant::now();
        let list = world.webhooks(&case.query).await?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        count = list.pointer("/count").and_then(Value::as_u64).unwrap_or(u64::MAX);
        case.check(&list, count)?;
    }
    let took = watched(world, case).await?;
    let slowest = percentile(&millis, 1.0);
    Ok(vec![
        case.name.to_owned(),
        count.to_string(),
        format!("{:.1}", median(&millis)),
        format!("{slowest:.1}"),
        took.len().to_string(),
        took.iter().map(|call| call.rows).sum::<usize>().to_string(),
        format!("{:.1}", took.iter().map(|call| call.capacity).sum::<f64>()),
        verdict(slowest, BUDGET),
    ])
}

/// The calls of one more request, which is not timed.
async fn watched(world: &World, case: &Case) -> Result<Vec<Call>> {
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

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn gigabytes(world: &World) -> Result<f64> {
    let tables = world.host.dynamo().database().table_stats();
    let tables = tables.map_err(|error| crate::error::BenchError::Database(error.to_string()))?;
    let bytes: u64 = tables.iter().map(|table| table.size_bytes).sum();
    Ok(bytes as f64 / f64::from(1u32 << 30))
}
