//! List prices and their assumptions, from `prices.toml`, and the price of a use of the services.

use std::collections::BTreeMap;

use crate::{
    deployed::Deployed,
    error::{BenchError, Result, wrong},
};

const FILE: &str = include_str!("../prices.toml");
pub(crate) const GIGABYTE: f64 = 1_073_741_824.0;

/// The use of the services by one webhook or one event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Use {
    /// Requests at the API.
    pub(crate) requests: f64,
    /// Invocations, by function.
    pub(crate) invocations: BTreeMap<String, f64>,
    pub(crate) write_units: f64,
    /// The write units of the table with the most.
    pub(crate) busiest: f64,
    pub(crate) read_units: f64,
    /// Requests of queues: standard ones, fair ones, FIFO.
    pub(crate) standard: f64,
    pub(crate) fair: f64,
    pub(crate) fifo: f64,
    /// Publishes to topics.
    pub(crate) published: f64,
    /// Bytes stored, times the months until they expire.
    pub(crate) byte_months: f64,
    /// Bytes stored that never expire.
    pub(crate) lasting_bytes: f64,
}

/// Dollars by service.
pub(crate) type Bill = Vec<(&'static str, f64)>;

/// The price list.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    values: BTreeMap<&'static str, f64>,
    memory: BTreeMap<String, f64>,
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

    /// A line of the file.
    pub(crate) fn of(&self, name: &str) -> Result<f64> {
        let missing = || -> BenchError { wrong(format!("prices.toml does not say {name}")) };
        self.values.get(name).copied().ok_or_else(missing)
    }

    /// Or 0.
    fn or_none(&self, name: &str) -> f64 {
        self.values.get(name).copied().unwrap_or(0.0)
    }

    /// The price of a million, without logs and transfer.
    pub(crate) fn million(&self, took: &Use) -> Result<f64> {
        Ok(self.bill(took)?.iter().map(|(_, dollars)| dollars).sum())
    }

    /// The same by service.
    pub(crate) fn bill(&self, took: &Use) -> Result<Bill> {
        let invocations: f64 = took.invocations.values().sum();
        let stored = took.byte_months + took.lasting_bytes * self.of("months_kept")?;
        let queues = (took.standard + took.fair) * self.of("sqs_request")?
            + took.fair * self.of("sqs_fair_extra")?
            + took.fifo * self.of("sqs_fifo_request")?;
        Ok(vec![
            ("API Gateway", took.requests * self.of("http_api")?),
            (
                "Lambda",
                invocations * self.of("lambda_request")?
                    + self.gb_seconds(took)? * self.of("lambda_gb_second")?,
            ),
            ("DynamoDB writes", took.write_units * self.of("write_unit")?),
            ("DynamoDB reads", took.read_units * self.of("read_unit")?),
            ("DynamoDB storage", stored * 1e6 / GIGABYTE * self.of("storage_gb_month")?),
            ("SQS", queues),
            ("SNS", took.published * self.of("sns_publish")?),
        ])
    }

    /// GB-seconds of one.
    pub(crate) fn gb_seconds(&self, took: &Use) -> Result<f64> {
        let mut sum = 0.0;
        for (function, invocations) in &took.invocations {
            let memory = self.memory.get(function).copied();
            let memory = memory.ok_or_else(|| wrong(format!("{function} has no memory")))?;
            let mut each = self.of(&format!("ms_{function}"))?;
            if function == "deliver" {
                each += self.of("endpoint_ms")?;
            }
            let mut millis = invocations * each;
            if *invocations > 0.0 {
                millis += self.or_none(&format!("ms_{function}_each"));
            }
            sum += millis / 1_000.0 * memory / 1_024.0;
        }
        Ok(sum)
    }
}

impl Use {
    /// Both, so often: `self + other * times`.
    pub(crate) fn plus(&self, other: &Self, times: f64) -> Self {
        let mut sum = self.clone();
        for (function, invocations) in &other.invocations {
            *sum.invocations.entry(function.clone()).or_default() += invocations * times;
        }
        sum.requests += other.requests * times;
        sum.write_units += other.write_units * times;
        sum.busiest += other.busiest * times;
        sum.read_units += other.read_units * times;
        sum.standard += other.standard * times;
        sum.fair += other.fair * times;
        sum.fifo += other.fifo * times;
        sum.published += other.published * times;
        sum.byte_months += other.byte_months * times;
        sum.lasting_bytes += other.lasting_bytes * times;
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_that_is_not_in_the_file_is_an_error() {
        let prices = Prices::read().unwrap();
        assert!((prices.of("write_unit").unwrap() - 0.625).abs() < 1e-9);
        assert!(prices.of("no_such_price").is_err());
    }

    #[test]
    fn a_write_unit_more_is_sixty_two_and_a_half_cents_more() {
        let prices = Prices::read().unwrap();
        let one = Use { write_units: 3.0, ..Use::default() };
        let more = Use { write_units: 4.0, ..one.clone() };
        let between = prices.million(&more).unwrap() - prices.million(&one).unwrap();
        assert!((between - 0.625).abs() < 1e-9);
    }

    #[test]
    fn a_function_with_twice_the_memory_costs_twice_its_seconds() {
        let mut prices = Prices::read().unwrap();
        let took = Use { invocations: [("ingest".to_owned(), 1.0)].into(), ..Use::default() };
        prices.memory.insert("ingest".to_owned(), 128.0);
        let small = prices.gb_seconds(&took).unwrap();
        prices.memory.insert("ingest".to_owned(), 256.0);
        assert!((prices.gb_seconds(&took).unwrap() - 2.0 * small).abs() < 1e-12);
    }

    #[test]
    fn a_use_is_added_a_number_of_times() {
        let one =
            Use { fair: 3.0, invocations: [("deliver".to_owned(), 1.0)].into(), ..Use::default() };
        let sum = one.plus(&one, 2.0);
        assert!((sum.fair - 9.0).abs() < 1e-9);
        assert!((sum.invocations["deliver"] - 3.0).abs() < 1e-9);
    }
}
