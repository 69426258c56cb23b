//! The units of a scenario by function, by table, and by call.

use std::io::Write;

use super::usage::{Share, Took};
use crate::{error::Result, prices::Prices, table::Table};

/// The number of calls that are listed.
const LISTED: usize = 14;

/// Calls, units and invocations of each function.
pub(super) fn functions(name: &str, took: &Took, out: &mut impl Write) -> Result<()> {
    writeln!(out, "\n   {name}: by function")?;
    let mut table = Table::new("function|invocations|calls|WU|RU");
    for (function, share) in took.functions() {
        table.row(cells(function.to_owned(), share.invocations, share));
    }
    table.write(out)?;
    Ok(())
}

/// Units by table and by call, the most expensive first.
pub(super) fn units(name: &str, took: &Took, prices: &Prices, out: &mut impl Write) -> Result<()> {
    let write = prices.of("write_unit")?;
    let read = prices.of("read_unit")?;
    let dollars = |share: &Share| share.write_units * write + share.read_units * read;
    writeln!(out, "\n   {name}: units by table, then by call")?;
    let mut table = Table::new("table or call|$ a million|calls|WU|RU");
    let mut tables: Vec<(String, Share)> =
        took.by_table().iter().map(|(name, share)| (name.clone(), *share)).collect();
    let mut calls: Vec<(String, Share)> = took
        .by_call()
        .iter()
        .map(|((function, call, tables), share)| (format!("{function}: {call} {tables}"), *share))
        .filter(|(_, share)| dollars(share) > 0.0)
        .collect();
    for rows in [&mut tables, &mut calls] {
        rows.sort_by(|(_, one), (_, other)| dollars(other).total_cmp(&dollars(one)));
        rows.truncate(LISTED);
        for (name, share) in rows {
            table.row(cells(name.clone(), dollars(share), *share));
        }
        table.row(vec![String::new()]);
    }
    table.write(out)?;
    Ok(())
}

fn cells(name: String, first: f64, share: Share) -> Vec<String> {
    let numbers = [first, share.calls, share.write_units, share.read_units];
    [name].into_iter().chain(numbers.map(|number| format!("{number:.2}"))).collect()
}
