//! The limits that are reached first, and their remedies: AWS's quotas, and the settings of the
//! template.

use std::io::Write;

use gancho_domain::common::ids::DeliveryId;

use super::traffic::{Traffic, spell};
use crate::{deployed::Deployed, error::Result, prices::Prices, table::Table};

/// The busiest second, against the average.
const PEAK: f64 = 5.0;
/// The number of limits that are always listed, and the share from which on others are.
const LEAST: usize = 3;
const WORTH_TELLING: f64 = 0.05;
/// Write units of a webhook's row and of its run, at 2 KB.
const HISTORY_UNITS: f64 = 3.0;
/// Write units of a delivery's row over its life: created, claimed, recorded.
const DELIVERY_UNITS: f64 = 6.0;

/// A limit, its use in the busiest second, and its remedy.
#[derive(Debug)]
struct Limit {
    what: &'static str,
    need: f64,
    has: f64,
    lift: &'static str,
}

impl Limit {
    fn used(&self) -> f64 {
        self.need / self.has
    }
}

/// The limits of this traffic, the tightest first.
pub(super) fn write(
    traffic: &Traffic,
    prices: &Prices,
    deployed: &Deployed,
    out: &mut impl Write,
) -> Result<()> {
    let mut limits = limits(traffic, prices, deployed)?;
    limits.sort_by(|one, other| other.used().total_cmp(&one.used()));
    let rate = traffic.rate_per_second();
    writeln!(
        out,
        "\n   {} a month: {rate:.2} a second, {:.1} in the busiest; what gives way first, were all of it one \
         integration's",
        spell(traffic.webhooks),
        rate * PEAK
    )?;
    let mut table = Table::new("limit|needed|there is|used|lifted by");
    for (place, limit) in limits.iter().enumerate() {
        if place >= LEAST && limit.used() < WORTH_TELLING {
            break;
        }
        table.row(vec![
            limit.what.to_owned(),
            format!("{:.1}", limit.need),
            format!("{:.0}", limit.has),
            format!("{:.0} %", limit.used() * 100.0),
            limit.lift.to_owned(),
        ]);
    }
    table.write(out)?;
    Ok(())
}

/// The load of the busiest second.
struct Busy<'a> {
    traffic: &'a Traffic,
    prices: &'a Prices,
    /// Webhooks, and deliveries of them.
    rate: f64,
    sent: f64,
    /// Batches of *deliver* in progress, and their limit.
    delivering: f64,
    at_once: f64,
    /// The template's limit on webhooks a second.
    ingest_rate: f64,
}

fn limits(traffic: &Traffic, prices: &Prices, deployed: &Deployed) -> Result<Vec<Limit>> {
    let rate = traffic.rate_per_second() * PEAK;
    let sent = rate * traffic.deliveries;
    let deliver = traffic.delivery.invocations.get("deliver").copied().unwrap_or(0.0);
    let attempt = (prices.of("ms_deliver")? + prices.of("endpoint_ms")?) / 1_000.0;
    let delivering = sent * deliver * attempt;
    let at_once = at_once(deployed, "DeliverQueue");
    let ingest_rate = deployed.ingest_rate;
    let busy = Busy { traffic, prices, rate, sent, delivering, at_once, ingest_rate };
    let mut limits = busy.of_functions()?;
    limits.extend(busy.of_tables());
    limits.extend(busy.of_messages());
    Ok(limits)
}

impl Busy<'_> {
    fn of_functions(&self) -> Result<Vec<Limit>> {
        Ok(vec![
            Limit {
                what: "API requests/s, the account's in the region",
                need: self.rate * self.traffic.each.requests,
                has: 10_000.0,
                lift: "Service Quotas, API Gateway: Throttle rate; parameters IngestRate, ApiRate",
            },
            Limit {
                what: "webhooks/s that the template lets in",
                need: self.rate,
                has: self.ingest_rate,
                lift: "parameters IngestRate and IngestBurst",
            },
            Limit {
                what: "Lambda executions at a time",
                need: self.rate * concurrency(self.traffic, self.prices)?,
                has: 1_000.0,
                lift: "Service Quotas, Lambda: Concurrent executions (a new account may have 10)",
            },
            Limit {
                what: "batches of deliver at a time",
                need: self.delivering,
                has: self.at_once,
                lift: "template: MaximumConcurrency of Deliver's Attempt and Lane",
            },
            Limit {
                what: "webhooks/s of one integration (one after another)",
                need: self.rate,
                has: 1_000.0 / self.prices.of("ms_process_each")?,
                lift: "several integrations; template: ParallelizationFactor of Process's Received",
            },
        ])
    }

    fn of_tables(&self) -> Vec<Limit> {
        let busiest = self.rate * self.traffic.each.busiest;
        vec![
            Limit {
                what: "write units/s of one key of the history (one origin)",
                need: self.rate * HISTORY_UNITS,
                has: 1_000.0,
                lift: "PATCH /v1/origins/{origin}: read_shards, 5 s later write_shards",
            },
            Limit {
                what: "write units/s of a day's deliveries (one workspace)",
                need: self.sent * DELIVERY_UNITS,
                has: 1_000.0 * f64::from(DeliveryId::SHARDS),
                lift: "a second workspace; DeliveryId::SHARDS in shared/domain is no setting yet",
            },
            Limit {
                what: "write units/s of a table that is new",
                need: busiest,
                has: 4_000.0,
                lift: "doubles by itself within 30 min; DynamoDB: warm throughput before a campaign",
            },
            Limit {
                what: "write units/s of a table",
                need: busiest,
                has: 40_000.0,
                lift: "Service Quotas, DynamoDB: Table-level write throughput limit",
            },
        ]
    }

    fn of_messages(&self) -> Vec<Limit> {
        vec![
            Limit {
                what: "FIFO requests/s, if all endpoints are ordered",
                need: self.sent,
                has: 3_000.0,
                lift: "high throughput is on; Service Quotas, SQS; fewer ordered endpoints",
            },
            Limit {
                what: "messages in flight in the deliver queue",
                need: self.delivering.min(self.at_once) * 10.0,
                has: 120_000.0,
                lift: "never near: waits are delayed or parked, not in flight",
            },
            Limit {
                what: "e-mails/s of SNS, one notice in 10,000 deliveries",
                need: self.sent / 10_000.0,
                has: 10.0,
                lift: "subscribe a queue or a function to the topic instead of addresses",
            },
        ]
    }
}

/// Concurrent executions for each webhook a second.
fn concurrency(traffic: &Traffic, prices: &Prices) -> Result<f64> {
    let mut seconds = 0.0;
    for (function, invocations) in &traffic.each.invocations {
        let own = prices.of(&format!("ms_{function}"))?;
        let waits = if function == "deliver" { prices.of("endpoint_ms")? } else { 0.0 };
        seconds += invocations * (own + waits) / 1_000.0;
    }
    Ok(seconds + prices.of("ms_process_each")? / 1_000.0)
}

/// `MaximumConcurrency` of a queue's reader.
fn at_once(deployed: &Deployed, queue: &str) -> f64 {
    let source = deployed.polled.iter().find(|polled| polled.queue == queue);
    let most = source.and_then(|source| source.at_once).and_then(|most| u32::try_from(most).ok());
    most.map_or(1_000.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_how_many_batches_are_delivered_at_a_time() {
        let deployed = Deployed::read().unwrap();
        assert!(
            at_once(&deployed, "DeliverQueue") < 1_000.0,
            "DeliverQueue has a reader with a limit"
        );
        assert!((at_once(&deployed, "NoSuchQueue") - 1_000.0).abs() < 1e-9);
    }
}
