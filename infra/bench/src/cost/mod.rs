//! The use of AWS by a webhook or an event from end to end, and the list price of a million.
//!
//! Every call of every function is recorded with its consumed capacity, on a host with one shard:
//! with webhooks that come one at a time, and with a hundred in a second. The results are stored
//! in `measured.txt` ([`measured`]), which the month is calculated from.

pub(crate) mod measured;
pub(crate) mod scenarios;
mod storage;
pub(crate) mod usage;

use self::{
    measured::{Known, find},
    scenarios::{Pace, SCENARIOS, Scenario},
    usage::{Units, Use},
};
use crate::{
    error::{Result, wrong},
    prices::Prices,
    report::{Report, verdict},
};

/// The tolerance between the file and a measurement at a hundred in a second: batches differ.
const SHARE: f64 = 0.25;
/// The number of calls that are listed.
const LISTED: usize = 8;
const PACES: [Pace; 2] = [Pace::Alone, Pace::Hundred];

/// Measures every scenario at both paces; with `save` it writes the file, else it compares.
pub(crate) async fn measure(save: bool, report: &mut Report) -> Result<()> {
    let (prices, mut known) = (Prices::read()?, Known::new());
    let mut units = Units::new();
    for pace in PACES {
        for scenario in SCENARIOS.into_iter().filter(|scenario| scenario.can_be_paced(pace)) {
            let (used, of_calls) = scenarios::run(scenario, pace).await?;
            if scenario == Scenario::New && pace == Pace::Alone {
                units = of_calls;
            }
            known.insert((scenario.name().to_owned(), pace.name().to_owned()), used);
        }
    }
    report.text(
        "2 KB, from counted calls and capacity units, the memory of `template.yaml` and the list prices in \
         [`prices.toml`](prices.toml), which also states the assumptions (billed milliseconds, pollers). Logs, \
         metrics and transfer are not included. The measured units are in [`measured.txt`](measured.txt); a test \
         measures them again. Pairs: one at a time / a hundred a second.",
    );
    write_scenarios(&known, &prices, report);
    write_units(&units, &prices, report);
    measured::add_schedules(&mut known).await?;
    if save {
        return measured::save(&known);
    }
    let stale = measured::differences(&measured::read()?, &known, SHARE);
    if stale.is_empty() {
        return Ok(());
    }
    Err(wrong(format!("measured.txt is stale (--save):\n  {}", stale.join("\n  "))))
}

/// A number at both paces.
fn pair(uses: &[Option<Use>], decimals: usize, number: impl Fn(&Use) -> f64) -> String {
    let numbers = uses.iter().flatten().map(|used| format!("{:.decimals$}", number(used)));
    numbers.collect::<Vec<_>>().join(" / ")
}

fn write_scenarios(known: &Known, prices: &Prices, report: &mut Report) {
    let rows = SCENARIOS.into_iter().map(|scenario| {
        let uses = PACES.map(|pace| find(known, scenario.name(), pace.name()).ok());
        let numbers =
            ["calls", "write_units", "read_units"].map(|kind| pair(&uses, 1, |used| used.of(kind)));
        let (queues, dollars) =
            (pair(&uses, 1, Use::messages), pair(&uses, 2, |used| prices.million(used)));
        let highest = uses.iter().flatten().map(|used| prices.million(used)).fold(0.0, f64::max);
        let budget =
            scenario.budget().map(|budget| format!("{budget}, {}", verdict(highest, budget)));
        format!(
            "{}|{}|{queues}|{dollars}|{}",
            scenario.name(),
            numbers.join("|"),
            budget.unwrap_or_default()
        )
    });
    let head =
        "end to end, with one delivery|AWS calls|write units|read units|SQS|$ a million|budget";
    report.table(head, &rows.collect::<Vec<_>>());
}

/// The most expensive calls of a new contact and deal.
fn write_units(units: &Units, prices: &Prices, report: &mut Report) {
    let dollars =
        |(write, read): (f64, f64)| write * prices["write_unit"] + read * prices["read_unit"];
    let mut calls: Vec<_> = units.iter().map(|(name, units)| (name, *units)).collect();
    calls.sort_by(|one, other| dollars(other.1).total_cmp(&dollars(one.1)));
    let rows = calls.iter().take(LISTED).map(|(name, units)| {
        format!("{name}|{:.1}|{:.1}|{:.2}", units.0, units.1, dollars(*units))
    });
    let head =
        format!("{}: dearest calls|write units|read units|$ a million", Scenario::New.name());
    report.table(&head, &rows.collect::<Vec<_>>());
}
