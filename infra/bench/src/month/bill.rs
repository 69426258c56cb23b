//! A month's bill, line by line: at list price, and what an account has free.

use super::traffic::Traffic;
use crate::{
    cost::measured::{self, Known},
    deployed::{Deployed, MINUTES, Schedule},
    error::Result,
    prices::{GIGABYTE, Prices, Use},
};

/// A line of the bill.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    /// At list price.
    pub(super) list: f64,
    /// The free part of it in every account.
    free: f64,
    /// Not in the sum: an option that is off by default.
    pub(super) optional: bool,
}

/// All of them, in an order that is always the same.
pub(super) type Lines = Vec<Line>;

impl Line {
    fn new(name: &'static str, list: f64, free: f64) -> Self {
        Self { name, list, free, optional: false }
    }

    pub(super) fn paid(&self) -> f64 {
        (self.list - self.free).max(0.0)
    }
}

/// The bill of a month.
pub(super) fn lines(
    traffic: &Traffic,
    prices: &Prices,
    deployed: &Deployed,
    known: &Known,
) -> Result<Lines> {
    let one = |name: &str| prices.of(name);
    let mut month = traffic.month();
    for schedule in &deployed.schedules {
        month = month.plus(&measured::scheduled(known, schedule)?, schedule.times);
    }
    let mut lines = vec![Line::new("API Gateway", api(month.requests, prices)?, 0.0)];
    lines.push(lambda(&month, prices)?);
    lines.push(Line::new("DynamoDB writes", month.write_units / 1e6 * one("write_unit")?, 0.0));
    lines.push(Line::new("DynamoDB reads", month.read_units / 1e6 * one("read_unit")?, 0.0));
    let bytes = month.byte_months + month.lasting_bytes * one("months_grown")?;
    let stored = bytes / GIGABYTE;
    let free = one("free_storage_gb")? * one("storage_gb_month")?;
    lines.push(Line::new("DynamoDB storage", stored * one("storage_gb_month")?, free));
    lines.push(queues(&month, prices, deployed)?);
    let free = one("free_sns_publishes")? / 1e6 * one("sns_publish")?;
    lines.push(Line::new("SNS", month.published / 1e6 * one("sns_publish")?, free));
    watching(traffic, &month, (prices, deployed), &mut lines)?;
    let backups = stored * one("backup_gb_month")?;
    let backups = Line::new("(DataProtection=always adds at most)", backups, 0.0);
    lines.push(Line { optional: true, ..backups });
    Ok(lines)
}

fn api(requests: f64, prices: &Prices) -> Result<f64> {
    let millions = requests / 1e6;
    let first = millions.min(prices.of("http_api_first_millions")?);
    Ok(first * prices.of("http_api")? + (millions - first) * prices.of("http_api_beyond")?)
}

fn lambda(month: &Use, prices: &Prices) -> Result<Line> {
    let invocations: f64 = month.invocations.values().sum();
    let (request, second) = (prices.of("lambda_request")?, prices.of("lambda_gb_second")?);
    let list = invocations / 1e6 * request + prices.gb_seconds(month)? / 1e6 * second;
    let free = prices.of("free_lambda_requests")? / 1e6 * request
        + prices.of("free_lambda_gb_seconds")? / 1e6 * second;
    Ok(Line::new("Lambda", list, free))
}

/// Long polls of one queue in a month without messages.
pub(super) fn polls(prices: &Prices) -> Result<f64> {
    Ok(prices.of("pollers")? * MINUTES * 60.0 / prices.of("poll_seconds")?)
}

fn queues(month: &Use, prices: &Prices, deployed: &Deployed) -> Result<Line> {
    let polls = polls(prices)?;
    #[expect(clippy::cast_precision_loss, reason = "some queues")]
    let fifo = deployed.polled.iter().filter(|polled| polled.fifo).count() as f64;
    #[expect(clippy::cast_precision_loss, reason = "some queues")]
    let standard = deployed.polled.len() as f64 - fifo;
    let standard = standard * polls + month.standard + month.fair;
    let list = standard * prices.of("sqs_request")?
        + month.fair * prices.of("sqs_fair_extra")?
        + (fifo * polls + month.fifo) * prices.of("sqs_fifo_request")?;
    let free = prices.of("free_sqs_requests")? / 1e6 * prices.of("sqs_request")?;
    Ok(Line::new("SQS", list / 1e6, free))
}

