//! The cost of a month, from nothing to a billion webhooks, and the quota that is reached first.
//!
//! Calculated, not measured here: [`crate::cost::measured`] has the use of a webhook,
//! [`crate::prices`] its price, [`crate::deployed`] the resources of `template.yaml` that cost
//! without a webhook. [`bill`] adds up, [`quota`] compares with the limits of AWS and of the
//! template.

mod bill;
mod quota;
mod traffic;

use self::{
    bill::{Line, Lines, lines},
    traffic::{Traffic, spell},
};
use crate::{cost::measured, deployed::Deployed, error::Result, prices::Prices, report::Report};

/// Webhooks a month.
const SIZES: [f64; 4] = [0.0, 1e5, 1e7, 1e9];

/// The assumptions of the calculation.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Assumptions {
    /// *month*: only this many webhooks a month.
    #[arg(long, value_name = "N", value_parser = number, conflicts_with = "save")]
    webhooks: Option<f64>,
    /// *month*: deliveries of each webhook.
    #[arg(
        long = "deliveries-per-webhook",
        value_name = "R",
        value_parser = number,
        default_value = "1",
        conflicts_with = "save"
    )]
    deliveries: f64,
    /// *month*: list prices, as if the account's free tier were used up.
    #[arg(long = "list-price", conflicts_with = "save")]
    list: bool,
}

/// A number of at least 0; `_` separates its digits.
fn number(text: &str) -> std::result::Result<f64, String> {
    let number = text.replace('_', "").parse::<f64>().ok().filter(|number| *number >= 0.0);
    number.ok_or_else(|| "a number of at least 0 is needed".to_owned())
}

/// Writes bills and quotas.
pub(crate) fn write(assumptions: &Assumptions, report: &mut Report) -> Result<()> {
    let (prices, deployed, known) = (Prices::read()?, Deployed::read()?, measured::read()?);
    let sizes = assumptions.webhooks.map_or(SIZES.to_vec(), |webhooks| vec![webhooks]);
    let (mut traffic, mut bills) = (Vec::new(), Vec::new());
    for webhooks in sizes {
        let one = Traffic::new(webhooks, assumptions.deliveries, &known)?;
        bills.push(lines(&one, &prices, &deployed, &known)?);
        traffic.push(one);
    }
    report.text(format!(
        "Dollars in us-east-1, from `template.yaml`, [`prices.toml`](prices.toml) and \
         [`measured.txt`](measured.txt). Webhooks of 2 KB: half create a contact and a deal, half change a known \
         deal; {} deliveries each. Below 1 a second they are priced as one at a time, from 100 a second on as a \
         hundred a second. Storage is what remains when everything expires as fast as it comes, with contacts and \
         deals of {} months. {} pollers read each of {} queues.",
        assumptions.deliveries, prices["months_grown"], prices["pollers"], deployed.polled,
    ));
    write_bills(assumptions, &traffic, &bills, report);
    for one in traffic.iter().filter(|one| one.webhooks > 0.0) {
        quota::write(one, &prices, &deployed, report);
    }
    Ok(())
}

fn write_bills(options: &Assumptions, traffic: &[Traffic], bills: &[Lines], report: &mut Report) {
    let row = |name: &str, of: &dyn Fn(&Lines) -> f64| {
        let cells: Vec<String> = bills.iter().map(|bill| format!("{:.2}", of(bill))).collect();
        format!("{name}|{}", cells.join("|"))
    };
    let price = |line: &Line| if options.list { line.list } else { line.paid() };
    let names = bills.first().into_iter().flatten().map(|line| line.name).enumerate();
    let mut rows: Vec<String> =
        names.map(|(place, name)| row(name, &|bill| bill.get(place).map_or(0.0, price))).collect();
    let sum = |bill: &Lines, of: fn(&Line) -> f64| -> f64 {
        bill.iter().filter(|line| !line.optional).map(of).sum()
    };
    let list = |bill: &Lines| sum(bill, |line| line.list);
    rows.push(row("**to pay** beyond every account's free tier", &|bill| sum(bill, Line::paid)));
    rows.push(row("the same if the free tier is used up elsewhere", &list));
    let millions = traffic.iter().zip(bills).map(|(one, bill)| match one.webhooks {
        webhooks if webhooks > 0.0 => format!("|{:.2}", list(bill) / webhooks * 1e6),
        _ => "|".to_owned(),
    });
    rows.push(format!("list price of a million webhooks{}", millions.collect::<String>()));
    let heads: Vec<String> = traffic.iter().map(|one| spell(one.webhooks)).collect();
    report.table(&format!("webhooks a month|{}", heads.join("|")), &rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_can_be_written_and_grows_with_the_traffic() {
        assert!(
            number("10_000_000") == Ok(1e7) && number("many").is_err() && number("-1").is_err()
        );
        let mut report = Report::default();
        write(&Assumptions { webhooks: None, deliveries: 1.0, list: false }, &mut report).unwrap();
        let text = report.section("Month", "now");
        let paid = text.lines().find(|line| line.contains("**to pay**")).unwrap();
        let paid: Vec<f64> = paid.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        assert!(
            paid.len() == SIZES.len() && paid.is_sorted() && paid[3] > 100.0 * paid[1],
            "{paid:?}"
        );
    }
}
