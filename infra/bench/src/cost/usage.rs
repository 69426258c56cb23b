//! The calls of functions and their consumption, for each webhook or event.

use std::collections::BTreeMap;

use local::Call;

use super::storage::Kept;
use crate::{error::Result, prices::Use, stats::each, world::World};

/// The functions of both directions, and those with a schedule.
pub(super) const FUNCTIONS: [&str; 10] = [
    "authorizer",
    "ingest",
    "publish",
    "process",
    "dispatch",
    "deliver",
    "suspension",
    "tally",
    "reprocess",
    "deliveries",
];

/// The use of one webhook or event.
#[derive(Debug, Default)]
pub(crate) struct Took {
    functions: BTreeMap<String, Share>,
    /// Calls by function, operation and tables.
    calls: BTreeMap<Kind, Share>,
    /// Units by table.
    tables: BTreeMap<String, Share>,
    sent: BTreeMap<String, f64>,
    published: f64,
    kept: Kept,
}

/// A function, an operation, and the tables that it names.
pub(super) type Kind = (String, String, String);

/// The use by one kind of call.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Share {
    pub(super) invocations: f64,
    pub(super) calls: f64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

impl Took {
    /// Begins the measurement.
    pub(crate) async fn begin(world: &World) -> Result<Self> {
        let mut took = Self { kept: Kept::now(world).await?, ..Self::default() };
        for name in FUNCTIONS {
            let invocations = invocations(world, name)?;
            took.functions.insert(name.to_owned(), Share { invocations, ..Share::default() });
        }
        world.host.faults().meter(true);
        world.host.faults().record();
        Ok(took)
    }

    /// Ends it after `count` webhooks or events.
    pub(crate) async fn end(&mut self, world: &World, count: usize) -> Result<()> {
        let calls = world.host.faults().calls();
        world.host.faults().stop_recording();
        world.host.faults().meter(false);
        for call in &calls {
            self.add(call, count);
        }
        for (name, share) in &mut self.functions {
            share.invocations = each(invocations(world, name)? - share.invocations, count);
        }
        self.kept = Kept::now(world).await?.since(&self.kept, count);
        Ok(())
    }

    fn add(&mut self, call: &Call, count: usize) {
        let one = each(1.0, count);
        let Some(share) = self.functions.get_mut(&call.function) else { return };
        let writes = Call::writes(&call.operation);
        let of_table = call.units.iter().map(|(table, units)| (table.clone(), *units));
        for (table, units) in of_table.chain([(String::new(), call.capacity)]) {
            let units = each(units, count);
            let (write_units, read_units) = if writes { (units, 0.0) } else { (0.0, units) };
            let part = Share { invocations: 0.0, calls: one, write_units, read_units };
            if table.is_empty() {
                share.add(part);
                let kind = (&call.function, &call.operation, call.tables.join(" "));
                let kind = (kind.0.clone(), kind.1.clone(), kind.2);
                self.calls.entry(kind).or_default().add(part);
            } else {
                self.tables.entry(table).or_default().add(part);
            }
        }
        match call.operation.as_str() {
            "SendMessage"
            | "SendMessageBatch"
            | "ReceiveMessage"
            | "ChangeMessageVisibility"
            | "DeleteMessage"
            | "DeleteMessageBatch" => {
                *self.sent.entry(call.table().to_owned()).or_default() += one;
            }
            "Publish" => self.published += one,
            _ => {}
        }
    }

    fn share(&self, function: &str) -> Share {
        self.functions.get(function).copied().unwrap_or_default()
    }

    /// The use of each function, without those that did nothing.
    pub(super) fn functions(&self) -> impl Iterator<Item = (&str, Share)> {
        let busy = |name: &&str| self.share(name).invocations > 0.0;
        FUNCTIONS.into_iter().filter(busy).map(|name| (name, self.share(name)))
    }

    pub(super) fn by_call(&self) -> &BTreeMap<Kind, Share> {
        &self.calls
    }

    pub(super) fn by_table(&self) -> &BTreeMap<String, Share> {
        &self.tables
    }

    pub(crate) fn calls(&self, function: &str) -> f64 {
        self.share(function).calls
    }

    pub(crate) fn write_units(&self, function: &str) -> f64 {
        self.share(function).write_units
    }

    /// The paid use. Each batch of a queue adds one receive and one delete of Lambda's own to the
    /// functions' sends.
    pub(crate) fn all(&self) -> Use {
        let sum = |what: fn(&Share) -> f64| self.functions.values().map(what).sum::<f64>();
        let sent = |queue: &str| self.sent.get(queue).copied().unwrap_or(0.0);
        let polled = 2.0 * self.share("deliver").invocations;
        let in_lanes = sent("lanes") > sent("deliver");
        let all = self.sent.values().fold(0.0, |sum, one| sum + one);
        let other: f64 = all - sent("lanes") - sent("deliver");
        let invocations =
            self.functions().map(|(name, share)| (name.to_owned(), share.invocations));
        Use {
            requests: f64::from(u8::from(self.share("ingest").invocations > 0.0))
                + f64::from(u8::from(self.share("publish").invocations > 0.0)),
            invocations: invocations.collect(),
            write_units: sum(|share| share.write_units),
            busiest: self.tables.values().map(|share| share.write_units).fold(0.0, f64::max),
            read_units: sum(|share| share.read_units),
            standard: other.max(0.0),
            fair: sent("deliver") + if in_lanes { 0.0 } else { polled },
            fifo: sent("lanes") + if in_lanes { polled } else { 0.0 },
            published: self.published,
            byte_months: self.kept.byte_months,
            lasting_bytes: self.kept.lasting,
        }
    }
}

impl Share {
    fn add(&mut self, other: Self) {
        self.invocations += other.invocations;
        self.calls += other.calls;
        self.write_units += other.write_units;
        self.read_units += other.read_units;
    }
}

#[expect(clippy::cast_precision_loss, reason = "some thousand invocations")]
fn invocations(world: &World, function: &str) -> Result<f64> {
    Ok(world.host.lambda(function)?.invocations() as f64)
}
