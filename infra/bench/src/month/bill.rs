//! A month's bill, line by line: at list price, and what an account has free.

use super::traffic::Traffic;
use crate::{
    cost::{
        measured::{Known, find, schedule_key},
        usage::Use,
    },
    deployed::{Deployed, MINUTES},
    error::Result,
    prices::{GIGABYTE, Prices},
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
    let mut month = traffic.month();
    // By webhook and run: the milliseconds of a batch's items are those of one webhook.
    let mut gb_seconds = prices.gb_seconds(&traffic.each) * traffic.webhooks;
    for schedule in &deployed.schedules {
        let (name, pace) = schedule_key(schedule);
        let run = find(known, &name, &pace)?;
        gb_seconds += prices.gb_seconds(&run) * schedule.times;
        month = month.plus(&run, schedule.times);
    }
    let bytes = month.of("byte_months") + month.of("lasting_bytes") * prices["months_grown"];
    let (stored, sns) = (bytes / GIGABYTE, prices["sns_publish"] / 1e6);
    let storage = prices["storage_gb_month"];
    let mut lines = vec![
        Line::new("API Gateway", api(month.of("requests"), prices), 0.0),
        lambda(&month, gb_seconds, prices),
        Line::new("DynamoDB writes", month.of("write_units") / 1e6 * prices["write_unit"], 0.0),
        Line::new("DynamoDB reads", month.of("read_units") / 1e6 * prices["read_unit"], 0.0),
        Line::new("DynamoDB storage", stored * storage, prices["free_storage_gb"] * storage),
        queues(&month, prices, deployed),
        Line::new("SNS", month.of("published") * sns, prices["free_sns_publishes"] * sns),
    ];
    lines.extend(observability(traffic, &month, prices, deployed));
    let backups = stored * prices["backup_gb_month"];
    let backups = Line::new("(DataProtection=always adds at most)", backups, 0.0);
    lines.push(Line { optional: true, ..backups });
    Ok(lines)
}

fn api(requests: f64, prices: &Prices) -> f64 {
    let millions = requests / 1e6;
    let first = millions.min(prices["http_api_first_millions"]);
    first * prices["http_api"] + (millions - first) * prices["http_api_beyond"]
}

fn lambda(month: &Use, gb_seconds: f64, prices: &Prices) -> Line {
    let (request, second) = (prices["lambda_request"] / 1e6, prices["lambda_gb_second"] / 1e6);
    let list = invocations(month) * request + gb_seconds * second;
    let free = prices["free_lambda_requests"] * request + prices["free_lambda_gb_seconds"] * second;
    Line::new("Lambda", list, free)
}

fn invocations(month: &Use) -> f64 {
    month.invocations().map(|(_, count)| count).sum()
}

/// Long polls of one queue in a month without messages.
pub(super) fn polls(prices: &Prices) -> f64 {
    prices["pollers"] * MINUTES * 60.0 / prices["poll_seconds"]
}

fn queues(month: &Use, prices: &Prices, deployed: &Deployed) -> Line {
    let polls = polls(prices);
    let (fifo, standard) = (deployed.polled_fifo, deployed.polled - deployed.polled_fifo);
    let idle = Use::from_iter([("standard", standard * polls), ("fifo", fifo * polls)]);
    let free = prices["free_sqs_requests"] * prices["sqs_request"];
    Line::new("SQS", prices.queues(&month.plus(&idle, 1.0)) / 1e6, free / 1e6)
}

