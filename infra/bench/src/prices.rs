//! List prices and what is assumed with them, from `prices.toml`.

use crate::error::{BenchError, Result, wrong};

const FILE: &str = include_str!("../prices.toml");

/// What a million of a thing costs, in dollars.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Prices {
    http_api: f64,
    lambda_request: f64,
    lambda_gb_second: f64,
    write_unit: f64,
    read_unit: f64,
    sqs_request: f64,
    storage_gb_month: f64,
    storage_item_bytes: f64,
    pub(crate) lambda_memory_mb: f64,
    pub(crate) ingest_ms: f64,
    pub(crate) process_ms: f64,
    pub(crate) tally_ms: f64,
    pub(crate) months_kept: f64,
}

/// What one webhook takes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// Invocations of every function.
    pub(crate) invocations: f64,
    /// Of *tally*.
    pub(crate) tallied: f64,
    pub(crate) write_units: f64,
    pub(crate) read_units: f64,
    pub(crate) sqs_calls: f64,
    pub(crate) bytes_kept: f64,
    pub(crate) items_kept: f64,
}

impl Prices {
    /// Reads the file.
    pub(crate) fn read() -> Result<Self> {
        Ok(Self {
            http_api: value("http_api")?,
            lambda_request: value("lambda_request")?,
            lambda_gb_second: value("lambda_gb_second")?,
            write_unit: value("write_unit")?,
            read_unit: value("read_unit")?,
            sqs_request: value("sqs_request")?,
            storage_gb_month: value("storage_gb_month")?,
            storage_item_bytes: value("storage_item_bytes")?,
            lambda_memory_mb: value("lambda_memory_mb")?,
            ingest_ms: value("ingest_ms")?,
            process_ms: value("process_ms")?,
            tally_ms: value("tally_ms")?,
            months_kept: value("months_kept")?,
        })
    }

    /// What a million webhooks cost.
    pub(crate) fn million(&self, took: &Use) -> f64 {
        let bytes = took.bytes_kept + took.items_kept * self.storage_item_bytes;
        let gigabytes = bytes * 1e6 / f64::from(1u32 << 30);
        self.http_api
            + took.invocations * self.lambda_request
            + self.gb_seconds(took) * self.lambda_gb_second
            + took.write_units * self.write_unit
            + took.read_units * self.read_unit
            + took.sqs_calls * self.sqs_request
            + gigabytes * self.storage_gb_month * self.months_kept
    }

    fn gb_seconds(&self, took: &Use) -> f64 {
        let millis = self.ingest_ms + self.process_ms + took.tallied * self.tally_ms;
        millis / 1_000.0 * self.lambda_memory_mb / 1_024.0
    }
}

fn value(name: &str) -> Result<f64> {
    let named = |line: &'static str| {
        let (found, rest) = line.split_once('=')?;
        (found.trim() == name).then(|| rest.split('#').next().unwrap_or_default().trim())
    };
    let mut lines = FILE.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let text = lines.find_map(named);
    let missing = || -> BenchError { wrong(format!("prices.toml does not say {name}")) };
    text.and_then(|text| text.parse().ok()).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_is_in_the_file() {
        assert!(Prices::read().is_ok());
        assert!(value("no_such_price").is_err());
    }

    #[test]
    fn a_write_unit_more_is_sixty_two_and_a_half_cents_more() {
        let prices = Prices::read().unwrap();
        let one = Use { write_units: 3.0, ..Use::default() };
        let more = Use { write_units: 4.0, ..one };
        assert!((prices.million(&more) - prices.million(&one) - 0.625).abs() < 1e-9);
    }
}
