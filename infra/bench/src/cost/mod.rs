//! The use of AWS by a webhook: calls, capacity units, bytes stored, and the list price of a
//! million.
//!
//! Every call of every function is recorded with its consumed capacity, on a host with one shard:
//! with webhooks that come one at a time, and with a hundred in a second.
//!
//! First it measures inbound webhooks by size of body, then ([`whole`]) every scenario from end to
//! end. Those results are stored in `measured.txt` ([`measured`]), which the month is calculated
//! from.

pub(crate) mod cases;
mod idle;
pub(crate) mod measured;
pub(crate) mod scenarios;
mod spread;
mod storage;
mod usage;
mod whole;

use std::io::Write;

use gancho_edge::clock::{Clock, ManualClock};
use local::Host;
use serde_json::json;

use self::{
    cases::{CASES, Case, Pace},
    usage::Took,
};
use crate::{
    Scale,
    error::{Result, wrong},
    listing::NOW,
    prices::Prices,
    table::{Table, verdict},
    world::{Inbound, World},
};

const SIZES: [usize; 4] = [512, 2_048, 8_192, 65_536];
/// Budgets of `DESIGN 9`, for 2 KB of JSON without a deal.
const WRITE_UNITS: f64 = 3.0;
const MILLION: f64 = 4.5;
const INGEST_CALLS: f64 = 1.0;

/// The measurements for the budgets: calls of *ingest*, then units and price by case.
#[derive(Default)]
struct Budgeted {
    ingest: f64,
    rows: Vec<(String, f64, f64)>,
}

pub(crate) async fn measure(scale: Scale, save: bool, out: &mut impl Write) -> Result<()> {
    let prices = Prices::read()?;
    write_assumptions(&prices, out)?;
    if scale == Scale::Full {
        measure_sizes(&prices, out).await?;
    }
    whole::measure(&prices, save, out).await
}

/// Measures inbound webhooks by size of body.
async fn measure_sizes(prices: &Prices, out: &mut impl Write) -> Result<()> {
    let mut budgeted = Budgeted::default();
    for pace in [Pace::Alone, Pace::Hundred] {
        let world = world(pace).await?;
        writeln!(out, "\n   {}", pace.name())?;
        let mut table = Table::new(
            "what comes|bytes|calls in/proc/tally|WU in/proc/tally|WU|RU|bytes x months|$ a million",
        );
        for (number, case) in CASES.into_iter().enumerate() {
            for (place, size) in SIZES.into_iter().enumerate() {
                let inbound = inbound(&world, case).await?;
                let first = (number * SIZES.len() + place) as u64 * 1_000;
                let took = cases::run(&world, &inbound, case, (pace, size, first)).await?;
                table.row(row(case, size, &took, prices)?);
                budgeted.add(case, pace, size, (&took, prices))?;
            }
        }
        table.write(out)?;
        world.host.shutdown().await;
    }
    budgeted.write(out)
}

fn write_assumptions(prices: &Prices, out: &mut impl Write) -> Result<()> {
    let title = "On AWS, per webhook: calls, write units (WU), read units (RU), bytes kept, price";
    writeln!(out, "\n4. {title}")?;
    let one = |name: &str| prices.of(name);
    writeln!(
        out,
        "   assumed: memory as in the template; ingest {} ms, process {} ms a webhook, an endpoint {} ms;",
        one("ms_ingest")?,
        one("ms_process_each")?,
        one("endpoint_ms")?
    )?;
    let months = one("months_kept")?;
    writeln!(
        out,
        "   what does not expire is paid for {months} months; logs, metrics and transfer are not in it"
    )?;
    Ok(())
}

fn row(case: Case, size: usize, took: &Took, prices: &Prices) -> Result<Vec<String>> {
    let three = |what: fn(&Took, &str) -> f64| {
        let each = ["ingest", "process", "tally"].map(|name| format!("{:.2}", what(took, name)));
        each.join(" / ")
    };
    let all = took.all();
    let stored = all.byte_months + all.lasting_bytes * prices.of("months_kept")?;
    Ok(vec![
        case.name().to_owned(),
        size.to_string(),
        three(Took::calls),
        three(Took::write_units),
        format!("{:.2}", all.write_units),
        format!("{:.2}", all.read_units),
        format!("{stored:.0}"),
        format!("{:.2}", prices.million(&all)?),
    ])
}

impl Budgeted {
    fn add(
        &mut self,
        case: Case,
        pace: Pace,
        size: usize,
        (took, prices): (&Took, &Prices),
    ) -> Result<()> {
        if size != 2_048 {
            return Ok(());
        }
        if pace == Pace::Alone {
            self.ingest = self.ingest.max(took.calls("ingest"));
        }
        if case.makes_no_deal() {
            let scenario = took.write_units("ingest") + took.write_units("process");
            let name = format!("{}, {}", case.name(), pace.name());
            self.rows.push((name, scenario, prices.million(&took.all())?));
        }
        Ok(())
    }

    fn write(&self, out: &mut impl Write) -> Result<()> {
        writeln!(out, "\n   Budgets of DESIGN 9, 2 KB of JSON without a deal")?;
        let mut table = Table::new("what|budget|measured|");
        let mut row = |what: String, budget: f64, measured: f64| {
            let (budgeted, found) = (format!("{budget:.2}"), format!("{measured:.2}"));
            table.row(vec![what, budgeted, found, verdict(measured, budget)]);
        };
        row("AWS calls in ingest".to_owned(), INGEST_CALLS, self.ingest);
        for (name, units, price) in &self.rows {
            row(format!("write units, ingest and process: {name}"), WRITE_UNITS, *units);
            row(format!("list price a million: {name}"), MILLION, *price);
        }
        table.write(out)?;
        Ok(())
    }
}

/// A host for a pace. A clock that stands still keeps cached values valid; one that runs fills
/// batch windows.
async fn world(pace: Pace) -> Result<World> {
    let now = NOW.parse().map_err(|_| wrong("the present time cannot be read"))?;
    let builder = Host::builder().shards(1);
    let builder = match pace {
        Pace::Alone => builder.clock(Clock::Manual(ManualClock::new(now))),
        Pace::Hundred => builder.batch_windows(true),
    };
    World::start(builder).await
}

async fn inbound(world: &World, case: Case) -> Result<Inbound> {
    world.integration(json!({"action": case.action()})).await
}