/// Alarms, the dashboard, metrics, logs, traces and keys.
fn observability(
    traffic: &Traffic,
    month: &Use,
    prices: &Prices,
    deployed: &Deployed,
) -> [Line; 6] {
    // An amount of something that has a price and a free part of the same name.
    let line = |name, amount: f64, price: &str, free: &str| {
        Line::new(name, amount * prices[price], prices[free] * prices[price])
    };
    let metrics = match traffic.rate_per_second() {
        rate if rate <= 0.0 => prices["metrics_idle"],
        rate if rate < 1.0 => prices["metrics_some"],
        _ => prices["metrics_all"],
    };
    let gigabytes = log_bytes(traffic, month, prices) / GIGABYTE;
    let kept = prices["log_compression"] * prices["log_months"] * prices["log_gb_month"];
    let free_logs = prices["free_log_gb"] * prices["log_gb"];
    let traces = if deployed.traced { traces(month, prices) } else { 0.0 };
    let trace = prices["xray_trace"] / 1e6;
    let free_keys = prices["free_kms_requests"] / 1e6 * prices["kms_request"];
    [
        line("CloudWatch alarms", deployed.alarm_metrics, "alarm", "free_alarms"),
        line("CloudWatch dashboard", deployed.dashboards, "dashboard", "free_dashboards"),
        line("CloudWatch metrics", metrics, "metric", "free_metrics"),
        Line::new("CloudWatch logs", gigabytes * (prices["log_gb"] + kept), free_logs),
        Line::new("X-Ray", traces * trace, prices["free_xray_traces"] * trace),
        Line::new("KMS", keys(traffic, prices, deployed), free_keys),
    ]
}

fn log_bytes(traffic: &Traffic, month: &Use, prices: &Prices) -> f64 {
    invocations(month) * prices["log_bytes_invocation"]
        + traffic.webhooks * prices["log_bytes_webhook"]
        + traffic.webhooks * traffic.deliveries * prices["log_bytes_delivery"]
        + month.of("requests") * prices["log_bytes_access"]
}

/// X-Ray keeps the first of each second and function, and a share of the rest.
fn traces(month: &Use, prices: &Prices) -> f64 {
    let seconds = MINUTES * 60.0;
    let of = |(_, invocations): (_, f64)| {
        let first = invocations.min(seconds);
        first + (invocations - first) * prices["xray_share"]
    };
    month.invocations().map(of).sum()
}

/// Customer managed keys, and DynamoDB's requests to the account's key: each function and table in
/// use requests it again after five minutes, at most.
fn keys(traffic: &Traffic, prices: &Prices, deployed: &Deployed) -> f64 {
    let functions = if traffic.webhooks > 0.0 { 4.0 } else { 0.2 };
    let requests = deployed.keyed_tables * functions * MINUTES / 5.0;
    deployed.keys * prices["kms_key"] + requests / 1e6 * prices["kms_request"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_pollers_of_twenty_seconds_ask_648_thousand_times_a_month() {
        assert!((polls(&Prices::read().unwrap()) - 648_000.0).abs() < 1e-6);
    }

    #[test]
    fn beyond_300_million_a_request_is_cheaper() {
        let prices = Prices::read().unwrap();
        assert!((api(1e6, &prices) - 1.0).abs() < 1e-9);
        assert!((api(400e6, &prices) - 390.0).abs() < 1e-9);
    }

    #[test]
    fn a_share_of_many_is_traced_and_every_one_of_few() {
        let prices = Prices::read().unwrap();
        let of = |invocations: f64| traces(&Use::from_iter([("ingest", invocations)]), &prices);
        assert!((of(100.0) - 100.0).abs() < 1e-9);
        assert!((of(2_592_000.0 + 100.0) - 2_592_005.0).abs() < 1e-6);
    }

    #[test]
    fn every_webhook_pays_for_its_own_milliseconds_of_a_batch() {
        let (prices, deployed) = (Prices::read().unwrap(), Deployed::read().unwrap());
        let known = crate::cost::measured::read().unwrap();
        let lambda = |webhooks: f64| {
            let mut traffic = Traffic::new(1e9, 1.0, &known).unwrap();
            traffic.webhooks = webhooks;
            let lines = lines(&traffic, &prices, &deployed, &known).unwrap();
            lines.iter().find(|line| line.name == "Lambda").unwrap().list
        };
        let each = Traffic::new(1e9, 1.0, &known).unwrap().each;
        let million = prices.gb_seconds(&each) * prices["lambda_gb_second"]
            + invocations(&each) * prices["lambda_request"];
        assert!((lambda(2e6) - lambda(1e6) - million).abs() < 1e-6);
    }
}
