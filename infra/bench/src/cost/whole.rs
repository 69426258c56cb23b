//! The scenarios from end to end as a table: inbound, outbound, and the price of a million.

use std::{collections::BTreeMap, io::Write};

use super::{
    cases::Pace,
    idle,
    measured::{self, Known},
    scenarios::{self, SCENARIOS, Scenario},
    spread,
    usage::Took,
};
use crate::{
    error::{Result, wrong},
    prices::{Prices, Use},
    table::{Table, verdict},
};

/// The tolerance between the file and a measurement at a hundred in a second: batches differ.
const SHARE: f64 = 0.25;

/// Measures every scenario at both paces; with `save` it writes the file, else it compares.
pub(super) async fn measure(prices: &Prices, save: bool, out: &mut impl Write) -> Result<()> {
    let (mut known, mut calls) = (Known::new(), BTreeMap::new());
    for pace in [Pace::Alone, Pace::Hundred] {
        writeln!(
            out,
            "\n   From end to end, 2 KB, an endpoint that answers at once: {}",
            pace.name()
        )?;
        let mut table =
            Table::new("what comes|invocations|calls|WU|RU|SQS|bytes x months|$ a million|budget|");
        for scenario in SCENARIOS.into_iter().filter(|scenario| scenario.can_be_paced(pace)) {
            let took = scenarios::run(scenario, pace).await?;
            table.row(row(scenario, &took, prices)?);
            if matches!(scenario, Scenario::New | Scenario::Event) {
                spread::functions(&format!("{}, {}", scenario.name(), pace.name()), &took, out)?;
                if pace == Pace::Alone {
                    spread::units(scenario.name(), &took, prices, out)?;
                }
            }
            let key = (scenario.name().to_owned(), pace.name().to_owned());
            calls.insert(key.clone(), called(&took));
            known.insert(key, took.all());
        }
        writeln!(out)?;
        table.write(out)?;
    }
    write_differences((&known, &calls), prices, out)?;
    idle::measure(&mut known).await?;
    if save {
        return measured::save(&known);
    }
    let stale = measured::differences(&measured::read()?, &known, SHARE);
    if stale.is_empty() {
        return Ok(());
    }
    Err(wrong(format!("measured.txt is stale (--save):\n  {}", stale.join("\n  "))))
}

fn row(scenario: Scenario, took: &Took, prices: &Prices) -> Result<Vec<String>> {
    let all = took.all();
    let million = prices.million(&all)?;
    let stored = all.byte_months + all.lasting_bytes * prices.of("months_kept")?;
    let mut cells = vec![
        scenario.name().to_owned(),
        format!("{:.2}", all.invocations.values().sum::<f64>()),
        format!("{:.2}", called(took)),
        format!("{:.2}", all.write_units),
        format!("{:.2}", all.read_units),
        format!("{:.2}", all.standard + all.fair + all.fifo),
        format!("{stored:.0}"),
        format!("{million:.2}"),
    ];
    if let Some(budget) = scenario.budget() {
        cells.extend([format!("{budget:.2}"), verdict(million, budget)]);
    }
    Ok(cells)
}

/// The AWS calls of all functions.
fn called(took: &Took) -> f64 {
    took.functions().map(|(_, share)| share.calls).sum()
}

/// AWS calls by scenario and pace.
type Calls = BTreeMap<(String, String), f64>;

/// The additional use of a delivery, a retry and an order.
fn write_differences(
    (known, calls): (&Known, &Calls),
    prices: &Prices,
    out: &mut impl Write,
) -> Result<()> {
    let of = |scenario: Scenario, pace: Pace| -> Result<(Use, f64)> {
        let key = (scenario.name().to_owned(), pace.name().to_owned());
        let found = known.get(&key).cloned().zip(calls.get(&key).copied());
        found.ok_or_else(|| wrong(format!("{} was not measured", key.0)))
    };
    writeln!(out, "\n   What it adds, $ a million")?;
    let mut table = Table::new("what|pace|calls|WU|RU|SQS|$ a million");
    for (what, more, less, pace) in [
        ("a delivery", Scenario::Event, Scenario::Unmatched, Pace::Alone),
        ("a delivery", Scenario::Event, Scenario::Unmatched, Pace::Hundred),
        ("an attempt more, after a failure", Scenario::Retried, Scenario::Event, Pace::Alone),
        ("order, instead of side by side", Scenario::Ordered, Scenario::Event, Pace::Alone),
        ("order, instead of side by side", Scenario::Ordered, Scenario::Event, Pace::Hundred),
    ] {
        let ((more, more_calls), (less, less_calls)) = (of(more, pace)?, of(less, pace)?);
        let added = more.plus(&less, -1.0);
        table.row(vec![
            what.to_owned(),
            pace.name().to_owned(),
            format!("{:.2}", more_calls - less_calls),
            format!("{:.2}", added.write_units),
            format!("{:.2}", added.read_units),
            format!("{:.2}", added.standard + added.fair + added.fifo),
            format!("{:.2}", prices.million(&added)?),
        ]);
    }
    table.write(out)?;
    Ok(())
}
