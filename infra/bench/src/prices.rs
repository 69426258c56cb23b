//! List prices and their assumptions, from `prices.toml`, and the price of a use of the services.

use std::{collections::BTreeMap, ops::Index};

use crate::{
    cost::usage::Use,
    deployed::Deployed,
    error::{Result, wrong},
};

const FILE: &str = include_str!("../prices.toml");
pub(crate) const GIGABYTE: f64 = 1_073_741_824.0;

/// The price list.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    values: BTreeMap<&'static str, f64>,
    /// Megabytes of each function.
    memory: BTreeMap<String, f64>,
}

/// A line of the file, by its name.
impl Index<&str> for Prices {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        let found = self.values.get(name);
        #[expect(clippy::expect_used, reason = "the names are literals; tests calculate with all")]
        found.expect(name)
    }
}

impl Prices {
    /// Reads the file; a function's price a second follows from its memory in the template.
    pub(crate) fn read() -> Result<Self> {
        let lines = FILE.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let values = lines.filter(|line| !line.is_empty()).map(|line| {
            let (name, number) = line.split_once('=').ok_or_else(|| wrong(line))?;
            Ok((name.trim(), number.trim().parse().map_err(|_| wrong(line))?))
        });
        Ok(Self { values: values.collect::<Result<_>>()?, memory: Deployed::read()?.memory })
    }

    /// The price of a million, without logs and transfer.
    pub(crate) fn million(&self, used: &Use) -> f64 {
        let invocations: f64 = used.invocations().map(|(_, count)| count).sum();
        let stored = used.of("byte_months") + used.of("lasting_bytes") * self["months_kept"];
        used.of("requests") * self["http_api"]
            + invocations * self["lambda_request"]
            + self.gb_seconds(used) * self["lambda_gb_second"]
            + used.of("write_units") * self["write_unit"]
            + used.of("read_units") * self["read_unit"]
            + stored * 1e6 / GIGABYTE * self["storage_gb_month"]
            + self.queues(used)
            + used.of("published") * self["sns_publish"]
    }

    /// The price of a million times the requests of queues.
    pub(crate) fn queues(&self, used: &Use) -> f64 {
        (used.of("standard") + used.of("fair")) * self["sqs_request"]
            + used.of("fair") * self["sqs_fair_extra"]
            + used.of("fifo") * self["sqs_fifo_request"]
    }

    /// Billed milliseconds of an invocation, and of its items.
    pub(crate) fn millis(&self, function: &str) -> (f64, f64) {
        let wait = if function == "deliver" { self["endpoint_ms"] } else { 0.0 };
        let items = self.values.get(format!("ms_{function}_each").as_str());
        (self[&format!("ms_{function}")] + wait, items.copied().unwrap_or(0.0))
    }

    /// GB-seconds of a use.
    pub(crate) fn gb_seconds(&self, used: &Use) -> f64 {
        let of = |(function, invocations): (&str, f64)| {
            let (each, items) = self.millis(function);
            let memory = self.memory.get(function).copied().unwrap_or(f64::NAN);
            (invocations * each + items) / 1_000.0 * memory / 1_024.0
        };
        used.invocations().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_unit_more_is_sixty_two_and_a_half_cents_more() {
        let prices = Prices::read().unwrap();
        let million = |units: f64| prices.million(&Use::from_iter([("write_units", units)]));
        assert!((million(4.0) - million(3.0) - 0.625).abs() < 1e-9);
    }

    #[test]
    fn a_function_with_twice_the_memory_costs_twice_its_seconds() {
        let mut prices = Prices::read().unwrap();
        let used = Use::from_iter([("ingest", 1.0)]);
        prices.memory.insert("ingest".to_owned(), 128.0);
        let small = prices.gb_seconds(&used);
        prices.memory.insert("ingest".to_owned(), 256.0);
        assert!((prices.gb_seconds(&used) - 2.0 * small).abs() < 1e-12);
    }

    #[test]
    fn every_function_that_is_measured_has_a_price() {
        let prices = Prices::read().unwrap();
        let all = crate::cost::usage::FUNCTIONS.map(|name| (name, 1.0));
        assert!(prices.million(&Use::from_iter(all)) > 0.0);
    }
}
