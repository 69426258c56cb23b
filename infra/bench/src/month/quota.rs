//! The limits that are reached first, and their remedies: AWS's quotas, and the settings of the
//! template.

use gancho_domain::common::ids::DeliveryId;

use super::traffic::{Traffic, spell};
use crate::{deployed::Deployed, prices::Prices, report::Report, stats::number};

/// The busiest second, against the average.
const PEAK: f64 = 5.0;
/// The number of limits that are always listed, and the share from which on others are.
const LEAST: usize = 3;
const LISTED_SHARE: f64 = 0.05;
/// Write units of a webhook's row and of its run, at 2 KB.
const HISTORY_UNITS: f64 = 3.0;
/// Write units of a delivery's row over its life: created, claimed, recorded.
const DELIVERY_UNITS: f64 = 6.0;

/// A limit: its name, its use in the busiest second, its value, and its remedy.
type Limit = (&'static str, fn(&Busy) -> f64, fn(&Busy) -> f64, &'static str);

/// The load of the busiest second.
struct Busy {
    /// Webhooks, deliveries of them, and requests of the API.
    rate: f64,
    sent: f64,
    requests: f64,
    /// Executions of functions, and batches of *deliver*, in progress.
    executions: f64,
    delivering: f64,
    /// Write units of the busiest table.
    busiest: f64,
    /// Limits of the template: batches of *deliver* at a time, webhooks a second.
    at_once: f64,
    ingest_rate: f64,
    /// Webhooks a second that *process* handles in order.
    in_order: f64,
}

const LIMITS: [Limit; 12] = [
    (
        "API requests/s, the account's in the region",
        |busy| busy.requests,
        |_| 10_000.0,
        "Service Quotas, API Gateway: Throttle rate; parameters IngestRate, ApiRate",
    ),
    (
        "webhooks/s that the template lets in",
        |busy| busy.rate,
        |busy| busy.ingest_rate,
        "parameters IngestRate and IngestBurst",
    ),
    (
        "Lambda executions at a time",
        |busy| busy.executions,
        |_| 1_000.0,
        "Service Quotas, Lambda: Concurrent executions (a new account may have 10)",
    ),
    (
        "batches of deliver at a time",
        |busy| busy.delivering,
        |busy| busy.at_once,
        "template: MaximumConcurrency of Deliver's Attempt and Lane",
    ),
    (
        "webhooks/s of one integration (one after another)",
        |busy| busy.rate,
        |busy| busy.in_order,
        "several integrations; template: ParallelizationFactor of Process's Received",
    ),
    (
        "write units/s of one key of the history (one origin)",
        |busy| busy.rate * HISTORY_UNITS,
        |_| 1_000.0,
        "PATCH /v1/origins/{origin}: read_shards, 5 s later write_shards",
    ),
    (
        "write units/s of a day's deliveries (one workspace)",
        |busy| busy.sent * DELIVERY_UNITS,
        |_| 1_000.0 * f64::from(DeliveryId::SHARDS),
        "a second workspace; DeliveryId::SHARDS in shared/domain is no setting yet",
    ),
    (
        "write units/s of a table that is new",
        |busy| busy.busiest,
        |_| 4_000.0,
        "doubles by itself within 30 min; DynamoDB: warm throughput before a campaign",
    ),
    (
        "write units/s of a table",
        |busy| busy.busiest,
        |_| 40_000.0,
        "Service Quotas, DynamoDB: Table-level write throughput limit",
    ),
    (
        "FIFO requests/s, if all endpoints are ordered",
        |busy| busy.sent,
        |_| 3_000.0,
        "high throughput is on; Service Quotas, SQS; fewer ordered endpoints",
    ),
    (
        "messages in flight in the deliver queue",
        |busy| busy.delivering.min(busy.at_once) * 10.0,
        |_| 120_000.0,
        "never near: waits are delayed or parked, not in flight",
    ),
    (
        "e-mails/s of SNS, one notice in 10,000 deliveries",
        |busy| busy.sent / 10_000.0,
        |_| 10.0,
        "subscribe a queue or a function to the topic instead of addresses",
    ),
];

impl Busy {
    fn new(traffic: &Traffic, prices: &Prices, deployed: &Deployed) -> Self {
        let rate = traffic.rate_per_second() * PEAK;
        let sent = rate * traffic.deliveries;
        let seconds = |function: &str| prices.millis(function).0 / 1_000.0;
        let item_seconds = prices.millis("process").1 / 1_000.0;
        let executions = traffic.each.invocations().map(|(name, count)| count * seconds(name));
        Self {
            rate,
            sent,
            requests: rate * traffic.each.of("requests"),
            executions: rate * (executions.sum::<f64>() + item_seconds),
            delivering: sent * traffic.delivery.of("deliver") * seconds("deliver"),
            busiest: rate * traffic.each.of("busiest"),
            at_once: at_once(deployed, "DeliverQueue"),
            ingest_rate: deployed.ingest_rate,
            in_order: 1.0 / item_seconds,
        }
    }
}

/// Writes the limits of this traffic, the tightest first.
pub(super) fn write(traffic: &Traffic, prices: &Prices, deployed: &Deployed, report: &mut Report) {
    let busy = Busy::new(traffic, prices, deployed);
    let used = |(_, need, has, _): &Limit| need(&busy) / has(&busy);
    let mut limits = LIMITS;
    limits.sort_by(|one, other| used(other).total_cmp(&used(one)));
    let listed = limits
        .iter()
        .enumerate()
        .filter(|(place, limit)| *place < LEAST || used(limit) >= LISTED_SHARE);
    let rows = listed.map(|(_, limit)| {
        let (name, need, has, lift) = limit;
        let (need, has, share) = (need(&busy), has(&busy), used(limit) * 100.0);
        format!("{name}|{need:.1}|{has:.0}|{share:.0} %|{lift}")
    });
    report.text(format!(
        "{} a month: {:.2} a second, {:.1} in the busiest. The limits that are reached first if all \
         webhooks belong to one integration:",
        spell(traffic.webhooks),
        traffic.rate_per_second(),
        busy.rate
    ));
    report.table("limit|needed|there is|used|lifted by", &rows.collect::<Vec<_>>());
}

/// `MaximumConcurrency` of a queue's reader.
fn at_once(deployed: &Deployed, queue: &str) -> f64 {
    let source = deployed.polled.iter().find(|polled| polled.queue == queue);
    source.and_then(|source| source.at_once).map_or(1_000.0, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_how_many_batches_are_delivered_at_a_time() {
        let deployed = Deployed::read().unwrap();
        assert!(at_once(&deployed, "DeliverQueue") < 1_000.0, "its reader has a limit");
        assert!((at_once(&deployed, "NoSuchQueue") - 1_000.0).abs() < 1e-9);
    }
}
