//! The cost of a month, from nothing to a billion webhooks, and the quota that is reached first.
//!
//! Calculated, not measured here: [`crate::cost::measured`] has the use of a webhook,
//! [`crate::prices`] its price, [`crate::deployed`] the resources of `template.yaml` that cost
//! without a webhook. [`bill`] adds up, [`quota`] compares with the limits of AWS and of the
//! template.

mod bill;
mod quota;
mod traffic;

use std::io::Write;

use self::{
    bill::{Lines, lines},
    traffic::Traffic,
};
use crate::{cost::measured, deployed::Deployed, error::Result, prices::Prices, table::Table};

/// Webhooks a month.
const SIZES: [f64; 4] = [0.0, 1e5, 1e7, 1e9];

/// The assumptions of the calculation.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Assumptions {
    /// *month*: only this many webhooks a month.
    #[arg(long, value_name = "N", value_parser = number)]
    webhooks: Option<f64>,
    /// *month*: deliveries of each webhook.
    #[arg(long = "deliveries-per-webhook", value_name = "R", value_parser = number, default_value = "1")]
    deliveries: f64,
    /// *month*: list prices, as if the account's free tier were used up.
    #[arg(long = "list-price")]
    list: bool,
}

/// A number of at least 0; `_` separates its digits.
fn number(text: &str) -> std::result::Result<f64, String> {
    let number = text.replace('_', "").parse::<f64>().ok().filter(|number| *number >= 0.0);
    number.ok_or_else(|| "a number of at least 0 is needed".to_owned())
}

/// Writes bills and quotas.
pub(crate) fn write(assumptions: Assumptions, out: &mut impl Write) -> Result<()> {
    let (prices, deployed, known) = (Prices::read()?, Deployed::read()?, measured::read()?);
    let sizes = assumptions.webhooks.map_or(SIZES.to_vec(), |webhooks| vec![webhooks]);
    let mut traffic = Vec::new();
    for webhooks in sizes {
        traffic.push(Traffic::new(webhooks, assumptions.deliveries, &known)?);
    }
    write_assumptions(assumptions, &prices, &deployed, out)?;
    let mut bills = Vec::new();
    for one in &traffic {
        bills.push(lines(one, &prices, &deployed, &known)?);
    }
    write_bills(assumptions, &traffic, &bills, out)?;
    write_idle(&prices, &deployed, out)?;
    for one in traffic.iter().filter(|one| one.webhooks > 0.0) {
        quota::write(one, &prices, &deployed, out)?;
    }
    Ok(())
}

fn write_assumptions(
    assumptions: Assumptions,
    prices: &Prices,
    deployed: &Deployed,
    out: &mut impl Write,
) -> Result<()> {
    writeln!(
        out,
        "\n6. A month on AWS, us-east-1, dollars: template.yaml, prices.toml and measured.txt together"
    )?;
    writeln!(
        out,
        "   webhooks of 2 KB, half of them a new contact and deal, half change a known deal; {} deliveries each;",
        assumptions.deliveries
    )?;
    writeln!(
        out,
        "   below 1 a second priced as they come alone, from 100 a second on as they come by the hundred, \
         between them in between;\n   storage as it is once everything expires as fast as it comes, contacts and \
         deals of {} months; {} pollers for each of {} polled queues",
        prices.of("months_grown")?,
        prices.of("pollers")?,
        deployed.polled.len(),
    )?;
    Ok(())
}

fn write_bills(
    assumptions: Assumptions,
    traffic: &[Traffic],
    bills: &[Lines],
    out: &mut impl Write,
) -> Result<()> {
    let heads: Vec<String> = traffic.iter().map(|one| traffic::spell(one.webhooks)).collect();
    let mut table = Table::new(&format!("webhooks a month|{}", heads.join("|")));
    let Some(first) = bills.first() else { return Ok(()) };
    for (place, line) in first.iter().enumerate() {
        let of = |bill: &Lines| {
            let line = bill.get(place);
            line.map_or(0.0, |line| if assumptions.list { line.list } else { line.paid() })
        };
        let cells = bills.iter().map(|bill| format!("{:.2}", of(bill)));
        table.row([line.name.to_owned()].into_iter().chain(cells).collect());
    }
    let mut sum = |name: &str, of: &dyn Fn(&Lines) -> f64| {
        let cells = bills.iter().map(|bill| format!("{:.2}", of(bill)));
        table.row([name.to_owned()].into_iter().chain(cells).collect());
    };
    let paid = |bill: &Lines| bill.iter().filter(|line| !line.optional).map(bill::Line::paid).sum();
    let list = |bill: &Lines| bill.iter().filter(|line| !line.optional).map(|line| line.list).sum();
    sum("to pay, what is free in every account taken off", &paid);
    sum("the same where that is used up elsewhere", &list);
    table.write(out)?;
    for (one, bill) in traffic.iter().zip(bills).filter(|(one, _)| one.webhooks > 0.0) {
        let million: f64 = list(bill) / one.webhooks * 1e6;
        writeln!(out, "  {}: ${million:.2} a million at list price", traffic::spell(one.webhooks))?;
    }
    Ok(())
}

/// Writes the costs without traffic, item by item.
fn write_idle(prices: &Prices, deployed: &Deployed, out: &mut impl Write) -> Result<()> {
    writeln!(out, "\n   What is paid while nothing comes, at list price")?;
    let mut table = Table::new("what|a month");
    for polled in &deployed.polled {
        let name = if polled.fifo { "sqs_fifo_request" } else { "sqs_request" };
        let dollars = bill::polls(prices)? / 1e6 * prices.of(name)?;
        table.row(vec![
            format!("{} is polled for {}", polled.queue, polled.function),
            format!("{dollars:.2}"),
        ]);
    }
    let alarms: f64 = deployed.alarms.values().sum();
    let dollars = alarms * prices.of("alarm")?;
    table.row(vec![
        format!("{} alarms with {alarms:.0} metrics", deployed.alarms.len()),
        format!("{dollars:.2}"),
    ]);
    let dollars = deployed.dashboards * prices.of("dashboard")?;
    table.row(vec![format!("{} dashboards", deployed.dashboards), format!("{dollars:.2}")]);
    for schedule in &deployed.schedules {
        table.row(vec![
            format!("{} runs {} times for {}", schedule.name, schedule.times, schedule.function),
            format!("{:.3}", bill::clockwork(schedule, prices)?),
        ]);
    }
    table.write(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_written_with_underscores() {
        assert!((number("10_000_000").unwrap() - 1e7).abs() < 1.0);
        assert!(number("many").is_err() && number("-1").is_err());
    }

    #[test]
    fn a_month_can_be_written_and_grows_with_the_traffic() {
        let total = |webhooks: f64| {
            let (prices, deployed) = (Prices::read().unwrap(), Deployed::read().unwrap());
            let known = measured::read().unwrap();
            let traffic = Traffic::new(webhooks, 1.0, &known).unwrap();
            let bill = lines(&traffic, &prices, &deployed, &known).unwrap();
            bill.iter().map(bill::Line::paid).sum::<f64>()
        };
        assert!(total(0.0) < total(1e5) && total(1e5) < total(1e7) && total(1e7) < total(1e9));
        let mut text = Vec::new();
        write(Assumptions { webhooks: None, deliveries: 1.0, list: false }, &mut text).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("API Gateway"));
    }
}