/// Alarms, the dashboard, metrics, logs, traces and keys.
fn watching(
    traffic: &Traffic,
    month: &Use,
    (prices, deployed): (&Prices, &Deployed),
    lines: &mut Lines,
) -> Result<()> {
    let one = |name: &str| prices.of(name);
    let alarms: f64 = deployed.alarms.values().sum();
    let alarm = one("alarm")?;
    lines.push(Line::new("CloudWatch alarms", alarms * alarm, one("free_alarms")? * alarm));
    let dashboard = one("dashboard")?;
    let free = one("free_dashboards")? * dashboard;
    lines.push(Line::new("CloudWatch dashboard", deployed.dashboards * dashboard, free));
    let metrics = match traffic.rate_per_second() {
        rate if rate <= 0.0 => one("metrics_idle")?,
        rate if rate < 1.0 => one("metrics_some")?,
        _ => one("metrics_all")?,
    };
    let metric = one("metric")?;
    let free = one("free_metrics")? * metric;
    lines.push(Line::new("CloudWatch metrics", metrics * metric, free));
    let gigabytes = log_bytes(traffic, month, prices)? / GIGABYTE;
    let kept = one("log_compression")? * one("log_months")? * one("log_gb_month")?;
    let list = gigabytes * (one("log_gb")? + kept);
    lines.push(Line::new("CloudWatch logs", list, one("free_log_gb")? * one("log_gb")?));
    let traces = if deployed.traced { traces(month, prices)? } else { 0.0 };
    let trace = one("xray_trace")? / 1e6;
    lines.push(Line::new("X-Ray", traces * trace, one("free_xray_traces")? * trace));
    lines.push(Line::new("KMS", keys(traffic, prices, deployed)?, free_keys(prices)?));
    Ok(())
}

fn log_bytes(traffic: &Traffic, month: &Use, prices: &Prices) -> Result<f64> {
    let invocations: f64 = month.invocations.values().sum();
    Ok(invocations * prices.of("log_bytes_invocation")?
        + traffic.webhooks * prices.of("log_bytes_webhook")?
        + traffic.webhooks * traffic.deliveries * prices.of("log_bytes_delivery")?
        + month.requests * prices.of("log_bytes_access")?)
}

/// X-Ray keeps the first of each second and function, and a share of the rest.
fn traces(month: &Use, prices: &Prices) -> Result<f64> {
    let share = prices.of("xray_share")?;
    let seconds = MINUTES * 60.0;
    let of = |invocations: &f64| {
        let first = invocations.min(seconds);
        first + (invocations - first) * share
    };
    Ok(month.invocations.values().map(of).sum())
}

/// Customer managed keys, and DynamoDB's requests to the account's key: each function and table in
/// use requests it again after five minutes, at most.
fn keys(traffic: &Traffic, prices: &Prices, deployed: &Deployed) -> Result<f64> {
    let functions = if traffic.webhooks > 0.0 { 4.0 } else { 0.2 };
    let requests = deployed.keyed_tables * functions * MINUTES / 5.0;
    Ok(deployed.keys * prices.of("kms_key")? + requests / 1e6 * prices.of("kms_request")?)
}

fn free_keys(prices: &Prices) -> Result<f64> {
    Ok(prices.of("free_kms_requests")? / 1e6 * prices.of("kms_request")?)
}

/// The cost of a schedule a month, without its reads.
pub(super) fn clockwork(schedule: &Schedule, prices: &Prices) -> Result<f64> {
    let took = Use { invocations: [(schedule.function.clone(), 1.0)].into(), ..Use::default() };
    Ok(prices.million(&took)? / 1e6 * schedule.times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_pollers_of_twenty_seconds_ask_648_thousand_times_a_month() {
        let polls = polls(&Prices::read().unwrap()).unwrap();
        assert!((polls - 648_000.0).abs() < 1e-6);
    }

    #[test]
    fn beyond_300_million_a_request_is_cheaper() {
        let prices = Prices::read().unwrap();
        assert!((api(1e6, &prices).unwrap() - 1.0).abs() < 1e-9);
        assert!((api(400e6, &prices).unwrap() - 390.0).abs() < 1e-9);
    }

    #[test]
    fn the_free_part_is_not_paid() {
        let line = Line::new("x", 1.0, 3.0);
        assert!(line.paid().abs() < 1e-9);
    }

    #[test]
    fn a_share_of_many_is_traced_and_every_one_of_few() {
        let prices = Prices::read().unwrap();
        let of = |invocations: f64| {
            let month =
                Use { invocations: [("a".to_owned(), invocations)].into(), ..Use::default() };
            traces(&month, &prices).unwrap()
        };
        assert!((of(100.0) - 100.0).abs() < 1e-9);
        assert!((of(2_592_000.0 + 100.0) - 2_592_005.0).abs() < 1e-6);
    }
}
