//! The limits that are reached first, and their remedies: AWS's quotas, and the settings of the
//! template.

use gancho_domain::common::ids::DeliveryId;

use super::traffic::{Traffic, spell};
use crate::{deployed::Deployed, prices::Prices, report::Report};

/// The busiest second, against the average.
const PEAK: f64 = 5.0;
/// The number of limits that are always listed, and the share from which on others are.
const LEAST: usize = 3;
const LISTED_SHARE: f64 = 0.05;
/// Write units of a webhook's row and of its run at 2 KB; of a delivery's row over its life.
const HISTORY_UNITS: f64 = 3.0;
const DELIVERY_UNITS: f64 = 6.0;
/// The lines of a batch that *process* runs at a time (decision 0088).
const AT_ONCE: f64 = 16.0;

/// The limits and their remedies, in the order of [`used`].
const LIMITS: &str = "\
API requests/s, the account's in the region|Service Quotas, API Gateway: Throttle rate; parameters IngestRate, ApiRate
webhooks/s that the template lets in|parameters IngestRate and IngestBurst
Lambda executions at a time|Service Quotas, Lambda: Concurrent executions (a new account may have 10)
batches of deliver at a time|template: MaximumConcurrency of Deliver's Attempt and Lane
webhooks/s of one shard of an origin (16 people at a time)|PATCH /v1/origins/{origin}: read_shards, 5 s later write_shards
write units/s of one key of the history (one origin)|PATCH /v1/origins/{origin}: read_shards, 5 s later write_shards
write units/s of a day's deliveries (one workspace)|a second workspace; DeliveryId::SHARDS in shared/domain is no setting yet
write units/s of a table that is new|doubles by itself within 30 min; DynamoDB: warm throughput before a campaign
write units/s of a table|Service Quotas, DynamoDB: Table-level write throughput limit
FIFO requests/s, if all endpoints are ordered|high throughput is on; Service Quotas, SQS; fewer ordered endpoints";

/// The use of each limit at `rate` webhooks a second, and its value.
fn used(rate: f64, traffic: &Traffic, prices: &Prices, deployed: &Deployed) -> [(f64, f64); 10] {
    let sent = rate * traffic.deliveries;
    let seconds = |function: &str| prices.millis(function).0 / 1_000.0;
    let item_seconds = prices.millis("process").1 / 1_000.0;
    let executions = traffic.each.invocations().map(|(name, count)| count * seconds(name));
    let busiest = rate * traffic.each.of("busiest");
    [
        (rate * traffic.each.of("requests"), 10_000.0),
        (rate, deployed.ingest_rate),
        (rate * (executions.sum::<f64>() + item_seconds), 1_000.0),
        (sent * traffic.delivery.of("deliver") * seconds("deliver"), deployed.delivering),
        (rate, AT_ONCE / item_seconds),
        (rate * HISTORY_UNITS, 1_000.0),
        (sent * DELIVERY_UNITS, 1_000.0 * f64::from(DeliveryId::SHARDS)),
        (busiest, 4_000.0),
        (busiest, 40_000.0),
        (sent, 3_000.0),
    ]
}

/// Writes the limits of this traffic, the tightest first.
pub(super) fn write(traffic: &Traffic, prices: &Prices, deployed: &Deployed, report: &mut Report) {
    let (average, busiest) = (traffic.rate_per_second(), traffic.rate_per_second() * PEAK);
    let used = used(busiest, traffic, prices, deployed);
    let mut limits: Vec<_> = LIMITS.lines().zip(used).collect();
    limits.sort_by(|(_, one), (_, other)| (other.0 / other.1).total_cmp(&(one.0 / one.1)));
    let mut rows = Vec::new();
    for (place, (text, (need, has))) in limits.iter().enumerate() {
        let (share, (name, lift)) = (need / has, text.split_once('|').unwrap_or((text, "")));
        if place < LEAST || share >= LISTED_SHARE {
            rows.push(format!("{name}|{need:.1}|{has:.0}|{:.0} %|{lift}", share * 100.0));
        }
    }
    report.text(format!(
        "{} a month: {average:.2} a second, {busiest:.1} in the busiest. The limits that are reached first if all \
         webhooks belong to one integration:",
        spell(traffic.webhooks),
    ));
    report.table("limit|needed|there is|used|lifted by", &rows);
}
